package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"footfall/models"
)

// Shown is what a request shows of its sender.
type Shown struct {
	Cookie  string // the secret of a session
	Bearer  string // the token of a program
	Address string // where it comes from
}

// seenEvery is how exactly it is known when a session or token was used last; more often would only write.
const seenEvery = time.Minute

// Enter says whose visit a request is. It is models.ErrSignIn when the request shows nothing, or nothing that holds.
func (d *Desk) Enter(ctx context.Context, shown Shown) (Visit, error) {
	var v Visit
	var err error
	switch {
	case shown.Bearer != "": // a program that says who it is means it, whatever cookies come along
		v, err = d.enterToken(ctx, shown.Bearer)
	case shown.Cookie != "":
		v, err = d.enterSession(ctx, KeyOf(shown.Cookie))
	default:
		return Visit{}, models.ErrSignIn
	}
	if err != nil {
		return Visit{}, err
	}
	v.Address = shown.Address
	return v, nil
}

// again is a visit as it would be now.
func (d *Desk) again(ctx context.Context, v Visit) (Visit, error) {
	switch {
	case v.Session.ID != "":
		return d.visitBySession(ctx, v.Session.Key)
	case v.Who.ID == consoleID:
		return v, nil
	}
	tokens, err := d.store.Tokens(ctx)
	if err != nil {
		return Visit{}, err
	}
	for _, t := range tokens {
		if t.ID == v.Who.ID {
			return d.visitByToken(ctx, t)
		}
	}
	return Visit{}, models.ErrSignIn
}

func (d *Desk) enterSession(ctx context.Context, key string) (Visit, error) {
	v, err := d.visitBySession(ctx, key)
	if err != nil {
		return v, err
	}
	if now := d.now(); now.Sub(v.Session.Seen) >= seenEvery {
		if err := d.store.SeeSession(ctx, v.Session.ID, now); err != nil && !errors.Is(err, models.ErrNotFound) {
			return Visit{}, err
		}
	}
	return v, nil
}

func (d *Desk) visitBySession(ctx context.Context, key string) (Visit, error) {
	over := fmt.Errorf("the session is over: %w", models.ErrSignIn)
	session, account, err := d.store.Session(ctx, key)
	if errors.Is(err, models.ErrNotFound) {
		return Visit{}, over
	}
	if err != nil {
		return Visit{}, err
	}
	now := d.now()
	until := session.Created.Add(d.longest)
	if idle := session.Seen.Add(d.idle); idle.Before(until) {
		until = idle
	}
	if account.Disabled || !now.Before(until) {
		return Visit{}, over
	}
	v := Visit{
		Who: account.Principal(), Session: session, Until: until, MustChange: account.Password.MustChange,
		secondFactor: account.SecondFactor.Secret != "", external: account.Identity != "",
	}
	v.Scope, err = d.scopeOf(ctx, account.Grants)
	return v, err
}

func (d *Desk) enterToken(ctx context.Context, token string) (Visit, error) {
	wrong := fmt.Errorf("the token is not known here, or not any more: %w", models.ErrSignIn)
	key := KeyOf(token)
	if d.console != "" && key == d.console {
		who := consolePrincipal()
		return Visit{Who: who, Scope: ScopeOf(who.Grants, nil)}, nil
	}
	if !strings.HasPrefix(token, TokenPrefix) {
		return Visit{}, wrong
	}
	t, err := d.store.Token(ctx, key)
	if errors.Is(err, models.ErrNotFound) {
		return Visit{}, wrong
	}
	if err != nil {
		return Visit{}, err
	}
	v, err := d.visitByToken(ctx, t)
	if err != nil {
		return v, err
	}
	if now := d.now(); now.Sub(t.Used) >= seenEvery {
		if err := d.store.UseToken(ctx, t.ID, now); err != nil && !errors.Is(err, models.ErrNotFound) {
			return Visit{}, err
		}
	}
	return v, nil
}

func (d *Desk) visitByToken(ctx context.Context, t models.APIToken) (v Visit, err error) {
	if !t.Expires.IsZero() && !d.now().Before(t.Expires) {
		return Visit{}, fmt.Errorf("the token is out of date since %s: %w", t.Expires.Format(time.RFC3339),
			models.ErrSignIn)
	}
	v = Visit{Who: t.Principal(), Until: t.Expires}
	v.Scope, err = d.scopeOf(ctx, v.Who.Grants)
	return v, err
}

func (d *Desk) scopeOf(ctx context.Context, g models.Grants) (Scope, error) {
	if len(g.Sites) == 0 {
		return ScopeOf(g, nil), nil
	}
	areas, err := d.places.Areas(ctx, "")
	if err != nil {
		return Scope{}, fmt.Errorf("reckon what is within reach: %w", err)
	}
	return ScopeOf(g, areas), nil
}

func unknown(err error) bool { return errors.Is(err, models.ErrSignIn) }

// consoleID is the principal of whoever can read the data folder.
const consoleID = "console"

func consolePrincipal() models.Principal {
	return models.Principal{
		Kind: models.KindToken, ID: consoleID, Name: "the console of this machine",
		Grants: models.Grants{Roles: []models.Role{models.RoleAdmin}},
	}
}

// OpenConsole makes a token that is good for this start of the server, with which whoever may read the data folder, and
// with it everything else, is the administrator. It is called once, before anybody enters.
func (d *Desk) OpenConsole() (token string) {
	token = TokenPrefix + consoleID + "_" + newSecret()
	d.console = KeyOf(token)
	return token
}

// AsConsole is ctx of what the console of this machine does.
func AsConsole(ctx context.Context) context.Context {
	who := consolePrincipal()
	return Enter(ctx, Visit{Who: who, Scope: ScopeOf(who.Grants, nil), Address: consoleID})
}
