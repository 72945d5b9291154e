package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// LineVersions is every way a line was drawn, oldest first; models.ErrNotFound when it never was. Times between two of
// them are when it was not there.
func (r *Registry) LineVersions(
	ctx context.Context, camera models.CameraID, line string,
) ([]models.LineVersion, error) {
	var versions []models.LineVersion
	err := r.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select camera_version, name, points, from_ns, coalesce(until_ns, 0)
			from line_versions where camera = $1 and line = $2 order by camera_version`, camera, line)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			v := models.LineVersion{Line: models.Line{ID: line}}
			var points string
			var from, until int64
			if err := rows.Scan(&v.CameraVersion, &v.Name, &points, &from, &until); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(points), &v.Points); err != nil {
				return err
			}
			v.From, v.Until = moment(from), moment(until)
			versions = append(versions, v)
		}
		return rows.Err()
	})
	if err == nil && len(versions) == 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("line %s of camera %s: %w", line, camera, err)
	}
	return versions, nil
}

// moment is the time that a column in nanoseconds stands for; 0 is none.
func moment(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// drawn is a line as it stands in the history.
type drawn struct{ name, points string }

// noteLines keeps the history of a camera's lines: those that are as they were go on, the others end, new ones begin.
func (r *Registry) noteLines(
	ctx context.Context, tx *sql.Tx, camera models.CameraID, version int64, lines []models.Line,
) error {
	current, err := currentLines(ctx, tx, camera)
	if err != nil {
		return err
	}
	now := r.now().UnixNano()
	for _, l := range lines {
		points, err := json.Marshal(l.Points)
		if err != nil {
			return err
		}
		is := drawn{l.Name, string(points)}
		was, there := current[l.ID]
		delete(current, l.ID)
		if there && was == is {
			continue
		}
		if there {
			if err := endLine(ctx, tx, camera, l.ID, now); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `insert into line_versions
			(camera, line, camera_version, name, points, from_ns, until_ns) values ($1, $2, $3, $4, $5, $6, null)`,
			camera, l.ID, version, is.name, is.points, now)
		if err != nil {
			return err
		}
	}
	for id := range current {
		if err := endLine(ctx, tx, camera, id, now); err != nil {
			return err
		}
	}
	return nil
}

func endLine(ctx context.Context, tx *sql.Tx, camera models.CameraID, line string, now int64) error {
	_, err := tx.ExecContext(ctx, `update line_versions set until_ns = $3
		where camera = $1 and line = $2 and until_ns is null`, camera, line, now)
	return err
}

func currentLines(ctx context.Context, tx *sql.Tx, camera models.CameraID) (map[string]drawn, error) {
	rows, err := tx.QueryContext(ctx, `select line, name, points from line_versions
		where camera = $1 and until_ns is null`, camera)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	current := make(map[string]drawn)
	for rows.Next() {
		var line string
		var is drawn
		if err := rows.Scan(&line, &is.name, &is.points); err != nil {
			return nil, err
		}
		current[line] = is
	}
	return current, rows.Err()
}
