package registry

import (
	"context"
	stdsql "database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"footfall/models"
	"footfall/storage/sql"
)

// Sites is all sites, by id.
func (r *Registry) Sites(ctx context.Context) ([]models.Site, error) {
	var sites []models.Site
	err := r.db.Read(ctx, func(tx *sql.Tx) error {
		var err error
		sites, err = readPlaces[models.Site](ctx, tx, `select document, declared, version from sites order by id`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list sites: %w", err)
	}
	return sites, nil
}

// Site is the site with that id, or models.ErrNotFound.
func (r *Registry) Site(ctx context.Context, id string) (models.Site, error) {
	var site models.Site
	err := r.db.Read(ctx, func(tx *sql.Tx) error {
		var err error
		site, err = siteByID(ctx, tx, id)
		return err
	})
	if err != nil {
		return site, fmt.Errorf("site %s: %w", id, err)
	}
	return site, nil
}

// Areas is all areas, by id; with a site only those of it.
func (r *Registry) Areas(ctx context.Context, site string) ([]models.Area, error) {
	var areas []models.Area
	err := r.db.Read(ctx, func(tx *sql.Tx) error {
		var err error
		areas, err = readPlaces[models.Area](ctx, tx, `select document, declared, version from areas
			where $1 = '' or site = $1 order by id`, site)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list areas: %w", err)
	}
	return areas, nil
}

// Area is the area with that id, or models.ErrNotFound.
func (r *Registry) Area(ctx context.Context, id string) (models.Area, error) {
	var area models.Area
	err := r.db.Read(ctx, func(tx *sql.Tx) error {
		var err error
		area, err = areaByID(ctx, tx, id)
		return err
	})
	if err != nil {
		return area, fmt.Errorf("area %s: %w", id, err)
	}
	return area, nil
}

// AddSite adds a site, with version 1; models.ErrConflict when there is one with its id.
func (r *Registry) AddSite(ctx context.Context, s models.Site) (models.Site, error) {
	s = s.WithDefaults()
	s.Declared, s.Version = false, 1
	err := r.change(ctx, func(tx *sql.Tx) error {
		if _, err := siteByID(ctx, tx, s.ID); !errors.Is(err, models.ErrNotFound) {
			return takenOr(err)
		}
		return saveSite(ctx, tx, s)
	})
	if err != nil {
		return s, fmt.Errorf("add site %s: %w", s.ID, err)
	}
	return s, nil
}

// takenOr is a conflict, unless looking failed.
func takenOr(err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("there is one already: %w", models.ErrConflict)
}

// SetSite replaces a site. s.Version is the version the change was made from, 0 to replace whichever there is.
func (r *Registry) SetSite(ctx context.Context, s models.Site) (models.Site, error) {
	s = s.WithDefaults()
	err := r.change(ctx, func(tx *sql.Tx) error {
		have, err := siteByID(ctx, tx, s.ID)
		if err == nil {
			err = replaceable(have.Declared, have.Version, s.Version)
		}
		if err != nil {
			return err
		}
		s.Declared, s.Version = false, have.Version+1
		return saveSite(ctx, tx, s)
	})
	if err != nil {
		return s, fmt.Errorf("change site %s: %w", s.ID, err)
	}
	return s, nil
}

// replaceable refuses a change of what stands in the file, or was changed since it was read.
func replaceable(declared bool, version, seen int64) error {
	switch {
	case declared:
		return fmt.Errorf("it stands in the configuration file; change it there: %w", models.ErrReadOnly)
	case seen != 0 && seen != version:
		return fmt.Errorf("it is at version %d, not %d; read it again: %w", version, seen, models.ErrConflict)
	}
	return nil
}

// RemoveSite removes a site that has no areas any more.
func (r *Registry) RemoveSite(ctx context.Context, id string) error {
	err := r.change(ctx, func(tx *sql.Tx) error {
		have, err := siteByID(ctx, tx, id)
		if err == nil {
			err = replaceable(have.Declared, 0, 0)
		}
		if err != nil {
			return err
		}
		return removeSite(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("remove site %s: %w", id, err)
	}
	return nil
}

// AddArea adds an area to a site, with version 1; models.ErrConflict when there is one with its id.
func (r *Registry) AddArea(ctx context.Context, a models.Area) (models.Area, error) {
	a = a.WithDefaults()
	a.Declared, a.Version = false, 1
	err := r.change(ctx, func(tx *sql.Tx) error {
		if _, err := areaByID(ctx, tx, a.ID); !errors.Is(err, models.ErrNotFound) {
			return takenOr(err)
		}
		return r.saveArea(ctx, tx, a)
	})
	if err != nil {
		return a, fmt.Errorf("add area %s: %w", a.ID, err)
	}
	return a, nil
}

// SetArea replaces an area, as SetSite does a site.
func (r *Registry) SetArea(ctx context.Context, a models.Area) (models.Area, error) {
	a = a.WithDefaults()
	err := r.change(ctx, func(tx *sql.Tx) error {
		have, err := areaByID(ctx, tx, a.ID)
		if err == nil {
			err = replaceable(have.Declared, have.Version, a.Version)
		}
		if err != nil {
			return err
		}
		a.Declared, a.Version = false, have.Version+1
		return r.saveArea(ctx, tx, a)
	})
	if err != nil {
		return a, fmt.Errorf("change area %s: %w", a.ID, err)
	}
	return a, nil
}

// RemoveArea removes an area. What its doors counted stays.
func (r *Registry) RemoveArea(ctx context.Context, id string) error {
	err := r.change(ctx, func(tx *sql.Tx) error {
		have, err := areaByID(ctx, tx, id)
		if err == nil {
			err = replaceable(have.Declared, 0, 0)
		}
		if err != nil {
			return err
		}
		return removeArea(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("remove area %s: %w", id, err)
	}
	return nil
}

func saveSite(ctx context.Context, tx *sql.Tx, s models.Site) error {
	if err := s.Validate(); err != nil {
		return err
	}
	if !isText(s.Name) {
		return models.Invalidf("name", "is not text")
	}
	document, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into sites (id, document, declared, version) values ($1, $2, $3, $4)
		on conflict (id) do update set document = excluded.document, declared = excluded.declared,
			version = excluded.version`, s.ID, string(document), s.Declared, s.Version)
	return err
}

// saveArea writes an area whose site, lines and enclosing area exist.
func (r *Registry) saveArea(ctx context.Context, tx *sql.Tx, a models.Area) error {
	if err := a.Validate(); err != nil {
		return err
	}
	if !isText(a.Name) {
		return models.Invalidf("name", "is not text")
	}
	if _, err := siteByID(ctx, tx, a.Site); errors.Is(err, models.ErrNotFound) {
		return models.Invalidf("site", "there is no site %s", a.Site)
	} else if err != nil {
		return err
	}
	if err := checkLines(ctx, tx, a); err != nil {
		return err
	}
	if err := checkWithin(ctx, tx, a); err != nil {
		return err
	}
	document, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into areas (id, site, document, declared, version) values ($1, $2, $3, $4, $5)
		on conflict (id) do update set site = excluded.site, document = excluded.document,
			declared = excluded.declared, version = excluded.version`,
		a.ID, a.Site, string(document), a.Declared, a.Version)
	return err
}

// checkLines refuses doors and passing lines that never were. One that was removed keeps its counts, and may stay.
func checkLines(ctx context.Context, tx *sql.Tx, a models.Area) error {
	check := func(field string, camera models.CameraID, line string) error {
		var lines, cameras int
		err := tx.QueryRowContext(ctx, `select (select count(*) from lines where camera = $1 and id = $2),
			(select count(*) from cameras where id = $1)`, camera, line).Scan(&lines, &cameras)
		switch {
		case err != nil:
			return err
		case cameras == 0:
			return models.Invalidf(field, "there is no camera %s", camera)
		case lines == 0:
			return models.Invalidf(field, "camera %s has no line %s", camera, line)
		}
		return nil
	}
	for field, line := range a.Lines() {
		if err := check(field, line.Camera, line.Line); err != nil {
			return err
		}
	}
	return nil
}

// checkWithin refuses an enclosing area that is not there, is of another site, or is enclosed by the area itself.
func checkWithin(ctx context.Context, tx *sql.Tx, a models.Area) error {
	for within := a.Within; within != ""; {
		if within == a.ID {
			return models.Invalidf("within", "%s is itself within %s", a.Within, a.ID)
		}
		outer, err := areaByID(ctx, tx, within)
		if errors.Is(err, models.ErrNotFound) {
			return models.Invalidf("within", "there is no area %s", within)
		}
		if err != nil {
			return err
		}
		if outer.Site != a.Site {
			return models.Invalidf("within", "%s belongs to site %s, not to %s", within, outer.Site, a.Site)
		}
		within = outer.Within
	}
	return nil
}

func removeSite(ctx context.Context, tx *sql.Tx, id string) error {
	areas, err := readPlaces[models.Area](ctx, tx, `select document, declared, version from areas
		where site = $1 order by id`, id)
	if err != nil {
		return err
	}
	if len(areas) > 0 {
		return fmt.Errorf("it still has the area %s; remove that first: %w", areas[0].ID, models.ErrConflict)
	}
	_, err = tx.ExecContext(ctx, `delete from sites where id = $1`, id)
	return err
}

func removeArea(ctx context.Context, tx *sql.Tx, id string) error {
	areas, err := readPlaces[models.Area](ctx, tx, `select document, declared, version from areas order by id`)
	if err != nil {
		return err
	}
	for _, a := range areas {
		if a.Within == id {
			return fmt.Errorf("the area %s is within it; change that first: %w", a.ID, models.ErrConflict)
		}
	}
	_, err = tx.ExecContext(ctx, `delete from areas where id = $1`, id)
	return err
}

func siteByID(ctx context.Context, tx *sql.Tx, id string) (models.Site, error) {
	found, err := readPlaces[models.Site](ctx, tx, `select document, declared, version from sites where id = $1`, id)
	if err == nil && len(found) == 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		return models.Site{ID: id}, err
	}
	return found[0], nil
}

func areaByID(ctx context.Context, tx *sql.Tx, id string) (models.Area, error) {
	found, err := readPlaces[models.Area](ctx, tx, `select document, declared, version from areas where id = $1`, id)
	if err == nil && len(found) == 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		return models.Area{ID: id}, err
	}
	return found[0], nil
}

// readPlaces reads sites or areas.
func readPlaces[P models.Site | models.Area](ctx context.Context, tx *sql.Tx, text string, args ...any) ([]P, error) {
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	places := []P{}
	for rows.Next() {
		var place P
		if err := readPlace(rows, &place); err != nil {
			return nil, err
		}
		places = append(places, place)
	}
	return places, rows.Err()
}

func readPlace(rows *stdsql.Rows, place any) error {
	var document string
	var declared bool
	var version int64
	if err := rows.Scan(&document, &declared, &version); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(document), place); err != nil {
		return fmt.Errorf("read a place: %w", err)
	}
	switch p := place.(type) {
	case *models.Site:
		p.Declared, p.Version = declared, version
	case *models.Area:
		p.Declared, p.Version = declared, version
	}
	return nil
}
