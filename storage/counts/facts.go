package counts

import (
	"context"
	stdsql "database/sql"
	"errors"

	"footfall/models"
)

// factTable is the table of facts within one transaction.
type factTable struct{ *statements }

// has reports whether a fact with that id was taken before.
func (t factTable) has(ctx context.Context, id models.FactID) (bool, error) {
	var n int
	err := t.row(ctx, `select count(*) from facts where id = $1`, []any{id}, &n)
	return n > 0, err
}

// undone reports whether the way back of the crossing is there already. It asks by the reversal alone: given the line,
// too, SQLite would rather look through the whole line.
func (t factTable) undone(ctx context.Context, f models.Fact) (bool, error) {
	found := false
	err := t.each(ctx, `select camera, line, direction from facts where reverses = $1`, []any{f.ID},
		func(row scanner) error {
			var camera models.CameraID
			var line string
			var d models.Direction
			if err := row.Scan(&camera, &line, &d); err != nil {
				return err
			}
			c := f.Crossing
			found = found || camera == f.Camera && line == c.Line && d == c.Direction.Opposite()
			return nil
		})
	return found, err
}

// undo takes the crossing that f reverses out of the clean ones, and says which it was. It finds nothing when the way
// there is not known (yet, or any more), was undone before, or is no way there of f: another line or direction.
func (t factTable) undo(ctx context.Context, f models.Fact) (there models.Crossing, found bool, err error) {
	there = models.Crossing{Line: f.Crossing.Line, Direction: f.Crossing.Direction.Opposite()}
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
	there.Time, there.Carrying = instant(ns), splitClasses(carrying)
	return there, true, t.exec(ctx, `update facts set clean = false where id = $1`, f.Crossing.Reverses)
}

func (t factTable) addCrossing(ctx context.Context, f models.Fact, clean bool) error {
	c := f.Crossing
	reverses := stdsql.NullString{String: string(c.Reverses), Valid: c.Reverses != ""}
	carrying := stdsql.NullString{String: joinClasses(c.Carrying), Valid: len(c.Carrying) > 0}
	return t.exec(ctx, `insert into facts (id, camera, lease, time_ns, line, direction, class, config_version,
		model_version, reverses, clean, carrying) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		f.ID, f.Camera, f.Lease, c.Time.UnixNano(), c.Line, c.Direction,
		c.Class, c.ConfigVersion, c.ModelVersion, reverses, clean, carrying)
}

func (t factTable) addCoverage(ctx context.Context, f models.Fact) error {
	c := f.Coverage
	return t.exec(ctx, `insert into facts (id, camera, lease, time_ns, minute, observed_ns, frames_seen,
		frames_dropped) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		f.ID, f.Camera, f.Lease, c.From.UnixNano(), minuteOf(c.Minute), int64(c.Observed), c.FramesSeen,
		c.FramesDropped)
}

// addPresence keeps only what makes the fact count once: what it tells is in the buckets.
func (t factTable) addPresence(ctx context.Context, f models.Fact) error {
	p := f.Presence
	return t.exec(ctx, `insert into facts (id, camera, lease, time_ns, minute, zone, class)
		values ($1, $2, $3, $4, $5, $6, $7)`,
		f.ID, f.Camera, f.Lease, p.From.UnixNano(), minuteOf(p.Minute), p.Zone, p.Class)
}
