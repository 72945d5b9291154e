package access

import (
	"context"
	"fmt"

	"footfall/models"
)

// self is the account that a visit is of.
func self(ctx context.Context) (Visit, error) {
	v := VisitOf(ctx)
	if v.Who.Kind != models.KindPerson || v.Session.ID == "" {
		return v, fmt.Errorf("only people who have signed in have a password: %w", models.ErrForbidden)
	}
	return v, nil
}

// confirm makes sure that the one at the keyboard is the one who signed in: wrong passwords cost as they do at the
// door.
func (d *Desk) confirm(ctx context.Context, v Visit, password string) error {
	account, err := d.store.Account(ctx, v.Who.ID)
	if err != nil {
		return err
	}
	if account.Identity != "" {
		return elsewhere(account)
	}
	burdens := d.burdens(v.Who.ID, v.Address, v.Session.Device)
	if err := d.charge(ctx, burdens); err != nil {
		return err
	}
	fits := false
	if len(password) <= maxPasswordInput {
		if fits, _, err = d.fitting(ctx, password, account.Password.Hash); err != nil {
			return err
		}
	}
	if !fits {
		return models.Invalidf("old", "is not your password")
	}
	return d.refund(ctx, burdens)
}

// ChangePassword gives the visitor another password. All other sessions end, and this one gets another cookie.
func (d *Desk) ChangePassword(ctx context.Context, old, password string) (cookie string, err error) {
	v, err := self(ctx)
	if err == nil {
		err = d.changePassword(ctx, v, old, password)
	}
	d.journal.Note(ctx, Deed{
		Action: "password.change", Object: v.Who.ID, Refused: err != nil, Detail: detail(err),
	})
	if err != nil {
		return "", err
	}
	return d.renew(ctx, v)
}

func detail(err error) string {
	if err == nil {
		return ""
	}
	return reasonOf(err)
}

func (d *Desk) changePassword(ctx context.Context, v Visit, old, password string) error {
	if err := CheckPassword(v.Who.ID, password); err != nil {
		return err
	}
	if err := d.confirm(ctx, v, old); err != nil {
		return err
	}
	if old == password {
		return models.Invalidf("password", "is the one that you have")
	}
	hash := d.cost.hash(password)
	_, err := d.store.ChangeAccount(ctx, v.Who.ID, func(a *models.Account) error {
		a.Password = models.Password{Hash: hash}
		return nil
	})
	return err
}

// renew gives a session another cookie and ends the other sessions of its account: whoever had one of those may have
// had the old password, too.
func (d *Desk) renew(ctx context.Context, v Visit) (cookie string, err error) {
	gone, err := d.store.RemoveSessions(ctx, v.Who.ID, v.Session.ID)
	if err != nil {
		return "", err
	}
	d.endSessions(gone...)
	cookie = newSecret()
	if err := d.store.RekeySession(ctx, v.Session.ID, KeyOf(cookie)); err != nil {
		return "", err
	}
	return cookie, nil
}

// Enrolment is a second factor that waits to be confirmed.
type Enrolment struct {
	Secret  string // to be typed into an app
	Address string // otpauth://..., to be shown as a picture of squares
}

// Enrol begins a second factor. It is asked for only once a code of it was confirmed.
func (d *Desk) Enrol(ctx context.Context, password string) (Enrolment, error) {
	v, err := self(ctx)
	if err != nil {
		return Enrolment{}, err
	}
	if err := d.confirm(ctx, v, password); err != nil {
		return Enrolment{}, err
	}
	secret := newTOTP()
	_, err = d.store.ChangeAccount(ctx, v.Who.ID, func(a *models.Account) error {
		if a.SecondFactor.Secret != "" {
			return fmt.Errorf("there is a second factor already; remove it first: %w", models.ErrConflict)
		}
		a.SecondFactor.Pending = secret
		return nil
	})
	if err != nil {
		return Enrolment{}, err
	}
	return Enrolment{Secret: secret, Address: totpAddress(v.Who.ID, secret)}, nil
}

// Confirm makes the second factor that was begun one that is asked for, if the code is of it.
func (d *Desk) Confirm(ctx context.Context, code string) (cookie string, err error) {
	v, err := self(ctx)
	if err != nil {
		return "", err
	}
	burdens := d.burdens(v.Who.ID, v.Address, v.Session.Device)
	if err := d.charge(ctx, burdens); err != nil {
		return "", err
	}
	_, err = d.store.ChangeAccount(ctx, v.Who.ID, func(a *models.Account) error {
		if a.SecondFactor.Pending == "" {
			return fmt.Errorf("no second factor was begun: %w", models.ErrConflict)
		}
		step, ok := stepOf(a.SecondFactor.Pending, code, d.now(), 0)
		if !ok {
			return models.Invalidf("totp", "is not the code that is shown now; is the clock of your phone right?")
		}
		a.SecondFactor = models.SecondFactor{Secret: a.SecondFactor.Pending, Step: step}
		return nil
	})
	d.journal.Note(ctx, Deed{
		Action: "totp.add", Object: v.Who.ID, Refused: err != nil, Detail: detail(err),
	})
	if err != nil {
		return "", err
	}
	if err := d.refund(ctx, burdens); err != nil {
		return "", err
	}
	return d.renew(ctx, v)
}

// Unenrol takes the second factor away.
func (d *Desk) Unenrol(ctx context.Context, password string) error {
	v, err := self(ctx)
	if err != nil {
		return err
	}
	if err = d.confirm(ctx, v, password); err == nil {
		_, err = d.store.ChangeAccount(ctx, v.Who.ID, func(a *models.Account) error {
			// The step stays: a code that was used is not good for the next factor either.
			a.SecondFactor = models.SecondFactor{Step: a.SecondFactor.Step}
			return nil
		})
	}
	d.journal.Note(ctx, Deed{
		Action: "totp.remove", Object: v.Who.ID, Refused: err != nil, Detail: detail(err),
	})
	return err
}
