package access_test

import (
	"errors"
	"testing"

	"footfall/api/access"
	"footfall/models"
)

func TestGuestsOfAProvider(t *testing.T) {
	c := open(t)
	c.settled(t, "root", models.Grants{Roles: []models.Role{models.RoleAdmin}})
	given := map[string]models.Grants{
		"guards":   {Roles: []models.Role{models.RoleViewer}},
		"managers": {Roles: []models.Role{models.RoleManager}},
		"north":    {Roles: []models.Role{models.RoleAdmin}, Sites: []string{"north"}},
		"idle":     {},
	}
	welcome := func(identity, name string, groups ...string) (access.Ticket, error) {
		guest := access.Guest{Identity: identity, Name: name, FullName: "Kim Doe", Groups: groups}
		return c.Welcome(t.Context(), guest, given, access.Attempt{Address: home, Agent: "test"})
	}
	refused := func(reason string, err error) {
		t.Helper()
		if !errors.Is(err, models.ErrForbidden) || !c.noted("session.open", true, reason) {
			t.Errorf("%v, or the log does not say %q", err, reason)
		}
	}
	_, err := welcome("https://id kim", "Kim", "idle", "nobody")
	refused("none of your groups has a role", err)
	if _, err := c.Account(t.Context(), "kim"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("an account was made for somebody without a role: %v", err)
	}
	ticket, err := welcome("https://id kim", "Kim", "guards", "managers")
	if err != nil || len(ticket.Visit.Who.Roles) != 2 || !c.noted("user.add", false, "") {
		t.Fatalf("%v, %+v", err, ticket.Visit)
	}
	if err := c.enters(ticket.Cookie); err != nil {
		t.Error(err)
	}
	if _, err := c.SignIn(t.Context(), attempt("kim", "")); !errors.Is(err, models.ErrSignIn) {
		t.Errorf("without a password: %v", err)
	}
	again, err := welcome("https://id kim", "Renamed", "guards")
	if err != nil || again.Visit.Who.ID != "kim" || len(again.Visit.Who.Roles) != 1 || !c.noted("user.change", false, "") {
		t.Errorf("the roles are not renewed: %v, %+v", err, again.Visit)
	}
	_, err = welcome("https://id other", "root", "guards")
	refused("another account has the name root", err)
	_, err = welcome("https://id kim", "kim", "guards", "north")
	refused("reach different places", err)
	if err := c.enters(again.Cookie); !errors.Is(err, models.ErrSignIn) {
		t.Errorf("a session outlives the groups: %v", err)
	}
}
