package clips

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// due are the clips whose time is over at a moment and that nobody holds: those that were stored, and those that never
// came.
func (x *Index) due(ctx context.Context, now time.Time) ([]models.StoredClip, error) {
	var due []models.StoredClip
	// Whose time is over by the shortest time that there may be; the camera's own is looked at one by one.
	found, err := x.clips(ctx, `where removed = false and state in ('stored', 'awaited') and held = false
		and end_ns <= $1 order by end_ns`, now.UnixNano())
	for _, c := range found {
		if !c.Expires.After(now) {
			due = append(due, c)
		}
	}
	return due, err
}

// expire notes that the time of a clip is over; false if somebody holds it, or it was noted before.
func (x *Index) expire(ctx context.Context, c models.StoredClip, now time.Time) (done bool, err error) {
	err = x.db.Write(ctx, func(tx *sql.Tx) error {
		done = false
		var state models.ClipState
		var held bool
		var seq int64
		var hash string
		err := tx.QueryRowContext(ctx, `select state, held, seq, hash from clips where id = $1`, c.ID).
			Scan(&state, &held, &seq, &hash)
		if err != nil {
			return known(err)
		}
		next := models.ClipExpired
		switch {
		case held:
			return nil
		case state == models.ClipAwaited:
			next = models.ClipLost
		case state != models.ClipStored:
			return nil
		}
		_, err = tx.ExecContext(ctx, `update clips set state = $2, changed_ns = $3 where id = $1`,
			c.ID, next, now.UnixNano())
		if err != nil {
			return err
		}
		done = true
		if seq == 0 {
			return nil
		}
		return goes(ctx, tx, c.Camera, seq, hash)
	})
	if err != nil {
		return false, fmt.Errorf("expire clip %s: %w", c.ID, err)
	}
	return done, nil
}

// unremoved are the clips that are over and whose bytes may still lie in the store.
func (x *Index) unremoved(ctx context.Context) ([]models.StoredClip, error) {
	return x.clips(ctx, `where removed = false and state in ('expired', 'lost') order by end_ns limit 1000`)
}

// Hold keeps a clip beyond its time. One that is held already is held for the new reason.
func (x *Index) Hold(ctx context.Context, id models.ClipID, hold models.ClipHold) error {
	if hold.Reason == "" {
		return models.Invalidf("reason", "is missing: a hold says why")
	}
	hold.Reason, hold.Since = clean(hold.Reason), hold.Since.UTC()
	text, err := json.Marshal(hold)
	if err != nil {
		return err
	}
	return x.setHold(ctx, id, true, string(text))
}

// Release ends a hold. A clip whose time is over goes with the next round.
func (x *Index) Release(ctx context.Context, id models.ClipID) error {
	return x.setHold(ctx, id, false, "")
}

func (x *Index) setHold(ctx context.Context, id models.ClipID, held bool, text string) error {
	err := x.db.Write(ctx, func(tx *sql.Tx) error {
		var state models.ClipState
		err := tx.QueryRowContext(ctx, `select state from clips where id = $1`, clean(string(id))).Scan(&state)
		if err != nil {
			return known(err)
		}
		if held && state != models.ClipStored && state != models.ClipAwaited {
			return fmt.Errorf("it is gone already: %w", models.ErrConflict)
		}
		_, err = tx.ExecContext(ctx, `update clips set held = $2, hold = $3 where id = $1`, id, held, text)
		return err
	})
	if err != nil {
		return fmt.Errorf("hold of clip %s: %w", id, err)
	}
	x.tell()
	return nil
}

// misheld are the clips whose holds the store does not know of, or does not know to be over.
func (x *Index) misheld(ctx context.Context) ([]models.StoredClip, error) {
	return x.clips(ctx, `where state in ('stored', 'expired') and published = true and removed = false
		and held <> store_held limit 1000`)
}

func (x *Index) storeHolds(ctx context.Context, id models.ClipID, held bool) error {
	return x.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `update clips set store_held = $2 where id = $1`, id, held)
		return err
	})
}
