package registry

import (
	"context"
	"encoding/json"
	"fmt"

	"footfall/models"
	"footfall/storage/sql"
)

// shape is a line or a zone as the database knows them. What is gone from a camera stays, marked as removed, so that
// what it counted keeps its name.
type shape struct {
	ID     string         `json:"id"`
	Name   string         `json:"name,omitempty"`
	Points []models.Point `json:"points"`
}

// readShapes reads what is drawn on a camera's picture, out of the table of lines or of zones, in its order.
func readShapes(ctx context.Context, tx *sql.Tx, table string, camera models.CameraID, take func(shape)) error {
	rows, err := tx.QueryContext(ctx, `select id, name, points from `+table+`
		where camera = $1 and removed = false order by position`, camera)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s shape
		var points string
		if err := rows.Scan(&s.ID, &s.Name, &points); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(points), &s.Points); err != nil {
			return fmt.Errorf("%s of camera %s, %s: %w", table, camera, s.ID, err)
		}
		take(s)
	}
	return rows.Err()
}

// saveShapes replaces what is drawn on a camera's picture.
func saveShapes(ctx context.Context, tx *sql.Tx, table string, camera models.CameraID, shapes []shape) error {
	if _, err := tx.ExecContext(ctx, `update `+table+` set removed = true where camera = $1`, camera); err != nil {
		return err
	}
	for i, s := range shapes {
		points, err := json.Marshal(s.Points)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `insert into `+table+` (camera, id, name, points, position, removed)
				values ($1, $2, $3, $4, $5, false)
			on conflict (camera, id) do update set name = excluded.name, points = excluded.points,
				position = excluded.position, removed = false`, camera, s.ID, s.Name, string(points), i)
		if err != nil {
			return err
		}
	}
	return nil
}
