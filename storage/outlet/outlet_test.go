package outlet_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"footfall/models"
	"footfall/storage/outlet"
	"footfall/storage/seal"
	"footfall/storage/sql"
	"footfall/storage/storetest"
)

var databases storetest.Databases

func TestMain(m *testing.M) { os.Exit(databases.Main(m)) }

func open(t *testing.T, db *sql.DB, key []byte) *outlet.Store {
	t.Helper()
	s, err := outlet.New(t.Context(), db, key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		s := open(t, storetest.Open(t, address), seal.NewKey())
		storetest.Webhooks(t, s)
		storetest.Reports(t, s)
	})
}

// Neither the secret nor the token in the address stands in the files of the database, and one that is moved to another
// webhook does not open there.
func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	ctx, folder := t.Context(), t.TempDir()
	db := storetest.Open(t, filepath.Join(folder, "footfall.db"))
	key := seal.NewKey()
	s := open(t, db, key)
	for _, id := range []models.WebhookID{"till", "wall"} {
		if _, err := s.AddWebhook(ctx, storetest.Hook(id), storetest.Noon()); err != nil {
			t.Fatal(err)
		}
	}
	storetest.NothingInTheClear(t, folder, "till", "c2VjcmV0c2VjcmV0", "t0psecret", "192.0.2.9")
	if _, err := open(t, db, seal.NewKey()).Webhook(ctx, "till"); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("with another key: %v", err)
	}
	err := db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `update webhooks set secret = (select secret from webhooks where id = 'till') where id = 'wall'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Webhook(ctx, "wall"); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("a moved secret: %v", err)
	}
}
