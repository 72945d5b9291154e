package api

import (
	"context"
	"fmt"
	"math"
	"net/http"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
	"footfall/models"
)

// Registry keeps the cameras. Changes are refused with models.ErrReadOnly for cameras of the configuration file.
type Registry interface {
	Cameras(ctx context.Context, after models.CameraID, limit int) ([]models.Camera, error)
	Camera(ctx context.Context, id models.CameraID) (models.Camera, error)
	Add(ctx context.Context, camera models.Camera) (models.Camera, error)
	// Update refuses with models.ErrConflict if the camera's version is no longer camera.Version.
	Update(ctx context.Context, camera models.Camera) (models.Camera, error)
	Remove(ctx context.Context, id models.CameraID) error
}

// Addresses says whether a camera's address may be reached at all.
type Addresses interface {
	Allowed(ctx context.Context, rawURL string) error
}

// Detectors says whether those that look at cameras know what is asked of them. What cannot be known here is let pass:
// the camera's status will tell.
type Detectors interface {
	Know(classes []models.Class) error
}

// Statuses knows how cameras are doing.
type Statuses interface {
	Status(id models.CameraID) models.CameraStatus
}

type cameras struct {
	registry  Registry
	addresses Addresses
	detectors Detectors
	statuses  Statuses
}

// ListCameras is GET /cameras.
func (h cameras) ListCameras(c echo.Context, params ListCamerasParams) error {
	limit := 100
	if params.Limit != nil {
		limit = *params.Limit
	}
	after := models.CameraID("")
	if params.Cursor != nil {
		after = models.CameraID(*params.Cursor)
	}
	found, err := h.within(c.Request().Context(), after, limit+1)
	if err != nil {
		return fmt.Errorf("list cameras: %w", err)
	}
	page := Cameras{Items: []Camera{}}
	if len(found) > limit {
		found = found[:limit]
		cursor := string(found[limit-1].ID)
		page.NextCursor = &cursor
	}
	for _, camera := range found {
		page.Items = append(page.Items, h.show(camera))
	}
	return c.JSON(http.StatusOK, page)
}

// within is a page of the cameras that are within reach.
func (h cameras) within(ctx context.Context, after models.CameraID, limit int) ([]models.Camera, error) {
	reach := access.Reach(ctx)
	var page []models.Camera
	for {
		found, err := h.registry.Cameras(ctx, after, limit)
		if err != nil {
			return nil, err
		}
		for _, camera := range found {
			if after = camera.ID; reach.Camera(camera.ID) {
				page = append(page, camera)
			}
			if len(page) == limit {
				return page, nil
			}
		}
		if len(found) == 0 {
			return page, nil
		}
	}
}

// GetCamera is GET /cameras/{id}.
func (h cameras) GetCamera(c echo.Context, id CameraID) error {
	camera, err := h.registry.Camera(c.Request().Context(), models.CameraID(id))
	if err != nil {
		return fmt.Errorf("camera %s: %w", id, err)
	}
	return c.JSON(http.StatusOK, h.show(camera))
}

// AddCamera is POST /cameras.
func (h cameras) AddCamera(c echo.Context) error {
	var body NewCamera
	if err := c.Bind(&body); err != nil {
		return err
	}
	camera := models.Camera{ID: models.CameraID(body.Id)}
	change(&camera, CameraChange{
		Name: body.Name, Url: &body.Url, Transport: body.Transport, MaxFps: body.MaxFps,
		Anchor: body.Anchor, Steady: body.Steady, Disabled: body.Disabled, Classes: body.Classes, Lines: body.Lines,
		Zones: body.Zones, Privacy: body.Privacy,
	})
	camera = camera.WithDefaults()
	ctx := c.Request().Context()
	if err := h.check(ctx, camera, body.Classes != nil); err != nil {
		return err
	}
	camera, err := h.registry.Add(ctx, camera)
	if err != nil {
		return fmt.Errorf("add camera %s: %w", body.Id, err)
	}
	c.Response().Header().Set(echo.HeaderLocation, "/api/v1/cameras/"+string(camera.ID))
	return c.JSON(http.StatusCreated, h.show(camera))
}

// ChangeCamera is PATCH /cameras/{id}.
func (h cameras) ChangeCamera(c echo.Context, id CameraID) error {
	var body CameraChange
	if err := c.Bind(&body); err != nil {
		return err
	}
	camera, err := h.update(c.Request().Context(), id, body)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, h.show(camera))
}

// RemoveCamera is DELETE /cameras/{id}.
func (h cameras) RemoveCamera(c echo.Context, id CameraID) error {
	if err := h.registry.Remove(c.Request().Context(), models.CameraID(id)); err != nil {
		return fmt.Errorf("remove camera %s: %w", id, err)
	}
	return c.NoContent(http.StatusNoContent)
}

// GetLines is GET /cameras/{id}/lines.
func (h cameras) GetLines(c echo.Context, id CameraID) error {
	camera, err := h.registry.Camera(c.Request().Context(), models.CameraID(id))
	if err != nil {
		return fmt.Errorf("camera %s: %w", id, err)
	}
	return c.JSON(http.StatusOK, Lines{Lines: showLines(camera.Lines)})
}

