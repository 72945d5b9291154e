package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
	"footfall/models"
)

// Provider is where an organisation keeps its identities.
type Provider interface {
	// Name is what people call it.
	Name() string
	// Begin is where a browser is sent, and the cookie that it must bring back; page is where it goes in the end.
	Begin(ctx context.Context, page string) (address, cookie string, err error)
	// Finish checks what a browser brings back; what does not hold is models.ErrSignIn.
	Finish(ctx context.Context, cookie, state, code string) (guest access.Guest, page string, err error)
}

// begunCookie binds the answer of the provider to the browser that asked.
const begunCookie = "footfall_begun"

// forgedNoted is how many answers that do not hold are written down of an address: a stranger must not fill the log.
func forgedNoted() *meter { return newMeter(Rate{PerSecond: 0.2, Burst: 20}) }

// GetWays is GET /session/ways.
func (h sessions) GetWays(c echo.Context) error {
	ways := Ways{Password: true}
	if h.provider != nil {
		ways.Provider = optional(h.provider.Name())
	}
	return c.JSON(http.StatusOK, ways)
}

// BeginAtProvider is GET /session/provider.
func (h sessions) BeginAtProvider(c echo.Context, params BeginAtProviderParams) error {
	if h.provider == nil {
		return models.ErrNotFound
	}
	address, cookie, err := h.provider.Begin(c.Request().Context(), word(params.Page))
	if err != nil {
		return signInAgain(c, err)
	}
	h.setBegun(c, cookie)
	return c.Redirect(http.StatusSeeOther, address)
}

// FinishAtProvider is GET /session/provider/callback.
func (h sessions) FinishAtProvider(c echo.Context, params FinishAtProviderParams) error {
	if h.provider == nil {
		return models.ErrNotFound
	}
	begun := ""
	r := c.Request()
	if cookie, err := r.Cookie(begunCookie); err == nil {
		begun = cookie.Value
	}
	h.setBegun(c, "") // an answer is taken once
	guest, page, err := h.provider.Finish(r.Context(), begun, word(params.State), word(params.Code))
	attempt := h.attempt(r)
	if err != nil {
		if h.forged.take(access.Network(attempt.Address), time.Now()) == nil {
			h.desk.NoteStranger(r.Context(), "", attempt.Address, err)
		}
		return signInAgain(c, err)
	}
	ticket, err := h.desk.Welcome(r.Context(), guest, attempt)
	if err != nil {
		return signInAgain(c, err)
	}
	h.give(c, ticket)
	return c.Redirect(http.StatusSeeOther, page)
}

// signInAgain leads a browser to the page for signing in, which says in the reader's language what went wrong. What the
// provider or a stranger wrote is not handed on: an address can be made by anybody.
func signInAgain(c echo.Context, err error) error {
	why := "failed"
	switch {
	case errors.Is(err, models.ErrUnavailable):
		why = "away"
	case errors.Is(err, models.ErrForbidden), errors.Is(err, models.ErrInvalid):
		why = "no-role"
	case !errors.Is(err, models.ErrSignIn):
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.Redirect(http.StatusSeeOther, "/sign-in?"+url.Values{"refused": {why}}.Encode())
}

// setBegun gives a browser the cookie of a sign-in that it has begun. Browsers send no strict one when another site
// leads them here, which is what the provider does.
func (h sessions) setBegun(c echo.Context, value string) {
	const tenMinutes = 600
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	//nolint:gosec // G124: it is Secure wherever the request came encrypted; elsewhere browsers would not keep it
	cookie := &http.Cookie{
		Name: begunCookie, Value: value, Path: "/api/v1/session/provider", MaxAge: tenMinutes, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: h.proxies.secure(c.Request()),
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}
