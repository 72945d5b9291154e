package access

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"footfall/models"
)

// Store keeps who may come in. Whatever is not there is models.ErrNotFound.
type Store interface {
	Accounts(ctx context.Context) ([]models.Account, error)
	Account(ctx context.Context, name string) (models.Account, error)
	AccountOf(ctx context.Context, identity string) (models.Account, error)
	AddAccount(ctx context.Context, a models.Account) (models.Account, error)
	// ChangeAccount lets do change an account, alone; an error of it changes nothing.
	ChangeAccount(ctx context.Context, name string, do func(*models.Account) error) (models.Account, error)
	RemoveAccount(ctx context.Context, name string) error

	AddSession(ctx context.Context, v models.Session) error
	Session(ctx context.Context, key string) (models.Session, models.Account, error)
	Sessions(ctx context.Context, account string) ([]models.Session, error)
	SeeSession(ctx context.Context, id string, now time.Time) error
	RekeySession(ctx context.Context, id, key string) error
	RemoveSession(ctx context.Context, id string) error
	RemoveSessions(ctx context.Context, account, but string) ([]string, error)
	PruneSessions(ctx context.Context, opened, seen time.Time) ([]string, error)

	AddToken(ctx context.Context, t models.APIToken) error
	Token(ctx context.Context, key string) (models.APIToken, error)
	Tokens(ctx context.Context) ([]models.APIToken, error)
	UseToken(ctx context.Context, id string, now time.Time) error
	RemoveToken(ctx context.Context, id string) error

	Penalty(ctx context.Context, key string) (models.Penalty, error)
	Punish(ctx context.Context, key string, do func(*models.Penalty)) error
	Forgive(ctx context.Context, keys ...string) error
	PrunePenalties(ctx context.Context, before time.Time) error
}

// Places knows which areas a site has, to reckon what somebody reaches.
type Places interface {
	Areas(ctx context.Context, site string) ([]models.Area, error)
}

// Deed is something that was done, or tried, for the log of who did what.
type Deed struct {
	Who     models.Principal // nobody: taken from the context
	Action  string           // "session.open", "user.change"
	Object  string           // the id of what it was done to
	Camera  models.CameraID  // that it is about; empty: none
	Site    string           // the same
	Refused bool
	Detail  string // why it was refused, or what else there is to say; never a secret
	Before  any    // what it was, without secrets; nil: there was nothing
	After   any    // what it is, without secrets; nil: there is nothing any more
	Address string // where it was done from; empty: taken from the context
}

// Journal writes down who did what. It does not fail those who did it.
type Journal interface {
	Note(ctx context.Context, d Deed)
}

// Options is what a Desk is made of.
type Options struct {
	Store   Store
	Places  Places
	Journal Journal
	Key     []byte                   // marks of browsers are made with it; the same after every start
	Groups  map[string]models.Grants // what those may do who come from a provider of identities, by group
	Cost    Cost                     // of passwords; zero is the usual
	Idle    time.Duration            // a session that is not used for so long is over; zero is an hour
	Longest time.Duration            // a session is over after that in any case; zero is 12 hours
	Now     func() time.Time
	Log     *slog.Logger
}

// Desk is where everybody comes in. Make it with New; Run looks after what has come in. It is safe for any number of
// goroutines.
type Desk struct {
	store   Store
	places  Places
	journal Journal
	key     []byte
	groups  map[string]models.Grants
	cost    Cost
	idle    time.Duration
	longest time.Duration
	now     func() time.Time
	log     *slog.Logger

	dummy   string        // a hash that nothing fits: names that are not there take as long
	hashing chan struct{} // a place for each password that is checked at once
	inside  presence
	console string // the key of the console's token; empty: there is none
}

const (
	usualIdle    = time.Hour
	usualLongest = 12 * time.Hour
	// hashesAtOnce bounds the memory that passwords take, and leaves cores to those who are inside.
	hashesAtOnce = 2
	// sweepEvery is how long a stream can outlive what another process has revoked, or a limit of time.
	sweepEvery = 15 * time.Second
)

// New is a desk with nobody inside. It starts nothing.
func New(o Options) (*Desk, error) {
	if len(o.Key) < 16 {
		return nil, fmt.Errorf("the key for browsers has %d bytes, it must have 16", len(o.Key))
	}
	d := &Desk{
		store: o.Store, places: o.Places, journal: o.Journal, key: o.Key, groups: o.Groups, cost: o.Cost, idle: o.Idle,
		longest: o.Longest, now: o.Now, log: o.Log, hashing: make(chan struct{}, hashesAtOnce),
		inside: presence{held: map[*holding]struct{}{}},
	}
	if d.cost == (Cost{}) {
		d.cost = usualCost()
	}
	if d.idle <= 0 {
		d.idle = usualIdle
	}
	if d.longest <= 0 {
		d.longest = usualLongest
	}
	d.dummy = d.cost.write(make([]byte, saltBytes), make([]byte, hashBytes))
	return d, nil
}

// Run ends what goes on for those who may not have it any more, and forgets old sessions and failures, until ctx ends.
func (d *Desk) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := d.Sweep(ctx); err != nil && ctx.Err() == nil {
			d.log.Error("sessions that are over were not looked for", "error", err)
		}
	}
}

// Sweep does what Run does every few seconds, once.
func (d *Desk) Sweep(ctx context.Context) error {
	now := d.now()
	gone, err := d.store.PruneSessions(ctx, now.Add(-d.longest), now.Add(-d.idle))
	if err != nil {
		return err
	}
	d.endSessions(gone...)
	if err := d.store.PrunePenalties(ctx, now.Add(-forgottenAfter)); err != nil {
		return err
	}
	for key, v := range d.inside.visits() {
		switch again, err := d.again(ctx, v); {
		case unknown(err), err == nil && !same(again, v):
			d.inside.stop(func(held Visit) bool { return held.key() == key })
		case err != nil:
			return err
		}
	}
	return nil
}

// same reports whether a visit may still do what it could.
func same(a, b Visit) bool {
	return fmt.Sprint(a.Who.Grants, a.Scope, a.MustChange) == fmt.Sprint(b.Who.Grants, b.Scope, b.MustChange)
}

// Hold lets a stream go on for a visit, of a kind of which one person or program may have most at once. end is called
// when it must stop, and must not wait; letGo must be called when it has stopped.
func (d *Desk) Hold(v Visit, kind string, most int, end func()) (letGo func(), err error) {
	return d.inside.hold(v, kind, most, end)
}

func (d *Desk) endSessions(ids ...string) {
	over := map[string]bool{}
	for _, id := range ids {
		over[id] = true
	}
	d.inside.stop(func(v Visit) bool { return over[v.Session.ID] })
}

// endAccount ends the streams of a person, who comes back with what is allowed now.
func (d *Desk) endAccount(name string) {
	d.inside.stop(func(v Visit) bool { return v.Who.Kind == models.KindPerson && v.Who.ID == name })
}
