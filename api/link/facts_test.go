package link

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"footfall/models"
)

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

func TestReceiptIsReadWithCare(t *testing.T) {
	t.Parallel()
	box := openOutbox(t)
	put(t, box, 1, 3)
	c := client(t, "nats://"+testToken+"@127.0.0.1:1", newDuty(), box)
	got, err := c.settle(t.Context(), []models.Fact{fact(1), fact(2)}, Receipt{
		Accepted: []models.FactID{factID(1), factID(1), factID(3)}, // said twice, and not asked
		Refused:  []Refusal{{ID: factID(1)}, {ID: "another"}},
	})
	if err != nil || got != (outcome{final: 1, later: 1}) || box.Len() != 2 || c.Tally() != (Tally{Accepted: 1}) {
		t.Errorf("%+v (%v) with %d kept and tally %+v, want only fact 1 to be settled", got, err, box.Len(), c.Tally())
	}
}

func TestReconnectEndsTheRest(t *testing.T) {
	t.Parallel()
	c := client(t, "nats://"+testToken+"@127.0.0.1:1", newDuty(), openOutbox(t))
	c.reconnected()
	c.rest(t.Context(), time.Hour)
}
