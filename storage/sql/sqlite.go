package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// applicationID marks a SQLite file as ours ("Foot"), in the header field SQLite keeps for that.
	applicationID = 0x466f6f74
	// readers is how many queries run side by side. Each has its own page cache, so more would cost memory first.
	readers = 4
)

// openSQLite opens the file at path with a writer and some readers, all of the process.
func openSQLite(ctx context.Context, path string) (*DB, error) {
	fail := func(err error) (*DB, error) { return nil, fmt.Errorf("open database %s: %w", path, err) }
	if path == "" {
		return nil, errors.New("open database: no path and no postgres:// address given")
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return fail(err)
	}
	lock, err := claim(absolute)
	if err != nil {
		return fail(err)
	}
	db := &DB{name: path, dialect: SQLite, lock: lock}
	// synchronous=FULL flushes the log with every commit: what was acknowledged survives the plug being pulled.
	// A write transaction takes the write lock when it begins (immediate), so that it never fails half-way for
	// having read before it wrote.
	db.writer, err = pool(absolute, 1, url.Values{
		"_pragma": {"journal_mode(wal)", "synchronous(full)", "foreign_keys(1)", "journal_size_limit(67108864)"},
		"_txlock": {"immediate"},
	})
	if err != nil {
		return fail(errors.Join(err, lock.Close()))
	}
	db.reader, err = pool(absolute, readers, url.Values{"_pragma": {"query_only(1)"}})
	if err != nil {
		return fail(errors.Join(err, db.writer.Close(), lock.Close()))
	}
	if err := recognise(ctx, db.writer); err != nil {
		return fail(errors.Join(explain(err), db.Close()))
	}
	return db, nil
}

// pool is at most connections connections to the file at path. The busy time-out is for programs beside us, such as a
// backup: our own writers queue for the one connection.
func pool(path string, connections int, settings url.Values) (*stdsql.DB, error) {
	settings["_pragma"] = append(settings["_pragma"], "busy_timeout(10000)")
	address := url.URL{Scheme: "file", Path: path, RawQuery: settings.Encode()}
	db, err := stdsql.Open("sqlite", address.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// claim makes sure the file is there, can be written, and belongs to this process alone. The system gives the lock
// free when the process ends, however it ends.
func claim(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w; it must be a file in a folder that this user may write to", reason(err))
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("its lock: %w; it must be in a folder that this user may write to", reason(err))
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		owner, _ := io.ReadAll(io.LimitReader(lock, 32)) // only for the message
		err = fmt.Errorf("%w (process %s); stop it, or use another folder", ErrInUse, strings.TrimSpace(string(owner)))
		return nil, errors.Join(err, lock.Close())
	}
	if err := sign(lock, filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// sign writes who holds the lock, and makes the new names in the folder as durable as what will be in the files.
func sign(lock *os.File, folder string) error {
	if err := lock.Truncate(0); err != nil {
		return fmt.Errorf("its lock: %w", reason(err))
	}
	// A full disk must not stop a start: the name of the owner is a courtesy.
	_, _ = fmt.Fprintln(lock, os.Getpid())
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// recognise refuses a file that is not a database, and a database of another program; it marks a new one as ours.
func recognise(ctx context.Context, db *stdsql.DB) error {
	var id, tables int
	if err := db.QueryRowContext(ctx, "pragma application_id").Scan(&id); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "select count(*) from sqlite_master").Scan(&tables); err != nil {
		return err
	}
	if id == applicationID {
		return nil
	}
	if id != 0 || tables > 0 {
		return fmt.Errorf("%w but one of another program; name another file", ErrForeign)
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf("pragma application_id = %d", applicationID))
	return err
}

// explain says in our words what SQLite says in its own, where a user can do something about it.
func explain(err error) error {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w (its first bytes are something else); name another file", ErrForeign)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the file is damaged; restore it from a backup: %w", err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("cannot be written; its folder must be writable by this user: %w", err)
	}
	return err
}

// reason is err without the path that the message names already.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
