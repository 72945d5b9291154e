package access_test

import (
	"errors"
	"strings"
	"testing"

	"footfall/api/access"
	"footfall/models"
)

func groups() map[string]models.Grants {
	return map[string]models.Grants{
		"guards":   {Roles: []models.Role{models.RoleViewer}},
		"managers": {Roles: []models.Role{models.RoleManager}},
		"north":    {Roles: []models.Role{models.RoleAdmin}, Sites: []string{"north"}},
		"admins":   {Roles: []models.Role{models.RoleAdmin}},
		"idle":     {},
	}
}

func TestGuestsOfAProvider(t *testing.T) {
	c := open(t)
	c.settled(t, "root", models.Grants{Roles: []models.Role{models.RoleAdmin}})
	welcome := func(identity, name string, groups ...string) (access.Ticket, error) {
		guest := access.Guest{Identity: identity, Name: name, FullName: "Kim Doe", Groups: groups}
		return c.Welcome(t.Context(), guest, access.Attempt{Address: home, Agent: "test"})
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

// What is about passwords and roles is not done here for those who sign in elsewhere; switching them off is, and whoever
// comes with the groups of an administrator does not count as the one that must be left.
func TestGuestsAreLookedAfterElsewhere(t *testing.T) {
	c := open(t)
	root := access.Enter(t.Context(), c.settled(t, "root", models.Grants{Roles: []models.Role{models.RoleAdmin}}).Visit)
	guest := access.Guest{Identity: "https://id kim", Name: "kim", FullName: strings.Repeat("Kim ", 100), Groups: []string{"admins"}}
	came := access.Attempt{Address: home, Agent: "test"}
	ticket, err := c.Welcome(t.Context(), guest, came)
	if err != nil || !ticket.Visit.External() {
		t.Fatal(err)
	}
	kim := access.Enter(t.Context(), ticket.Visit)
	_, reset := c.Reset(root, "kim")
	_, changed := c.ChangeAccount(root, "kim", access.AccountChange{Grants: func(g *models.Grants) { g.Roles = nil }})
	_, password := c.ChangePassword(kim, "", passphrase)
	_, factor := c.Enrol(kim, "")
	for what, err := range map[string]error{"reset": reset, "roles": changed, "password": password, "second factor": factor} {
		if !errors.Is(err, models.ErrConflict) || !strings.Contains(err.Error(), "provider of identities") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := c.RemoveAccount(root, "root"); !errors.Is(err, models.ErrConflict) {
		t.Errorf("the last administrator with a password is gone: %v", err)
	}
	name, off := "Kim", true
	if _, err := c.ChangeAccount(root, "kim", access.AccountChange{FullName: &name, Disabled: &off}); err != nil {
		t.Fatal(err)
	}
	if err := c.enters(ticket.Cookie); !errors.Is(err, models.ErrSignIn) {
		t.Errorf("a session of somebody who is switched off: %v", err)
	}
	if _, err := c.Welcome(t.Context(), guest, came); !errors.Is(err, models.ErrForbidden) ||
		!c.noted("session.open", true, "switched off") {
		t.Errorf("somebody who is switched off comes back through the provider: %v", err)
	}
}
