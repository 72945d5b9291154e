package registry

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"footfall/models"
	"footfall/storage/sql"
)

// Declare makes the registry agree with the configuration file, all or nothing: cameras that are new there are added,
// changed ones get their next version, and declared ones that are not in it any more are removed. A camera that was
// added through the API and now stands in the file becomes a declared one. What has not changed keeps its version.
func (r *Registry) Declare(ctx context.Context, cameras []models.Camera) error {
	changed := false
	err := r.db.Write(ctx, func(tx *sql.Tx) error {
		var err error
		changed, err = r.declareCameras(ctx, tx, cameras)
		return err
	})
	if err == nil && changed {
		r.tell()
	}
	return err
}

// declareCameras is Declare within a transaction; it says whether anything changed.
func (r *Registry) declareCameras(ctx context.Context, tx *sql.Tx, cameras []models.Camera) (changed bool, err error) {
	wanted := make(map[models.CameraID]models.Camera, len(cameras))
	for _, c := range cameras {
		c = c.WithDefaults()
		c.Declared = true
		if err := validate(c); err != nil {
			return false, fmt.Errorf("declare camera %s: %w", c.ID, err)
		}
		if _, twice := wanted[c.ID]; twice {
			return false, fmt.Errorf("declare camera %s: %w", c.ID, models.Invalidf("id", "is there twice"))
		}
		wanted[c.ID] = c
	}
	for _, c := range cameras {
		done, err := r.declare(ctx, tx, wanted[c.ID])
		if err != nil {
			return false, fmt.Errorf("declare camera %s: %w", c.ID, err)
		}
		changed = changed || done
	}
	done, err := r.retireOthers(ctx, tx, wanted)
	return changed || done, err
}

// declare makes one camera as the file has it, and says whether that changed anything.
func (r *Registry) declare(ctx context.Context, tx *sql.Tx, c models.Camera) (changed bool, err error) {
	have, err := r.stored(ctx, tx, c.ID)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return false, err
	}
	c.Version = have.Version
	if err == nil && !have.removed && same(c, have.Camera) {
		return false, nil
	}
	c.Version++
	return true, r.save(ctx, tx, c)
}

// same reports whether two cameras are equal; no lines and an empty list of lines are, and so for zones, classes and
// masks.
func same(a, b models.Camera) bool {
	for _, c := range []*models.Camera{&a, &b} {
		if len(c.Lines) == 0 {
			c.Lines = nil
		}
		if len(c.Zones) == 0 {
			c.Zones = nil
		}
		if len(c.Classes) == 0 {
			c.Classes = nil
		}
	}
	if len(a.Privacy.Masks) == 0 && len(b.Privacy.Masks) == 0 {
		a.Privacy.Masks, b.Privacy.Masks = nil, nil
	}
	return reflect.DeepEqual(a, b)
}

// retireOthers removes the declared cameras that are not wanted any more.
func (r *Registry) retireOthers(
	ctx context.Context, tx *sql.Tx, wanted map[models.CameraID]models.Camera,
) (changed bool, err error) {
	all, err := r.read(ctx, tx, `where declared = true and removed = false order by id`)
	if err != nil {
		return false, err
	}
	for _, c := range all {
		if _, stays := wanted[c.ID]; stays {
			continue
		}
		if err := r.retire(ctx, tx, c.Camera); err != nil {
			return false, fmt.Errorf("remove camera %s: %w", c.ID, err)
		}
		changed = true
	}
	return changed, nil
}
