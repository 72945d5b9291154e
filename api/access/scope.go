package access

import (
	"slices"

	"footfall/models"
)

// Scope is which sites, areas and cameras somebody's permissions reach. The zero value reaches none.
type Scope struct {
	everywhere bool
	sites      []string
	cameras    map[models.CameraID]bool
}

// ScopeOf reckons what grants reach. A site brings its areas and the cameras that these count with; areas are all that
// there are. A camera alone brings neither the area that it counts for nor its site, whose numbers tell of others.
func ScopeOf(g models.Grants, areas []models.Area) Scope {
	s := Scope{everywhere: g.Everywhere(), sites: g.Sites, cameras: map[models.CameraID]bool{}}
	for _, id := range g.Cameras {
		s.cameras[id] = true
	}
	for _, a := range areas {
		if !slices.Contains(g.Sites, a.Site) {
			continue
		}
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
func (s Scope) Site(id string) bool { return s.everywhere || slices.Contains(s.sites, id) }

// Area reports whether an area is within reach.
func (s Scope) Area(a models.Area) bool { return s.Site(a.Site) }
