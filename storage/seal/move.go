package seal

import (
	"context"
	"database/sql"
	"fmt"
)

// Column is where sealed texts stand. Its names are constants of the room that owns the table.
type Column struct {
	Table, ID, Name string
	Owner           func(id string) string // who the text of a row is sealed for
}

// Move seals every text of a column anew, with another key, and says how many there were. Empty ones stay.
func (c Column) Move(ctx context.Context, tx *sql.Tx, from, to Seal) (int, error) {
	type row struct{ id, text string }
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(`select %s, %s from %s where %s <> ''`,
		c.ID, c.Name, c.Table, c.Name))
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	var all []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.text); err != nil {
			return 0, err
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	//nolint:gosec // G201: the names are constants of our own
	statement := fmt.Sprintf(`update %s set %s = $2 where %s = $1`, c.Table, c.Name, c.ID)
	for _, r := range all {
		text, err := from.Open(c.Owner(r.id), r.text)
		if err != nil {
			return 0, fmt.Errorf("%s of %s %s: %w", c.Name, c.Table, r.id, err)
		}
		if _, err := tx.ExecContext(ctx, statement, r.id, to.Close(c.Owner(r.id), text)); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}
