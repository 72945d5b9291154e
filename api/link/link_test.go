package link

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"footfall/models"
)

func assignment(camera models.CameraID, version int64) Assignment {
	return Assignment{
		Lease:  models.Lease{ID: models.LeaseID("L-" + camera), Camera: camera, Worker: "w1"},
		Camera: models.Camera{ID: camera, Version: version},
	}
}

func TestOrdersReachTheDuty(t *testing.T) {
	t.Parallel()
	broker, _ := startBroker(t, "")
	fleet := newFleet()
	settings := json.RawMessage(`{"engine":"auto"}`)
	fleet.answer(func(Beat) (Orders, error) {
		return Orders{Assignments: []Assignment{assignment("a", 1)}, Settings: settings}, nil
	})
	startHub(t, urlOf(t, broker), fleet, newLedger())
	status := models.CameraStatus{Camera: "a", State: models.Online}
	duty := newDuty(status)
	start(t, client(t, urlOf(t, broker), duty, openOutbox(t)).Run)

	if got := <-duty.orders; len(got) != 1 || got[0].Camera.ID != "a" || got[0].Lease.ID != "L-a" {
		t.Fatalf("orders are %+v, want camera a", got)
	}
	if got := <-duty.settings; string(got) != string(settings) {
		t.Errorf("settings are %s, want %s", got, settings)
	}
	first, second := <-fleet.beats, <-fleet.beats
	if first.Worker != "w1" || first.Incarnation != "1" || first.Version != "v0" || first.Capacity != 4 ||
		first.Clock != nil || len(first.Holds) != 0 {
		t.Errorf("the first beat is %+v", first)
	}
	if second.Clock == nil || !slices.Equal(second.Holds, []models.LeaseID{"L-a"}) || second.Statuses[0] != status {
		t.Errorf("the second beat is %+v, want it at once, with clock, leases and statuses", second)
	}
}

func TestWakeUpCallBringsTheNextOrders(t *testing.T) {
	t.Parallel()
	broker, _ := startBroker(t, "")
	fleet := newFleet()
	var version atomic.Int64
	version.Store(1)
	fleet.answer(func(Beat) (Orders, error) {
		a := assignment("a", version.Load())
		a.Lease.Until = time.Now() // moves with every beat; no news for the duty
		return Orders{Assignments: []Assignment{a}}, nil
	})
	startHub(t, urlOf(t, broker), fleet, newLedger())
	duty := newDuty()
	start(t, client(t, urlOf(t, broker), duty, openOutbox(t)).Run)
	<-duty.orders
	<-fleet.beats
	<-fleet.beats
	fleet.calls <- "w1"
	<-fleet.beats // an hour early
	version.Store(2)
	fleet.calls <- "w1"
	if got := <-duty.orders; got[0].Camera.Version != 2 {
		t.Errorf("the duty heard of version %d, want only of 2: nothing else had changed", got[0].Camera.Version)
	}
}

func TestSupersededWorkerEnds(t *testing.T) {
	t.Parallel()
	broker, _ := startBroker(t, "")
	fleet := newFleet()
	fleet.answer(func(Beat) (Orders, error) { return Orders{}, fmt.Errorf("worker w1: %w", ErrSuperseded) })
	startHub(t, urlOf(t, broker), fleet, newLedger())
	worker := start(t, client(t, urlOf(t, broker), newDuty(), openOutbox(t)).Run)
	if err := worker.wait(); !errors.Is(err, ErrSuperseded) {
		t.Errorf("run: %v, want ErrSuperseded", err)
	}
}

func TestWorkerSaysGoodbyeAfterItsLastFacts(t *testing.T) {
	t.Parallel()
	broker, _ := startBroker(t, "")
	fleet, book, box := newFleet(), newLedger(), openOutbox(t)
	left := make(chan int, 1)
	fleet.answer(func(b Beat) (Orders, error) {
		if b.Leaving {
			left <- b.Outbox
		}
		return Orders{}, nil
	})
	book.judge = func(models.Fact) string { return "later" }
	startHub(t, urlOf(t, broker), fleet, book)
	worker := start(t, client(t, urlOf(t, broker), newDuty(), box).Run)
	put(t, box, 1, 3)
	book.until(t, "the first attempt", func() bool { return book.batches > 0 })
	book.set(func() { book.judge = nil })
	if err := worker.stop(); err != nil {
		t.Errorf("run: %v", err)
	}
	if kept := <-left; kept != 0 || len(book.counted) != 3 {
		t.Errorf("left with %d facts kept and %d counted, want 0 and 3", kept, len(book.counted))
	}
}

