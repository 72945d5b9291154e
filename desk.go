package main

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"time"

	"footfall/api/access"
	"footfall/storage/accounts"
)

// openDesk makes what lets people and programs in.
func (h *house) openDesk(ctx context.Context, key []byte) error {
	store, err := accounts.New(ctx, h.database, key)
	if err != nil {
		return fmt.Errorf("open the accounts: %w", err)
	}
	marks, err := hkdf.Key(sha256.New, key, nil, "marks of browsers", sha256.Size)
	if err != nil {
		return fmt.Errorf("derive a key: %w", err)
	}
	h.desk, err = access.New(access.Options{
		Store: store, Places: h.registry, Journal: deeds{h.log}, Key: marks, Now: time.Now, Log: h.log,
	})
	if err != nil {
		return err
	}
	h.consoleKey = h.desk.OpenConsole()
	return nil
}

// firstAdmin is the name of the administrator that a new server has.
const firstAdmin = "admin"

// deeds writes to the log who did what.
type deeds struct{ log *slog.Logger }

func (d deeds) Note(ctx context.Context, deed access.Deed) {
	who := deed.Who
	if who.Kind == "" {
		who = access.Who(ctx)
	}
	address := deed.Address
	if address == "" {
		address = access.VisitOf(ctx).Address
	}
	level := slog.LevelInfo
	if deed.Refused {
		level = slog.LevelWarn
	}
	d.log.Log(ctx, level, "deed", "action", deed.Action, "object", deed.Object, "who", who.String(), "from", address,
		"refused", deed.Refused, "detail", deed.Detail)
}
