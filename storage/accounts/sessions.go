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

const sessionColumns = `id, key, account, created_ns, seen_ns, address, agent, device`

// AddSession keeps a session.
func (s *Store) AddSession(ctx context.Context, v models.Session) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `insert into sessions (`+sessionColumns+`)
			values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			v.ID, v.Key, v.Account, sql.Column(v.Created), sql.Column(v.Seen), v.Address, v.Agent, v.Device)
		return err
	})
	if err != nil {
		return fmt.Errorf("open a session of %s: %w", v.Account, err)
	}
	return nil
}

// Session is the one that a key opens, and whose it is; models.ErrNotFound when there is none.
func (s *Store) Session(ctx context.Context, key string) (models.Session, models.Account, error) {
	var v models.Session
	var a models.Account
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		var err error
		row := tx.QueryRowContext(ctx, `select `+sessionColumns+` from sessions where key = $1`, key)
		if v, err = scanSession(row.Scan); errors.Is(err, stdsql.ErrNoRows) {
			return models.ErrNotFound
		}
		if err != nil {
			return err
		}
		a, err = s.account(ctx, tx, `name = $1`, v.Account)
		return err
	})
	if err != nil {
		return models.Session{}, models.Account{}, fmt.Errorf("session: %w", err)
	}
	return v, a, nil
}

// Sessions is those of an account, or with an empty name all, the latest first.
func (s *Store) Sessions(ctx context.Context, account string) ([]models.Session, error) {
	var found []models.Session
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select `+sessionColumns+` from sessions
			where $1 = '' or account = $1 order by created_ns desc, id`, account)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			v, err := scanSession(rows.Scan)
			if err != nil {
				return err
			}
			found = append(found, v)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return found, nil
}

func scanSession(scan func(...any) error) (v models.Session, err error) {
	var created, seen int64
	err = scan(&v.ID, &v.Key, &v.Account, &created, &seen, &v.Address, &v.Agent, &v.Device)
	v.Created, v.Seen = sql.Instant(created), sql.Instant(seen)
	return v, err
}

// SeeSession notes that a session is used.
func (s *Store) SeeSession(ctx context.Context, id string, now time.Time) error {
	return s.write(ctx, "session "+id, `update sessions set seen_ns = $2 where id = $1`, id, sql.Column(now))
}

// RekeySession gives a session another key: what its browser held before opens nothing any more.
func (s *Store) RekeySession(ctx context.Context, id, key string) error {
	return s.write(ctx, "session "+id, `update sessions set key = $2 where id = $1`, id, key)
}

// RemoveSession ends a session, or models.ErrNotFound.
func (s *Store) RemoveSession(ctx context.Context, id string) error {
	return s.write(ctx, "end session "+id, `delete from sessions where id = $1`, id)
}

// RemoveSessions ends those of an account but one, and says which.
func (s *Store) RemoveSessions(ctx context.Context, account, but string) ([]string, error) {
	return s.dropSessions(ctx, `account = $1 and id <> $2`, account, but)
}

// PruneSessions ends those that were opened, or last seen, too long ago.
func (s *Store) PruneSessions(ctx context.Context, opened, seen time.Time) ([]string, error) {
	return s.dropSessions(ctx, `created_ns < $1 or seen_ns < $2`, sql.Column(opened), sql.Column(seen))
}

func (s *Store) dropSessions(ctx context.Context, where string, args ...any) ([]string, error) {
	var gone []string
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		gone = nil
		rows, err := tx.QueryContext(ctx, `delete from sessions where `+where+` returning id`, args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			gone = append(gone, id)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	return gone, nil
}

// write makes one change of one row.
func (s *Store) write(ctx context.Context, what, statement string, args ...any) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error { return one(tx.ExecContext(ctx, statement, args...)) })
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
