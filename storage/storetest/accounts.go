package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"footfall/models"
)

// AccountStore is what the suite Accounts is about.
type AccountStore interface {
	Accounts(ctx context.Context) ([]models.Account, error)
	Account(ctx context.Context, name string) (models.Account, error)
	AccountOf(ctx context.Context, identity string) (models.Account, error)
	AddAccount(ctx context.Context, a models.Account) (models.Account, error)
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

// Accounts is what every store of accounts must do. It needs an empty one for itself.
func Accounts(t *testing.T, s AccountStore) {
	t.Run("an account is added, changed and removed", func(t *testing.T) { accountLife(t, s) })
	t.Run("there is always an administrator", func(t *testing.T) { lastAdmin(t, s) })
	t.Run("sessions", func(t *testing.T) { sessionLife(t, s) })
	t.Run("tokens", func(t *testing.T) { tokenLife(t, s) })
	t.Run("penalties", func(t *testing.T) { penaltyLife(t, s) })
}

// Anna is an account that has everything.
func Anna(name string) models.Account {
	return models.Account{
		Name: name, FullName: "Anna Ä.", Created: Noon(), SignedIn: Noon().Add(time.Hour),
		Grants: models.Grants{
			Roles: []models.Role{models.RoleViewer}, Permissions: []models.Permission{models.MayReadClips},
			Sites: []string{"mall"}, Cameras: []models.CameraID{"lobby"},
		},
		Password:     models.Password{Hash: "$argon2id$" + name, MustChange: true, Until: Noon().Add(24 * time.Hour)},
		SecondFactor: models.SecondFactor{Secret: "T0PSECRETFACTOR", Pending: "PENDINGFACTOR", Step: 7},
		Identity:     "https://id.example " + name,
	}
}

func accountLife(t *testing.T, s AccountStore) {
	ctx := t.Context()
	want, err := s.AddAccount(ctx, Anna("anna"))
	must(t, err)
	got, err := s.Account(ctx, "anna")
	must(t, err)
	if !reflect.DeepEqual(got, want) || got.Version != 1 {
		t.Errorf("kept %#v of %#v", got, want)
	}
	if byIdentity, err := s.AccountOf(ctx, want.Identity); err != nil || byIdentity.Name != "anna" {
		t.Errorf("by identity: %v, %v", byIdentity, err)
	}
	_, again := s.AddAccount(ctx, Anna("anna"))
	_, unnamed := s.AddAccount(ctx, models.Account{Name: "Anna B"})
	_, unknown := s.AddAccount(ctx, models.Account{Name: "b", Grants: models.Grants{Roles: []models.Role{"king"}}})
	_, nobody := s.Account(ctx, "")
	_, noIdentity := s.AccountOf(ctx, "")
	for what, test := range map[string]struct{ got, want error }{
		"twice": {again, models.ErrConflict}, "a bad name": {unnamed, models.ErrInvalid},
		"an unknown role": {unknown, models.ErrInvalid}, "nobody": {nobody, models.ErrNotFound},
		"no identity": {noIdentity, models.ErrNotFound},
	} {
		if !errors.Is(test.got, test.want) {
			t.Errorf("%s: %v", what, test.got)
		}
	}
	stop := errors.New("no")
	_, err = s.ChangeAccount(ctx, "anna", func(a *models.Account) error { a.FullName = "X"; return stop })
	if got, _ := s.Account(ctx, "anna"); !errors.Is(err, stop) || got.FullName != want.FullName {
		t.Errorf("a change that failed: %v, %v", err, got)
	}
	changed, err := s.ChangeAccount(ctx, "anna", func(a *models.Account) error {
		a.Name, a.Disabled, a.SecondFactor.Pending = "renamed", true, ""
		return nil
	})
	must(t, err)
	if got, err := s.Account(ctx, "anna"); err != nil || !reflect.DeepEqual(got, changed) || !got.Disabled {
		t.Errorf("changed %#v, kept %#v (%v)", changed, got, err)
	}
	must(t, s.RemoveAccount(ctx, "anna"))
	if err := s.RemoveAccount(ctx, "anna"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
}

func lastAdmin(t *testing.T, s AccountStore) {
	ctx := t.Context()
	admin := func(name string, sites ...string) models.Account {
		return models.Account{Name: name, Grants: models.Grants{Roles: []models.Role{models.RoleAdmin}, Sites: sites}}
	}
	for _, a := range []models.Account{admin("one"), admin("two"), admin("of-a-site", "mall")} {
		_, err := s.AddAccount(ctx, a)
		must(t, err)
	}
	must(t, s.RemoveAccount(ctx, "two"))
	changes := map[string]func(*models.Account) error{
		"disabled": func(a *models.Account) error { a.Disabled = true; return nil },
		"demoted":  func(a *models.Account) error { a.Roles = nil; return nil },
		"limited":  func(a *models.Account) error { a.Cameras = []models.CameraID{"lobby"}; return nil },
	}
	for what, change := range changes {
		if _, err := s.ChangeAccount(ctx, "one", change); !errors.Is(err, models.ErrConflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := s.RemoveAccount(ctx, "one"); !errors.Is(err, models.ErrConflict) {
		t.Errorf("removed: %v", err)
	}
}

func sessionLife(t *testing.T, s AccountStore) {
	ctx := t.Context()
	_, err := s.AddAccount(ctx, Anna("sitter"))
	must(t, err)
	for i := range 3 {
		id := fmt.Sprintf("s%d", i)
		must(t, s.AddSession(ctx, models.Session{
			ID: id, Key: "key-" + id, Account: "sitter", Created: Noon().Add(time.Duration(i) * time.Hour),
			Seen: Noon().Add(time.Duration(i) * time.Hour), Address: "192.0.2.7", Agent: "Browser", Device: "d",
		}))
	}
	got, account, err := s.Session(ctx, "key-s1")
	must(t, err)
	if got.ID != "s1" || account.Name != "sitter" || !got.Seen.Equal(Noon().Add(time.Hour)) || got.Device != "d" {
		t.Errorf("%+v of %v", got, account)
	}
	must(t, s.SeeSession(ctx, "s0", Noon().Add(5*time.Hour)))
	must(t, s.RekeySession(ctx, "s1", "other"))
	if _, _, err := s.Session(ctx, "key-s1"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("the old key: %v", err)
	}
	if all, err := s.Sessions(ctx, "sitter"); err != nil || len(all) != 3 || all[0].ID != "s2" {
		t.Errorf("all: %v, %v", all, err)
	}
	gone, err := s.PruneSessions(ctx, Noon(), Noon().Add(90*time.Minute))
	must(t, err)
	if fmt.Sprint(gone) != "[s1]" {
		t.Errorf("pruned %v, want the one that was seen too long ago", gone)
	}
	gone, err = s.RemoveSessions(ctx, "sitter", "s2")
	must(t, err)
	if fmt.Sprint(gone) != "[s0]" {
		t.Errorf("removed %v, want all but s2", gone)
	}
	if err := s.RemoveSession(ctx, "s0"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	must(t, s.RemoveAccount(ctx, "sitter"))
	if _, _, err := s.Session(ctx, "key-s2"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("a session of nobody: %v", err)
	}
}

func tokenLife(t *testing.T, s AccountStore) {
	ctx := t.Context()
	token := models.APIToken{
		ID: "t1", Name: "till", Kind: models.KindToken, Prefix: "footfall_abc", Key: "hash", Grants: Anna("x").Grants,
		Created: Noon(), By: "anna", Expires: Noon().Add(time.Hour),
	}
	must(t, s.AddToken(ctx, token))
	worker := models.APIToken{
		ID: "w1", Name: "hall", Kind: models.KindWorker, Key: "w", Created: Noon().Add(time.Second),
	}
	must(t, s.AddToken(ctx, worker))
	worker.ID, worker.Key = "w2", "w-again"
	if err := s.AddToken(ctx, worker); !errors.Is(err, models.ErrConflict) {
		t.Errorf("two tokens of one worker: %v", err)
	}
	must(t, s.UseToken(ctx, "t1", Noon().Add(time.Minute)))
	token.Used = Noon().Add(time.Minute)
	if got, err := s.Token(ctx, "hash"); err != nil || !reflect.DeepEqual(got, token) {
		t.Errorf("kept %+v, want %+v (%v)", got, token, err)
	}
	if all, err := s.Tokens(ctx); err != nil || len(all) != 2 || all[0].ID != "w1" {
		t.Errorf("all: %v, %v", all, err)
	}
	must(t, s.RemoveToken(ctx, "t1"))
	if _, err := s.Token(ctx, "hash"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("revoked: %v", err)
	}
	if err := s.RemoveToken(ctx, "t1"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("revoked twice: %v", err)
	}
}

func penaltyLife(t *testing.T, s AccountStore) {
	ctx := t.Context()
	for range 3 {
		must(t, s.Punish(ctx, "k", func(p *models.Penalty) {
			p.Failures++
			p.Last, p.Until = Noon(), Noon().Add(time.Hour)
		}))
	}
	if p, err := s.Penalty(ctx, "k"); err != nil || p.Failures != 3 || !p.Until.Equal(Noon().Add(time.Hour)) {
		t.Errorf("%+v, %v", p, err)
	}
	must(t, s.PrunePenalties(ctx, Noon().Add(time.Minute))) // it still holds
	if p, _ := s.Penalty(ctx, "k"); p.Failures != 3 {
		t.Errorf("forgotten too early: %+v", p)
	}
	must(t, s.PrunePenalties(ctx, Noon().Add(2*time.Hour)))
	if p, err := s.Penalty(ctx, "k"); err != nil || p.Failures != 0 {
		t.Errorf("not forgotten: %+v, %v", p, err)
	}
	must(t, s.Punish(ctx, "k", func(p *models.Penalty) { p.Failures = 9 }))
	must(t, s.Forgive(ctx, "k", "other"))
	if p, _ := s.Penalty(ctx, "k"); p.Failures != 0 {
		t.Errorf("not forgiven: %+v", p)
	}
}
