package outlet

import (
	"context"
	"embed"
	"fmt"
	"time"

	"footfall/storage/seal"
	"footfall/storage/sql"
)

//go:embed migrations
var migrations embed.FS

// Store keeps what goes out in a database. It is safe for any number of goroutines.
type Store struct {
	db   *sql.DB
	seal seal.Seal
}

// New is a store in db, whose tables it brings up to date. The key is the one that camera addresses are sealed with;
// the registry has tried it. The caller closes db.
func New(ctx context.Context, db *sql.DB, key []byte) (*Store, error) {
	sealed, err := seal.New(key)
	if err != nil {
		return nil, fmt.Errorf("open outlet: %w", err)
	}
	if err := db.Migrate(ctx, "outlet", migrations); err != nil {
		return nil, err
	}
	return &Store{db: db, seal: sealed}, nil
}

// place is the next place in the order of everything.
func place(ctx context.Context, tx *sql.Tx) (n int64, err error) {
	err = tx.QueryRowContext(ctx, `update outlet_state set place = place + 1 returning place`).Scan(&n)
	return n, err
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

func startOf(minute int64) time.Time { return time.Unix(60*minute, 0).UTC() }
