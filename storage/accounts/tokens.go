package accounts

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

//nolint:gosec // G101: names of columns
const tokenColumns = `id, name, kind, prefix, key, grants, created_ns, made_by, expires_ns, used_ns`

// AddToken keeps a token; models.ErrConflict when a worker has one of that name already.
func (s *Store) AddToken(ctx context.Context, t models.APIToken) error {
	grants, err := json.Marshal(t.Grants)
	if err == nil {
		err = t.Validate()
	}
	if err == nil {
		err = s.db.Write(ctx, func(tx *sql.Tx) error {
			var n int
			row := tx.QueryRowContext(ctx, `select count(*) from tokens where kind = $1 and name = $2`, t.Kind, t.Name)
			if err := row.Scan(&n); err != nil {
				return err
			}
			if n > 0 && t.Kind == models.KindWorker {
				return fmt.Errorf("there is one already; revoke it first: %w", models.ErrConflict)
			}
			_, err := tx.ExecContext(ctx, `insert into tokens (`+tokenColumns+`)
				values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, t.ID, t.Name, t.Kind, t.Prefix, t.Key,
				string(grants), sql.Column(t.Created), t.By, sql.Column(t.Expires), sql.Column(t.Used))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("add token %q: %w", t.Name, err)
	}
	return nil
}

// Token is the one that a key opens; models.ErrNotFound when there is none.
func (s *Store) Token(ctx context.Context, key string) (t models.APIToken, err error) {
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		row := tx.QueryRowContext(ctx, `select `+tokenColumns+` from tokens where key = $1`, key)
		if t, err = scanToken(row.Scan); errors.Is(err, stdsql.ErrNoRows) {
			return models.ErrNotFound
		}
		return err
	})
	if err != nil {
		return models.APIToken{}, fmt.Errorf("token: %w", err)
	}
	return t, nil
}

// Tokens is all of them, the latest first.
func (s *Store) Tokens(ctx context.Context) ([]models.APIToken, error) {
	var found []models.APIToken
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select `+tokenColumns+` from tokens order by created_ns desc, id`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			t, err := scanToken(rows.Scan)
			if err != nil {
				return err
			}
			found = append(found, t)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return found, nil
}

func scanToken(scan func(...any) error) (t models.APIToken, err error) {
	var grants string
	var created, expires, used int64
	err = scan(&t.ID, &t.Name, &t.Kind, &t.Prefix, &t.Key, &grants, &created, &t.By, &expires, &used)
	if err != nil {
		return t, err
	}
	t.Created, t.Expires, t.Used = sql.Instant(created), sql.Instant(expires), sql.Instant(used)
	return t, json.Unmarshal([]byte(grants), &t.Grants)
}

// UseToken notes that a token is used.
func (s *Store) UseToken(ctx context.Context, id string, now time.Time) error {
	return s.write(ctx, "token "+id, `update tokens set used_ns = $2 where id = $1`, id, sql.Column(now))
}

// RemoveToken revokes a token, or models.ErrNotFound.
func (s *Store) RemoveToken(ctx context.Context, id string) error {
	return s.write(ctx, "revoke token "+id, `delete from tokens where id = $1`, id)
}
