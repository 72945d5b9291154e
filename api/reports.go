package api

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Reports writes and mails what was counted on a day or in its week. The day is a date; its zone is the report's.
type Reports interface {
	// Page is the report as HTML or as plain text.
	Page(ctx context.Context, day time.Time, weekly, html bool) (string, error)
	// Mail sends it to everybody who gets reports, whether or not they have it.
	Mail(ctx context.Context, day time.Time, weekly bool) error
}

type reports struct{ writer Reports }

// GetReport is GET /reports/{day}.
func (h reports) GetReport(c echo.Context, day ReportDay, params GetReportParams) error {
	weekly := params.Period != nil && *params.Period == GetReportParamsPeriodWeek
	html := params.As == nil || *params.As == Html
	text, err := h.writer.Page(c.Request().Context(), day.Time, weekly, html)
	if err != nil {
		return err
	}
	if html {
		return c.HTML(http.StatusOK, text)
	}
	return c.String(http.StatusOK, text)
}

// SendReport is POST /reports/{day}/send.
func (h reports) SendReport(c echo.Context, day ReportDay, params SendReportParams) error {
	weekly := params.Period != nil && *params.Period == SendReportParamsPeriodWeek
	if err := h.writer.Mail(c.Request().Context(), day.Time, weekly); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
