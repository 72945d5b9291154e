package outlet

import (
	"context"
	"fmt"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// BeginReport says whether a report is to be sent to somebody now, and at which attempt (from 1). It notes that it is
// being sent before it answers, so that it is never sent twice whatever happens then.
func (s *Store) BeginReport(ctx context.Context, m models.ReportMail, now time.Time) (attempt int, err error) {
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		attempt = 0
		_, err := tx.ExecContext(ctx, `insert into reports (report, day, recipient, state, attempts, next_ns, detail)
			values ($1, $2, $3, 'pending', 0, 0, '') on conflict (report, day, recipient) do nothing`,
			m.Report, m.Day, m.Recipient)
		if err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `update reports set state = 'sending', attempts = attempts + 1
			where report = $1 and day = $2 and recipient = $3 and state = 'pending' and next_ns <= $4
			returning attempts`,
			m.Report, m.Day, m.Recipient, sql.Column(now))
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			if err := rows.Scan(&attempt); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		return 0, fmt.Errorf("begin a report to %s: %w", m.Recipient, err)
	}
	return attempt, nil
}

// EndReport notes what came of sending it; MailPending is tried again at next.
func (s *Store) EndReport(
	ctx context.Context, m models.ReportMail, state models.MailState, next time.Time, detail string,
) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `update reports set state = $4, next_ns = $5, detail = $6
			where report = $1 and day = $2 and recipient = $3`,
			m.Report, m.Day, m.Recipient, state, sql.Column(next), detail)
		return err
	})
	if err != nil {
		return fmt.Errorf("end a report to %s: %w", m.Recipient, err)
	}
	return nil
}

// StrandReports gives up what was being sent when the server died, and says how many that were. Nobody can know whether
// they arrived.
func (s *Store) StrandReports(ctx context.Context) (n int64, err error) {
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `update reports set state = 'unknown',
			detail = 'the server stopped while it was being sent' where state = 'sending'`)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("look for unfinished reports: %w", err)
	}
	return n, nil
}