func TestFactsLeaveTheOutboxOnlyWhenTheyAreSettled(t *testing.T) {
	t.Parallel()
	broker, _ := startBroker(t, "")
	book, box := newLedger(), openOutbox(t)
	book.judge = func(f models.Fact) string {
		switch f.ID {
		case factID(2):
			return "its lease is unknown"
		case factID(3):
			return "later"
		}
		return ""
	}
	put(t, box, 1, 4)
	hub, _ := startHub(t, urlOf(t, broker), newFleet(), book)
	worker := client(t, urlOf(t, broker), newDuty(), box)
	end := start(t, worker.Run)
	book.until(t, "fact 3 to be sent again", func() bool { return book.batches >= 3 })
	pending, err := box.Pending(t.Context(), 10)
	if err != nil || len(pending) != 1 || pending[0].ID != factID(3) {
		t.Fatalf("in the outbox: %v (%v), want fact 3 alone", pending, err)
	}
	book.set(func() { book.judge = nil })
	book.until(t, "fact 3", func() bool { return len(book.counted) == 3 })
	_ = end.stop()
	if got := worker.Tally(); got != (Tally{Accepted: 3, Refused: 1}) || box.Len() != 0 {
		t.Errorf("tally is %+v with %d kept, want 3 accepted, 1 refused, none kept", got, box.Len())
	}
	if got := hub.Traffic(); got.Accepted < 3 || got.Refused != 1 || got.Later < 2 || got.Bad != 0 {
		t.Errorf("traffic is %+v", got)
	}
}

func TestLostReceiptCountsNothingTwice(t *testing.T) {
	t.Parallel()
	broker, _ := startBroker(t, "")
	book, box := newLedger(), openOutbox(t)
	lost := 0
	book.fail = func() error { // the database has it, but the answer does not arrive
		if lost++; lost <= 2 {
			return errors.New("connection reset")
		}
		return nil
	}
	put(t, box, 1, 300)
	startHub(t, urlOf(t, broker), newFleet(), book)
	worker := start(t, client(t, urlOf(t, broker), newDuty(), box).Run)
	book.until(t, "all facts", func() bool { return len(book.counted) == 300 })
	_ = worker.stop()
	if box.Len() != 0 || len(book.counted) != 300 || book.batches < 4 {
		t.Errorf("%d kept, %d counted in %d batches, want 0, 300, and the first batch three times", box.Len(),
			len(book.counted), book.batches)
	}
}

func TestFactsOutliveTheServer(t *testing.T) {
	t.Parallel()
	broker, brokerRun := startBroker(t, "")
	address := urlOf(t, broker)
	book, box := newLedger(), openOutbox(t)
	_, hubRun := startHub(t, address, newFleet(), book)
	start(t, client(t, address, newDuty(), box).Run)
	put(t, box, 1, 1)
	book.until(t, "the first fact", func() bool { return len(book.counted) == 1 })

	_ = hubRun.stop()
	_ = brokerRun.stop()
	put(t, box, 2, 500)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	startBroker(t, u.Host)
	startHub(t, address, newFleet(), book)

	book.until(t, "the facts of the outage", func() bool { return len(book.counted) == 500 })
	for i, id := range book.counted {
		if id != factID(i+1) {
			t.Fatalf("fact %d of the drain is %s: not in order", i+1, id)
		}
	}
}

func TestFactsOutliveACutCable(t *testing.T) {
	t.Parallel()
	broker, _ := startBroker(t, "")
	cable, far := layCable(t, urlOf(t, broker))
	book, box, fleet := newLedger(), openOutbox(t), newFleet()
	startHub(t, urlOf(t, broker), fleet, book)
	start(t, client(t, far, newDuty(), box).Run)
	for i := 1; i <= 5; i++ {
		put(t, box, 2*i-1, 2*i-1)
		book.until(t, "the fact before the cut", func() bool { return len(book.counted) == 2*i-1 })
		cable.sever(true)
		put(t, box, 2*i, 2*i)
		for len(fleet.beats) > 0 {
			<-fleet.beats
		}
		cable.sever(false)
		<-fleet.beats // it comes back by itself and reports at once
		book.until(t, "the fact from the cut", func() bool { return len(book.counted) == 2*i })
	}
}

func TestWorkerStartsBeforeItsServer(t *testing.T) {
	t.Parallel()
	broker, run := startBroker(t, "") // only to learn a free address
	address := urlOf(t, broker)
	_ = run.stop()
	duty, box := newDuty(), openOutbox(t)
	put(t, box, 1, 1)
	start(t, client(t, address, duty, box).Run)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	startBroker(t, u.Host)
	book := newLedger()
	startHub(t, address, newFleet(), book)
	<-duty.orders
	book.until(t, "the fact", func() bool { return len(book.counted) == 1 })
}

