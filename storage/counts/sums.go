package counts

import (
	"context"
	stdsql "database/sql"
	"errors"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// sumTable adds up kept buckets in the database, so that only sums travel.
type sumTable struct {
	line, camera *stdsql.Stmt
}

func (t *sumTable) prepare(ctx context.Context, tx *sql.Tx) error {
	var err, other error
	// The casts keep PostgreSQL from making fractions of sums; SQLite takes them as they are.
	t.line, err = tx.PrepareContext(ctx, `select (minute + $5) / $6,
			cast(sum("in") as bigint), cast(sum("out") as bigint),
			cast(sum(raw_in) as bigint), cast(sum(raw_out) as bigint), max(revision)
		from line_counts where camera = $1 and line = $2 and span = $7 and minute >= $3 and minute < $4 group by 1`)
	t.camera, other = tx.PrepareContext(ctx, `select (minute + $4) / $5, cast(sum(observed_ns) as bigint), max(revision)
		from camera_coverage where camera = $1 and span = $6 and minute >= $2 and minute < $3 group by 1`)
	return errors.Join(err, other)
}

// close gives the statements back; the transaction's end would do so, too, so an error tells nothing.
func (t *sumTable) close() {
	for _, s := range []*stdsql.Stmt{t.line, t.camera} {
		if s != nil {
			_ = s.Close()
		}
	}
}

// ofLine tells the totals of a line in a stretch, group by group.
func (t *sumTable) ofLine(
	ctx context.Context, line LineRef, s stretch, tell func(start time.Time, sum totals, revision int64),
) error {
	rows, err := t.line.QueryContext(ctx, line.Camera, line.Line, s.from, s.to, s.ahead, s.group, s.span)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var number, revision int64
		var sum totals
		if err := rows.Scan(&number, &sum.in, &sum.out, &sum.rawIn, &sum.rawOut, &revision); err != nil {
			return err
		}
		tell(s.start(number), sum, revision)
	}
	return rows.Err()
}

// ofCamera tells the observed time of a camera in a stretch, group by group.
func (t *sumTable) ofCamera(
	ctx context.Context, camera models.CameraID, s stretch,
	tell func(start time.Time, observed time.Duration, revision int64),
) error {
	rows, err := t.camera.QueryContext(ctx, camera, s.from, s.to, s.ahead, s.group, s.span)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var number, observed, revision int64
		if err := rows.Scan(&number, &observed, &revision); err != nil {
			return err
		}
		tell(s.start(number), time.Duration(observed), revision)
	}
	return rows.Err()
}