// SetLines is PUT /cameras/{id}/lines.
func (h cameras) SetLines(c echo.Context, id CameraID) error {
	var body NewLines
	if err := c.Bind(&body); err != nil {
		return err
	}
	camera, err := h.update(c.Request().Context(), id, CameraChange{Lines: &body.Lines})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, Lines{Lines: showLines(camera.Lines)})
}

// update changes a camera as a whole: refused or done.
func (h cameras) update(ctx context.Context, id string, body CameraChange) (models.Camera, error) {
	camera, err := h.registry.Camera(ctx, models.CameraID(id))
	if err != nil {
		return models.Camera{}, fmt.Errorf("camera %s: %w", id, err)
	}
	if body.Version != nil && *body.Version != camera.Version {
		return models.Camera{}, fmt.Errorf("change camera %s: it is at version %d, not %d: read it again: %w",
			id, camera.Version, *body.Version, models.ErrConflict)
	}
	change(&camera, body)
	if err := h.check(ctx, camera, body.Classes != nil); err != nil {
		return models.Camera{}, err
	}
	if camera, err = h.registry.Update(ctx, camera); err != nil {
		return models.Camera{}, fmt.Errorf("change camera %s: %w", id, err)
	}
	return camera, nil
}

// check refuses a camera that cannot be watched. Classes that were there before are not looked at again: another model
// must not get in the way of other changes.
func (h cameras) check(ctx context.Context, camera models.Camera, newClasses bool) error {
	if err := camera.Validate(); err != nil {
		return err
	}
	if newClasses {
		if err := h.detectors.Know(camera.Classes); err != nil {
			return fmt.Errorf("camera %s: %w", camera.ID, err)
		}
	}
	return h.addresses.Allowed(ctx, camera.URL)
}

// change applies the fields that are there.
func change(camera *models.Camera, body CameraChange) {
	set(&camera.Name, body.Name)
	set(&camera.URL, body.Url)
	set(&camera.MaxFPS, body.MaxFps)
	set(&camera.Disabled, body.Disabled)
	if body.Steady != nil {
		camera.NoSteady = !*body.Steady
	}
	if body.Transport != nil {
		camera.Transport = models.Transport(*body.Transport)
	}
	if body.Anchor != nil {
		camera.Anchor = models.Anchor(*body.Anchor)
	}
	if body.Lines != nil {
		camera.Lines = *body.Lines
	}
	changePrivacy(&camera.Privacy, body.Privacy)
	if body.Zones != nil {
		camera.Zones = *body.Zones
	}
	if body.Classes != nil {
		camera.Classes = nil
		for _, class := range *body.Classes {
			camera.Classes = append(camera.Classes, models.Class(class))
		}
	}
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// show is a camera as anybody may see it: without credentials.
func (h cameras) show(camera models.Camera) Camera {
	return Camera{
		Id: string(camera.ID), Name: camera.Name, Url: models.RedactURL(camera.URL),
		Transport: Transport(camera.Transport), MaxFps: camera.MaxFPS, Anchor: Anchor(camera.Anchor),
		Steady: !camera.NoSteady, Disabled: camera.Disabled, Privacy: showPrivacy(camera.Privacy),
		Classes: showClasses(camera.Classes),
		Lines:   showLines(camera.Lines), Zones: showZones(camera.Zones), Declared: camera.Declared,
		Version: camera.Version, Status: StatusOf(h.statuses.Status(camera.ID)),
	}
}

func showLines(lines []models.Line) []Line {
	shown := make([]Line, 0, len(lines))
	for _, l := range lines {
		shown = append(shown, Line{Id: l.ID, Name: optional(l.Name), Points: showPoints(l.Points)})
	}
	return shown
}

func showPoints(points []models.Point) []Point {
	shown := make([]Point, 0, len(points))
	for _, p := range points {
		shown = append(shown, Point{p.X, p.Y})
	}
	return shown
}

func showClasses(classes []models.Class) Classes {
	shown := make(Classes, 0, len(classes))
	for _, class := range classes {
		shown = append(shown, string(class))
	}
	return shown
}

// StatusOf is the status of a camera as the API tells of it.
func StatusOf(s models.CameraStatus) CameraStatus {
	return CameraStatus{
		Camera: string(s.Camera), State: CameraStatusState(s.State), Reason: optional(CameraStatusReason(s.Reason)),
		Detail: optional(s.Detail), Since: s.Since.UTC(), Worker: optional(s.Worker),
		Width: optional(s.Width), Height: optional(s.Height),
		Fps: hundredths(s.FPS), AnalysedFps: hundredths(s.AnalysedFPS),
		FramesSeen: int64(s.FramesSeen), FramesDropped: int64(s.FramesDropped), Reconnects: int64(s.Reconnects),
		LastFrame: optional(s.LastFrame.UTC()), Zones: showInside(s.Zones), Shift: showShift(s.Shift),
	}
}

// showShift is a shift to a tenth of a per mille, which is finer than it is known; nil for none.
func showShift(shift models.Point) *[]float64 {
	if shift == (models.Point{}) {
		return nil
	}
	rounded := func(x float64) float64 { return math.Round(1e4*x) / 1e4 }
	return &[]float64{rounded(shift.X), rounded(shift.Y)}
}

func hundredths(x float64) float64 { return math.Round(100*x) / 100 }

// optional is nil for a zero value: what is not known is left out.
func optional[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}
