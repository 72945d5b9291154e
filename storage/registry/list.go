package registry

import (
	"context"
	"fmt"

	"footfall/models"
	"footfall/storage/sql"
)

const (
	defaultLimit = 100
	maxLimit     = 1000
)

// Cameras is the cameras that were not removed, by id, those after the given one, at most limit of them (0 is 100, more
// than 1000 is 1000). Addresses are in the clear: see models.RedactURL.
func (r *Registry) Cameras(ctx context.Context, after models.CameraID, limit int) ([]models.Camera, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return r.list(ctx, `where removed = false and id > $1 order by id limit $2`, after, min(limit, maxLimit))
}

// All is every camera that was not removed, by id, in one piece: what is to be watched.
func (r *Registry) All(ctx context.Context) ([]models.Camera, error) {
	return r.list(ctx, `where removed = false order by id`)
}

func (r *Registry) list(ctx context.Context, clause string, args ...any) ([]models.Camera, error) {
	var found []storedCamera
	err := r.db.Read(ctx, func(tx *sql.Tx) error {
		var err error
		found, err = r.read(ctx, tx, clause, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list cameras: %w", err)
	}
	cameras := make([]models.Camera, 0, len(found))
	for _, c := range found {
		cameras = append(cameras, c.Camera)
	}
	return cameras, nil
}

// Camera is the camera with that id, or models.ErrNotFound, also when it was removed.
func (r *Registry) Camera(ctx context.Context, id models.CameraID) (models.Camera, error) {
	var c storedCamera
	err := r.db.Read(ctx, func(tx *sql.Tx) error {
		var err error
		c, err = r.stored(ctx, tx, id)
		return err
	})
	if err == nil && c.removed {
		err = models.ErrNotFound
	}
	if err != nil {
		return models.Camera{}, fmt.Errorf("camera %s: %w", id, err)
	}
	return c.Camera, nil
}

// KnownLine is a line that counts may exist for.
type KnownLine struct {
	Camera     models.CameraID
	CameraName string
	Line       string
	LineName   string
	Removed    bool // the line, or its camera, is not watched any more
}

// KnownLines is every line there is or was, by camera and line: what counts can be asked for.
func (r *Registry) KnownLines(ctx context.Context) ([]KnownLine, error) {
	var known []KnownLine
	err := r.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select c.id, c.name, l.id, l.name, c.removed or l.removed
			from cameras c join lines l on l.camera = c.id order by c.id, l.id`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var k KnownLine
			if err := rows.Scan(&k.Camera, &k.CameraName, &k.Line, &k.LineName, &k.Removed); err != nil {
				return err
			}
			known = append(known, k)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list lines: %w", err)
	}
	return known, nil
}
