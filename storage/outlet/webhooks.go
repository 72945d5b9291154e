package outlet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// storedWebhook is a webhook as the database knows it.
type storedWebhook struct {
	models.Webhook

	removed bool
}

// Webhooks are those that were not removed, by id, those after the given one, at most limit of them.
func (s *Store) Webhooks(ctx context.Context, after models.WebhookID, limit int) ([]models.Webhook, error) {
	var hooks []models.Webhook
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		found, err := s.read(ctx, tx, `where removed = false and id > $1 order by id limit $2`, after, limit)
		for _, w := range found {
			hooks = append(hooks, w.Webhook)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list webhooks: %w", err)
	}
	return hooks, nil
}

// Webhook is the webhook with that id, or models.ErrNotFound.
func (s *Store) Webhook(ctx context.Context, id models.WebhookID) (models.Webhook, error) {
	var w storedWebhook
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		var err error
		w, err = s.there(ctx, tx, id)
		return err
	})
	if err != nil {
		return models.Webhook{}, fmt.Errorf("webhook %s: %w", id, err)
	}
	return w.Webhook, nil
}

// AddWebhook adds a webhook, which is told of what happens from now on. models.ErrConflict: there is one with that id.
func (s *Store) AddWebhook(ctx context.Context, w models.Webhook, now time.Time) (models.Webhook, error) {
	w.Declared, w.Refused = false, false
	err := w.Validate()
	if err == nil {
		err = s.db.Write(ctx, func(tx *sql.Tx) error {
			have, err := s.stored(ctx, tx, w.ID)
			switch {
			case errors.Is(err, models.ErrNotFound):
			case err != nil:
				return err
			case !have.removed:
				return fmt.Errorf("there is one already: %w", models.ErrConflict)
			}
			w.Version = have.Version + 1
			return s.save(ctx, tx, w, now)
		})
	}
	if err != nil {
		return models.Webhook{}, fmt.Errorf("add webhook %s: %w", w.ID, err)
	}
	return w, nil
}

// UpdateWebhook replaces what is known about a webhook. w.Version is the version that the change was made from: if it
// is not the webhook's any more, models.ErrConflict. An empty secret, an empty address or the one that models.RedactURL
// shows keep what is stored. Messages that wait go to the new address.
func (s *Store) UpdateWebhook(ctx context.Context, w models.Webhook, now time.Time) (models.Webhook, error) {
	seen := w.Version
	w.Declared = false
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		have, err := s.changeable(ctx, tx, w.ID)
		if err != nil {
			return err
		}
		if have.Version != seen {
			return fmt.Errorf("it is at version %d, not %d; read it again: %w", have.Version, seen, models.ErrConflict)
		}
		if w.URL == "" || w.URL == models.RedactURL(have.URL) {
			w.URL = have.URL
		}
		if w.Secret == "" {
			w.Secret = have.Secret
		}
		w.Version = have.Version + 1
		if err := w.Validate(); err != nil {
			return err
		}
		return s.save(ctx, tx, w, now)
	})
	if err != nil {
		return models.Webhook{}, fmt.Errorf("change webhook %s: %w", w.ID, err)
	}
	return w, nil
}

// RemoveWebhook removes a webhook, and the messages that it has not taken.
func (s *Store) RemoveWebhook(ctx context.Context, id models.WebhookID) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		have, err := s.changeable(ctx, tx, id)
		if err != nil {
			return err
		}
		return s.retire(ctx, tx, have.Webhook)
	})
	if err != nil {
		return fmt.Errorf("remove webhook %s: %w", id, err)
	}
	return nil
}

// DeclareWebhooks makes the store agree with the configuration file, all or nothing, as the registry does with cameras.
func (s *Store) DeclareWebhooks(ctx context.Context, hooks []models.Webhook, now time.Time) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		wanted := map[models.WebhookID]bool{}
		for _, w := range hooks {
			wanted[w.ID] = true
			if err := s.declare(ctx, tx, w, now); err != nil {
				return fmt.Errorf("webhook %s: %w", w.ID, err)
			}
		}
		declared, err := s.read(ctx, tx, `where declared = true and removed = false order by id`)
		if err != nil {
			return err
		}
		for _, w := range declared {
			if wanted[w.ID] {
				continue
			}
			if err := s.retire(ctx, tx, w.Webhook); err != nil {
				return fmt.Errorf("remove webhook %s: %w", w.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("declare webhooks: %w", err)
	}
	return nil
}

func (s *Store) declare(ctx context.Context, tx *sql.Tx, w models.Webhook, now time.Time) error {
	w.Declared, w.Refused = true, false
	if err := w.Validate(); err != nil {
		return err
	}
	have, err := s.stored(ctx, tx, w.ID)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	w.Version = have.Version
	if known := err == nil && !have.removed; known {
		w.Refused = have.Refused && have.URL == w.URL // who said that it is gone is asked again elsewhere only
		if same(w, have.Webhook) {
			return nil
		}
	}
	w.Version++
	return s.save(ctx, tx, w, now)
}

// same reports whether two webhooks are equal; an empty list and none are.
func same(a, b models.Webhook) bool {
	for _, w := range []*models.Webhook{&a, &b} {
		if len(w.Cameras) == 0 {
			w.Cameras = nil
		}
		if len(w.Lines) == 0 {
			w.Lines = nil
		}
	}
	return reflect.DeepEqual(a, b)
}

// stored is the webhook with that id, removed or not, or models.ErrNotFound.
func (s *Store) stored(ctx context.Context, tx *sql.Tx, id models.WebhookID) (storedWebhook, error) {
	found, err := s.read(ctx, tx, `where id = $1`, id)
	if err == nil && len(found) == 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		return storedWebhook{}, err
	}
	return found[0], nil
}

