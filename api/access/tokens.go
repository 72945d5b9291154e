package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"footfall/models"
)

// tokenShown is a token as the log of who did what shows it.
type tokenShown struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	models.Grants
	Expires time.Time `json:"expires,omitzero"`
}

// longestToken bounds how long a token is good for; who needs one for longer makes another in time.
const longestToken = 3 * 365 * 24 * time.Hour

// Tokens is all of them, the latest first.
func (d *Desk) Tokens(ctx context.Context) ([]models.APIToken, error) { return d.store.Tokens(ctx) }

// AddToken makes a token for a program, or for a worker. The secret is returned, and shown never again. A worker's
// token opens the link and nothing else, and needs no grants.
func (d *Desk) AddToken(ctx context.Context, t models.APIToken) (_ models.APIToken, secret string, err error) {
	now := d.now()
	t.ID, t.Created, t.By = newID(), now, Who(ctx).ID
	random, prefix := newSecret(), TokenPrefix
	if t.Kind == models.KindWorker {
		prefix, t.Grants = WorkerPrefix, models.Grants{}
	}
	secret = prefix + random
	t.Prefix, t.Key = prefix+random[:shownBytes], KeyOf(secret)
	switch {
	case !t.Expires.IsZero() && !t.Expires.After(now):
		err = models.Invalidf("expires", "%s is over", t.Expires.Format(time.RFC3339))
	case t.Expires.Sub(now) > longestToken:
		err = models.Invalidf("expires", "is more than three years away")
	default:
		err = mayGive(VisitOf(ctx), t.Grants)
		if t.Kind == models.KindWorker {
			err = nil
		}
	}
	if err == nil {
		err = d.store.AddToken(ctx, t)
	}
	d.note(ctx, "token.add", t.ID, err, nil, tokenShown{t.Name, string(t.Kind), t.Grants, t.Expires})
	if err != nil {
		return models.APIToken{}, "", err
	}
	return t, secret, nil
}

// RemoveToken revokes a token, and ends all that goes on for it.
func (d *Desk) RemoveToken(ctx context.Context, id string) error {
	err := d.store.RemoveToken(ctx, id)
	d.note(ctx, "token.remove", id, err, nil, nil)
	if err != nil {
		return err
	}
	d.inside.stop(func(v Visit) bool { return v.Who.Kind == models.KindToken && v.Who.ID == id })
	return nil
}

// Worker says which worker may come onto the link with a token; models.ErrSignIn when none may.
func (d *Desk) Worker(ctx context.Context, token string) (name string, err error) {
	wrong := fmt.Errorf("no worker has this token, or not any more: %w", models.ErrSignIn)
	t, err := d.store.Token(ctx, KeyOf(token))
	switch {
	case errors.Is(err, models.ErrNotFound):
		return "", wrong
	case err != nil:
		return "", err
	case t.Kind != models.KindWorker, !t.Expires.IsZero() && !d.now().Before(t.Expires):
		return "", wrong
	}
	if now := d.now(); now.Sub(t.Used) >= seenEvery {
		err = d.store.UseToken(ctx, t.ID, now)
	}
	return t.Name, err
}
