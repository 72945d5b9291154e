package counts

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// Grant gives a camera to a worker. It is refused with models.ErrConflict when the interval overlaps that of another
// lease of the camera, or when the id is taken by a different lease; granting the same lease again changes nothing.
// Leases of the camera that had run out before the new one begins are ended where they stand.
func (s *Store) Grant(ctx context.Context, lease models.Lease) error {
	err := validateLease(lease)
	if err == nil {
		err = s.db.Write(ctx, func(tx *sql.Tx) error { return grant(ctx, tx, lease) })
	}
	if err != nil {
		return fmt.Errorf("grant lease %s of camera %s: %w", lease.ID, lease.Camera, err)
	}
	return nil
}

func validateLease(l models.Lease) error {
	if l.ID == "" || len(l.ID) > maxID {
		return models.Invalidf("lease id", "must have 1 to %d characters", maxID)
	}
	if err := models.ValidateID("lease camera", string(l.Camera)); err != nil {
		return err
	}
	if !l.From.Before(l.Until) || !storable(l.From) || !storable(l.Until) {
		return models.Invalidf("lease", "runs from %s until %s, which is no interval", l.From, l.Until)
	}
	return nil
}

// storable reports whether t fits a column of nanoseconds, with room for reckoning.
func storable(t time.Time) bool { return t.Year() >= 1970 && t.Year() < 2200 }

func grant(ctx context.Context, tx *sql.Tx, l models.Lease) error {
	have, err := leaseByID(ctx, tx, l.ID)
	switch {
	case errors.Is(err, models.ErrNotFound):
	case err != nil:
		return err
	case have.same(l):
		return nil
	default:
		return fmt.Errorf("the id is taken: %w", models.ErrConflict)
	}
	if err := refuseOverlap(ctx, tx, l); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `update leases set ended = true where camera = $1 and until_ns <= $2`,
		l.Camera, l.From.UnixNano())
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into leases (id, camera, worker, from_ns, until_ns, counted_ns, ended)
		values ($1, $2, $3, $4, $5, $4, false)`, l.ID, l.Camera, l.Worker, l.From.UnixNano(), l.Until.UnixNano())
	return err
}

// refuseOverlap is models.ErrConflict when another lease of the camera shares a moment with l.
func refuseOverlap(ctx context.Context, tx *sql.Tx, l models.Lease) error {
	var other models.LeaseID
	err := tx.QueryRowContext(ctx, `select id from leases
		where camera = $1 and id <> $2 and from_ns < $3 and until_ns > $4 order by from_ns limit 1`,
		l.Camera, l.ID, l.Until.UnixNano(), l.From.UnixNano()).Scan(&other)
	if errors.Is(err, stdsql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("overlaps lease %s: %w", other, models.ErrConflict)
}

// Extend moves the end of a lease on to until. It never moves it back. It is refused with models.ErrConflict when the
// lease has ended or would run into another.
func (s *Store) Extend(ctx context.Context, id models.LeaseID, until time.Time) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		l, err := leaseByID(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case l.ended:
			return fmt.Errorf("it has ended: %w", models.ErrConflict)
		case !until.After(l.Until):
			return nil
		}
		l.Until = until
		if err := validateLease(l.Lease); err != nil {
			return err
		}
		if err := refuseOverlap(ctx, tx, l.Lease); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `update leases set until_ns = $2 where id = $1`, id, until.UnixNano())
		return err
	})
	if err != nil {
		return fmt.Errorf("extend lease %s: %w", id, err)
	}
	return nil
}

// End ends a lease at a moment, or where it ends anyway if that is earlier. What facts have already told is not
// taken back: a lease ends no earlier than its last counted fact. From now on facts outside the lease are refused for
// good. Ending an ended lease again changes nothing.
func (s *Store) End(ctx context.Context, id models.LeaseID, at time.Time) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		l, err := leaseByID(ctx, tx, id)
		if err != nil || l.ended {
			return err
		}
		end := l.Until
		if at.Before(end) {
			end = at
		}
		if end.Before(l.counted) {
			end = l.counted
		}
		_, err = tx.ExecContext(ctx, `update leases set until_ns = $2, ended = true where id = $1`, id, end.UnixNano())
		return err
	})
	if err != nil {
		return fmt.Errorf("end lease %s: %w", id, err)
	}
	return nil
}

// OpenLeases lists the leases that have not been ended, by camera. They may have run out.
func (s *Store) OpenLeases(ctx context.Context) ([]models.Lease, error) {
	var open []models.Lease
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, selectLease+` where ended = false order by camera, from_ns`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			l, err := scanLease(rows)
			if err != nil {
				return err
			}
			open = append(open, l.Lease)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list open leases: %w", err)
	}
	return open, nil
}

// storedLease is a lease as the database knows it.
type storedLease struct {
	models.Lease
	counted time.Time // facts reach up to here
	ended   bool
}

// same reports whether l was granted before: it may have moved on since, but not ended.
func (s storedLease) same(l models.Lease) bool {
	return !s.ended && s.Camera == l.Camera && s.Worker == l.Worker && s.From.Equal(l.From) && !s.Until.Before(l.Until)
}

const selectLease = `select id, camera, worker, from_ns, until_ns, counted_ns, ended from leases`

func leaseByID(ctx context.Context, tx *sql.Tx, id models.LeaseID) (storedLease, error) {
	l, err := scanLease(tx.QueryRowContext(ctx, selectLease+` where id = $1`, id))
	if errors.Is(err, stdsql.ErrNoRows) {
		return storedLease{}, fmt.Errorf("lease %s: %w", id, models.ErrNotFound)
	}
	return l, err
}

// scanner is a row, alone or of many.
type scanner interface {
	Scan(into ...any) error
}

func scanLease(row scanner) (storedLease, error) {
	var l storedLease
	var from, until, counted int64
	err := row.Scan(&l.ID, &l.Camera, &l.Worker, &from, &until, &counted, &l.ended)
	l.From, l.Until, l.counted = sql.Instant(from), sql.Instant(until), sql.Instant(counted)
	return l, err
}
