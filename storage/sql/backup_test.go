package sql_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footfall/storage/sql"
	"footfall/storage/storetest"
)

// note writes one number twice, in one transaction.
func note(db *sql.DB, n int) error {
	return db.Write(context.Background(), func(tx *sql.Tx) error {
		for _, id := range []string{"a", "b"} {
			_, err := tx.ExecContext(context.Background(), `insert into notes_1 (id, n) values ($1, $2)`,
				fmt.Sprintf("%s%d", id, n), n)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// A backup that is made while somebody writes holds every transaction whole or not at all, those before it included.
func TestBackupWhileWriting(t *testing.T) {
	ctx := t.Context()
	folder := t.TempDir()
	path := filepath.Join(folder, "live.db")
	db := storetest.Open(t, path)
	must(t, db.Migrate(ctx, "room", migrations(1)))
	for n := range 50 {
		must(t, note(db, n))
	}
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for n := 50; ; n++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			if err := note(db, n); err != nil {
				stopped <- err
				return
			}
		}
	}()
	backup := filepath.Join(folder, "backup.db")
	must(t, sql.Backup(ctx, path, backup))
	close(stop)
	must(t, <-stopped)

	restored := filepath.Join(folder, "restored.db")
	must(t, sql.Restore(ctx, backup, restored))
	again := storetest.Open(t, restored)
	must(t, again.Read(ctx, func(tx *sql.Tx) error {
		var rows, numbers, first int
		err := tx.QueryRowContext(ctx, `select count(*), count(distinct n), sum(case when n < 50 then 1 else 0 end)
			from notes_1`).Scan(&rows, &numbers, &first)
		if err == nil && (rows != 2*numbers || first != 100) {
			err = fmt.Errorf("%d rows of %d numbers, %d of them from before", rows, numbers, first)
		}
		return err
	}))
	left, err := filepath.Glob(filepath.Join(folder, "*partial*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRefusedBackups(t *testing.T) {
	ctx := t.Context()
	folder := t.TempDir()
	path, text := filepath.Join(folder, "live.db"), filepath.Join(folder, "text.db")
	db := storetest.Open(t, path)
	must(t, db.Migrate(ctx, "room", migrations(1)))
	for n := range 500 {
		must(t, note(db, n))
	}
	must(t, os.WriteFile(text, []byte(strings.Repeat("no database\n", 1000)), 0o600))
	good, damaged := filepath.Join(folder, "good.db"), filepath.Join(folder, "damaged.db")
	must(t, sql.Backup(ctx, path, good))
	content, err := os.ReadFile(good)
	must(t, err)
	for i := len(content) / 2; i < len(content)/2+4096; i++ {
		content[i] ^= 0x5a
	}
	must(t, os.WriteFile(damaged, content, 0o600))
	next := func() string { return filepath.Join(folder, "next.db") }
	for name, test := range map[string]struct {
		err  error
		says string
	}{
		"over a backup":          {sql.Backup(ctx, path, good), "is there already"},
		"over the live database": {sql.Restore(ctx, good, path), "is there already"},
		"of nothing":             {sql.Backup(ctx, filepath.Join(folder, "nothing.db"), next()), "no such file"},
		"of a text":              {sql.Backup(ctx, text, next()), "is not a footfall database"},
		"from a text":            {sql.Restore(ctx, text, next()), "is not a footfall database"},
		"from a damaged one":     {sql.Restore(ctx, damaged, next()), "damaged"},
		"into no folder":         {sql.Restore(ctx, good, filepath.Join(folder, "no", "next.db")), "no such file"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.says) || strings.Contains(test.err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line that says %q", name, test.err, test.says)
		}
	}
	if _, err := os.Stat(next()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something refused was written: %v", err)
	}
}