// there is the webhook with that id unless it was removed.
func (s *Store) there(ctx context.Context, tx *sql.Tx, id models.WebhookID) (storedWebhook, error) {
	have, err := s.stored(ctx, tx, id)
	if err == nil && have.removed {
		err = models.ErrNotFound
	}
	return have, err
}

// changeable is the webhook if it is there and the API may change it.
func (s *Store) changeable(ctx context.Context, tx *sql.Tx, id models.WebhookID) (storedWebhook, error) {
	have, err := s.there(ctx, tx, id)
	if err == nil && have.Declared {
		err = fmt.Errorf("it stands in the configuration file; change it there: %w", models.ErrReadOnly)
	}
	return have, err
}

func (s *Store) read(ctx context.Context, tx *sql.Tx, clause string, args ...any) ([]storedWebhook, error) {
	rows, err := tx.QueryContext(ctx, `select id, url, secret, events, cameras, lines, disabled, refused, declared,
		removed, version from webhooks `+clause, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var hooks []storedWebhook
	for rows.Next() {
		var w storedWebhook
		var url, secret, events, cameras, lines string
		err := rows.Scan(&w.ID, &url, &secret, &events, &cameras, &lines, &w.Disabled, &w.Refused, &w.Declared,
			&w.removed, &w.Version)
		if err != nil {
			return nil, err
		}
		if w.URL, err = s.seal.Open(sealedFor(w.ID, "url"), url); err == nil {
			w.Secret, err = s.seal.Open(sealedFor(w.ID, "secret"), secret)
		}
		if err != nil {
			return nil, fmt.Errorf("webhook %s: %w", w.ID, err)
		}
		if err := errors.Join(json.Unmarshal([]byte(events), &w.Events),
			json.Unmarshal([]byte(cameras), &w.Cameras), json.Unmarshal([]byte(lines), &w.Lines)); err != nil {
			return nil, fmt.Errorf("webhook %s: %w", w.ID, err)
		}
		hooks = append(hooks, w)
	}
	return hooks, rows.Err()
}

// save writes a webhook as it is to be from now on. An event that is new to it is told from now.
func (s *Store) save(ctx context.Context, tx *sql.Tx, w models.Webhook, now time.Time) error {
	events, err := toJSON(w.Events)
	if err != nil {
		return err
	}
	cameras, err := toJSON(w.Cameras)
	if err != nil {
		return err
	}
	lines, err := toJSON(w.Lines)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into webhooks (id, url, secret, events, cameras, lines, disabled, refused,
			declared, removed, version, taken_ns, failed_ns, failed_detail)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, false, $10, 0, 0, '')
		on conflict (id) do update set url = excluded.url, secret = excluded.secret, events = excluded.events,
			cameras = excluded.cameras, lines = excluded.lines, disabled = excluded.disabled,
			refused = excluded.refused, declared = excluded.declared, removed = false, version = excluded.version`,
		w.ID, s.seal.Close(sealedFor(w.ID, "url"), w.URL), s.seal.Close(sealedFor(w.ID, "secret"), w.Secret),
		events, cameras, lines, w.Disabled, w.Refused, w.Declared, w.Version)
	if err != nil {
		return err
	}
	return saveProgress(ctx, tx, w, now)
}

// retire removes a webhook; its address and secret go at once.
func (s *Store) retire(ctx context.Context, tx *sql.Tx, w models.Webhook) error {
	for _, table := range []string{"deliveries", "webhook_progress"} {
		if _, err := tx.ExecContext(ctx, `delete from `+table+` where webhook = $1`, w.ID); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `update webhooks set removed = true, declared = false, version = $2, url = $3,
		secret = $4, taken_ns = 0, failed_ns = 0, failed_detail = '' where id = $1`, w.ID, w.Version+1,
		s.seal.Close(sealedFor(w.ID, "url"), ""), s.seal.Close(sealedFor(w.ID, "secret"), ""))
	return err
}

// sealedFor binds a sealed text to its column, so that one that is moved does not open.
func sealedFor(id models.WebhookID, column string) string {
	return "webhook/" + string(id) + "/" + column
}

func toJSON(list any) (string, error) {
	text, err := json.Marshal(list)
	return string(text), err
}
