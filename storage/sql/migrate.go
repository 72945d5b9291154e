package sql

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Migrate brings the tables of one room up to date from its numbered migrations (migrations/00001_name.sql, ...) in
// files, each in a transaction of its own. A migration that the two databases must be told in different words has a
// file for each (00002_name.sqlite.sql, 00002_name.postgresql.sql). Tables of a newer footfall are refused and left as
// they are.
func (db *DB) Migrate(ctx context.Context, room string, files fs.FS) error {
	fail := func(err error) error { return fmt.Errorf("prepare %s in database %s: %w", room, db.name, err) }
	migrations, err := fs.Sub(files, "migrations")
	if err != nil {
		return fail(err)
	}
	options := []goose.ProviderOption{
		goose.WithTableName(room + "_schema"),
		goose.WithDisableGlobalRegistry(true),
	}
	dialect := goose.DialectSQLite3
	if db.dialect == PostgreSQL {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
		if err != nil {
			return fail(err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	options = append(options, goose.WithExcludeNames(db.foreign(migrations)))
	provider, err := goose.NewProvider(dialect, db.writer, migrations, options...)
	if err != nil {
		return fail(err)
	}
	current, known, err := provider.GetVersions(ctx)
	if err != nil {
		return fail(explain(err))
	}
	if current > known {
		return fail(fmt.Errorf("%w (tables version %d, this program knows %d); start that one, or restore a backup",
			ErrNewer, current, known))
	}
	if _, err := provider.Up(ctx); err != nil {
		return fail(explain(err))
	}
	return nil
}

// foreign is the names of the migrations that are for the other database only.
func (db *DB) foreign(migrations fs.FS) []string {
	other := SQLite
	if db.dialect == SQLite {
		other = PostgreSQL
	}
	names, _ := fs.Glob(migrations, "*."+string(other)+".sql") // the pattern is well-formed: it cannot fail
	return names
}
