package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/registry"
)

// PlaceStore is what the suite Places is about.
type PlaceStore interface {
	Registry
	Sites(ctx context.Context) ([]models.Site, error)
	Site(ctx context.Context, id string) (models.Site, error)
	AddSite(ctx context.Context, s models.Site) (models.Site, error)
	SetSite(ctx context.Context, s models.Site) (models.Site, error)
	RemoveSite(ctx context.Context, id string) error
	Areas(ctx context.Context, site string) ([]models.Area, error)
	Area(ctx context.Context, id string) (models.Area, error)
	AddArea(ctx context.Context, a models.Area) (models.Area, error)
	SetArea(ctx context.Context, a models.Area) (models.Area, error)
	RemoveArea(ctx context.Context, id string) error
	DeclareAll(ctx context.Context, d registry.Declaration) error
	LineVersions(ctx context.Context, camera models.CameraID, line string) ([]models.LineVersion, error)
}

// Places is what every registry must do about sites, areas and the history of lines. It needs an empty one that goes by
// the clock.
func Places(t *testing.T, r PlaceStore, clock *Clock) {
	t.Run("sites and areas are added, changed and removed", func(t *testing.T) { placeLife(t, r) })
	t.Run("what is no place is refused", func(t *testing.T) { placeRefusals(t, r) })
	t.Run("places of the file are followed, all or nothing", func(t *testing.T) { placesDeclared(t, r) })
	t.Run("lines keep their history", func(t *testing.T) { lineVersions(t, r, clock) })
}

// Mall is a site with opening hours.
func Mall(id string) models.Site {
	return models.Site{
		ID: id, Zone: "Europe/Berlin",
		Hours:      []models.DayHours{{Days: []models.Weekday{"mon", "saturday"}, Open: []string{"09:00-20:00"}}},
		Exceptions: []models.Exception{{Date: "2026-12-25", Open: []string{}, Note: "Christmas"}},
	}
}

func placeLife(t *testing.T, r PlaceStore) {
	ctx := t.Context()
	_, err := r.Add(ctx, Lobby("places"))
	must(t, err)
	site, err := r.AddSite(ctx, Mall("mall"))
	must(t, err)
	if site.Name != "mall" || site.WeekStarts != "monday" || site.Version != 1 || site.Declared {
		t.Errorf("added %+v, want it with its defaults and version 1", site)
	}
	site.Name = "The Mall"
	site, err = r.SetSite(ctx, site)
	must(t, err)
	stored, err := r.Site(ctx, "mall")
	must(t, err)
	want(t, fmt.Sprint(stored), fmt.Sprint(site))
	if site.Version = 1; !errors.Is(second2(r.SetSite(ctx, site)), models.ErrConflict) {
		t.Error("a change from an old version was not refused")
	}

	whole := models.Area{ID: "whole", Site: "mall", Doors: []models.Door{{Camera: "places", Line: "door"}}}
	_, err = r.AddArea(ctx, whole)
	must(t, err)
	area, err := r.AddArea(ctx, models.Area{
		ID: "shop", Site: "mall", Within: "whole", Capacity: 10,
		Doors: []models.Door{{Camera: "places", Line: "door", Reversed: true}},
	})
	must(t, err)
	area.Capacity = 20
	area, err = r.SetArea(ctx, area)
	must(t, err)
	areas, err := r.Areas(ctx, "mall")
	must(t, err)
	want(t, fmt.Sprint(areas[0]), fmt.Sprint(area))
	for what, err := range map[string]error{
		"added twice": second3(r.AddArea(ctx, area)), "site with areas": r.RemoveSite(ctx, "mall"),
		"area around another": r.RemoveArea(ctx, "whole"), "site twice": second2(r.AddSite(ctx, Mall("mall"))),
	} {
		if !errors.Is(err, models.ErrConflict) {
			t.Errorf("%s: got %v, want a conflict", what, err)
		}
	}
	must(t, r.RemoveArea(ctx, "shop"))
	must(t, r.RemoveArea(ctx, "whole"))
	must(t, r.RemoveSite(ctx, "mall"))
	if _, err := r.Area(ctx, "shop"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("a removed area: got %v, want not found", err)
	}
	if err := r.RemoveSite(ctx, "mall"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("a removed site: got %v, want not found", err)
	}
}

func second2(_ models.Site, err error) error { return err }
func second3(_ models.Area, err error) error { return err }

