package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
	"footfall/models"
)

// problem is the only place where an error becomes a status code. The texts of our own refusals are meant for the
// caller; of anything else the caller learns that it happened, and the log learns what.
func problem(err error) Problem {
	p := Problem{Type: "about:blank", Detail: err.Error()}
	var invalid *models.InvalidError
	var web *echo.HTTPError
	switch {
	case errors.As(err, &invalid):
		p.Status, p.Field = http.StatusBadRequest, &invalid.Field
	case errors.Is(err, models.ErrInvalid):
		p.Status = http.StatusBadRequest
	case errors.Is(err, models.ErrNotFound):
		p.Status = http.StatusNotFound
	case errors.Is(err, models.ErrSignIn):
		p.Status = http.StatusUnauthorized
		if code := (*access.CodeError)(nil); errors.As(err, &code) {
			p.Field = optional("totp")
		}
	case errors.Is(err, models.ErrTooMany):
		p.Status = http.StatusTooManyRequests
	case errors.Is(err, models.ErrForbidden):
		p.Status = http.StatusForbidden
	case errors.Is(err, models.ErrConflict), errors.Is(err, models.ErrReadOnly):
		p.Status = http.StatusConflict
	case errors.Is(err, models.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		p.Status = http.StatusServiceUnavailable
	case errors.As(err, &web):
		p.Status, p.Detail = web.Code, fmt.Sprint(web.Message)
	default:
		p.Status, p.Detail = http.StatusInternalServerError, "something went wrong on the server; its log says what"
	}
	p.Title = http.StatusText(p.Status)
	return p
}

// answerProblem is Echo's error handler.
func answerProblem(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
			return // nobody is there to read an answer
		}
		p := problem(err)
		if p.Status >= http.StatusInternalServerError {
			log.Error("request failed", "method", c.Request().Method, "path", c.Path(), "error", err)
		}
		header := c.Response().Header()
		switch later := (*models.LaterError)(nil); {
		case errors.As(err, &later):
			header.Set(echo.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(later.After.Seconds()))))
		case p.Status == http.StatusUnauthorized:
			header.Set(echo.HeaderWWWAuthenticate, `Bearer realm="footfall"`) // for programs; browsers ask nothing
		}
		header.Set(echo.HeaderContentType, "application/problem+json")
		if c.Request().Method == http.MethodHead {
			err = c.NoContent(p.Status)
		} else {
			err = c.JSON(p.Status, p)
		}
		if err != nil {
			log.Debug("problem not delivered", "error", err)
		}
	}
}
