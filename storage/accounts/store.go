package accounts

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"footfall/storage/seal"
	"footfall/storage/sql"
)

//go:embed migrations
var migrations embed.FS

// Store keeps who may come in. It is safe for any number of goroutines.
type Store struct {
	db   *sql.DB
	seal seal.Seal
}

// New is a store in db, whose tables it brings up to date. The key is the one that camera addresses are sealed with;
// the registry has tried it. The caller closes db.
func New(ctx context.Context, db *sql.DB, key []byte) (*Store, error) {
	sealed, err := seal.New(key)
	if err != nil {
		return nil, fmt.Errorf("open accounts: %w", err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, "accounts", files); err != nil {
		return nil, err
	}
	return &Store{db: db, seal: sealed}, nil
}

// instant is the time that a column stands for; 0 is the zero time.
func instant(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// column is how a time is stored.
func column(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
