package api

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Summaries writes and mails what was counted on a day or in its week. The day is a date; its zone is the report's.
type Summaries interface {
	// Page is the report as HTML or as plain text.
	Page(ctx context.Context, day time.Time, weekly, html bool) (string, error)
	// Mail sends it to everybody who gets reports, whether or not they have it.
	Mail(ctx context.Context, day time.Time, weekly bool) error
}

type summaries struct{ writer Summaries }

// GetSummary is GET /summaries/{day}.
func (h summaries) GetSummary(c echo.Context, day SummaryDay, params GetSummaryParams) error {
	weekly := params.Period != nil && *params.Period == GetSummaryParamsPeriodWeek
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

// SendSummary is POST /summaries/{day}/send.
func (h summaries) SendSummary(c echo.Context, day SummaryDay, params SendSummaryParams) error {
	weekly := params.Period != nil && *params.Period == SendSummaryParamsPeriodWeek
	if err := h.writer.Mail(c.Request().Context(), day.Time, weekly); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
