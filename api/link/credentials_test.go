package link

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// book of tokens that a test strikes out of.
type book struct {
	mu     sync.Mutex
	tokens map[string]string
}

func (b *book) Worker(_ context.Context, token string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if name := b.tokens[token]; name != "" {
		return name, nil
	}
	return "", errors.New("unknown")
}

// A worker with a token of its own speaks for itself only, hears nothing that is for others, and is shown out when its
// token is revoked.
func TestWorkersSpeakForThemselves(t *testing.T) {
	t.Parallel()
	tokens := &book{tokens: map[string]string{"footworker_one": "one", "footworker_two": "two"}}
	broker, err := NewBroker(BrokerConfig{Token: testToken, Workers: tokens}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	start(t, broker.Run)
	own := urlOf(t, broker)
	startHub(t, own, newFleet(), newLedger())
	address := strings.Replace(own, testToken+"@", "", 1)
	trouble := make(chan error, 100)
	gone := make(chan struct{})
	dial := func(token string) *nats.Conn {
		t.Helper()
		conn, err := nats.Connect(address, nats.Token(token), nats.NoReconnect(), nats.CustomInboxPrefix(inboxOf("one")),
			nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { trouble <- err }),
			nats.ClosedHandler(func(*nats.Conn) { close(gone) }))
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	for _, wrong := range []string{"", "footworker_three", "x"} {
		if conn, err := nats.Connect(address, nats.Token(wrong)); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("token %q: %v", wrong, err)
			conn.Close()
		}
	}
	one := dial("footworker_one")
	beat := []byte(`{"protocol":1,"worker":"one","incarnation":"1","capacity":1,"sent":"2026-03-01T12:00:00Z"}`)
	if answer, err := one.Request(subjectBeat+"one", beat, time.Minute); err != nil || strings.Contains(string(answer.Data), "problem") {
		t.Fatalf("its own beat: %v %s", err, answer.Data)
	}
	for _, subject := range []string{
		subjectWake + "two", subjectWanted + "two", subjectLines + "two", subjectWanted + "*", inboxOf("two") + ".>", "_INBOX.>", ">", subjectBeat + "*", subjectShot + ">",
	} {
		if _, err := one.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		if err := <-trouble; !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("it may hear %s: %v", subject, err)
		}
	}
	for _, subject := range []string{
		subjectBeat + "two", subjectFacts + "two", subjectShot + "two.lobby.tile", subjectWake + "two", subjectWanted + "two", "footfall.x",
	} {
		if err := one.Publish(subject, beat); err != nil {
			t.Fatal(err)
		}
		if err := <-trouble; !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("it may say %s: %v", subject, err)
		}
	}
	tokens.mu.Lock()
	delete(tokens.tokens, "footworker_one")
	tokens.mu.Unlock()
	<-gone // within recheckEvery
}

var _ server.Authentication = (*gatekeeper)(nil)
