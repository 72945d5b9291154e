package access_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"footfall/api/access"
	"footfall/models"
	"footfall/storage/accounts"
	"footfall/storage/seal"
	"footfall/storage/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// counter is a desk with a clock that only moves when it is told to, and a journal to look into.
type counter struct {
	*access.Desk
	store *accounts.Store
	areas []models.Area

	mu    sync.Mutex
	at    time.Time
	deeds []access.Deed
}

func (c *counter) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *counter) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func (c *counter) Areas(context.Context, string) ([]models.Area, error) { return c.areas, nil }

func (c *counter) Note(_ context.Context, d access.Deed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deeds = append(c.deeds, d)
}

// noted reports whether something was written down.
func (c *counter) noted(action string, refused bool, detail string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.deeds, func(d access.Deed) bool {
		return d.Action == action && d.Refused == refused && strings.Contains(d.Detail, detail)
	})
}

func open(t *testing.T) *counter {
	t.Helper()
	store, err := accounts.New(t.Context(), storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db")), seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{store: store, at: storetest.Noon()}
	c.Desk, err = access.New(access.Options{
		Store: store, Places: c, Journal: c, Key: []byte(strings.Repeat("k", 32)),
		Cost: access.Cost{MemoryKiB: 64, Passes: 1}, Now: c.now, Log: slog.New(slog.DiscardHandler), Groups: groups(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	passphrase = "seven guards walk at night"
	home       = "192.0.2.7"
)

// settled is somebody who has set a password of their own.
func (c *counter) settled(t *testing.T, name string, g models.Grants) access.Ticket {
	t.Helper()
	_, once, err := c.AddAccount(access.AsConsole(t.Context()), models.Account{Name: name, Grants: g}, "")
	if err != nil {
		t.Fatal(err)
	}
	ticket := c.signIn(t, name, once, "")
	if !ticket.Visit.MustChange {
		t.Error("a password that an administrator has seen is good for more than once")
	}
	if _, err := c.ChangePassword(access.Enter(t.Context(), ticket.Visit), once, passphrase); err != nil {
		t.Fatal(err)
	}
	return c.signIn(t, name, passphrase, "")
}

func attempt(name, password string) access.Attempt {
	return access.Attempt{Name: name, Password: password, Address: home, Agent: "test"}
}

func (c *counter) signIn(t *testing.T, name, password, code string) access.Ticket {
	t.Helper()
	a := attempt(name, password)
	a.Code = code
	ticket, err := c.SignIn(t.Context(), a)
	if err != nil {
		t.Fatalf("sign in as %s: %v", name, err)
	}
	return ticket
}

func (c *counter) enters(cookie string) error {
	_, err := c.Enter(context.Background(), access.Shown{Cookie: cookie, Address: home})
	return err
}

func viewer() models.Grants { return models.Grants{Roles: []models.Role{models.RoleViewer}} }

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	c := open(t)
	ticket := c.settled(t, "anna", viewer())
	visit, err := c.Enter(t.Context(), access.Shown{Cookie: ticket.Cookie, Address: home})
	if err != nil || visit.Who.ID != "anna" || visit.MustChange || !visit.Who.May(models.MayWatch) {
		t.Fatalf("%+v, %v", visit, err)
	}
	ended := make(chan struct{})
	if _, err := c.Hold(visit, "previews", 10, func() { close(ended) }); err != nil {
		t.Fatal(err)
	}
	if err := c.SignOut(access.Enter(t.Context(), visit)); err != nil {
		t.Fatal(err)
	}
	<-ended // what went on in the session
	if err := c.enters(ticket.Cookie); !errors.Is(err, models.ErrSignIn) {
		t.Errorf("a stolen cookie after signing out: %v", err)
	}
	for _, cookie := range []string{"", "x", ticket.Visit.Session.ID, ticket.Visit.Session.Key} {
		if err := c.enters(cookie); !errors.Is(err, models.ErrSignIn) {
			t.Errorf("with cookie %q: %v", cookie, err)
		}
	}
	for _, a := range []access.Attempt{attempt("anna", "wrong, and long enough"), attempt("nobody", passphrase), attempt("ANNA' or 1=1", passphrase)} {
		if _, err := c.SignIn(t.Context(), a); !errors.Is(err, models.ErrSignIn) || !strings.Contains(err.Error(), "name or the password") {
			t.Errorf("%s: %v", a.Name, err)
		}
	}
	if !c.noted("session.open", false, "") || !c.noted("session.open", true, "wrong") || !c.noted("session.end", false, "") {
		t.Errorf("the journal has %+v", c.deeds)
	}
	for _, d := range c.deeds {
		if strings.Contains(d.Object+d.Detail, "or 1=1") {
			t.Errorf("what was typed as a name is written down: %+v", d)
		}
	}
}

// Sessions end when they are not used, and after half a day in any case.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	c := open(t)
	idle := c.settled(t, "idle", viewer())
	c.pass(59 * time.Minute)
	if err := c.enters(idle.Cookie); err != nil {
		t.Error(err)
	}
	c.pass(61 * time.Minute)
	if err := c.enters(idle.Cookie); !errors.Is(err, models.ErrSignIn) {
		t.Errorf("after an hour of nothing: %v", err)
	}
	busy := c.signIn(t, "idle", passphrase, "")
	for range 12*2 - 1 {
		c.pass(30 * time.Minute)
		if err := c.enters(busy.Cookie); err != nil {
			t.Fatal(err)
		}
	}
	c.pass(30 * time.Minute)
	if err := c.enters(busy.Cookie); !errors.Is(err, models.ErrSignIn) {
		t.Errorf("after half a day of work: %v", err)
	}
	if err := c.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, err := c.Sessions(t.Context(), ""); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// A code is asked for once it was confirmed, is taken once, and not two minutes later.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	c := open(t)
	ticket := c.settled(t, "anna", viewer())
	ctx := access.Enter(t.Context(), ticket.Visit)
	if _, err := c.Enrol(ctx, "not the password"); !errors.Is(err, models.ErrInvalid) {
		t.Errorf("enrolled without the password: %v", err)
	}
	begun, err := c.Enrol(ctx, passphrase)
	if err != nil || !strings.HasPrefix(begun.Address, "otpauth://totp/Footfall:anna?issuer=Footfall&secret="+begun.Secret) {
		t.Fatalf("%+v, %v", begun, err)
	}
	c.signIn(t, "anna", passphrase, "") // it is not asked for before it was confirmed
	code := func() string {
		text, err := access.TOTP(begun.Secret, c.now())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if _, err := c.Confirm(ctx, "000000"); err == nil {
		t.Error("a wrong code confirms")
	}
	confirmed := code()
	cookie, err := c.Confirm(ctx, confirmed)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.enters(ticket.Cookie); !errors.Is(err, models.ErrSignIn) {
		t.Errorf("the cookie from before: %v", err)
	}
	if err := c.enters(cookie); err != nil {
		t.Errorf("the cookie from after: %v", err)
	}
	refused := func(what, code string) {
		t.Helper()
		a := attempt("anna", passphrase)
		a.Code = code
		_, err := c.SignIn(t.Context(), a)
		if missing := (*access.CodeError)(nil); !errors.As(err, &missing) || !errors.Is(err, models.ErrSignIn) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("no code", "")
	refused("the code that confirmed, again", confirmed)
	c.pass(time.Hour)
	fresh := code()
	c.signIn(t, "anna", passphrase, fresh)
	refused("a code that was used", fresh)
	c.pass(time.Minute)
	late := code()
	c.pass(2 * time.Minute)
	refused("a code of two minutes ago", late)
	if !c.noted("session.open", true, "was used already") {
		t.Error("a replayed code is not in the journal")
	}
	again := c.signIn(t, "anna", passphrase, code())
	if err := c.Unenrol(access.Enter(t.Context(), again.Visit), passphrase); err != nil {
		t.Fatal(err)
	}
	c.signIn(t, "anna", passphrase, "")
}

// RFC 6238, appendix B: its codes have eight digits, of which ours are the last six.
func TestTOTPIsTheStandards(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037",
		20000000000: "353130",
	} {
		if got, err := access.TOTP(secret, time.Unix(at, 0)); got != want || err != nil {
			t.Errorf("at %d: %s, want %s (%v)", at, got, want, err)
		}
	}
}

// Guessing gets slower and slower, also for a server that was started anew; and nobody can lock somebody else out.
func TestGuessing(t *testing.T) {
	t.Parallel()
	c := open(t)
	ticket := c.settled(t, "anna", viewer())
	tried, waited := 0, 0
	for range 50 {
		_, err := c.SignIn(t.Context(), attempt("anna", "a guess that is long"))
		var later *models.LaterError
		switch {
		case errors.As(err, &later):
			waited++
			if later.After > 15*time.Minute {
				t.Errorf("has to wait %s", later.After)
			}
			c.pass(time.Second)
		case errors.Is(err, models.ErrSignIn):
			tried++
		default:
			t.Fatal(err)
		}
	}
	if tried > 10 || waited < 40 {
		t.Errorf("%d guesses were tried, %d had to wait", tried, waited)
	}
	// The one whose name it is comes in from the same address: the browser is known.
	a := attempt("anna", passphrase)
	a.Mark = ticket.Mark
	if _, err := c.SignIn(t.Context(), a); err != nil {
		t.Errorf("locked out at home, with a known browser: %v", err)
	}
	// And from anywhere else with any browser.
	b := attempt("anna", passphrase)
	b.Address = "198.51.100.9"
	if _, err := c.SignIn(t.Context(), b); err != nil {
		t.Errorf("locked out elsewhere: %v", err)
	}
	// A mark of somebody else, or one that was made up, is none.
	for _, mark := range []string{strings.Replace(ticket.Mark, ".", "x.", 1), "x.y", ticket.Mark + "A", "."} {
		forged := attempt("anna", passphrase)
		forged.Mark = mark
		if _, err := c.SignIn(t.Context(), forged); !errors.Is(err, models.ErrTooMany) {
			t.Errorf("with mark %q: %v", mark, err)
		}
	}
}

// A thousand addresses that guess at once hold up strangers, but not a browser that is known.
func TestCrowdOfGuessers(t *testing.T) {
	t.Parallel()
	c := open(t)
	ticket := c.settled(t, "anna", viewer())
	waited := 0
	for i := range 300 {
		a := attempt("anna", "a guess that is long")
		a.Address = "2001:db8:" + string(rune('a'+i%6)) + ":" + string(rune('0'+i/60)) + string(rune('a'+i/6%6)) + string(rune('a'+i/36%6)) + "::1"
		if _, err := c.SignIn(t.Context(), a); errors.Is(err, models.ErrTooMany) {
			waited++
		}
	}
	if waited < 190 {
		t.Errorf("only %d of 300 had to wait", waited)
	}
	a := attempt("anna", passphrase)
	a.Mark = ticket.Mark
	if _, err := c.SignIn(t.Context(), a); err != nil {
		t.Errorf("a known browser is held up: %v", err)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	c := open(t)
	console := access.AsConsole(t.Context())
	c.areas = []models.Area{{ID: "floor", Site: "mall", Doors: []models.Door{{Camera: "lobby", Line: "door"}}}}
	token := models.APIToken{
		Name: "till", Kind: models.KindToken, Expires: c.now().Add(24 * time.Hour),
		Grants: models.Grants{Permissions: []models.Permission{models.MaySeeLive}, Sites: []string{"mall"}},
	}
	made, secret, err := c.AddToken(console, token)
	if err != nil || !strings.HasPrefix(secret, made.Prefix) || strings.Contains(made.Key, secret) {
		t.Fatalf("%+v, %v", made, err)
	}
	enter := func(secret string) (access.Visit, error) {
		return c.Enter(t.Context(), access.Shown{Bearer: secret, Cookie: "ignored"})
	}
	visit, err := enter(secret)
	if err != nil || !visit.Scope.Camera("lobby") || visit.Scope.Camera("yard") || !visit.Scope.Area("floor") ||
		visit.Scope.Site("airport") || visit.Who.May(models.MayReadCounts) {
		t.Errorf("%+v, %v", visit, err)
	}
	other, otherSecret, err := c.AddToken(console, models.APIToken{Name: "far", Kind: models.KindToken, Grants: viewer()})
	if err != nil {
		t.Fatal(err)
	}
	c.pass(24 * time.Hour)
	if _, err := enter(secret); !errors.Is(err, models.ErrSignIn) || !strings.Contains(err.Error(), "out of date") {
		t.Errorf("an expired token: %v", err)
	}
	if _, err := enter(otherSecret); err != nil {
		t.Error(err)
	}
	if err := c.RemoveToken(console, other.ID); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{otherSecret, made.Key, made.Prefix, "footfall_", "x"} {
		if _, err := enter(wrong); !errors.Is(err, models.ErrSignIn) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	_, workers, err := c.AddToken(console, models.APIToken{Name: "hall-2", Kind: models.KindWorker})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := enter(workers); !errors.Is(err, models.ErrSignIn) {
		t.Errorf("a worker's token over HTTP: %v", err)
	}
	if name, err := c.Worker(t.Context(), workers); name != "hall-2" || err != nil {
		t.Errorf("on the link: %s, %v", name, err)
	}
	if _, err := c.Worker(t.Context(), secret); !errors.Is(err, models.ErrSignIn) {
		t.Errorf("a program's token on the link: %v", err)
	}
}

// Nobody can make themselves, or others, more than they are.
func TestNobodyGivesWhatTheyDoNotHave(t *testing.T) {
	t.Parallel()
	c := open(t)
	console := access.AsConsole(t.Context())
	if _, _, err := c.AddAccount(console, models.Account{Name: "boss", Grants: models.Grants{Roles: []models.Role{models.RoleAdmin}}}, ""); err != nil {
		t.Fatal(err)
	}
	clerk := c.settled(t, "clerk", models.Grants{Permissions: []models.Permission{models.MayEditUsers, models.MayWatch}})
	ctx := access.Enter(t.Context(), clerk.Visit)
	everything := func(g *models.Grants) { g.Roles = []models.Role{models.RoleAdmin} }
	_, _, addErr := c.AddAccount(ctx, models.Account{Name: "friend", Grants: viewer()}, "")
	_, changeErr := c.ChangeAccount(ctx, "clerk", access.AccountChange{Grants: everything})
	_, resetErr := c.Reset(ctx, "boss")
	_, _, tokenErr := c.AddToken(ctx, models.APIToken{Name: "t", Kind: models.KindToken, Grants: viewer()})
	for what, err := range map[string]error{
		"add a viewer": addErr, "become an administrator": changeErr, "reset the administrator": resetErr,
		"remove the administrator": c.RemoveAccount(ctx, "boss"), "make a viewer's token": tokenErr,
	} {
		if !errors.Is(err, models.ErrForbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
	watch := models.Grants{Permissions: []models.Permission{models.MayWatch}}
	if _, _, err := c.AddAccount(ctx, models.Account{Name: "guard", Grants: watch}, ""); err != nil {
		t.Errorf("what the clerk has, the clerk may give: %v", err)
	}
	for what, err := range map[string]error{
		"remove the last administrator": c.RemoveAccount(console, "boss"),
		"demote the last administrator": second(c.ChangeAccount(console, "boss", access.AccountChange{Grants: func(g *models.Grants) { *g = viewer() }})),
	} {
		if !errors.Is(err, models.ErrConflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Whoever is switched off, reset or changed has nothing open any more.
func TestChangesEndWhatGoesOn(t *testing.T) {
	t.Parallel()
	c := open(t)
	console := access.AsConsole(t.Context())
	off := true
	for name, change := range map[string]func() error{
		"off": func() error { return second(c.ChangeAccount(console, "off", access.AccountChange{Disabled: &off})) },
		"changed": func() error {
			return second(c.ChangeAccount(console, "changed", access.AccountChange{Grants: func(g *models.Grants) { g.Cameras = []models.CameraID{"a"} }}))
		},
		"reset":   func() error { return second(c.Reset(console, "reset")) },
		"removed": func() error { return c.RemoveAccount(console, "removed") },
	} {
		ticket := c.settled(t, name, viewer())
		ended := make(chan struct{})
		if _, err := c.Hold(ticket.Visit, "previews", 1, func() { close(ended) }); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Hold(ticket.Visit, "previews", 1, nil); !errors.Is(err, models.ErrTooMany) {
			t.Errorf("two where one is the most: %v", err)
		}
		if err := change(); err != nil {
			t.Fatal(err)
		}
		<-ended
		if err := c.enters(ticket.Cookie); name != "changed" && !errors.Is(err, models.ErrSignIn) {
			t.Errorf("%s: the cookie still opens: %v", name, err)
		}
	}
	if _, err := c.SignIn(t.Context(), attempt("off", passphrase)); !errors.Is(err, models.ErrForbidden) {
		t.Errorf("who is switched off signs in: %v", err)
	}
}

func TestOneTimePasswordsAreShortLived(t *testing.T) {
	t.Parallel()
	c := open(t)
	once, err := c.FirstAccount(t.Context(), "admin", false)
	if err != nil || once == "" {
		t.Fatal(once, err)
	}
	if again, err := c.FirstAccount(t.Context(), "admin", false); again != "" || err != nil {
		t.Errorf("a second first administrator: %q, %v", again, err)
	}
	c.pass(8 * 24 * time.Hour)
	if _, err := c.SignIn(t.Context(), attempt("admin", once)); !errors.Is(err, models.ErrSignIn) || !strings.Contains(err.Error(), "out of date") {
		t.Errorf("after eight days: %v", err)
	}
}

func TestPasswordsThatWouldBeGuessed(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"", "short", "elevenchars", "password1234", "P@ssw0rd!2026", "aaaaaaaaaaaaaa", "abababababababab", "123456789012", "abcdefghijkl",
		"qwertyuiop123", "Administrator1!", "footfall2026!", "annaannaanna", strings.Repeat("long ", 60), "twelve\x00chars more", "nul\xffutf8 is bad",
	} {
		if err := access.CheckPassword("anna", bad); !errors.Is(err, models.ErrInvalid) {
			t.Errorf("%q is taken: %v", bad, err)
		}
	}
	for _, good := range []string{passphrase, "correct horse battery", "Zwölf Boxkämpfer jagen", access.OneTimePassword(), "9f!Kq2zPw#7LmX"} {
		if err := access.CheckPassword("anna", good); err != nil {
			t.Errorf("%q is refused: %v", good, err)
		}
	}
}
