package accounts

import (
	"context"
	"embed"
	"fmt"

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
	if err := db.Migrate(ctx, "accounts", migrations); err != nil {
		return nil, err
	}
	return &Store{db: db, seal: sealed}, nil
}
