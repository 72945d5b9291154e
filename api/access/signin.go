package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"footfall/models"
)

// Attempt is somebody who tries to sign in.
type Attempt struct {
	Name, Password string
	Code           string // of the second factor; empty: none was given
	Mark           string // that the browser was given before
	Address, Agent string
}

// Ticket is what somebody gets who has signed in. Both texts are secrets of the browser.
type Ticket struct {
	Cookie string // opens the session
	Mark   string // tells the browser from those that never signed in
	Visit  Visit
}

// CodeError says that the password is right, but that a code of the second factor is missing or wrong. It is an
// ErrSignIn.
type CodeError struct{ Reason string }

func (e *CodeError) Error() string { return e.Reason }

// Is makes errors.Is(err, models.ErrSignIn) hold.
func (e *CodeError) Is(target error) bool { return target == models.ErrSignIn }

// SignIn opens a session.
func (d *Desk) SignIn(ctx context.Context, a Attempt) (Ticket, error) {
	a.Name = strings.ToLower(strings.TrimSpace(a.Name))
	device := d.deviceOf(a.Name, a.Mark)
	burdens := d.burdens(a.Name, a.Address, device)
	account, err := d.try(ctx, a, burdens)
	if err != nil {
		d.noteAttempt(ctx, a, account, err)
		return Ticket{}, err
	}
	if err := d.refund(ctx, burdens); err != nil {
		return Ticket{}, err
	}
	if device == "" {
		device = newDevice()
	}
	return d.open(ctx, account, a, device)
}

// try finds out whether somebody may sign in.
func (d *Desk) try(ctx context.Context, a Attempt, burdens []burden) (models.Account, error) {
	if len(a.Password) > maxPasswordInput || models.ValidateAccountName(a.Name) != nil {
		a.Name, a.Password = "", "" // takes as long as any other
	}
	if err := d.charge(ctx, burdens); err != nil {
		return models.Account{}, err
	}
	account, err := d.store.Account(ctx, a.Name)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return models.Account{}, err
	}
	kept := account.Password.Hash
	if kept == "" {
		kept = d.dummy
	}
	fits, dated, err := d.fitting(ctx, a.Password, kept)
	if err != nil {
		return models.Account{}, err
	}
	switch now := d.now(); {
	case !fits:
		return models.Account{}, fmt.Errorf("the name or the password is wrong: %w", models.ErrSignIn)
	case account.Disabled:
		return account, fmt.Errorf("this account is switched off; ask an administrator: %w", models.ErrForbidden)
	case !account.Password.Until.IsZero() && !now.Before(account.Password.Until):
		return account, fmt.Errorf("the one-time password is out of date; ask for another: %w", models.ErrSignIn)
	}
	return d.store.ChangeAccount(ctx, account.Name, func(fresh *models.Account) error {
		if fresh.Password.Hash != account.Password.Hash {
			return fmt.Errorf("the password was just changed: %w", models.ErrSignIn)
		}
		if err := d.takeCode(fresh, a.Code); err != nil {
			return err
		}
		fresh.SignedIn = d.now()
		if dated {
			fresh.Password.Hash = d.cost.hash(a.Password)
		}
		return nil
	})
}

// takeCode checks the code of an account that has a second factor, and sees to it that it is not taken again.
func (d *Desk) takeCode(account *models.Account, code string) error {
	factor := &account.SecondFactor
	if factor.Secret == "" {
		return nil
	}
	if code == "" {
		return &CodeError{"the code of your second factor is missing"}
	}
	step, ok := stepOf(factor.Secret, code, d.now(), factor.Step)
	if !ok {
		return &CodeError{"the code of your second factor is wrong, or was used already"}
	}
	factor.Step = step
	return nil
}

// noteAttempt writes down a failure. A name that is not there may be a password that was typed in the wrong place.
func (d *Desk) noteAttempt(ctx context.Context, a Attempt, account models.Account, err error) {
	name := account.Name
	if name == "" {
		if known, e := d.store.Account(ctx, a.Name); e == nil {
			name = known.Name
		}
	}
	object := name
	if name == "" {
		object = "unknown user"
	}
	d.journal.Note(ctx, Deed{
		Action: "session.open", Object: object, Refused: true, Detail: reasonOf(err), Address: a.Address,
	})
}

// reasonOf is an error for the log: what has nothing to do with who asks is said shortly.
func reasonOf(err error) string {
	for _, known := range []error{models.ErrSignIn, models.ErrForbidden, models.ErrTooMany, models.ErrInvalid} {
		if errors.Is(err, known) {
			return err.Error()
		}
	}
	return "the server could not"
}

// maxAgent bounds what is kept of a browser's name.
const maxAgent = 200

// open opens a session for somebody who was found to be who they say.
func (d *Desk) open(ctx context.Context, account models.Account, a Attempt, device string) (Ticket, error) {
	cookie, now := newSecret(), d.now()
	session := models.Session{
		ID: newID(), Key: KeyOf(cookie), Account: account.Name, Created: now, Seen: now, Address: a.Address,
		Agent: strings.ToValidUTF8(a.Agent[:min(len(a.Agent), maxAgent)], ""), Device: device,
	}
	session.Agent = strings.ReplaceAll(session.Agent, "\x00", "")
	if err := d.store.AddSession(ctx, session); err != nil {
		return Ticket{}, err
	}
	visit, err := d.visitBySession(ctx, session.Key)
	if err != nil {
		return Ticket{}, err
	}
	visit.Address = a.Address
	d.journal.Note(Enter(ctx, visit), Deed{Action: "session.open", Object: account.Name})
	return Ticket{Cookie: cookie, Mark: d.markOf(account.Name, device), Visit: visit}, nil
}

// SignOut ends the session of a visit.
func (d *Desk) SignOut(ctx context.Context) error {
	v := VisitOf(ctx)
	if v.Session.ID == "" {
		return fmt.Errorf("this is no session: %w", models.ErrNotFound)
	}
	return d.EndSession(ctx, v.Session.ID)
}

// Sessions is those of an account; with an empty name everybody's.
func (d *Desk) Sessions(ctx context.Context, account string) ([]models.Session, error) {
	found, err := d.store.Sessions(ctx, account)
	if err != nil {
		return nil, err
	}
	now := d.now()
	kept := found[:0]
	for _, s := range found { // what Sweep will take away is over
		if now.Before(s.Created.Add(d.longest)) && now.Before(s.Seen.Add(d.idle)) {
			kept = append(kept, s)
		}
	}
	return kept, nil
}

// Until is when a session is over if it is not used.
func (d *Desk) Until(s models.Session) time.Time {
	until := s.Created.Add(d.longest)
	if idle := s.Seen.Add(d.idle); idle.Before(until) {
		return idle
	}
	return until
}

// EndSession ends one of one's own sessions, or of anybody for whoever edits users, with all that goes on in it.
func (d *Desk) EndSession(ctx context.Context, id string) error {
	who := Who(ctx)
	all, err := d.store.Sessions(ctx, "")
	if err != nil {
		return err
	}
	for _, s := range all {
		mine := who.Kind == models.KindPerson && s.Account == who.ID
		if s.ID != id || !mine && !who.May(models.MayEditUsers) {
			continue
		}
		if err := d.store.RemoveSession(ctx, id); err != nil {
			return err
		}
		d.endSessions(id)
		d.journal.Note(ctx, Deed{Action: "session.end", Object: s.Account, Detail: "session " + id})
		return nil
	}
	return fmt.Errorf("session %s: %w", id, models.ErrNotFound)
}
