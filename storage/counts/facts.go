package counts

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"footfall/models"
	"footfall/storage/sql"
)

// factTable is the table of facts within one transaction. What it needs to know about a batch it asks for at once, and
// what is new it writes at once, at the end: a batch of hundreds goes to the database a few times, not a thousand.
type factTable struct {
	*statements

	known  map[models.FactID]bool        // of the batch: taken before, in this transaction included
	backs  map[models.FactID][]crossing  // ways back of the crossings of the batch
	unsent map[models.FactID]*storedFact // not written yet, by id
	queue  []*storedFact                 // the same in order
}

// crossing is a line and a way over it.
type crossing struct {
	camera    models.CameraID
	line      string
	direction models.Direction
}

// storedFact is a row.
type storedFact struct {
	models.Fact

	clean bool // of a crossing
}

// atOnce bounds the rows of one statement.
const atOnce = 100

// openFactTable is the table for a batch of facts.
func openFactTable(ctx context.Context, s *statements, batch []models.Fact) (*factTable, error) {
	t := &factTable{
		statements: s, known: make(map[models.FactID]bool), backs: make(map[models.FactID][]crossing),
		unsent: make(map[models.FactID]*storedFact),
	}
	var ids []any
	for _, f := range batch {
		if len(f.ID) <= maxID && isText(string(f.ID)) { // others are refused, and PostgreSQL would not even be asked
			ids = append(ids, f.ID)
		}
	}
	for some := range slices.Chunk(ids, atOnce) {
		if err := t.look(ctx, some); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// look learns what is known about some ids.
func (t *factTable) look(ctx context.Context, ids []any) error {
	list := placeholders(1, len(ids))
	err := t.each(ctx, `select id from facts where id in `+list, ids, func(row scanner) error {
		var id models.FactID
		if err := row.Scan(&id); err != nil {
			return err
		}
		t.known[id] = true
		return nil
	})
	if err != nil {
		return err
	}
	// By the reversal alone: given the line, too, SQLite would rather look through the whole line.
	return t.each(ctx, `select reverses, camera, line, direction from facts where reverses in `+list, ids,
		func(row scanner) error {
			var there models.FactID
			var back crossing
			if err := row.Scan(&there, &back.camera, &back.line, &back.direction); err != nil {
				return err
			}
			t.backs[there] = append(t.backs[there], back)
			return nil
		})
}

// placeholders is ($1, $2, ...), n of them from first on.
func placeholders(first, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "$" + strconv.Itoa(first+i)
	}
	return "(" + strings.Join(all, ", ") + ")"
}

// has reports whether a fact of the batch was taken before.
func (t *factTable) has(id models.FactID) bool { return t.known[id] }

// undone reports whether the way back of the crossing is there already.
func (t *factTable) undone(f models.Fact) bool {
	return slices.Contains(t.backs[f.ID], crossing{f.Camera, f.Crossing.Line, f.Crossing.Direction.Opposite()})
}

// undo takes the crossing that f reverses out of the clean ones, and says which it was. It finds nothing when the way
// there is not known (yet, or any more), was undone before, or is no way there of f: another line or direction.
func (t *factTable) undo(ctx context.Context, f models.Fact) (there models.Crossing, found bool, err error) {
	want := crossing{f.Camera, f.Crossing.Line, f.Crossing.Direction.Opposite()}
	if own := t.unsent[f.Crossing.Reverses]; own != nil {
		c := own.Crossing
		if c == nil || !own.clean || want != (crossing{own.Camera, c.Line, c.Direction}) {
			return there, false, nil
		}
		own.clean = false
		return *c, true, nil
	}
	there = models.Crossing{Line: want.line, Direction: want.direction}
	var ns int64
	var carrying string
	err = t.row(ctx, `select time_ns, class, coalesce(carrying, '') from facts
		where id = $1 and camera = $2 and line = $3 and direction = $4 and clean = true`,
		[]any{f.Crossing.Reverses, f.Camera, there.Line, there.Direction}, &ns, &there.Class, &carrying)
	if errors.Is(err, stdsql.ErrNoRows) {
		return there, false, nil
	}
	if err != nil {
		return there, false, err
	}
	there.Time, there.Carrying = sql.Instant(ns), splitClasses(carrying)
	return there, true, t.exec(ctx, `update facts set clean = false where id = $1`, f.Crossing.Reverses)
}

// add keeps a fact, to be written with the others.
func (t *factTable) add(f models.Fact, clean bool) {
	row := &storedFact{f, clean}
	t.known[f.ID] = true
	t.unsent[f.ID] = row
	t.queue = append(t.queue, row)
	if c := f.Crossing; c != nil && c.Reverses != "" {
		t.backs[c.Reverses] = append(t.backs[c.Reverses], crossing{f.Camera, c.Line, c.Direction})
	}
}

// factColumns are in the order of storedFact.columns.
func factColumns() []string {
	return []string{
		"id", "camera", "lease", "time_ns", "line", "direction", "class", "config_version", "model_version", "reverses",
		"clean", "carrying", "minute", "observed_ns", "frames_seen", "frames_dropped", "zone",
	}
}

// columns are what is stored of the fact; of presence only what makes it count once: what it tells is in the buckets.
func (f storedFact) columns() []any {
	all := make([]any, len(factColumns()))
	copy(all, []any{f.ID, f.Camera, f.Lease, f.Time().UnixNano()})
	switch {
	case f.Crossing != nil:
		c := f.Crossing
		copy(all[4:], []any{c.Line, c.Direction, c.Class, c.ConfigVersion, c.ModelVersion})
		if c.Reverses != "" {
			all[9] = c.Reverses
		}
		all[10] = f.clean
		if len(c.Carrying) > 0 {
			all[11] = joinClasses(c.Carrying)
		}
	case f.Coverage != nil:
		c := f.Coverage
		copy(all[12:], []any{minuteOf(c.Minute), int64(c.Observed), c.FramesSeen, c.FramesDropped})
	case f.Presence != nil:
		all[6], all[12], all[16] = f.Presence.Class, minuteOf(f.Presence.Minute), f.Presence.Zone
	}
	return all
}

// flush writes what is new.
func (t *factTable) flush(ctx context.Context) error {
	width := len(factColumns())
	for some := range slices.Chunk(t.queue, atOnce) {
		rows := make([]string, len(some))
		args := make([]any, 0, width*len(some))
		for i, f := range some {
			rows[i] = placeholders(len(args)+1, width)
			args = append(args, f.columns()...)
		}
		text := fmt.Sprintf("insert into facts (%s) values %s",
			strings.Join(factColumns(), ", "), strings.Join(rows, ", "))
		if err := t.exec(ctx, text, args...); err != nil {
			return err
		}
	}
	t.queue, t.unsent = nil, make(map[models.FactID]*storedFact)
	return nil
}
