package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
	"footfall/models"
)

// Desk is where people sign in and out; see access.Desk.
type Desk interface {
	Entrance
	SignIn(ctx context.Context, a access.Attempt) (access.Ticket, error)
	Welcome(ctx context.Context, guest access.Guest, a access.Attempt) (access.Ticket, error)
	NoteStranger(ctx context.Context, name, address string, err error)
	SignOut(ctx context.Context) error
	ChangePassword(ctx context.Context, old, password string) (cookie string, err error)
	Enrol(ctx context.Context, password string) (access.Enrolment, error)
	Confirm(ctx context.Context, code string) (cookie string, err error)
	Unenrol(ctx context.Context, password string) error
	Sessions(ctx context.Context, account string) ([]models.Session, error)
	Until(s models.Session) time.Time
	EndSession(ctx context.Context, id string) error

	Accounts(ctx context.Context) ([]models.Account, error)
	Account(ctx context.Context, name string) (models.Account, error)
	AddAccount(ctx context.Context, a models.Account, password string) (_ models.Account, once string, err error)
	ChangeAccount(ctx context.Context, name string, change access.AccountChange) (models.Account, error)
	RemoveAccount(ctx context.Context, name string) error
	Reset(ctx context.Context, name string) (once string, err error)

	Tokens(ctx context.Context) ([]models.APIToken, error)
	AddToken(ctx context.Context, t models.APIToken) (_ models.APIToken, secret string, err error)
	RemoveToken(ctx context.Context, id string) error
}

type sessions struct {
	desk     Desk
	provider Provider // nil: there is none
	proxies  proxies
	forged   *meter
}

// OpenSession is POST /session.
func (h sessions) OpenSession(c echo.Context) error {
	var body SignIn
	if err := bindBody(c, &body); err != nil {
		return models.Invalidf("body", "cannot be read")
	}
	r := c.Request()
	attempt := h.attempt(r)
	attempt.Name, attempt.Password, attempt.Code = body.Name, body.Password, word(body.Totp)
	ticket, err := h.desk.SignIn(r.Context(), attempt)
	if err != nil {
		return err
	}
	h.give(c, ticket)
	return c.JSON(http.StatusCreated, whoAmI(ticket.Visit))
}

// attempt is what a request says of the browser that somebody signs in with.
func (h sessions) attempt(r *http.Request) access.Attempt {
	a := access.Attempt{Address: h.proxies.client(r), Agent: r.UserAgent()}
	if cookie, err := r.Cookie(deviceCookie); err == nil {
		a.Mark = cookie.Value
	}
	return a
}

// give gives a browser what it needs to be let in.
func (h sessions) give(c echo.Context, ticket access.Ticket) {
	const year = 365 * 24 * time.Hour
	h.setCookie(c, sessionCookie, ticket.Cookie, 0)
	h.setCookie(c, deviceCookie, ticket.Mark, year)
}

// setCookie gives a browser something that scripts cannot read and that other sites cannot make it send.
func (h sessions) setCookie(c echo.Context, name, value string, last time.Duration) {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	//nolint:gosec // G124: it is Secure wherever the request came encrypted; elsewhere browsers would not keep it
	cookie := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(last.Seconds()), HttpOnly: true,
		SameSite: http.SameSiteStrictMode, Secure: h.proxies.secure(c.Request()),
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

// GetSession is GET /session.
func (h sessions) GetSession(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusOK, whoAmI(access.VisitOf(c.Request().Context())))
}

func whoAmI(v access.Visit) WhoAmI {
	shown := WhoAmI{
		Kind: WhoAmIKind(v.Who.Kind), Name: v.Who.ID, Roles: texts(v.Who.Roles), Permissions: texts(v.Who.All()),
		Sites: texts(v.Who.Sites), Cameras: texts(v.Who.Cameras), MustChangePassword: v.MustChange,
		SecondFactor: v.HasSecondFactor(), External: v.External(), Session: optional(v.Session.ID),
		Expires: optional(v.Until.UTC()),
	}
	if v.Who.Name != v.Who.ID {
		shown.FullName = &v.Who.Name
	}
	return shown
}

