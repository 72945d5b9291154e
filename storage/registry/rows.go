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

// read is the cameras that a clause selects, with their lines and zones and their addresses in the clear.
func (r *Registry) read(ctx context.Context, tx *sql.Tx, clause string, args ...any) ([]storedCamera, error) {
	cameras, err := r.readCameras(ctx, tx, clause, args...)
	if err != nil {
		return nil, err
	}
	for i := range cameras {
		c := &cameras[i]
		err = readShapes(ctx, tx, "lines", c.ID, func(s shape) { c.Lines = append(c.Lines, models.Line(s)) })
		if err == nil {
			err = readShapes(ctx, tx, "zones", c.ID, func(s shape) { c.Zones = append(c.Zones, models.Zone(s)) })
		}
		if err != nil {
			return nil, err
		}
	}
	return cameras, nil
}

func (r *Registry) readCameras(ctx context.Context, tx *sql.Tx, clause string, args ...any) ([]storedCamera, error) {
	rows, err := tx.QueryContext(ctx, `select id, name, address, transport, max_fps, anchor, steady, disabled, declared,
		removed, version, classes, pixelate, masks from cameras `+clause, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var cameras []storedCamera
	for rows.Next() {
		var c storedCamera
		var sealed, classes, masks string
		var steady bool
		err := rows.Scan(&c.ID, &c.Name, &sealed, &c.Transport, &c.MaxFPS, &c.Anchor, &steady, &c.Disabled,
			&c.Declared, &c.removed, &c.Version, &classes, &c.Privacy.Pixelate, &masks)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(masks), &c.Privacy.Masks); err != nil {
			return nil, fmt.Errorf("masks of camera %s: %w", c.ID, err)
		}
		c.NoSteady = !steady
		if c.URL, err = r.seal.Open(string(c.ID), sealed); err != nil {
			return nil, fmt.Errorf("address of camera %s: %w", c.ID, err)
		}
		if err := json.Unmarshal([]byte(classes), &c.Classes); err != nil {
			return nil, fmt.Errorf("classes of camera %s: %w", c.ID, err)
		}
		if len(c.Classes) == 0 {
			c.Classes = nil
		}
		cameras = append(cameras, c)
	}
	return cameras, rows.Err()
}

// save writes a camera, its lines and its zones as they are to be from now on.
func (r *Registry) save(ctx context.Context, tx *sql.Tx, c models.Camera) error {
	masks, err := json.Marshal(c.Privacy.Masks)
	if err != nil {
		return err
	}
	classes, err := json.Marshal(append([]models.Class{}, c.Classes...))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into cameras (id, name, address, transport, max_fps, anchor,
			disabled, declared, removed, version, classes, steady, pixelate, masks)
			values ($1, $2, $3, $4, $5, $6, $7, $8, false, $9, $10, $11, $12, $13)
		on conflict (id) do update set name = excluded.name, address = excluded.address,
			transport = excluded.transport, max_fps = excluded.max_fps, anchor = excluded.anchor,
			disabled = excluded.disabled, declared = excluded.declared, removed = false, version = excluded.version,
			classes = excluded.classes, steady = excluded.steady,
			pixelate = excluded.pixelate, masks = excluded.masks`,
		c.ID, c.Name, r.seal.Close(string(c.ID), c.URL), c.Transport, c.MaxFPS, c.Anchor, c.Disabled, c.Declared,
		c.Version, string(classes), !c.NoSteady, c.Privacy.Pixelate, string(masks))
	if err != nil {
		return err
	}
	lines, zones := make([]shape, len(c.Lines)), make([]shape, len(c.Zones))
	for i, l := range c.Lines {
		lines[i] = shape(l)
	}
	for i, z := range c.Zones {
		zones[i] = shape(z)
	}
	if err := saveShapes(ctx, tx, "lines", c.ID, lines); err != nil {
		return err
	}
	if err := saveShapes(ctx, tx, "zones", c.ID, zones); err != nil {
		return err
	}
	return r.noteLines(ctx, tx, c.ID, c.Version, c.Lines)
}

// retire removes a camera from watching. Its lines and zones stay as they were, under a camera that is removed; in
// their history the lines end.
func (r *Registry) retire(ctx context.Context, tx *sql.Tx, c models.Camera) error {
	// The address is not needed for its history, so its password goes at once.
	_, err := tx.ExecContext(ctx, `update cameras set removed = true, declared = false, version = $2, address = $3
		where id = $1`, c.ID, c.Version+1, r.seal.Close(string(c.ID), ""))
	if err != nil {
		return err
	}
	return r.noteLines(ctx, tx, c.ID, c.Version+1, nil)
}
