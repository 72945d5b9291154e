package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"footfall/api/access"
	"footfall/models"
)

type users struct{ desk Desk }

// ListUsers is GET /users.
func (h users) ListUsers(c echo.Context) error {
	found, err := h.desk.Accounts(c.Request().Context())
	if err != nil {
		return err
	}
	list := Users{Items: make([]User, 0, len(found))}
	for _, a := range found {
		list.Items = append(list.Items, UserOf(a))
	}
	return c.JSON(http.StatusOK, list)
}

// GetUser is GET /users/{id}.
func (h users) GetUser(c echo.Context, id string) error {
	a, err := h.desk.Account(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, UserOf(a))
}

// AddUser is POST /users.
func (h users) AddUser(c echo.Context) error {
	var body NewUser
	if err := bindBody(c, &body); err != nil {
		return models.Invalidf("body", "cannot be read")
	}
	a, once, err := h.desk.AddAccount(c.Request().Context(), body.Account(), word(body.Password))
	if err != nil {
		return err
	}
	shown := UserOf(a)
	shown.OneTimePassword = optional(once)
	c.Response().Header().Set(echo.HeaderLocation, "/api/v1/users/"+a.Name)
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusCreated, shown)
}

// Account is what the new user is to be.
func (u NewUser) Account() models.Account {
	return models.Account{
		Name: u.Name, FullName: word(u.FullName),
		Grants: models.Grants{
			Roles: wordsOf[models.Role](u.Roles), Permissions: wordsOf[models.Permission](u.Permissions),
			Sites: wordsOf[string](u.Sites), Cameras: wordsOf[models.CameraID](u.Cameras),
		},
	}
}

// ChangeUser is PATCH /users/{id}.
func (h users) ChangeUser(c echo.Context, id string) error {
	var body UserChange
	if err := bindBody(c, &body); err != nil {
		return models.Invalidf("body", "cannot be read")
	}
	change := access.AccountChange{Version: body.Version, FullName: body.FullName, Disabled: body.Disabled}
	change.Grants = func(g *models.Grants) {
		replace(&g.Roles, body.Roles)
		replace(&g.Permissions, body.Permissions)
		replace(&g.Sites, body.Sites)
		replace(&g.Cameras, body.Cameras)
	}
	a, err := h.desk.ChangeAccount(c.Request().Context(), id, change)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, UserOf(a))
}

// replace puts words that are there in the place of others.
func replace[T ~string](words *[]T, by *[]string) {
	if by != nil {
		*words = wordsOf[T](by)
	}
}

// wordsOf is the words of a list that may be missing.
func wordsOf[T ~string](list *[]string) []T {
	words := []T{}
	if list != nil {
		for _, w := range *list {
			words = append(words, T(w))
		}
	}
	return words
}

// RemoveUser is DELETE /users/{id}.
func (h users) RemoveUser(c echo.Context, id string) error {
	if err := h.desk.RemoveAccount(c.Request().Context(), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// ResetUser is POST /users/{id}/reset.
func (h users) ResetUser(c echo.Context, id string) error {
	once, err := h.desk.Reset(c.Request().Context(), id)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusOK, OneTimePassword{OneTimePassword: once})
}

// UserOf is an account as the API tells of it.
func UserOf(a models.Account) User {
	return User{
		Name: a.Name, FullName: optional(a.FullName), Roles: texts(a.Roles), Permissions: texts(a.Permissions),
		Sites: texts(a.Sites), Cameras: texts(a.Cameras), Disabled: a.Disabled,
		External: a.Identity != "", SecondFactor: a.SecondFactor.Secret != "",
		MustChangePassword: a.Password.MustChange,
		Created:            a.Created.UTC(), SignedIn: optional(a.SignedIn.UTC()), Version: a.Version,
	}
}
