package registry_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footfall/models"
	"footfall/storage/registry"
	"footfall/storage/sql"
	"footfall/storage/storetest"
)

var databases storetest.Databases

func TestMain(m *testing.M) { os.Exit(databases.Main(m)) }

func TestContract(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		r, err := registry.New(t.Context(), storetest.Open(t, address), registry.NewKey())
		if err != nil {
			t.Fatal(err)
		}
		storetest.Cameras(t, r)
	})
}

func TestPlaces(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		clock := storetest.NewClock(storetest.Noon())
		r, err := registry.New(t.Context(), storetest.Open(t, address), registry.NewKey(), registry.Clock(clock.Now))
		if err != nil {
			t.Fatal(err)
		}
		storetest.Places(t, r, clock)
	})
}

// The right key opens what it sealed, another one is refused before anything is changed.
func TestKeys(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		ctx := t.Context()
		db := storetest.Open(t, address)
		key := registry.NewKey()
		r, err := registry.New(ctx, db, key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Add(ctx, storetest.Lobby("lobby")); err != nil {
			t.Fatal(err)
		}
		if _, err := registry.New(ctx, db, registry.NewKey()); !errors.Is(err, registry.ErrWrongKey) {
			t.Errorf("another key: got %v, want it refused", err)
		}
		if _, err := registry.New(ctx, db, key[:16]); err == nil || !strings.Contains(err.Error(), "16 bytes") {
			t.Errorf("half a key: got %v, want it refused", err)
		}
		r, err = registry.New(ctx, db, key)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := r.Camera(ctx, "lobby"); err != nil || c.URL != storetest.Lobby("lobby").URL {
			t.Errorf("with the right key: got %v and %v", c, err)
		}
	})
}

// An address that is moved to another camera in the database does not open there.
func TestSealedForItsCamera(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		ctx := t.Context()
		db := storetest.Open(t, address)
		r, err := registry.New(ctx, db, registry.NewKey())
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []models.CameraID{"lobby", "gate"} {
			if _, err := r.Add(ctx, storetest.Lobby(id)); err != nil {
				t.Fatal(err)
			}
		}
		err = db.Write(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `update cameras set address = (select address from cameras where id = 'lobby')`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Camera(ctx, "gate"); !errors.Is(err, registry.ErrWrongKey) {
			t.Errorf("got %v, want it refused", err)
		}
	})
}

// Neither the password nor any other part of an address stands in the files of the database.
func TestNothingInTheClear(t *testing.T) {
	folder := t.TempDir()
	db := storetest.Open(t, filepath.Join(folder, "footfall.db"))
	r, err := registry.New(t.Context(), db, registry.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Add(t.Context(), storetest.Lobby("lobby")); err != nil {
		t.Fatal(err)
	}
	storetest.NothingInTheClear(t, folder, "Lobby", "s3cret", "viewer", "192.0.2.7")
}
