package sql_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"footfall/storage/sql"
	"footfall/storage/storetest"
)

var databases storetest.Databases

func TestMain(m *testing.M) { os.Exit(databases.Main(m)) }

// migrations are those of a room with one table, up to a version.
func migrations(version int) fstest.MapFS {
	files := fstest.MapFS{}
	for v := 1; v <= version; v++ {
		text := fmt.Sprintf("-- +goose Up\ncreate table notes_%d (id text primary key, n bigint not null);\n", v)
		files[fmt.Sprintf("migrations/%05d_notes.sql", v)] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A second opening of the same tables changes nothing, new migrations are added, and an older program refuses them.
func TestMigrate(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		ctx := t.Context()
		db := storetest.Open(t, address)
		must(t, db.Migrate(ctx, "room", migrations(1)))
		must(t, db.Write(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `insert into notes_1 values ('a', 1)`)
			return err
		}))
		must(t, db.Migrate(ctx, "room", migrations(3)))
		must(t, db.Migrate(ctx, "room", migrations(3)))
		must(t, db.Migrate(ctx, "other_room", fstest.MapFS{
			"migrations/00001_x.sql": {Data: []byte("-- +goose Up\ncreate table x (id bigint);\n")},
		}))
		var n int
		must(t, db.Read(ctx, func(tx *sql.Tx) error {
			return tx.QueryRowContext(ctx, `select n from notes_1 where id = $1`, "a").Scan(&n)
		}))
		if n != 1 {
			t.Errorf("read %d, want 1", n)
		}
		err := db.Migrate(ctx, "room", migrations(2))
		if !errors.Is(err, sql.ErrNewer) || !strings.Contains(err.Error(), "tables version 3, this program knows 2") {
			t.Errorf("older program: got %v, want it refused as newer", err)
		}
		broken := migrations(3)
		broken["migrations/00004_broken.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\ncreate table y (id bigint);\nnonsense;\n")}
		if err := db.Migrate(ctx, "room", broken); err == nil {
			t.Error("a broken migration was not refused")
		}
		must(t, db.Migrate(ctx, "room", migrations(3))) // nothing of it stayed
	})
}

// Writers come one after the other, so that a sum that each reads and raises is never raised from an old value; a
// reader sees one moment.
func TestWritersComeOneAfterTheOther(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		const writers, each = 6, 10
		ctx := context.Background()
		db := storetest.Open(t, address)
		must(t, db.Migrate(ctx, "room", migrations(1)))
		must(t, db.Write(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `insert into notes_1 values ('a', 0), ('b', 0)`)
			return err
		}))
		read := func(tx *sql.Tx, id string) (n int, err error) {
			err = tx.QueryRowContext(ctx, `select n from notes_1 where id = $1`, id).Scan(&n)
			return n, err
		}
		raise := func(tx *sql.Tx) error {
			for _, id := range []string{"a", "b"} {
				n, err := read(tx, id)
				if err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, `update notes_1 set n = $1 where id = $2`, n+1, id); err != nil {
					return err
				}
			}
			return nil
		}
		var all sync.WaitGroup
		for range writers {
			all.Go(func() {
				for range each {
					if err := db.Write(ctx, raise); err != nil {
						t.Error(err)
					}
					err := db.Read(ctx, func(tx *sql.Tx) error {
						a, err := read(tx, "a")
						if err != nil {
							return err
						}
						if b, err := read(tx, "b"); err != nil || a != b {
							return fmt.Errorf("read %d and %d in one transaction: %w", a, b, err)
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		must(t, db.Read(ctx, func(tx *sql.Tx) error {
			if n, err := read(tx, "a"); err != nil || n != writers*each {
				t.Errorf("raised %d times, want %d (%v)", n, writers*each, err)
			}
			return nil
		}))
	})
}

// A failed transaction leaves nothing, and a reader cannot write.
func TestUndone(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		ctx := t.Context()
		db := storetest.Open(t, address)
		must(t, db.Migrate(ctx, "room", migrations(1)))
		insert := func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `insert into notes_1 values ('a', 0)`)
			return err
		}
		sorry := errors.New("sorry")
		err := db.Write(ctx, func(tx *sql.Tx) error { return errors.Join(insert(tx), sorry) })
		if !errors.Is(err, sorry) {
			t.Errorf("got %v, want the error of the function", err)
		}
		if err := db.Read(ctx, insert); err == nil {
			t.Error("a reader has written")
		}
		must(t, db.Write(ctx, insert))
	})
}

func TestRefusedFiles(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	must(t, os.WriteFile(text, []byte(strings.Repeat("a text, not a database\n", 100)), 0o600))
	used := filepath.Join(folder, "used.db")
	storetest.Open(t, used)
	foreign := filepath.Join(folder, "foreign.db")
	must(t, os.WriteFile(foreign, foreignDatabase(t, folder), 0o600))
	cases := []struct {
		name, path, says string
		is               error
	}{
		{"a text", text, "is not a footfall database", sql.ErrForeign},
		{"a database of another program", foreign, "one of another program", sql.ErrForeign},
		{"a file that is open", used, fmt.Sprintf("in use by another footfall process (process %d)", os.Getpid()), sql.ErrInUse},
		{"a folder", folder, "is a directory", nil},
		{"a folder that is not there", filepath.Join(folder, "no", "such.db"), "no such file or directory", nil},
		{"nothing", "", "no path", nil},
	}
	if runtime.GOOS == "linux" { // where not even root may make a file
		cases = append(cases, struct {
			name, path, says string
			is               error
		}{"a folder that cannot be written", "/sys/footfall.db", "folder that this user may write to", nil})
	}
	for _, c := range cases {
		db, err := sql.Open(t.Context(), c.path)
		if err == nil {
			t.Errorf("%s was opened: %v", c.name, db.Close())
			continue
		}
		if !strings.Contains(err.Error(), c.says) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: got %q, want it to say %q", c.name, err, c.says)
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than one line: %q", c.name, err)
		}
	}
}

// foreignDatabase is a SQLite file with the mark of somebody else.
func foreignDatabase(t *testing.T, folder string) []byte {
	t.Helper()
	path := filepath.Join(folder, "ours.db")
	db, err := sql.Open(t.Context(), path)
	must(t, err)
	must(t, db.Close())
	content, err := os.ReadFile(path)
	must(t, err)
	copy(content[68:72], "OTHR") // the application id, see the file format of SQLite
	return content
}

func TestUnreachablePostgreSQL(t *testing.T) {
	for address, says := range map[string]string{
		"postgres://footfall:s3cret@127.0.0.1:1/counts":  "postgres://127.0.0.1:1/counts",
		"postgres://footfall:s3c%ret@127.0.0.1:1/counts": "cannot be read",
	} {
		_, err := sql.Open(t.Context(), address)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Fatalf("got %v, want it to say %q", err, says)
		}
		if strings.Contains(err.Error(), "s3c") || strings.Contains(err.Error(), "\n") {
			t.Errorf("the error shows the password or has more than one line: %q", err)
		}
	}
}

// The lock goes with Close, and the names of the files with it: a closed database is one file.
func TestCloseAndOpenAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "odd name?#%41.db")
	for range 2 {
		db, err := sql.Open(t.Context(), path)
		must(t, err)
		must(t, db.Migrate(t.Context(), "room", migrations(2)))
		must(t, db.Ping(t.Context()))
		must(t, db.Close())
	}
	info, err := os.Stat(path)
	must(t, err)
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the file has mode %o, want 600", mode)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log was left behind: %v", err)
	}
}
