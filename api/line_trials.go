package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// LineTester says what lines would have counted lately. models.ErrUnavailable: nobody can say now.
type LineTester interface {
	TryLines(ctx context.Context, camera models.CameraID, lines []models.Line) (models.LineTrial, error)
}

type lineTrials struct {
	tester   LineTester
	registry Registry
}

// TryLines is POST /cameras/{id}/line-trials.
func (h lineTrials) TryLines(c echo.Context, id CameraID) error {
	var body NewLines
	if err := c.Bind(&body); err != nil {
		return err
	}
	ctx := c.Request().Context()
	camera, err := h.registry.Camera(ctx, models.CameraID(id))
	if err != nil {
		return err
	}
	if len(body.Lines) == 0 {
		return models.Invalidf("lines", "there is none to try")
	}
	if err := models.ValidateLines(body.Lines); err != nil {
		return err
	}
	trial, err := h.tester.TryLines(ctx, camera.ID, body.Lines)
	if err != nil {
		return fmt.Errorf("try lines of camera %s: %w", id, err)
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusOK, showLineTrial(trial))
}

func showLineTrial(trial models.LineTrial) LineTrial {
	shown := LineTrial{
		From: trial.From, To: trial.To, ObservedSeconds: trial.Observed.Seconds(),
		Lines: []TriedLine{}, Crossings: []TriedCrossing{},
	}
	if whole := trial.To.Sub(trial.From); whole > 0 {
		shown.Coverage = min(1, trial.Observed.Seconds()/whole.Seconds())
	}
	for _, l := range trial.Lines {
		shown.Lines = append(shown.Lines, TriedLine{Id: l.Line, In: l.In, Out: l.Out, RawIn: l.RawIn, RawOut: l.RawOut})
	}
	for _, x := range trial.Crossings {
		shown.Crossings = append(shown.Crossings, TriedCrossing{
			Line: x.Line, Direction: TriedCrossingDirection(x.Direction), Time: x.Time, TurnedBack: x.TurnedBack,
		})
	}
	return shown
}
