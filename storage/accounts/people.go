package accounts

import (
	"context"
	stdsql "database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"footfall/models"
	"footfall/storage/sql"
)

const accountColumns = `name, full_name, grants, disabled, created_ns, signed_ns, version, password, must_change,
	until_ns, totp, pending, totp_step, identity`

// Accounts is everybody, by name.
func (s *Store) Accounts(ctx context.Context) ([]models.Account, error) {
	var found []models.Account
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select `+accountColumns+` from accounts order by name`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			a, err := s.scanAccount(rows.Scan)
			if err != nil {
				return err
			}
			found = append(found, a)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return found, nil
}

// Account is the one with that name, or models.ErrNotFound.
func (s *Store) Account(ctx context.Context, name string) (models.Account, error) {
	return s.oneAccount(ctx, `name = $1`, name)
}

// AccountOf is the one that a provider of identities knows by that name, or models.ErrNotFound.
func (s *Store) AccountOf(ctx context.Context, identity string) (models.Account, error) {
	return s.oneAccount(ctx, `identity = $1 and identity <> ''`, identity)
}

func (s *Store) oneAccount(ctx context.Context, where, value string) (a models.Account, err error) {
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		a, err = s.account(ctx, tx, where, value)
		return err
	})
	if err != nil {
		return models.Account{}, fmt.Errorf("account %s: %w", value, err)
	}
	return a, nil
}

func (s *Store) account(ctx context.Context, tx *sql.Tx, where, value string) (models.Account, error) {
	row := tx.QueryRowContext(ctx, `select `+accountColumns+` from accounts where `+where, value)
	a, err := s.scanAccount(row.Scan)
	if errors.Is(err, stdsql.ErrNoRows) {
		err = models.ErrNotFound
	}
	return a, err
}

func (s *Store) scanAccount(scan func(...any) error) (models.Account, error) {
	var a models.Account
	var grants, secret, pending string
	var created, signed, until int64
	err := scan(&a.Name, &a.FullName, &grants, &a.Disabled, &created, &signed, &a.Version, &a.Password.Hash,
		&a.Password.MustChange, &until, &secret, &pending, &a.SecondFactor.Step, &a.Identity)
	if err != nil {
		return a, err
	}
	a.Created, a.SignedIn, a.Password.Until = sql.Instant(created), sql.Instant(signed), sql.Instant(until)
	if err := json.Unmarshal([]byte(grants), &a.Grants); err != nil {
		return a, fmt.Errorf("read the grants of %s: %w", a.Name, err)
	}
	if a.SecondFactor.Secret, err = s.open(a.Name, "totp", secret); err == nil {
		a.SecondFactor.Pending, err = s.open(a.Name, "pending", pending)
	}
	return a, err
}

// AddAccount adds a person, with version 1; models.ErrConflict when there is one with that name.
func (s *Store) AddAccount(ctx context.Context, a models.Account) (models.Account, error) {
	a.Version = 1
	err := a.Validate()
	if err == nil {
		err = s.db.Write(ctx, func(tx *sql.Tx) error {
			switch _, err := s.account(ctx, tx, `name = $1`, a.Name); {
			case err == nil:
				return fmt.Errorf("there is one already: %w", models.ErrConflict)
			case !errors.Is(err, models.ErrNotFound):
				return err
			}
			return s.saveAccount(ctx, tx, a)
		})
	}
	if err != nil {
		return models.Account{}, fmt.Errorf("add account %s: %w", a.Name, err)
	}
	return a, nil
}

// ChangeAccount lets do change an account, alone: what do sees is what is there, and when it returns an error nothing
// is changed. The name stays.
func (s *Store) ChangeAccount(
	ctx context.Context, name string, do func(*models.Account) error,
) (models.Account, error) {
	var a models.Account
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		var err error
		if a, err = s.account(ctx, tx, `name = $1`, name); err != nil {
			return err
		}
		if err := do(&a); err != nil {
			return err
		}
		a.Name = name
		if err := a.Validate(); err != nil {
			return err
		}
		return s.keepingAnAdmin(ctx, tx, func() error { return s.saveAccount(ctx, tx, a) })
	})
	if err != nil {
		return models.Account{}, fmt.Errorf("change account %s: %w", name, err)
	}
	return a, nil
}

// RemoveAccount removes a person, whose sessions go too.
func (s *Store) RemoveAccount(ctx context.Context, name string) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `delete from sessions where account = $1`, name); err != nil {
			return err
		}
		return s.keepingAnAdmin(ctx, tx, func() error {
			return one(tx.ExecContext(ctx, `delete from accounts where name = $1`, name))
		})
	})
	if err != nil {
		return fmt.Errorf("remove account %s: %w", name, err)
	}
	return nil
}

// keepingAnAdmin refuses a change after which nobody could make any other.
func (s *Store) keepingAnAdmin(ctx context.Context, tx *sql.Tx, do func() error) error {
	before, err := admins(ctx, tx)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	after, err := admins(ctx, tx)
	if err == nil && before > 0 && after == 0 {
		err = fmt.Errorf("nobody would be an administrator any more; make another one first: %w", models.ErrConflict)
	}
	return err
}

// admins is how many may do everything everywhere, and will tomorrow: who comes from a provider of identities may come
// back without a role, or not at all.
func admins(ctx context.Context, tx *sql.Tx) (n int, err error) {
	rows, err := tx.QueryContext(ctx, `select grants from accounts where disabled = false and identity = ''`)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		var g models.Grants
		if err := rows.Scan(&text); err != nil {
			return 0, err
		}
		if err := json.Unmarshal([]byte(text), &g); err != nil {
			return 0, err
		}
		if g.Everywhere() && slices.Contains(g.Roles, models.RoleAdmin) {
			n++
		}
	}
	return n, rows.Err()
}

// one makes a change of no row models.ErrNotFound.
func one(result stdsql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, models.ErrNotFound)
	}
	return nil
}

func (s *Store) saveAccount(ctx context.Context, tx *sql.Tx, a models.Account) error {
	grants, err := json.Marshal(a.Grants)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into accounts (`+accountColumns+`)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		on conflict (name) do update set full_name = excluded.full_name, grants = excluded.grants,
			disabled = excluded.disabled, signed_ns = excluded.signed_ns, version = excluded.version,
			password = excluded.password, must_change = excluded.must_change, until_ns = excluded.until_ns,
			totp = excluded.totp, pending = excluded.pending, totp_step = excluded.totp_step,
			identity = excluded.identity`,
		a.Name, a.FullName, string(grants), a.Disabled, sql.Column(a.Created), sql.Column(a.SignedIn), a.Version,
		a.Password.Hash, a.Password.MustChange, sql.Column(a.Password.Until),
		s.close(a.Name, "totp", a.SecondFactor.Secret), s.close(a.Name, "pending", a.SecondFactor.Pending),
		a.SecondFactor.Step, a.Identity)
	return err
}

// close seals a secret; none stays none.
func (s *Store) close(name, field, secret string) string {
	if secret == "" {
		return ""
	}
	return s.seal.Close(sealedFor(name, field), secret)
}

// sealedFor binds a sealed text to its account and column, so that one that is moved does not open.
func sealedFor(name, field string) string { return "account/" + name + "/" + field }

func (s *Store) open(name, field, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	secret, err := s.seal.Open(sealedFor(name, field), sealed)
	if err != nil {
		return "", fmt.Errorf("account %s: %w", name, err)
	}
	return secret, nil
}
