package main

import (
	"context"
	"fmt"
	"time"

	"footfall/api/access"
	"footfall/models/config"
	"footfall/storage/accounts"
	"footfall/storage/audit"
)

// openDesk makes what lets people and programs in.
func (h *house) openDesk(ctx context.Context, key []byte) error {
	store, err := accounts.New(ctx, h.database, key)
	if err != nil {
		return fmt.Errorf("open the accounts: %w", err)
	}
	record, err := audit.New(ctx, h.database)
	if err != nil {
		return fmt.Errorf("open the audit log: %w", err)
	}
	h.deeds = deeds{record, h.log}
	if h.desk, err = newDesk(store, h.registry, h.deeds, key, h.cfg); err != nil {
		return err
	}
	if h.provider, err = openProvider(h.cfg, key); err != nil {
		return err
	}
	h.consoleKey = h.desk.OpenConsole()
	return nil
}

// newDesk is a desk whose marks of browsers are made with a key of their own.
func newDesk(
	store *accounts.Store, places access.Places, journal deeds, key []byte, cfg config.Config,
) (*access.Desk, error) {
	marks, err := derived(key, "marks of browsers")
	if err != nil {
		return nil, err
	}
	return access.New(access.Options{
		Store: store, Places: places, Journal: journal, Key: marks, Now: time.Now, Log: journal.log,
		Idle: cfg.Server.SessionIdle, Longest: cfg.Server.SessionMax, Groups: cfg.ByGroup(),
	})
}

// firstAdmin is the name of the administrator that a new server has.
const firstAdmin = "admin"
