package access

import (
	"context"
	"fmt"
	"slices"
	"time"

	"footfall/models"
)

// oneTimeFor is how long a password that an administrator has seen can be used to set one's own.
const oneTimeFor = 7 * 24 * time.Hour

// person is an account as the log of who did what shows it.
type person struct {
	FullName string `json:"full_name,omitempty"`
	models.Grants
	Disabled     bool `json:"disabled"`
	SecondFactor bool `json:"second_factor"`
}

func shown(a models.Account) person {
	return person{a.FullName, a.Grants, a.Disabled, a.SecondFactor.Secret != ""}
}

// mayGive refuses to let somebody hand on what they do not have: else whoever may edit users could make themselves
// anything. Administrators may hand on everything.
func mayGive(v Visit, g models.Grants) error {
	if v.Who.Everywhere() && slices.Contains(v.Who.Roles, models.RoleAdmin) {
		return nil
	}
	for _, p := range g.All() {
		if !v.Who.May(p) {
			return fmt.Errorf("you do not have %s yourself: %w", p, models.ErrForbidden)
		}
	}
	if v.Scope.Everywhere() {
		return nil
	}
	if g.Everywhere() {
		return fmt.Errorf("you do not reach everywhere yourself: %w", models.ErrForbidden)
	}
	for _, s := range g.Sites {
		if !v.Scope.Site(s) {
			return fmt.Errorf("site %s is not within your reach: %w", s, models.ErrForbidden)
		}
	}
	_, err := v.Scope.Cameras(g.Cameras)
	return err
}

// elsewhere is why something about passwords cannot be done for somebody who has none here.
func elsewhere(a models.Account) error {
	return fmt.Errorf("%s signs in at a provider of identities and has no password here: %w", a.Name,
		models.ErrConflict)
}

// Accounts is everybody, by name.
func (d *Desk) Accounts(ctx context.Context) ([]models.Account, error) { return d.store.Accounts(ctx) }

// Account is the one with that name, or models.ErrNotFound.
func (d *Desk) Account(ctx context.Context, name string) (models.Account, error) {
	return d.store.Account(ctx, name)
}

// AddAccount adds a person, who signs in with the password once and then sets another. An empty one is made; it is
// returned, and shown never again.
func (d *Desk) AddAccount(
	ctx context.Context, a models.Account, password string,
) (_ models.Account, once string, err error) {
	if password == "" {
		password = OneTimePassword()
		once = password
	}
	if err = mayGive(VisitOf(ctx), a.Grants); err == nil {
		err = CheckPassword(a.Name, password)
	}
	if err == nil {
		now := d.now()
		a.Created = now
		a.Password = models.Password{Hash: d.cost.hash(password), MustChange: true, Until: now.Add(oneTimeFor)}
		a, err = d.store.AddAccount(ctx, a)
	}
	d.note(ctx, "user.add", a.Name, err, nil, shown(a))
	if err != nil {
		return models.Account{}, "", err
	}
	return a, once, nil
}

// note writes down a change of who may come in, or that it was refused.
func (d *Desk) note(ctx context.Context, action, object string, err error, before, after any) {
	deed := Deed{Action: action, Object: object, Refused: err != nil, Detail: detail(err), Before: before, After: after}
	if err != nil {
		deed.Before, deed.After = nil, nil
	}
	d.journal.Note(ctx, deed)
}

// AccountChange is what of an account is to be changed; nil stays.
type AccountChange struct {
	Version  *int64 // that the change was made from
	FullName *string
	Grants   func(*models.Grants)
	Disabled *bool
}