// texts is a list of words as the API writes it: never null.
func texts[T ~string](words []T) []string {
	all := make([]string, 0, len(words))
	for _, w := range words {
		all = append(all, string(w))
	}
	return all
}

// CloseSession is DELETE /session.
func (h sessions) CloseSession(c echo.Context) error {
	if err := h.desk.SignOut(c.Request().Context()); err != nil {
		return err
	}
	h.setCookie(c, sessionCookie, "", 0)
	c.Response().Header().Set("Clear-Site-Data", `"cache"`)
	return c.NoContent(http.StatusNoContent)
}

// SetPassword is PUT /session/password.
func (h sessions) SetPassword(c echo.Context) error {
	var body PasswordChange
	if err := bindBody(c, &body); err != nil {
		return models.Invalidf("body", "cannot be read")
	}
	cookie, err := h.desk.ChangePassword(c.Request().Context(), body.Old, body.Password)
	if err != nil {
		return err
	}
	h.setCookie(c, sessionCookie, cookie, 0)
	return c.NoContent(http.StatusNoContent)
}

// BeginTOTP is POST /session/totp.
func (h sessions) BeginTOTP(c echo.Context) error {
	var body PasswordAgain
	if err := bindBody(c, &body); err != nil {
		return models.Invalidf("body", "cannot be read")
	}
	begun, err := h.desk.Enrol(c.Request().Context(), body.Password)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusCreated, Enrolment{Secret: begun.Secret, Url: begun.Address})
}

// ConfirmTOTP is PUT /session/totp.
func (h sessions) ConfirmTOTP(c echo.Context) error {
	var body Code
	if err := bindBody(c, &body); err != nil {
		return models.Invalidf("body", "cannot be read")
	}
	cookie, err := h.desk.Confirm(c.Request().Context(), body.Totp)
	if err != nil {
		return err
	}
	h.setCookie(c, sessionCookie, cookie, 0)
	return c.NoContent(http.StatusNoContent)
}

// RemoveTOTP is POST /session/totp/remove.
func (h sessions) RemoveTOTP(c echo.Context) error {
	var body PasswordAgain
	if err := bindBody(c, &body); err != nil {
		return models.Invalidf("body", "cannot be read")
	}
	if err := h.desk.Unenrol(c.Request().Context(), body.Password); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// ListSessions is GET /sessions.
func (h sessions) ListSessions(c echo.Context, params ListSessionsParams) error {
	v := access.VisitOf(c.Request().Context())
	whose := v.Who.ID
	set(&whose, params.User)
	mine := v.Who.Kind == models.KindPerson && whose == v.Who.ID
	if !mine && !v.Who.May(models.MayEditUsers) {
		return fmt.Errorf("sessions of others need %s: %w", models.MayEditUsers, models.ErrForbidden)
	}
	switch whose {
	case "*":
		whose = ""
	case "":
		return models.Invalidf("user", "is empty; * is everybody")
	}
	found, err := h.desk.Sessions(c.Request().Context(), whose)
	if err != nil {
		return err
	}
	list := Sessions{Items: make([]Session, 0, len(found))}
	for _, s := range found {
		list.Items = append(list.Items, Session{
			Id: s.ID, User: s.Account, Created: s.Created.UTC(), Seen: s.Seen.UTC(), Expires: h.desk.Until(s).UTC(),
			Address: s.Address, Agent: s.Agent, Current: s.ID == v.Session.ID,
		})
	}
	return c.JSON(http.StatusOK, list)
}

// EndSession is DELETE /sessions/{id}.
func (h sessions) EndSession(c echo.Context, id string) error {
	if err := h.desk.EndSession(c.Request().Context(), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
