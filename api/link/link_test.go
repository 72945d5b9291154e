package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
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
	if second.Clock == nil || !slices.Equal(second.Holds, []models.LeaseID{"L-a"}) ||
		!reflect.DeepEqual(second.Statuses, []models.CameraStatus{status}) {
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

func TestWorkerThatFailsSaysNoGoodbye(t *testing.T) {
	t.Parallel()
	broker, _ := startBroker(t, "")
	fleet := newFleet()
	beats := make(chan Beat, 100)
	fleet.answer(func(b Beat) (Orders, error) {
		beats <- b
		return Orders{}, nil
	})
	startHub(t, urlOf(t, broker), fleet, newLedger())
	ctx, fail := context.WithCancelCause(t.Context())
	failing := client(t, urlOf(t, broker), newDuty(), openOutbox(t))
	worker := start(t, func(context.Context) error { return failing.Run(ctx) })
	<-beats
	fail(errors.New("a camera is stuck"))
	if err := worker.wait(); err != nil {
		t.Errorf("run: %v", err)
	}
	for len(beats) > 0 {
		if b := <-beats; b.Leaving {
			t.Error("a worker that failed said goodbye")
		}
	}
}

func TestWorkerStartsBeforeItsServer(t *testing.T) {
	t.Parallel()
	broker, run := startBroker(t, "") // only to learn a free address
	address := urlOf(t, broker)
	_ = run.stop()
	duty, box := newDuty(), openOutbox(t)
	put(t, box, 1, 1)
	start(t, beating(t, 100*time.Millisecond, address, duty, box).Run)
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
	const subjectBeat, subjectFacts = subjectBeat + "w", subjectFacts + "w"
	tests := []struct {
		subject, message string
		want             Code
	}{
		{subjectBeat, `{"protocol":1,"worker":"another","incarnation":"1","capacity":1}`, CodeMessage},
		{subjectFacts, `{"protocol":1,"worker":"another","facts":[]}`, CodeMessage},
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