func placeRefusals(t *testing.T, r PlaceStore) {
	ctx := t.Context()
	for field, spoil := range map[string]func(*models.Site){
		"id": func(s *models.Site) { s.ID = "a/b" }, "zone": func(s *models.Site) { s.Zone = "Local" },
		"week_starts":        func(s *models.Site) { s.WeekStarts = "someday" },
		"hours[0].open":      func(s *models.Site) { s.Hours[0].Open = []string{"9-17"} },
		"hours[0].days":      func(s *models.Site) { s.Hours[0].Days = []models.Weekday{"mon", "monday"} },
		"exceptions[0].date": func(s *models.Site) { s.Exceptions[0].Date = "2026-02-30" },
		"name":               func(s *models.Site) { s.Name = "M\x00" },
	} {
		s := Mall("bad")
		spoil(&s)
		_, err := r.AddSite(ctx, s)
		refusedField(t, field, err)
	}
	_, err := r.AddSite(ctx, Mall("refusals"))
	must(t, err)
	_, err = r.AddSite(ctx, Mall("elsewhere"))
	must(t, err)
	_, err = r.AddArea(ctx, models.Area{ID: "far", Site: "elsewhere"})
	must(t, err)
	for field, spoil := range map[string]func(*models.Area){
		"site":     func(a *models.Area) { a.Site = "nowhere" },
		"doors[0]": func(a *models.Area) { a.Doors[0].Line = "hatch" },
		"doors[1]": func(a *models.Area) { a.Doors = append(a.Doors, a.Doors[0]) },
		"passing[0]": func(a *models.Area) {
			a.Passing = []models.LineRef{{Camera: "nobody", Line: "door"}}
		},
		"capacity": func(a *models.Area) { a.Capacity = -1 }, "reset": func(a *models.Area) { a.Reset = "25:00" },
		"within": func(a *models.Area) { a.Within = "far" }, "warn_at": func(a *models.Area) { a.WarnAt = 90 },
	} {
		a := models.Area{ID: "bad", Site: "refusals", Doors: []models.Door{{Camera: "places", Line: "door"}}}
		spoil(&a)
		_, err := r.AddArea(ctx, a)
		refusedField(t, field, err)
	}
	a, err := r.AddArea(ctx, models.Area{ID: "circle", Site: "refusals"})
	must(t, err)
	_, err = r.AddArea(ctx, models.Area{ID: "inner", Site: "refusals", Within: "circle"})
	must(t, err)
	a.Within = "inner"
	_, err = r.SetArea(ctx, a)
	refusedField(t, "within", err)
}

func refusedField(t *testing.T, field string, err error) {
	t.Helper()
	var invalid *models.InvalidError
	if !errors.As(err, &invalid) || invalid.Field != field {
		t.Errorf("%s: got %v, want it named as invalid", field, err)
	}
}

func placesDeclared(t *testing.T, r PlaceStore) {
	ctx := t.Context()
	d := registry.Declaration{
		Cameras: []models.Camera{Lobby("gate")}, Sites: []models.Site{Mall("declared")},
		Areas: []models.Area{
			{ID: "part", Site: "declared", Within: "all"},
			{ID: "all", Site: "declared", Doors: []models.Door{{Camera: "gate", Line: "door"}}},
		},
	}
	must(t, r.DeclareAll(ctx, d))
	must(t, r.DeclareAll(ctx, d)) // nothing has changed
	part, err := r.Area(ctx, "part")
	must(t, err)
	if !part.Declared || part.Version != 1 {
		t.Errorf("declared twice: got %+v, want version 1", part)
	}
	if _, err := r.SetArea(ctx, part); !errors.Is(err, models.ErrReadOnly) {
		t.Errorf("change of a declared area: got %v, want read-only", err)
	}
	if err := r.RemoveSite(ctx, "declared"); !errors.Is(err, models.ErrReadOnly) {
		t.Errorf("removal of a declared site: got %v, want read-only", err)
	}

	bad := d
	bad.Cameras = []models.Camera{Lobby("gate"), Lobby("another")}
	wrong := models.Area{ID: "bad", Site: "declared", Doors: []models.Door{{Camera: "gate", Line: "x"}}}
	bad.Areas = append(bad.Areas[1:], wrong)
	err = r.DeclareAll(ctx, bad)
	if err == nil || !strings.Contains(err.Error(), "declare area bad: doors[0]: camera gate has no line x") {
		t.Errorf("a door that is not there: got %v", err)
	}
	if _, err := r.Camera(ctx, "another"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("something of a refused declaration stayed: %v", err)
	}
	d.Areas = d.Areas[1:]
	must(t, r.DeclareAll(ctx, d))
	if _, err := r.Area(ctx, "part"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("an area that is gone from the file: got %v, want not found", err)
	}
	must(t, r.DeclareAll(ctx, registry.Declaration{}))
	if _, err := r.Site(ctx, "declared"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("a site that is gone from the file: got %v, want not found", err)
	}
}

func lineVersions(t *testing.T, r PlaceStore, clock *Clock) {
	ctx := t.Context()
	clock.Set(Noon())
	c, err := r.Add(ctx, Lobby("redrawn"))
	must(t, err)
	clock.Set(Noon().Add(time.Hour))
	c.Name = "the lines stay"
	c, err = r.Update(ctx, c)
	must(t, err)
	moved := DoorLine("door")
	moved.Points[0].X = 0.2
	c, err = r.SetLines(ctx, "redrawn", c.Version, []models.Line{moved})
	must(t, err)
	clock.Set(Noon().Add(2 * time.Hour))
	must(t, r.Remove(ctx, c.ID))
	versions, err := r.LineVersions(ctx, "redrawn", "door")
	must(t, err)
	text := ""
	for _, v := range versions {
		text += fmt.Sprintf("version %d %v from %v until %v; ", v.CameraVersion, v.Points[0].X, v.From.Sub(Noon()),
			v.Until.Sub(Noon()))
	}
	want(t, text, "version 1 0.1 from 0s until 1h0m0s; version 3 0.2 from 1h0m0s until 2h0m0s; ")
	if _, err := r.LineVersions(ctx, "redrawn", "hatch"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("a line that never was: got %v, want not found", err)
	}
}
