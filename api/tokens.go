package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

type tokens struct {
	desk    Desk
	address func(token string) string // see Options.WorkerAddress
}

// ListTokens is GET /tokens.
func (h tokens) ListTokens(c echo.Context) error {
	found, err := h.desk.Tokens(c.Request().Context())
	if err != nil {
		return err
	}
	list := Tokens{Items: make([]Token, 0, len(found))}
	for _, t := range found {
		list.Items = append(list.Items, TokenOf(t))
	}
	return c.JSON(http.StatusOK, list)
}

// AddToken is POST /tokens.
func (h tokens) AddToken(c echo.Context) error {
	var body NewToken
	if err := bindBody(c, &body); err != nil {
		return models.Invalidf("body", "cannot be read")
	}
	made, secret, err := h.desk.AddToken(c.Request().Context(), body.APIToken())
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, "/api/v1/tokens/"+made.ID)
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	address := ""
	if h.address != nil {
		address = h.address(secret)
	}
	return c.JSON(http.StatusCreated, NewTokenOf(made, secret, address))
}

// APIToken is what the new token is to be.
func (t NewToken) APIToken() models.APIToken {
	token := models.APIToken{
		Name: t.Name, Kind: models.KindToken,
		Grants: models.Grants{
			Roles: wordsOf[models.Role](t.Roles), Permissions: wordsOf[models.Permission](t.Permissions),
			Sites: wordsOf[string](t.Sites), Cameras: wordsOf[models.CameraID](t.Cameras),
		},
	}
	if t.Kind != nil {
		token.Kind = models.PrincipalKind(*t.Kind)
	}
	set(&token.Expires, t.Expires)
	return token
}

// RemoveToken is DELETE /tokens/{id}.
func (h tokens) RemoveToken(c echo.Context, id string) error {
	if err := h.desk.RemoveToken(c.Request().Context(), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// NewTokenOf is a token with what is told once: the secret and, of a worker, the address that holds it.
func NewTokenOf(t models.APIToken, secret, address string) Token {
	shown := TokenOf(t)
	shown.Secret = &secret
	if t.Kind == models.KindWorker {
		shown.Link = optional(address)
	}
	return shown
}

// TokenOf is a token as the API tells of it.
func TokenOf(t models.APIToken) Token {
	return Token{
		Id: t.ID, Name: t.Name, Kind: TokenKind(t.Kind), Prefix: t.Prefix, Roles: texts(t.Grants.Roles),
		Permissions: texts(t.Grants.Permissions), Sites: texts(t.Grants.Sites), Cameras: texts(t.Grants.Cameras),
		Created: t.Created.UTC(), By: t.By, Expires: optional(t.Expires.UTC()), Used: optional(t.Used.UTC()),
	}
}
