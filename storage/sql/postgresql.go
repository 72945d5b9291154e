package sql

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// writerLock is the advisory lock that makes writers wait for each other ("Footfall" in ASCII).
	writerLock = 0x466f6f7466616c6c
	// connections bounds what one server takes of PostgreSQL's hundred.
	connections = 8
	// connectTimeout is how long a start waits for a database that does not answer.
	connectTimeout = 10 * time.Second
)

// openPostgreSQL connects to the database at address. How durable a commit is there is PostgreSQL's own setting
// (synchronous_commit, on by default), which its administrator may make stronger, so it is not touched here.
func openPostgreSQL(ctx context.Context, address string) (*DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The library hides passwords, but only those it could find; the address is not repeated at all.
		return nil, errors.New("open database: the address cannot be read; it is " +
			"postgres://USER:PASSWORD@HOST:PORT/NAME, with special characters written as %XX")
	}
	config.RuntimeParams["application_name"] = "footfall"
	config.ConnectTimeout = connectTimeout
	db := &DB{
		name:    fmt.Sprintf("postgres://%s:%d/%s", config.Host, config.Port, config.Database),
		dialect: PostgreSQL,
	}
	db.writer = stdlib.OpenDB(*config)
	db.writer.SetMaxOpenConns(connections)
	db.writer.SetMaxIdleConns(connections)
	db.reader = db.writer
	if err := db.writer.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %s", db.name, oneLine(err)), db.writer.Close())
	}
	return db, nil
}

// oneLine is the error's text on one line: the driver lists every address it tried on its own.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
