package audit

import (
	"context"
	stdsql "database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// Prune removes the oldest stretch of the log, up to the first record that is not older than before, and says how many
// records that were. An anchor stays, and an entry that says what was removed.
func (l *Log) Prune(ctx context.Context, before time.Time) (removed int64, err error) {
	err = l.db.Write(ctx, func(tx *sql.Tx) error {
		removed, err = l.prune(ctx, tx, before)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("prune the audit log: %w", err)
	}
	return removed, nil
}

func (l *Log) prune(ctx context.Context, tx *sql.Tx, before time.Time) (int64, error) {
	var anchor, last int64
	err := tx.QueryRowContext(ctx, `select pruned_seq,
		coalesce((select min(seq) from audit_log where time_ns >= $1) - 1, seq) from audit_state`,
		before.UnixNano()).Scan(&anchor, &last)
	if err != nil || last <= anchor {
		return 0, err
	}
	var hash string
	err = tx.QueryRowContext(ctx, `select hash from audit_log where seq = $1`, last).Scan(&hash)
	if errors.Is(err, stdsql.ErrNoRows) {
		return 0, fmt.Errorf("record %d is missing", last)
	}
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `update audit_state set pruned_seq = $1, pruned_hash = $2`, last, hash)
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `delete from audit_log where seq <= $1`, last); err != nil {
		return 0, err
	}
	details, err := json.Marshal(map[string]any{
		"first": anchor + 1, "last": last, "before": before.UTC().Format(time.RFC3339), "hash": hash,
	})
	if err != nil {
		return 0, err
	}
	e, err := l.fit(Entry{
		Actor: models.AuditActor{Kind: "system", Name: "retention"}, Action: "audit.prune", Details: details,
	})
	if err != nil {
		return 0, err
	}
	return last - anchor, appendTo(ctx, tx, e)
}