func TestHubAnswersNonsense(t *testing.T) {
	t.Parallel()
	broker, _ := startBroker(t, "")
	hub, _ := startHub(t, urlOf(t, broker), newFleet(), newLedger())
	conn, err := nats.Connect(urlOf(t, broker))
	if err != nil {
		t.Fatal(err)
	}
	defer closeAndWait(conn)
	tests := []struct {
		subject, message string
		want             Code
	}{
		{subjectBeat, `{"protocol":2}`, CodeProtocol},
		{subjectBeat, `{}`, CodeProtocol},
		{subjectBeat, `not json`, CodeMessage},
		{subjectBeat, ``, CodeMessage},
		{subjectBeat, `{"protocol":1,"worker":"../etc"}`, CodeMessage},
		{subjectBeat, `{"protocol":1,"worker":"w","incarnation":"1","capacity":-1}`, CodeMessage},
		{subjectBeat, `{"protocol":1,"worker":"w","incarnation":"1"}`, CodeMessage},
		{subjectBeat, `{"protocol":1,"statuses":7}`, CodeMessage},
		{subjectFacts, `{"protocol":7,"facts":[]}`, CodeProtocol},
		{subjectFacts, `[]`, CodeMessage},
		{subjectFacts, `{"protocol":1,"worker":"w","facts":[{"crossing":{"line":4}}]}`, CodeMessage},
	}
	for _, test := range tests {
		answer, err := conn.RequestWithContext(t.Context(), test.subject, []byte(test.message))
		if err != nil {
			t.Fatalf("%s: %v", test.message, err)
		}
		var got Orders // a Receipt has its problem in the same place
		if err := json.Unmarshal(answer.Data, &got); err != nil || got.Problem == nil || got.Problem.Code != test.want {
			t.Errorf("%s to %s is answered with %s, want %s", test.message, test.subject, answer.Data, test.want)
		}
	}
	if got := hub.Traffic().Bad; got != int64(len(tests)) {
		t.Errorf("%d bad messages counted, want %d", got, len(tests))
	}
	// One impossible fact does not hold up the others.
	good, err := json.Marshal(Batch{Protocol: Protocol, Worker: "w", Facts: []models.Fact{{ID: "bad"}, fact(1)}})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := conn.RequestWithContext(t.Context(), subjectFacts, good)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := DecodeReceipt(answer.Data)
	if err != nil || len(receipt.Refused) != 1 || receipt.Refused[0].ID != "bad" ||
		!slices.Equal(receipt.Accepted, []models.FactID{factID(1)}) {
		t.Errorf("receipt is %s (%v), want the first refused and the second accepted", answer.Data, err)
	}
}

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

func TestClockIsTheQuestionWithTheShortestRoundTrip(t *testing.T) {
	t.Parallel()
	var c clock
	if c.estimate() != nil {
		t.Error("an estimate out of nothing")
	}
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	const offset = 700 * time.Millisecond // the worker's clock is ahead
	ask := func(there, back time.Duration) {
		server := at.Add(-offset).Add(there)
		c.learn(at, server, server.Add(time.Millisecond), at.Add(there+back+time.Millisecond))
	}
	ask(300*time.Millisecond, 10*time.Millisecond)
	ask(2*time.Millisecond, 2*time.Millisecond)
	ask(time.Millisecond, 400*time.Millisecond)
	if got := c.estimate(); got.Offset != offset || got.RoundTrip != 4*time.Millisecond {
		t.Errorf("estimate is %+v, want %s", got, offset)
	}
	// A clock that was set is noticed when the old questions are forgotten.
	for range clockSamples {
		at = at.Add(time.Second)
		c.learn(at, at, at, at.Add(20*time.Millisecond))
	}
	if got := c.estimate(); got.Offset != 10*time.Millisecond {
		t.Errorf("estimate is %+v, want that of the last questions", got)
	}
}

func TestBackoffGrowsAndIsBounded(t *testing.T) {
	t.Parallel()
	b := backoff{first: 100 * time.Millisecond, most: 2 * time.Second}
	for n, most := range map[int]time.Duration{
		0: 100 * time.Millisecond, 1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 5: 1600 * time.Millisecond,
		6: 2 * time.Second, 60: 2 * time.Second, 1 << 40: 2 * time.Second,
	} {
		for range 100 {
			if got := b.after(n); got < most/2 || got > most {
				t.Fatalf("after %d failures: %s, want between %s and %s", n, got, most/2, most)
			}
		}
	}
}
