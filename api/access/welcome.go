package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"footfall/models"
)

// Guest is somebody whom a provider of identities has let in.
type Guest struct {
	Identity       string // "ISSUER SUBJECT"
	Name, FullName string // as the provider has them; the first makes the account's, once
	Groups         []string
}

// maxFullName bounds, in bytes, what is kept of a name that the provider tells.
const maxFullName = 100

// Welcome opens a session for somebody who was let in by a provider of identities. What their groups are given is all
// that they may do, from now on: it is renewed each time. The account is made the first time, and has no password.
func (d *Desk) Welcome(ctx context.Context, guest Guest, a Attempt) (Ticket, error) {
	a.Name = strings.ToLower(strings.TrimSpace(guest.Name))
	guest.FullName = strings.ToValidUTF8(guest.FullName[:min(len(guest.FullName), maxFullName)], "")
	account, err := d.welcome(ctx, guest, a.Name)
	if err != nil {
		d.NoteStranger(ctx, account.Name, a.Address, err)
		return Ticket{}, err
	}
	device := d.deviceOf(account.Name, a.Mark)
	if device == "" {
		device = newDevice()
	}
	return d.open(ctx, account, a, device)
}

// NoteStranger writes down that somebody who came from a provider of identities was not let in.
func (d *Desk) NoteStranger(ctx context.Context, name, address string, err error) {
	if name == "" {
		name = "unknown user"
	}
	d.journal.Note(ctx, Deed{
		Action: "session.open", Object: name, Refused: true, Detail: reasonOf(err), Address: address,
	})
}

func (d *Desk) welcome(ctx context.Context, guest Guest, name string) (models.Account, error) {
	if guest.Identity == "" {
		return models.Account{}, fmt.Errorf("the provider does not say who it is: %w", models.ErrSignIn)
	}
	known, err := d.store.AccountOf(ctx, guest.Identity)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return known, err
	}
	grants, refusal := grantsOf(guest.Groups, d.groups)
	switch {
	case known.Disabled:
		return known, fmt.Errorf("this account is switched off; ask an administrator: %w", models.ErrForbidden)
	case refusal != nil:
		if known.Name == "" {
			return known, refusal
		}
		gone, err := d.store.RemoveSessions(ctx, known.Name, "")
		d.endSessions(gone...)
		return known, errors.Join(refusal, err)
	case known.Name == "":
		return d.admitGuest(ctx, guest, grants, name)
	}
	return d.renewGuest(ctx, known, guest, grants)
}

func (d *Desk) admitGuest(
	ctx context.Context, guest Guest, grants models.Grants, name string,
) (models.Account, error) {
	now := d.now()
	a, err := d.store.AddAccount(ctx, models.Account{
		Name: name, FullName: guest.FullName, Grants: grants, Created: now, SignedIn: now, Identity: guest.Identity,
	})
	if errors.Is(err, models.ErrConflict) { // whoever chooses a name at the provider must not become its owner here
		return a, fmt.Errorf("another account has the name %s already; ask an administrator: %w", name,
			models.ErrForbidden)
	}
	if err == nil {
		d.note(ctx, "user.add", a.Name, nil, nil, shown(a))
	}
	return a, err
}

func (d *Desk) renewGuest(
	ctx context.Context, known models.Account, guest Guest, grants models.Grants,
) (models.Account, error) {
	var before person
	changed := false
	after, err := d.store.ChangeAccount(ctx, known.Name, func(a *models.Account) error {
		before = shown(*a)
		changed = fmt.Sprint(a.Grants) != fmt.Sprint(grants)
		a.Grants, a.FullName, a.SignedIn = grants, guest.FullName, d.now()
		if changed {
			a.Version++
		}
		return nil
	})
	if err != nil {
		return known, err
	}
	if changed {
		d.note(ctx, "user.change", after.Name, nil, before, shown(after))
		d.endAccount(after.Name)
	}
	return after, nil
}

// grantsOf is what the groups of somebody are given together. Groups that reach different places are not joined: the
// sum would reach further than either.
func grantsOf(groups []string, given map[string]models.Grants) (all models.Grants, err error) {
	first := ""
	groups = slices.Compact(slices.Sorted(slices.Values(groups)))
	for _, group := range groups {
		g, there := given[group]
		switch {
		case !there || len(g.All()) == 0:
			continue
		case first == "":
			first, all.Sites, all.Cameras = group, slices.Clone(g.Sites), slices.Clone(g.Cameras)
		case !slices.Equal(all.Sites, g.Sites) || !slices.Equal(all.Cameras, g.Cameras):
			return models.Grants{}, fmt.Errorf("the groups %s and %s reach different places; ask an administrator: %w",
				first, group, models.ErrForbidden)
		}
		all.Roles = append(all.Roles, g.Roles...)
		all.Permissions = append(all.Permissions, g.Permissions...)
	}
	if first == "" {
		return models.Grants{}, fmt.Errorf("none of your groups has a role here; ask an administrator: %w",
			models.ErrForbidden)
	}
	slices.Sort(all.Roles)
	slices.Sort(all.Permissions)
	all.Roles, all.Permissions = slices.Compact(all.Roles), slices.Compact(all.Permissions)
	return all, nil
}
