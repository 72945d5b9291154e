package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// CameraTester looks at a camera that is not watched yet. What is wrong with the camera stands in the trial; an error
// means that it could not be tried.
type CameraTester interface {
	TryCamera(ctx context.Context, url string, transport models.Transport) (models.CameraTrial, error)
}

type trials struct {
	tester    CameraTester
	addresses Addresses
}

// TryCamera is POST /camera-trials.
func (h trials) TryCamera(c echo.Context) error {
	var body TryCameraJSONRequestBody
	if err := c.Bind(&body); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := models.ValidateCameraURL(body.Url); err != nil {
		return err
	}
	if err := h.addresses.Allowed(ctx, body.Url); err != nil {
		return err
	}
	transport := models.TCP
	if body.Transport != nil {
		transport = models.Transport(*body.Transport)
	}
	trial, err := h.tester.TryCamera(ctx, body.Url, transport)
	if err != nil {
		return err
	}
	shown := CameraTrial{
		Pictures: trial.Reason == "", Reason: optional(CameraTrialReason(trial.Reason)), Detail: optional(trial.Detail),
		Address: optional(trial.Address), Transport: optional(Transport(trial.Transport)),
		Authentication: optional(CameraTrialAuthentication(trial.Authentication)), Codec: optional(trial.Codec),
		Width: optional(trial.Width), Height: optional(trial.Height), Fps: optional(trial.FPS),
		AnsweredSeconds:     optional(trial.Answered.Seconds()),
		FirstPictureSeconds: optional(trial.FirstPicture.Seconds()),
	}
	if len(trial.Still) > 0 {
		shown.Still = &trial.Still
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusOK, shown)
}
