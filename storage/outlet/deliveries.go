package outlet

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// Plan does a step. A webhook that was removed meanwhile gets nothing.
func (s *Store) Plan(ctx context.Context, step models.WebhookStep) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		for _, d := range step.Deliveries {
			if err := enqueue(ctx, tx, d); err != nil {
				return err
			}
		}
		for _, p := range step.Progress {
			_, err := tx.ExecContext(ctx, `update webhook_progress set until_minute = $3
				where webhook = $1 and event = $2 and until_minute < $3`, p.Webhook, p.Event, minuteOf(p.Until))
			if err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `delete from late_minutes where place <= $1`, step.LateUpTo)
		return err
	})
	if err != nil {
		return fmt.Errorf("queue %d messages: %w", len(step.Deliveries), err)
	}
	return nil
}

func enqueue(ctx context.Context, tx *sql.Tx, d models.Delivery) error {
	at, err := place(ctx, tx)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into deliveries (id, webhook, place, event, body, created_ns, state, attempts,
			next_ns, status, detail)
		select $1, id, $3, $4, $5, $6, 'pending', 0, 0, 0, '' from webhooks where id = $2 and removed = false`,
		d.ID, d.Webhook, at, d.Event, string(d.Body), sql.Column(d.Created))
	return err
}

const deliveryColumns = `id, webhook, place, event, body, created_ns, state, attempts, next_ns, status, detail`

// Due is the first message of every webhook that is neither disabled nor refused, if it may be tried by now. Those
// behind it wait for it: the order of a webhook's messages holds.
func (s *Store) Due(ctx context.Context, now time.Time) ([]models.Delivery, error) {
	due, err := s.deliveries(ctx, `where next_ns <= $1 and place in (select min(d.place) from deliveries d
		join webhooks w on w.id = d.webhook where d.state = 'pending' and w.disabled = false and w.refused = false
		group by d.webhook) order by place`, sql.Column(now))
	if err != nil {
		return nil, fmt.Errorf("messages that are due: %w", err)
	}
	return due, nil
}

// Deliveries are the messages of a webhook in one state, in their order, those after a place, at most limit of them.
func (s *Store) Deliveries(
	ctx context.Context, webhook models.WebhookID, state models.DeliveryState, after int64, limit int,
) ([]models.Delivery, error) {
	found, err := s.deliveries(ctx, `where webhook = $1 and state = $2 and place > $3 order by place limit $4`,
		webhook, state, after, limit)
	if err != nil {
		return nil, fmt.Errorf("messages of webhook %s: %w", webhook, err)
	}
	return found, nil
}

func (s *Store) deliveries(ctx context.Context, clause string, args ...any) (found []models.Delivery, err error) {
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select `+deliveryColumns+` from deliveries `+clause, args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var d models.Delivery
			var body string
			var created, next int64
			err := rows.Scan(&d.ID, &d.Webhook, &d.Place, &d.Event, &body, &created, &d.State, &d.Attempts, &next,
				&d.Status, &d.Detail)
			if err != nil {
				return err
			}
			d.Body, d.Created, d.Next = []byte(body), sql.Instant(created), sql.Instant(next)
			found = append(found, d)
		}
		return rows.Err()
	})
	return found, err
}

// Taken forgets a message that the other side has taken.
func (s *Store) Taken(ctx context.Context, d models.Delivery, now time.Time) error {
	return s.settle(ctx, "taken", d, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `delete from deliveries where id = $1`, d.ID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `update webhooks set taken_ns = $2 where id = $1`, d.Webhook, sql.Column(now))
		return err
	})
}

// Failed keeps a message for another attempt (d.Next), or as a dead letter (d.State), with what went wrong.
func (s *Store) Failed(ctx context.Context, d models.Delivery, now time.Time) error {
	return s.settle(ctx, "failed", d, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `update deliveries set state = $2, attempts = $3, next_ns = $4, status = $5,
			detail = $6 where id = $1`, d.ID, d.State, d.Attempts, sql.Column(d.Next), d.Status, d.Detail)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `update webhooks set failed_ns = $2, failed_detail = $3 where id = $1`,
			d.Webhook, sql.Column(now), d.Detail)
		return err
	})
}

// Refused keeps a message as a dead letter and tells its webhook nothing more until somebody enables it again: the
// other side says that it is gone.
func (s *Store) Refused(ctx context.Context, d models.Delivery, now time.Time) error {
	d.State = models.DeliveryDead
	if err := s.Failed(ctx, d, now); err != nil {
		return err
	}
	return s.settle(ctx, "refused", d, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `update webhooks set refused = true, version = version + 1 where id = $1`,
			d.Webhook)
		return err
	})
}

func (s *Store) settle(ctx context.Context, what string, d models.Delivery, do func(*sql.Tx) error) error {
	if err := s.db.Write(ctx, do); err != nil {
		return fmt.Errorf("note message %s as %s: %w", d.ID, what, err)
	}
	return nil
}

// Redeliver makes a dead message wait again, behind what waits already; with an empty id, all of the webhook. It says
// how many there were.
func (s *Store) Redeliver(ctx context.Context, webhook models.WebhookID, id string) (n int, err error) {
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		n = 0
		if _, err := s.there(ctx, tx, webhook); err != nil {
			return fmt.Errorf("webhook %s: %w", webhook, err)
		}
		ids, err := deadLetters(ctx, tx, webhook, id)
		if err != nil {
			return err
		}
		for _, dead := range ids {
			at, err := place(ctx, tx)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `update deliveries set state = 'pending', attempts = 0, next_ns = 0, place = $2
				where id = $1`, dead, at)
			if err != nil {
				return err
			}
		}
		if n = len(ids); n == 0 && id != "" {
			return fmt.Errorf("message %s is no dead letter: %w", id, models.ErrNotFound)
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("send again: %w", err)
	}
	return n, nil
}

func deadLetters(ctx context.Context, tx *sql.Tx, webhook models.WebhookID, id string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `select id from deliveries where webhook = $1 and state = 'dead'
		and ($2 = '' or id = $2) order by place`, webhook, id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// PruneDead forgets dead letters that were made before an instant.
func (s *Store) PruneDead(ctx context.Context, before time.Time) (n int64, err error) {
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `delete from deliveries where state = 'dead' and created_ns < $1`,
			sql.Column(before))
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget dead letters: %w", err)
	}
	return n, nil
}

// Standing is how a webhook is doing.
func (s *Store) Standing(ctx context.Context, webhook models.WebhookID) (models.WebhookStanding, error) {
	var standing models.WebhookStanding
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		var taken, failed int64
		err := tx.QueryRowContext(ctx, `select taken_ns, failed_ns, failed_detail,
				(select count(*) from deliveries where webhook = $1 and state = 'pending'),
				(select count(*) from deliveries where webhook = $1 and state = 'dead')
			from webhooks where id = $1`, webhook).
			Scan(&taken, &failed, &standing.LastDetail, &standing.Pending, &standing.Dead)
		standing.LastTaken, standing.LastFailed = sql.Instant(taken), sql.Instant(failed)
		if errors.Is(err, stdsql.ErrNoRows) {
			return models.ErrNotFound
		}
		return err
	})
	if err != nil {
		return models.WebhookStanding{}, fmt.Errorf("webhook %s: %w", webhook, err)
	}
	return standing, nil
}
