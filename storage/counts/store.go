package counts

import (
	"context"
	"embed"
	"sync"
	"time"

	"footfall/storage/sql"
)

//go:embed migrations
var migrations embed.FS

// Store keeps leases, facts and counts in a database. It is safe for any number of goroutines.
type Store struct {
	db         *sql.DB
	now        func() time.Time
	partitions sync.Map // numbers of those that are known to be there
}

// Option changes how a store works.
type Option func(*Store)

// Clock makes the store ask now for the time, instead of the machine: it stamps what changes after it was published.
func Clock(now func() time.Time) Option { return func(s *Store) { s.now = now } }

// New is a store in db, whose tables it brings up to date; the days of UTC are kept (see KeepDays). The caller closes
// db.
func New(ctx context.Context, db *sql.DB, options ...Option) (*Store, error) {
	if err := db.Migrate(ctx, "counts", migrations); err != nil {
		return nil, err
	}
	s := &Store{db: db, now: time.Now}
	for _, option := range options {
		option(s)
	}
	if err := s.KeepDays(ctx, "UTC"); err != nil {
		return nil, err
	}
	return s, nil
}

// instant is the time that a column in nanoseconds stands for.

// minuteOf is the number of t's minute since 1970.
func minuteOf(t time.Time) int64 { return t.Unix() / secondsPerMinute }

// startOf is when a minute, numbered since 1970, begins.
func startOf(minute int64) time.Time { return time.Unix(minute*secondsPerMinute, 0).UTC() }

const secondsPerMinute = 60
