package accounts

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// Penalty is what failed attempts have cost whom a key stands for; the zero Penalty when there were none.
func (s *Store) Penalty(ctx context.Context, key string) (p models.Penalty, err error) {
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		p, err = penalty(ctx, tx, key)
		return err
	})
	if err != nil {
		return models.Penalty{}, fmt.Errorf("read failed attempts: %w", err)
	}
	return p, nil
}

// Punish lets do change what failed attempts have cost, alone.
func (s *Store) Punish(ctx context.Context, key string, do func(*models.Penalty)) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		p, err := penalty(ctx, tx, key)
		if err != nil {
			return err
		}
		do(&p)
		_, err = tx.ExecContext(ctx, `insert into penalties (key, failures, last_ns, until_ns)
				values ($1, $2, $3, $4)
			on conflict (key) do update set failures = excluded.failures, last_ns = excluded.last_ns,
				until_ns = excluded.until_ns`, key, p.Failures, sql.Column(p.Last), sql.Column(p.Until))
		return err
	})
	if err != nil {
		return fmt.Errorf("note a failed attempt: %w", err)
	}
	return nil
}

// Forgive forgets what was held against some keys.
func (s *Store) Forgive(ctx context.Context, keys ...string) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		for _, key := range keys {
			if _, err := tx.ExecContext(ctx, `delete from penalties where key = $1`, key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget failed attempts: %w", err)
	}
	return nil
}

// PrunePenalties forgets what happened before.
func (s *Store) PrunePenalties(ctx context.Context, before time.Time) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `delete from penalties where last_ns < $1 and until_ns < $1`, sql.Column(before))
		return err
	})
	if err != nil {
		return fmt.Errorf("forget failed attempts: %w", err)
	}
	return nil
}

func penalty(ctx context.Context, tx *sql.Tx, key string) (models.Penalty, error) {
	p := models.Penalty{Key: key}
	var last, until int64
	row := tx.QueryRowContext(ctx, `select failures, last_ns, until_ns from penalties where key = $1`, key)
	err := row.Scan(&p.Failures, &last, &until)
	if errors.Is(err, stdsql.ErrNoRows) {
		return p, nil
	}
	p.Last, p.Until = sql.Instant(last), sql.Instant(until)
	return p, err
}
