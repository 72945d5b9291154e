package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
	"footfall/models"
)

// Places keeps sites, areas and the history of lines. Changes are refused with models.ErrReadOnly for what stands in
// the configuration file, and with models.ErrConflict if the version is no longer the one that was seen.
type Places interface {
	Sites(ctx context.Context) ([]models.Site, error)
	Site(ctx context.Context, id string) (models.Site, error)
	AddSite(ctx context.Context, site models.Site) (models.Site, error)
	SetSite(ctx context.Context, site models.Site) (models.Site, error)
	RemoveSite(ctx context.Context, id string) error
	// Areas is those of a site; of all sites when it is empty.
	Areas(ctx context.Context, site string) ([]models.Area, error)
	Area(ctx context.Context, id string) (models.Area, error)
	AddArea(ctx context.Context, area models.Area) (models.Area, error)
	SetArea(ctx context.Context, area models.Area) (models.Area, error)
	RemoveArea(ctx context.Context, id string) error
	LineVersions(ctx context.Context, camera models.CameraID, line string) ([]models.LineVersion, error)
}

type places struct{ places Places }

// ListSites is GET /sites.
func (h places) ListSites(c echo.Context) error {
	sites, err := h.places.Sites(c.Request().Context())
	if err != nil {
		return err
	}
	reach := access.Reach(c.Request().Context())
	sites = slices.DeleteFunc(sites, func(s models.Site) bool { return !reach.Site(s.ID) })
	return answer(c, Sites{Items: sites})
}

// GetSite is GET /sites/{id}.
func (h places) GetSite(c echo.Context, id string) error {
	site, err := h.places.Site(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return answer(c, site)
}

// AddSite is POST /sites.
func (h places) AddSite(c echo.Context) error {
	var site models.Site
	if err := bindBody(c, &site); err != nil {
		return models.Invalidf("body", "is no site: %s", err)
	}
	site, err := h.places.AddSite(c.Request().Context(), site)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, "/api/v1/sites/"+site.ID)
	return c.JSON(http.StatusCreated, site)
}

// SetSite is PUT /sites/{id}.
func (h places) SetSite(c echo.Context, id string) error {
	var site models.Site
	if err := bindBody(c, &site); err != nil {
		return models.Invalidf("body", "is no site: %s", err)
	}
	if site.ID != id {
		return models.Invalidf("id", "%q is not %s: an id cannot be changed", site.ID, id)
	}
	site, err := h.places.SetSite(c.Request().Context(), site)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, site)
}

// bindBody reads the body alone: Echo would fill fields that are called as a part of the path, too.
func bindBody(c echo.Context, into any) error { return (&echo.DefaultBinder{}).BindBody(c, into) }

// RemoveSite is DELETE /sites/{id}.
func (h places) RemoveSite(c echo.Context, id string) error {
	if err := h.places.RemoveSite(c.Request().Context(), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// ListAreas is GET /areas.
func (h places) ListAreas(c echo.Context, params ListAreasParams) error {
	site := ""
	set(&site, params.Site)
	areas, err := h.places.Areas(c.Request().Context(), site)
	if err != nil {
		return err
	}
	reach := access.Reach(c.Request().Context())
	areas = slices.DeleteFunc(areas, func(a models.Area) bool { return !reach.Area(a.ID) })
	return answer(c, Areas{Items: showAreas(areas)})
}

// showAreas never shows null for doors.
func showAreas(areas []models.Area) []models.Area {
	for i := range areas {
		areas[i] = showArea(areas[i])
	}
	return areas
}

func showArea(area models.Area) models.Area {
	if area.Doors == nil {
		area.Doors = []models.Door{}
	}
	return area
}

// GetArea is GET /areas/{id}.
func (h places) GetArea(c echo.Context, id string) error {
	area, err := h.places.Area(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return answer(c, showArea(area))
}

// AddArea is POST /areas.
func (h places) AddArea(c echo.Context) error {
	var area models.Area
	if err := bindBody(c, &area); err != nil {
		return models.Invalidf("body", "is no area: %s", err)
	}
	area, err := h.places.AddArea(c.Request().Context(), area)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, "/api/v1/areas/"+area.ID)
	return c.JSON(http.StatusCreated, showArea(area))
}

// SetArea is PUT /areas/{id}.
func (h places) SetArea(c echo.Context, id string) error {
	var area models.Area
	if err := bindBody(c, &area); err != nil {
		return models.Invalidf("body", "is no area: %s", err)
	}
	if area.ID != id {
		return models.Invalidf("id", "%q is not %s: an id cannot be changed", area.ID, id)
	}
	area, err := h.places.SetArea(c.Request().Context(), area)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, showArea(area))
}

// RemoveArea is DELETE /areas/{id}.
func (h places) RemoveArea(c echo.Context, id string) error {
	if err := h.places.RemoveArea(c.Request().Context(), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// GetLineVersions is GET /cameras/{id}/lines/{line}/versions.
func (h places) GetLineVersions(c echo.Context, id CameraID, line string) error {
	versions, err := h.places.LineVersions(c.Request().Context(), models.CameraID(id), line)
	if err != nil {
		return err
	}
	shown := LineVersions{Items: make([]LineVersion, 0, len(versions))}
	for _, v := range versions {
		item := LineVersion{
			CameraVersion: v.CameraVersion, Name: optional(v.Name), From: optional(v.From), Until: optional(v.Until),
			Points: showLines([]models.Line{v.Line})[0].Points,
		}
		shown.Items = append(shown.Items, item)
	}
	return answer(c, shown)
}

// located is an area with its site.
func (h places) located(ctx context.Context, id string) (models.Site, models.Area, error) {
	area, err := h.places.Area(ctx, id)
	if err != nil {
		return models.Site{}, area, err
	}
	site, err := h.places.Site(ctx, area.Site)
	if err != nil {
		return site, area, fmt.Errorf("area %s: %w", id, err)
	}
	return site, area, nil
}
