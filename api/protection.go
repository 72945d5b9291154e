package api

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// Keeping is how long this installation keeps what; 0 is for ever.
type Keeping struct {
	Facts, Audit              time.Duration
	Clips                     time.Duration // unless somebody holds them
	ClipsOf                   func(models.CameraID) time.Duration
	NoClips                   bool
	SessionIdle, SessionWhole time.Duration
}

type protection struct {
	keeping    Keeping
	smallCount int
	registry   Registry
	desk       Desk
}

// GetDataProtection is GET /data-protection.
func (h protection) GetDataProtection(c echo.Context) error {
	ctx := c.Request().Context()
	facts := DataProtection{
		SmallCount: h.smallCount, Clips: !h.keeping.NoClips,
		FactsDays: daysOf(h.keeping.Facts), AuditDays: daysOf(h.keeping.Audit),
		SessionIdleMinutes: h.keeping.SessionIdle.Minutes(), SessionHours: h.keeping.SessionWhole.Hours(),
		Cameras: []ProtectedCamera{}, Access: []PermissionHolders{},
	}
	if err := h.addCameras(ctx, &facts); err != nil {
		return err
	}
	if err := h.addHolders(ctx, &facts); err != nil {
		return err
	}
	return answer(c, facts)
}

func (h protection) addCameras(ctx context.Context, facts *DataProtection) error {
	after := models.CameraID("")
	for {
		found, err := h.registry.Cameras(ctx, after, 1000)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, camera := range found {
			after = camera.ID
			shown := ProtectedCamera{
				Id: string(camera.ID), Name: camera.Name, Masks: len(camera.Privacy.Masks),
				Pixelate: ProtectedCameraPixelate(camera.Privacy.WithDefaults().Pixelate),
			}
			if !h.keeping.NoClips {
				hours := h.keeping.Clips.Hours()
				if h.keeping.ClipsOf != nil {
					hours = h.keeping.ClipsOf(camera.ID).Hours()
				}
				shown.ClipsHours = &hours
			}
			facts.Cameras = append(facts.Cameras, shown)
		}
	}
}

// addHolders counts who holds a permission, and names nobody.
func (h protection) addHolders(ctx context.Context, facts *DataProtection) error {
	accounts, err := h.desk.Accounts(ctx)
	if err != nil {
		return err
	}
	tokens, err := h.desk.Tokens(ctx)
	if err != nil {
		return err
	}
	for _, permission := range models.Permissions() {
		holders := PermissionHolders{Permission: string(permission)}
		for _, a := range accounts {
			if !a.Disabled && a.May(permission) {
				holders.People++
			}
		}
		for _, t := range tokens {
			if t.Kind == models.KindToken && t.Grants.May(permission) {
				holders.Programs++
			}
		}
		facts.Access = append(facts.Access, holders)
	}
	return nil
}

// daysOf is a time in days; nil is for ever.
func daysOf(d time.Duration) *float64 {
	if d <= 0 {
		return nil
	}
	days := d.Hours() / 24
	return &days
}