// ChangeAccount changes a person. What goes on for them ends, and goes on with what they may now.
func (d *Desk) ChangeAccount(ctx context.Context, name string, change AccountChange) (models.Account, error) {
	v := VisitOf(ctx)
	var before person
	after, err := d.store.ChangeAccount(ctx, name, func(a *models.Account) error {
		before = shown(*a)
		if err := mayGive(v, a.Grants); err != nil {
			return fmt.Errorf("%s may do more than you: %w", name, err)
		}
		if change.Version != nil && *change.Version != a.Version {
			return fmt.Errorf("it is at version %d, not %d; read it again: %w", a.Version, *change.Version,
				models.ErrConflict)
		}
		if change.Grants != nil {
			if err := regrant(v, a, change.Grants); err != nil {
				return err
			}
		}
		if change.FullName != nil {
			a.FullName = *change.FullName
		}
		if change.Disabled != nil {
			a.Disabled = *change.Disabled
		}
		a.Version++
		return nil
	})
	d.note(ctx, "user.change", name, err, before, shown(after))
	if err != nil {
		return models.Account{}, err
	}
	if after.Disabled {
		gone, err := d.store.RemoveSessions(ctx, name, "")
		if err != nil {
			return models.Account{}, err
		}
		d.endSessions(gone...)
	}
	d.endAccount(name)
	return after, nil
}

// regrant changes what somebody may do.
func regrant(v Visit, a *models.Account, change func(*models.Grants)) error {
	before := fmt.Sprint(a.Grants)
	change(&a.Grants)
	if a.Identity != "" && fmt.Sprint(a.Grants) != before {
		return fmt.Errorf("what %s may do comes from the groups at the provider of identities: %w", a.Name,
			models.ErrConflict)
	}
	return mayGive(v, a.Grants)
}

// Reset gives a person a password to be used once, which is returned and shown never again, and takes the second factor
// away. All their sessions end, and what was held against them is forgotten where it is known to be theirs.
func (d *Desk) Reset(ctx context.Context, name string) (once string, err error) {
	v := VisitOf(ctx)
	once = OneTimePassword()
	hash := d.cost.hash(once)
	_, err = d.store.ChangeAccount(ctx, name, func(a *models.Account) error {
		if err := mayGive(v, a.Grants); err != nil {
			return fmt.Errorf("%s may do more than you: %w", name, err)
		}
		if a.Identity != "" {
			return elsewhere(*a)
		}
		a.Password = models.Password{Hash: hash, MustChange: true, Until: d.now().Add(oneTimeFor)}
		a.SecondFactor = models.SecondFactor{Step: a.SecondFactor.Step}
		a.Version++
		return nil
	})
	d.note(ctx, "user.reset", name, err, nil, nil)
	if err != nil {
		return "", err
	}
	gone, err := d.store.RemoveSessions(ctx, name, "")
	if err != nil {
		return "", err
	}
	d.endSessions(gone...)
	return once, d.store.Forgive(ctx, sealed(d.key, "strangers", name))
}

// RemoveAccount removes a person, and ends all that goes on for them.
func (d *Desk) RemoveAccount(ctx context.Context, name string) error {
	v := VisitOf(ctx)
	a, err := d.store.Account(ctx, name)
	if err == nil {
		if err = mayGive(v, a.Grants); err == nil {
			err = d.store.RemoveAccount(ctx, name)
		}
	}
	d.note(ctx, "user.remove", name, err, shown(a), nil)
	if err != nil {
		return err
	}
	d.endAccount(name)
	return nil
}

// FirstAccount makes the first administrator where there is nobody, and returns the password. It is to be used once,
// unless it shall last. Where there is somebody it returns none.
func (d *Desk) FirstAccount(ctx context.Context, name string, last bool) (password string, err error) {
	there, err := d.store.Accounts(ctx)
	if err != nil || len(there) > 0 {
		return "", err
	}
	admin := models.Account{Name: name, Grants: models.Grants{Roles: []models.Role{models.RoleAdmin}}}
	_, password, err = d.AddAccount(AsConsole(ctx), admin, "")
	if err == nil && last {
		_, err = d.store.ChangeAccount(ctx, name, func(a *models.Account) error {
			a.Password.MustChange, a.Password.Until = false, time.Time{}
			return nil
		})
	}
	return password, err
}
