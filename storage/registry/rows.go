package registry

import (
	"context"
	"encoding/json"
	"fmt"

	"footfall/models"
	"footfall/storage/sql"
)

// storedCamera is a camera as the database knows it.
type storedCamera struct {
	models.Camera
	removed bool
}

// stored is the camera with that id, removed or not, or models.ErrNotFound.
func (r *Registry) stored(ctx context.Context, tx *sql.Tx, id models.CameraID) (storedCamera, error) {
	found, err := r.read(ctx, tx, `where id = $1`, id)
	if err != nil {
		return storedCamera{}, err
	}
	if len(found) == 0 {
		return storedCamera{}, models.ErrNotFound
	}
	return found[0], nil
}

// read is the cameras that a clause selects, with their lines and their addresses in the clear.
func (r *Registry) read(ctx context.Context, tx *sql.Tx, clause string, args ...any) ([]storedCamera, error) {
	cameras, err := r.readCameras(ctx, tx, clause, args...)
	if err != nil {
		return nil, err
	}
	for i := range cameras {
		if cameras[i].Lines, err = readLines(ctx, tx, cameras[i].ID); err != nil {
			return nil, err
		}
	}
	return cameras, nil
}

func (r *Registry) readCameras(ctx context.Context, tx *sql.Tx, clause string, args ...any) ([]storedCamera, error) {
	rows, err := tx.QueryContext(ctx, `select id, name, address, transport, max_fps, anchor, disabled, declared,
		removed, version from cameras `+clause, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var cameras []storedCamera
	for rows.Next() {
		var c storedCamera
		var sealed string
		err := rows.Scan(&c.ID, &c.Name, &sealed, &c.Transport, &c.MaxFPS, &c.Anchor, &c.Disabled, &c.Declared,
			&c.removed, &c.Version)
		if err != nil {
			return nil, err
		}
		if c.URL, err = r.seal.Open(string(c.ID), sealed); err != nil {
			return nil, fmt.Errorf("address of camera %s: %w", c.ID, err)
		}
		cameras = append(cameras, c)
	}
	return cameras, rows.Err()
}

func readLines(ctx context.Context, tx *sql.Tx, camera models.CameraID) ([]models.Line, error) {
	rows, err := tx.QueryContext(ctx, `select id, name, points from lines
		where camera = $1 and removed = false order by position`, camera)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var lines []models.Line
	for rows.Next() {
		var l models.Line
		var points string
		if err := rows.Scan(&l.ID, &l.Name, &points); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(points), &l.Points); err != nil {
			return nil, fmt.Errorf("line %s of camera %s: %w", l.ID, camera, err)
		}
		lines = append(lines, l)
	}
	return lines, rows.Err()
}

// save writes a camera and its lines as they are to be from now on.
func (r *Registry) save(ctx context.Context, tx *sql.Tx, c models.Camera) error {
	_, err := tx.ExecContext(ctx, `insert into cameras (id, name, address, transport, max_fps, anchor,
			disabled, declared, removed, version) values ($1, $2, $3, $4, $5, $6, $7, $8, false, $9)
		on conflict (id) do update set name = excluded.name, address = excluded.address,
			transport = excluded.transport, max_fps = excluded.max_fps, anchor = excluded.anchor,
			disabled = excluded.disabled, declared = excluded.declared, removed = false, version = excluded.version`,
		c.ID, c.Name, r.seal.Close(string(c.ID), c.URL), c.Transport, c.MaxFPS, c.Anchor, c.Disabled, c.Declared,
		c.Version)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `update lines set removed = true where camera = $1`, c.ID); err != nil {
		return err
	}
	for i, l := range c.Lines {
		points, err := json.Marshal(l.Points)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `insert into lines (camera, id, name, points, position, removed)
				values ($1, $2, $3, $4, $5, false)
			on conflict (camera, id) do update set name = excluded.name, points = excluded.points,
				position = excluded.position, removed = false`, c.ID, l.ID, l.Name, string(points), i)
		if err != nil {
			return err
		}
	}
	return nil
}

// retire removes a camera from watching. Its lines stay as they were, under a camera that is removed.
func (r *Registry) retire(ctx context.Context, tx *sql.Tx, c models.Camera) error {
	// The address is not needed for its history, so its password goes at once.
	_, err := tx.ExecContext(ctx, `update cameras set removed = true, declared = false, version = $2, address = $3
		where id = $1`, c.ID, c.Version+1, r.seal.Close(string(c.ID), ""))
	return err
}
