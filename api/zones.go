package api

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// GetZones is GET /cameras/{id}/zones.
func (h cameras) GetZones(c echo.Context, id CameraID) error {
	camera, err := h.registry.Camera(c.Request().Context(), models.CameraID(id))
	if err != nil {
		return fmt.Errorf("camera %s: %w", id, err)
	}
	return c.JSON(http.StatusOK, Zones{Zones: showZones(camera.Zones)})
}

// SetZones is PUT /cameras/{id}/zones.
func (h cameras) SetZones(c echo.Context, id CameraID) error {
	var body NewZones
	if err := c.Bind(&body); err != nil {
		return err
	}
	camera, err := h.update(c.Request().Context(), id, CameraChange{Zones: &body.Zones})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, Zones{Zones: showZones(camera.Zones)})
}

func showZones(zones []models.Zone) []Zone {
	shown := make([]Zone, 0, len(zones))
	for _, z := range zones {
		shown = append(shown, Zone{Id: z.ID, Name: optional(z.Name), Points: showPoints(z.Points)})
	}
	return shown
}

// showInside is nil where there are no zones, or nobody looks.
func showInside(zones []models.ZoneInside) *[]ZoneInside {
	if len(zones) == 0 {
		return nil
	}
	shown := make([]ZoneInside, 0, len(zones))
	for _, z := range zones {
		inside := make(map[string]int64, len(z.Inside))
		for class, n := range z.Inside {
			inside[string(class)] = n
		}
		shown = append(shown, ZoneInside{Id: z.ID, Inside: inside})
	}
	return &shown
}
