package outlet

import (
	"context"
	"fmt"
	"slices"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// saveProgress begins the events that are new to a webhook, with the interval that now lies in, and forgets others.
func saveProgress(ctx context.Context, tx *sql.Tx, w models.Webhook, now time.Time) error {
	have, err := progress(ctx, tx, w.ID)
	if err != nil {
		return err
	}
	for _, p := range have {
		if slices.Contains(w.Events, p.Event) {
			continue
		}
		_, err := tx.ExecContext(ctx, `delete from webhook_progress where webhook = $1 and event = $2`, w.ID, p.Event)
		if err != nil {
			return err
		}
	}
	for _, event := range w.Events {
		if event.Step() == "" {
			continue
		}
		begin := minuteOf(event.Step().Floor(now, time.UTC))
		_, err := tx.ExecContext(ctx, `insert into webhook_progress (webhook, event, since_minute, until_minute)
			values ($1, $2, $3, $3) on conflict (webhook, event) do nothing`, w.ID, event, begin)
		if err != nil {
			return err
		}
	}
	return nil
}

// Progress is how far a webhook has been told, event by event.
func (s *Store) Progress(ctx context.Context, webhook models.WebhookID) (list []models.WebhookProgress, err error) {
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		list, err = progress(ctx, tx, webhook)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("progress of webhook %s: %w", webhook, err)
	}
	return list, nil
}

func progress(ctx context.Context, tx *sql.Tx, webhook models.WebhookID) ([]models.WebhookProgress, error) {
	rows, err := tx.QueryContext(ctx, `select event, since_minute, until_minute from webhook_progress where webhook = $1
		order by event`, webhook)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var list []models.WebhookProgress
	for rows.Next() {
		p := models.WebhookProgress{Webhook: webhook}
		var since, until int64
		if err := rows.Scan(&p.Event, &since, &until); err != nil {
			return nil, err
		}
		p.Since, p.Until = startOf(since), startOf(until)
		list = append(list, p)
	}
	return list, rows.Err()
}

// Told is how far any webhook has been told of counts: a minute from before it that changes is late. The zero time:
// nobody has been told of anything.
func (s *Store) Told(ctx context.Context) (time.Time, error) {
	var minute int64
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `select coalesce(max(until_minute), 0) from webhook_progress`).Scan(&minute)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("how far webhooks were told: %w", err)
	}
	return startOf(minute), nil
}

// NoteLate notes minutes that changed after they may have been told. When it returns, they will be told again whatever
// happens.
func (s *Store) NoteLate(ctx context.Context, minutes []models.LateMinute) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		at, err := place(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range minutes {
			_, err := tx.ExecContext(ctx, `insert into late_minutes (camera, line, minute, place)
				values ($1, $2, $3, $4) on conflict (camera, line, minute) do update set place = excluded.place`,
				m.Camera, m.Line, minuteOf(m.Start), at)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note %d late minutes: %w", len(minutes), err)
	}
	return nil
}

// Late are the minutes that were noted first, oldest note first, and the place to forget them by. There are limit of
// them, or a few more: what was noted at once stays together.
func (s *Store) Late(ctx context.Context, limit int) (minutes []models.LateMinute, upTo int64, err error) {
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select camera, line, minute, place from late_minutes
			where place <= (select coalesce(max(place), 0)
				from (select place from late_minutes order by place limit $1) first)
			order by place, camera, line, minute`, limit)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var m models.LateMinute
			var minute int64
			if err := rows.Scan(&m.Camera, &m.Line, &minute, &upTo); err != nil {
				return err
			}
			m.Start = startOf(minute)
			minutes = append(minutes, m)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read late minutes: %w", err)
	}
	return minutes, upTo, nil
}
