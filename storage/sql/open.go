package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
)

// The reasons a database is refused for.
var (
	// ErrInUse: another footfall process has the file open.
	ErrInUse = errors.New("in use by another footfall process")
	// ErrForeign: the file is not a database, or one of another program.
	ErrForeign = errors.New("is not a footfall database")
	// ErrNewer: a newer footfall has changed the tables in a way this one does not know.
	ErrNewer = errors.New("was written by a newer footfall")
)

// Tx is a transaction of either database; see DB.Write and DB.Read.
type Tx = stdsql.Tx

// Dialect is which of the two databases is open.
type Dialect string

// The two databases.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgresql"
)

// DB is an open database. It is safe for any number of goroutines.
type DB struct {
	name    string // for messages: a path, or an address without its password
	dialect Dialect
	writer  *stdsql.DB
	reader  *stdsql.DB
	lock    *os.File // held while a SQLite file is open; nil for PostgreSQL
}

// Open opens the database at address: postgres://... or postgresql://... for PostgreSQL, anything else is the path
// of a SQLite file, which is made when it is not there. The file belongs to this process until Close.
func Open(ctx context.Context, address string) (*DB, error) {
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		return openPostgreSQL(ctx, address)
	}
	return openSQLite(ctx, address)
}

// Dialect says which database it is.
func (db *DB) Dialect() Dialect { return db.dialect }

// String names the database, for messages; it holds no password.
func (db *DB) String() string { return db.name }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.reader.PingContext(ctx); err != nil {
		return fmt.Errorf("reach %s: %w", db.name, err)
	}
	return nil
}

// Close ends all connections and gives the file free. Transactions that still run are rolled back.
func (db *DB) Close() error {
	err := db.reader.Close()
	if db.writer != db.reader {
		// Last, because the last connection of a SQLite file tidies its log away, and a reader may not write.
		err = errors.Join(err, db.writer.Close())
	}
	if db.lock != nil {
		err = errors.Join(err, db.lock.Close())
	}
	if err != nil {
		return fmt.Errorf("close %s: %w", db.name, err)
	}
	return nil
}

// Write runs do in a transaction that may change things, alone: the next writer waits until this one is done. When
// Write returns nil the changes are on disk; when it returns an error they are undone, except that a commit whose
// answer was lost may have happened: what is written must bear being written again.
func (db *DB) Write(ctx context.Context, do func(*Tx) error) error {
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to write %s: %w", db.name, err)
	}
	defer rollback(tx)
	if db.dialect == PostgreSQL {
		if _, err := tx.ExecContext(ctx, "select pg_advisory_xact_lock($1)", writerLock); err != nil {
			return fmt.Errorf("wait to write %s: %w", db.name, err)
		}
	}
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit to %s: %w", db.name, err)
	}
	return nil
}

// Read runs do in a transaction that sees one moment of the database, whatever is written meanwhile. It waits for no
// writer and no writer waits for it.
func (db *DB) Read(ctx context.Context, do func(*Tx) error) error {
	options := &stdsql.TxOptions{ReadOnly: true}
	if db.dialect == PostgreSQL {
		options.Isolation = stdsql.LevelRepeatableRead
	}
	tx, err := db.reader.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("begin to read %s: %w", db.name, err)
	}
	defer rollback(tx)
	return do(tx)
}

// rollback undoes tx unless it was committed. Its error says nothing new: a transaction that cannot be rolled back has
// lost its connection, and is rolled back by that.
func rollback(tx *Tx) { _ = tx.Rollback() }
