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
)

// Backup writes a copy of the SQLite file at path to a new file, while a footfall process may be using it: it is the
// database as it was at one moment. The copy is checked before it gets its name; a file that is there is never
// overwritten.
func Backup(ctx context.Context, path, to string) error {
	if err := copyDatabase(ctx, path, to); err != nil {
		return fmt.Errorf("back up %s to %s: %w", path, to, err)
	}
	return nil
}

func copyDatabase(ctx context.Context, path, to string) error {
	if err := refuseExisting(to); err != nil {
		return err
	}
	if err := verify(ctx, path, false); err != nil {
		return err
	}
	db, err := beside(path)
	if err != nil {
		return err
	}
	partial, err := unused(to)
	if err == nil {
		_, err = db.ExecContext(ctx, "vacuum into ?", partial)
	}
	if err := errors.Join(explain(err), db.Close()); err != nil {
		return errors.Join(err, os.RemoveAll(partial))
	}
	return finish(ctx, partial, to)
}

// Restore puts a backup where there is no database yet. It is checked first, and left as it is.
func Restore(ctx context.Context, backup, path string) error {
	if err := restore(ctx, backup, path); err != nil {
		return fmt.Errorf("restore %s to %s: %w", backup, path, err)
	}
	return nil
}

func restore(ctx context.Context, backup, path string) error {
	if err := refuseExisting(path); err != nil {
		return err
	}
	if err := verify(ctx, backup, true); err != nil {
		return err
	}
	partial, err := unused(path)
	if err != nil {
		return err
	}
	if err := duplicate(backup, partial); err != nil {
		return errors.Join(err, os.RemoveAll(partial))
	}
	return finish(ctx, partial, path)
}

// refuseExisting refuses to write over anything, a left-over log included: it would be taken for the new file's.
func refuseExisting(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if _, err := os.Lstat(name); err == nil {
			return fmt.Errorf("%s is there already; move it away, or name another file", name)
		} else if !errors.Is(err, os.ErrNotExist) {
			return reason(err)
		}
	}
	return nil
}

// unused is a name beside path that nobody has.
func unused(path string) (string, error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".partial-*")
	if err != nil {
		return "", fmt.Errorf("%w; it must be in a folder that this user may write to", reason(err))
	}
	return file.Name(), file.Close()
}

// beside is a connection to a SQLite file that another process may have open. It does not write.
func beside(path string) (*stdsql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(absolute); err != nil {
		return nil, reason(err)
	}
	return pool(absolute, 1, url.Values{"mode": {"rw"}})
}

// verify refuses a file that is no footfall database, and with whole one that is damaged anywhere.
func verify(ctx context.Context, path string, whole bool) error {
	db, err := beside(path)
	if err != nil {
		return err
	}
	var id int
	err = db.QueryRowContext(ctx, "pragma application_id").Scan(&id)
	if err == nil && id != applicationID {
		err = ErrForeign
	}
	if err == nil && whole {
		var says string
		err = db.QueryRowContext(ctx, "pragma integrity_check(1)").Scan(&says)
		if err == nil && says != "ok" {
			err = fmt.Errorf("the file is damaged: %s", oneLine(errors.New(says)))
		}
	}
	return errors.Join(explain(err), db.Close())
}

// finish checks a copy, makes it durable and gives it its name, which nobody may have taken meanwhile.
func finish(ctx context.Context, partial, path string) error {
	err := verify(ctx, partial, true)
	if err == nil {
		err = flush(partial)
	}
	if err == nil {
		err = os.Link(partial, path) // unlike a renaming, it does not replace
	}
	if errors.Is(err, os.ErrExist) {
		err = fmt.Errorf("%s is there already; move it away, or name another file", path)
	}
	// The log of the check is empty, and goes with the copy's first name.
	err = errors.Join(err, os.Remove(partial), removeIfThere(partial+"-wal"), removeIfThere(partial+"-shm"))
	if err != nil {
		return err
	}
	return flush(filepath.Dir(path))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// flush makes a file or a folder durable.
func flush(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// duplicate copies bytes into a file that is there and empty.
func duplicate(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return reason(err)
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := os.OpenFile(to, os.O_WRONLY, 0o600)
	if err != nil {
		return reason(err)
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}
