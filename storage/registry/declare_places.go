package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"footfall/models"
	"footfall/storage/sql"
)

// Declaration is what the configuration file says there is.
type Declaration struct {
	Cameras []models.Camera
	Sites   []models.Site
	Areas   []models.Area
}

// DeclareAll makes the registry agree with the file, all or nothing, as Declare does for cameras: what is refused
// leaves everything as it was. Enclosing areas stand before those within them, or after.
func (r *Registry) DeclareAll(ctx context.Context, d Declaration) error {
	changed := false
	err := r.db.Write(ctx, func(tx *sql.Tx) error {
		var err error
		if changed, err = r.declareCameras(ctx, tx, d.Cameras); err != nil {
			return err
		}
		places, err := r.declarePlaces(ctx, tx, d)
		changed = changed || places
		return err
	})
	if err == nil && changed {
		r.tell()
	}
	return err
}

func (r *Registry) declarePlaces(ctx context.Context, tx *sql.Tx, d Declaration) (changed bool, err error) {
	before, err := snapshot(ctx, tx)
	if err != nil {
		return false, err
	}
	for _, site := range d.Sites {
		if err := declareSite(ctx, tx, site); err != nil {
			return false, fmt.Errorf("declare site %s: %w", site.ID, err)
		}
	}
	for _, area := range outerFirst(d.Areas) {
		if err := r.declareArea(ctx, tx, area); err != nil {
			return false, fmt.Errorf("declare area %s: %w", area.ID, err)
		}
	}
	if err := retirePlaces(ctx, tx, d); err != nil {
		return false, err
	}
	after, err := snapshot(ctx, tx)
	return !sameText(before, after), err
}

// sameText reports whether two values are written alike: no list and an empty one are not told apart in a file.
func sameText(a, b any) bool {
	one, err := json.Marshal(a)
	other, otherErr := json.Marshal(b)
	return err == nil && otherErr == nil && bytes.Equal(one, other)
}

// snapshot is all places there are.
func snapshot(ctx context.Context, tx *sql.Tx) (d Declaration, err error) {
	d.Sites, err = readPlaces[models.Site](ctx, tx, `select document, declared, version from sites order by id`)
	if err != nil {
		return d, err
	}
	d.Areas, err = readPlaces[models.Area](ctx, tx, `select document, declared, version from areas order by id`)
	return d, err
}

// outerFirst orders areas so that each comes after the one it is within.
func outerFirst(areas []models.Area) []models.Area {
	byID := make(map[string]models.Area, len(areas))
	for _, a := range areas {
		byID[a.ID] = a
	}
	var ordered []models.Area
	placed := make(map[string]bool)
	var place func(a models.Area)
	place = func(a models.Area) {
		if placed[a.ID] {
			return // done, or a circle, which saveArea refuses
		}
		placed[a.ID] = true
		if outer, there := byID[a.Within]; there {
			place(outer)
		}
		ordered = append(ordered, a)
	}
	for _, a := range areas {
		place(a)
	}
	return ordered
}

func declareSite(ctx context.Context, tx *sql.Tx, s models.Site) error {
	s = s.WithDefaults()
	have, err := siteByID(ctx, tx, s.ID)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	s.Declared, s.Version = true, have.Version
	if err == nil && sameText(s, have) {
		return nil
	}
	s.Version++
	return saveSite(ctx, tx, s)
}

func (r *Registry) declareArea(ctx context.Context, tx *sql.Tx, a models.Area) error {
	a = a.WithDefaults()
	have, err := areaByID(ctx, tx, a.ID)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	a.Declared, a.Version = true, have.Version
	if err == nil && sameText(a, have) {
		return nil
	}
	a.Version++
	return r.saveArea(ctx, tx, a)
}

// retirePlaces removes the declared places that are not in the file any more.
func retirePlaces(ctx context.Context, tx *sql.Tx, d Declaration) error {
	wanted := make(map[string]bool)
	for _, a := range d.Areas {
		wanted["area "+a.ID] = true
	}
	for _, s := range d.Sites {
		wanted["site "+s.ID] = true
	}
	have, err := snapshot(ctx, tx)
	if err != nil {
		return err
	}
	gone := map[string]bool{}
	for _, a := range have.Areas {
		gone[a.ID] = a.Declared && !wanted["area "+a.ID]
	}
	for _, a := range have.Areas {
		if gone[a.Within] && !gone[a.ID] {
			return fmt.Errorf("remove area %s: the area %s is within it; change that first: %w", a.Within, a.ID,
				models.ErrConflict)
		}
	}
	for id, is := range gone {
		if !is {
			continue
		}
		if _, err := tx.ExecContext(ctx, `delete from areas where id = $1`, id); err != nil {
			return err
		}
	}
	for _, s := range have.Sites {
		if !s.Declared || wanted["site "+s.ID] {
			continue
		}
		if err := removeSite(ctx, tx, s.ID); err != nil {
			return fmt.Errorf("remove site %s: %w", s.ID, err)
		}
	}
	return nil
}
