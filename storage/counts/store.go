package counts

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

//go:embed migrations
var migrations embed.FS

// Store keeps leases, facts and counts in a database. It is safe for any number of goroutines.
type Store struct {
	db *sql.DB
}

// New is a store in db, whose tables it brings up to date. The caller closes db.
func New(ctx context.Context, db *sql.DB) (*Store, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, "counts", files); err != nil {
		return nil, err
	}
	return &Store{db: db}, nil
}

// LineRef names a line of a camera.
type LineRef struct {
	Camera models.CameraID
	Line   string
}

// compare orders lines by camera, then by line.
func (r LineRef) compare(o LineRef) int {
	switch {
	case r == o:
		return 0
	case r.Camera < o.Camera, r.Camera == o.Camera && r.Line < o.Line:
		return -1
	}
	return 1
}

// instant is the time that a column in nanoseconds stands for.
func instant(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// minuteOf is the number of t's minute since 1970.
func minuteOf(t time.Time) int64 { return t.Unix() / secondsPerMinute }

// startOf is when a minute, numbered since 1970, begins.
func startOf(minute int64) time.Time { return time.Unix(minute*secondsPerMinute, 0).UTC() }

const secondsPerMinute = 60
