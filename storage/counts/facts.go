package counts

import (
	"context"
	stdsql "database/sql"
	"errors"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// factTable is the table of facts within one transaction, its statements prepared once for the batch.
type factTable struct {
	statements []*stdsql.Stmt

	known, findUndone, findThere, markUndone, insertCrossing, insertCoverage *stdsql.Stmt
}

func openFactTable(ctx context.Context, tx *sql.Tx) (*factTable, error) {
	t := &factTable{}
	for _, s := range []struct {
		into **stdsql.Stmt
		text string
	}{
		{&t.known, `select count(*) from facts where id = $1`},
		// By the reversal alone: given the line, too, SQLite would rather look through the whole line.
		{&t.findUndone, `select camera, line, direction from facts where reverses = $1`},
		{&t.findThere, `select time_ns from facts
			where id = $1 and camera = $2 and line = $3 and direction = $4 and clean = true`},
		{&t.markUndone, `update facts set clean = false where id = $1`},
		{&t.insertCrossing, `insert into facts (id, camera, lease, time_ns, line, direction, class, config_version,
			model_version, reverses, clean) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`},
		{&t.insertCoverage, `insert into facts (id, camera, lease, time_ns, minute, observed_ns, frames_seen,
			frames_dropped) values ($1, $2, $3, $4, $5, $6, $7, $8)`},
	} {
		prepared, err := tx.PrepareContext(ctx, s.text) //nolint:sqlclosecheck // closed by close, with all others
		if err != nil {
			t.close()
			return nil, err
		}
		*s.into = prepared
		t.statements = append(t.statements, prepared)
	}
	return t, nil
}

// close gives the statements back; the transaction's end would do so, too, so an error tells nothing.
func (t *factTable) close() {
	for _, s := range t.statements {
		_ = s.Close()
	}
}

// has reports whether a fact with that id was taken before.
func (t *factTable) has(ctx context.Context, id models.FactID) (bool, error) {
	var n int
	err := t.known.QueryRowContext(ctx, id).Scan(&n)
	return n > 0, err
}

// undone reports whether the way back of the crossing is there already.
func (t *factTable) undone(ctx context.Context, f models.Fact) (bool, error) {
	rows, err := t.findUndone.QueryContext(ctx, f.ID)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	found := false
	for rows.Next() {
		var camera models.CameraID
		var line string
		var d models.Direction
		if err := rows.Scan(&camera, &line, &d); err != nil {
			return false, err
		}
		c := f.Crossing
		found = found || camera == f.Camera && line == c.Line && d == c.Direction.Opposite()
	}
	return found, rows.Err()
}

// undo takes the crossing that f reverses out of the clean ones, and says when it was. It finds nothing when the way
// there is not known (yet, or any more), was undone before, or is no way there of f: another line or direction.
func (t *factTable) undo(ctx context.Context, f models.Fact) (there time.Time, found bool, err error) {
	c := f.Crossing
	var ns int64
	err = t.findThere.QueryRowContext(ctx, c.Reverses, f.Camera, c.Line, c.Direction.Opposite()).Scan(&ns)
	if errors.Is(err, stdsql.ErrNoRows) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, err
	}
	_, err = t.markUndone.ExecContext(ctx, c.Reverses)
	return instant(ns), true, err
}

func (t *factTable) addCrossing(ctx context.Context, f models.Fact, clean bool) error {
	c := f.Crossing
	reverses := stdsql.NullString{String: string(c.Reverses), Valid: c.Reverses != ""}
	_, err := t.insertCrossing.ExecContext(ctx, f.ID, f.Camera, f.Lease, c.Time.UnixNano(), c.Line, c.Direction,
		c.Class, c.ConfigVersion, c.ModelVersion, reverses, clean)
	return err
}

func (t *factTable) addCoverage(ctx context.Context, f models.Fact) error {
	c := f.Coverage
	_, err := t.insertCoverage.ExecContext(ctx, f.ID, f.Camera, f.Lease, c.From.UnixNano(), minuteOf(c.Minute),
		int64(c.Observed), c.FramesSeen, c.FramesDropped)
	return err
}
