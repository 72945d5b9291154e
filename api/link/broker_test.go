package link

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func TestBrokerWantsItsToken(t *testing.T) {
	t.Parallel()
	broker, _ := startBroker(t, "")
	u, err := url.Parse(urlOf(t, broker))
	if err != nil {
		t.Fatal(err)
	}
	if u.User.Username() != testToken {
		t.Errorf("the URL has no token")
	}
	for _, user := range []*url.Userinfo{nil, url.User("another")} {
		u.User = user
		conn, err := nats.Connect(u.String())
		if !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("connected as %v: %v, want to be refused", user, err)
		}
		if conn != nil {
			closeAndWait(conn)
		}
	}
}

func TestBrokerRefusesAPortInUse(t *testing.T) {
	t.Parallel()
	first, _ := startBroker(t, "")
	u, err := url.Parse(urlOf(t, first))
	if err != nil {
		t.Fatal(err)
	}
	second, err := NewBroker(BrokerConfig{Listen: u.Host, Token: testToken}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Run(t.Context()); err == nil || !strings.Contains(err.Error(), u.Host) {
		t.Errorf("run: %v, want an error that names %s", err, u.Host)
	}
}

func TestBrokerConfig(t *testing.T) {
	t.Parallel()
	for cfg, want := range map[BrokerConfig]string{
		{Listen: "nonsense", Token: testToken}:       `link listen: "nonsense" is not HOST:PORT`,
		{Listen: "localhost:http", Token: testToken}: `link listen: "localhost:http" has no port between 0 and 65535`,
		{Listen: "localhost:70000", Token: testToken}: `link listen: "localhost:70000" has no port between 0 and ` +
			`65535`,
		{}: `link token: is shorter than 16 characters`,
	} {
		if _, err := NewBroker(cfg, quiet()); err == nil || err.Error() != want {
			t.Errorf("%+v: %v, want %s", cfg, err, want)
		}
	}
}

func TestTokenIsNeverShown(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, raw := range []string{
		"nats://" + testToken + "@[::1", "nats://" + testToken + "@", "http://" + testToken + "@localhost:1",
		"nats://" + testToken + ":secret@localhost:1",
	} {
		_, err := NewClient(ClientConfig{URL: raw, Worker: "w1", Incarnation: "1"}, nil, nil, logger)
		if err == nil || strings.Contains(err.Error(), testToken) || strings.Contains(err.Error(), "secret") {
			t.Errorf("the error is %v", err)
		}
	}
	// Nobody listens there.
	c, err := NewClient(ClientConfig{
		URL: "nats://" + testToken + "@127.0.0.1:1", Worker: "w1", Incarnation: "1",
	}, newDuty(), openOutbox(t), logger)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := c.Run(ctx); err != nil {
		t.Errorf("run without a server: %v", err)
	}
	if log.Len() == 0 || strings.Contains(log.String(), testToken) {
		t.Errorf("the log is %s", log.String())
	}
}

func TestWrongTokenMayBePutRight(t *testing.T) {
	t.Parallel()
	refusals := make(chan struct{}, 1000)
	strict, err := NewBroker(BrokerConfig{Token: "another-token-of-the-tests"}, slog.New(&errorBell{bell: refusals}))
	if err != nil {
		t.Fatal(err)
	}
	run := start(t, strict.Run)
	u, err := url.Parse(urlOf(t, strict))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(testToken)
	duty := newDuty()
	start(t, beating(t, 100*time.Millisecond, u.String(), duty, openOutbox(t)).Run)
	for range 4 { // it does not give up
		<-refusals
	}
	_ = run.stop()
	startBroker(t, u.Host)
	startHub(t, u.String(), newFleet(), newLedger())
	<-duty.orders
}

// errorBell rings for every error that is logged.
type errorBell struct{ bell chan<- struct{} }

func (b *errorBell) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelError
}
func (b *errorBell) WithAttrs([]slog.Attr) slog.Handler { return b }
func (b *errorBell) WithGroup(string) slog.Handler      { return b }
func (b *errorBell) Handle(context.Context, slog.Record) error {
	select {
	case b.bell <- struct{}{}:
	default:
	}
	return nil
}
