package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"footfall/storage/sql"
)

// Databases are the databases that the tests of a package run on. A package has one value of it, whose Main is called
// by TestMain.
type Databases struct {
	mu      sync.Mutex
	started bool
	server  *server
	trouble error
	made    int
}

// Main runs the tests, stops what they started, and fails when a goroutine is left. It returns the exit code.
func (d *Databases) Main(m *testing.M) int {
	code := m.Run()
	if d.server != nil {
		if err := d.server.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
			code = 1
		}
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	return code
}

// Each runs a test on an empty SQLite file and on an empty PostgreSQL database.
func (d *Databases) Each(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "footfall.db")) })
	t.Run("postgresql", func(t *testing.T) { test(t, d.PostgreSQL(t)) })
}

// PostgreSQL is the address of an empty database. The server is started for the first test that asks. Without the
// server's programs the test is skipped, except in CI.
func (d *Databases) PostgreSQL(t testing.TB) string {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.started {
		d.started = true
		d.server, d.trouble = start()
	}
	switch {
	case errors.Is(d.trouble, errNotInstalled) && os.Getenv("CI") != "true":
		t.Skip(d.trouble)
	case d.trouble != nil:
		t.Fatal("start PostgreSQL: ", d.trouble)
	}
	d.made++
	name := fmt.Sprintf("test_%d", d.made)
	if err := d.server.create(t.Context(), name); err != nil {
		t.Fatal("create a database: ", err)
	}
	return d.server.address(name)
}

// Crash kills the PostgreSQL server and starts it again. All its databases suffer, so whoever does that needs a server,
// a Databases, of his own.
func (d *Databases) Crash(t *testing.T) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.server.crash(); err != nil {
		t.Fatal("start PostgreSQL after it was killed: ", err)
	}
}

// Stop stops the PostgreSQL server, if it was started.
func (d *Databases) Stop(t *testing.T) {
	t.Helper()
	if d.server == nil {
		return
	}
	if err := d.server.stop(); err != nil {
		t.Error("stop PostgreSQL: ", err)
	}
}

// Kills is how often a test of kill -9 kills: as often as FOOTFALL_KILLS says, else usual times.
func Kills(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("FOOTFALL_KILLS")); err == nil {
		return n
	}
	return usual
}

// Open opens the database at address for the length of the test.
func Open(t testing.TB, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open(context.WithoutCancel(t.Context()), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
