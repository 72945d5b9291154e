package counts

import (
	"context"
	stdsql "database/sql"

	"footfall/storage/sql"
)

// statements are those of one transaction, each prepared when it is first needed: a batch of facts writes hundreds of
// buckets with a handful of them.
type statements struct {
	tx       *sql.Tx
	prepared map[string]*stdsql.Stmt
}

func newStatements(tx *sql.Tx) *statements {
	return &statements{tx: tx, prepared: make(map[string]*stdsql.Stmt)}
}

// close gives the statements back; the transaction's end would do so, too, so an error tells nothing.
func (s *statements) close() {
	for _, statement := range s.prepared {
		_ = statement.Close()
	}
}

func (s *statements) statement(ctx context.Context, text string) (*stdsql.Stmt, error) {
	if known := s.prepared[text]; known != nil {
		return known, nil
	}
	made, err := s.tx.PrepareContext(ctx, text)
	if err == nil {
		s.prepared[text] = made
	}
	return made, err
}

func (s *statements) exec(ctx context.Context, text string, args ...any) error {
	statement, err := s.statement(ctx, text) //nolint:sqlclosecheck // closed by close, with all others
	if err == nil {
		_, err = statement.ExecContext(ctx, args...)
	}
	return err
}

// row reads the one row that the statement gives; none is stdsql.ErrNoRows.
func (s *statements) row(ctx context.Context, text string, args []any, into ...any) error {
	statement, err := s.statement(ctx, text) //nolint:sqlclosecheck // closed by close, with all others
	if err == nil {
		err = statement.QueryRowContext(ctx, args...).Scan(into...)
	}
	return err
}

// each calls tell for every row that the statement gives, with a function that reads the row.
func (s *statements) each(ctx context.Context, text string, args []any, tell func(row scanner) error) error {
	statement, err := s.statement(ctx, text) //nolint:sqlclosecheck // closed by close, with all others
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := tell(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
