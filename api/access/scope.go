package access

import (
	"fmt"
	"maps"
	"slices"

	"footfall/models"
)

// Scope is which sites, areas and cameras somebody's permissions reach. The zero value reaches none.
type Scope struct {
	everywhere bool
	sites      map[string]bool
	areas      map[string]bool
	cameras    map[models.CameraID]bool
}

// ScopeOf reckons what grants reach. A site brings its areas and the cameras that these count with; areas are all that
// there are. A camera alone brings neither the area that it counts for nor its site, whose numbers tell of others.
func ScopeOf(g models.Grants, areas []models.Area) Scope {
	s := Scope{
		everywhere: g.Everywhere(), sites: map[string]bool{}, areas: map[string]bool{},
		cameras: map[models.CameraID]bool{},
	}
	for _, id := range g.Sites {
		s.sites[id] = true
	}
	for _, id := range g.Cameras {
		s.cameras[id] = true
	}
	for _, a := range areas {
		if !s.sites[a.Site] {
			continue
		}
		s.areas[a.ID] = true
		for _, id := range CamerasOf(a) {
			s.cameras[id] = true
		}
	}
	return s
}

// CamerasOf is the cameras that an area counts with.
func CamerasOf(a models.Area) []models.CameraID {
	var ids []models.CameraID
	for _, d := range a.Doors {
		ids = append(ids, d.Camera)
	}
	for _, p := range a.Passing {
		ids = append(ids, p.Camera)
	}
	for _, z := range a.Zones {
		ids = append(ids, z.Camera)
	}
	return ids
}

// Everywhere reports whether nothing is out of reach.
func (s Scope) Everywhere() bool { return s.everywhere }

// Camera reports whether a camera is within reach.
func (s Scope) Camera(id models.CameraID) bool { return s.everywhere || s.cameras[id] }

// Site reports whether a site is within reach, and with it its areas.
func (s Scope) Site(id string) bool { return s.everywhere || s.sites[id] }

// Area reports whether an area is within reach.
func (s Scope) Area(id string) bool { return s.everywhere || s.areas[id] }

// Cameras narrows the cameras that are asked for, where none means all, to those within reach. Whoever names one that
// is not is refused, and so is whoever can reach none.
func (s Scope) Cameras(asked []models.CameraID) ([]models.CameraID, error) {
	if s.everywhere {
		return asked, nil
	}
	for _, id := range asked {
		if !s.cameras[id] {
			return nil, fmt.Errorf("camera %s is not within your reach: %w", id, models.ErrForbidden)
		}
	}
	if len(asked) > 0 {
		return asked, nil
	}
	if len(s.cameras) == 0 {
		return nil, fmt.Errorf("no camera is within your reach: %w", models.ErrForbidden)
	}
	return slices.Sorted(maps.Keys(s.cameras)), nil
}
