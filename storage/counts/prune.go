package counts

import (
	"context"
	"fmt"
	"time"

	"footfall/storage/sql"
)

// pruneAtOnce is how many rows go in one transaction, so that an ingest waits for milliseconds.
const pruneAtOnce = 2000

// Prune forgets single facts from before a moment, and leases that ended before it. The buckets stay. From now on facts
// of that age are refused, for good: moving the moment back does not bring them in again. It returns how many facts
// went. When it is interrupted, the next one carries on.
func (s *Store) Prune(ctx context.Context, before time.Time) (int64, error) {
	pruned, err := s.prune(ctx, before)
	if err != nil {
		return pruned, fmt.Errorf("prune facts from before %s: %w", before.Format(time.RFC3339), err)
	}
	return pruned, nil
}

func (s *Store) prune(ctx context.Context, before time.Time) (pruned int64, err error) {
	if !storable(before) {
		return 0, nil
	}
	// The horizon goes first: a fact that has been forgotten must never find the door open.
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `update counts_state set horizon_ns = $1 where horizon_ns < $1`,
			before.UnixNano())
		return err
	})
	if err != nil {
		return 0, err
	}
	for n := int64(pruneAtOnce); n == pruneAtOnce; pruned += n {
		n, err = s.remove(ctx, `delete from facts where id in
			(select id from facts where time_ns < $1 order by time_ns limit $2)`, before)
		if err != nil {
			return pruned, err
		}
	}
	_, err = s.remove(ctx, `delete from leases where id in
		(select id from leases where ended = true and until_ns < $1 limit $2)`, before)
	return pruned, err
}

func (s *Store) remove(ctx context.Context, statement string, before time.Time) (removed int64, err error) {
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, statement, before.UnixNano(), pruneAtOnce)
		if err != nil {
			return err
		}
		removed, err = done.RowsAffected()
		return err
	})
	return removed, err
}
