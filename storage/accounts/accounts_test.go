package accounts_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"footfall/storage/accounts"
	"footfall/storage/seal"
	"footfall/storage/sql"
	"footfall/storage/storetest"
)

var databases storetest.Databases

func TestMain(m *testing.M) { os.Exit(databases.Main(m)) }

func open(t *testing.T, db *sql.DB, key []byte) *accounts.Store {
	t.Helper()
	s, err := accounts.New(t.Context(), db, key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		storetest.Accounts(t, open(t, storetest.Open(t, address), seal.NewKey()))
	})
}

// Secrets of second factors stand in no file of the database, and one that is moved to another account does not open.
func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	ctx, folder := t.Context(), t.TempDir()
	db := storetest.Open(t, filepath.Join(folder, "footfall.db"))
	s := open(t, db, seal.NewKey())
	for _, name := range []string{"anna", "berta"} {
		if _, err := s.AddAccount(ctx, storetest.Anna(name)); err != nil {
			t.Fatal(err)
		}
	}
	storetest.NothingInTheClear(t, folder, "berta", "T0PSECRETFACTOR", "PENDINGFACTOR")
	if _, err := open(t, db, seal.NewKey()).Account(ctx, "anna"); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("with another key: %v", err)
	}
	err := db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `update accounts set totp = (select totp from accounts where name = 'anna') where name = 'berta'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Account(ctx, "berta"); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("a moved secret: %v", err)
	}
}
