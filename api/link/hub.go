package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"footfall/models"
)

// Fleet decides which worker watches which camera. It answers beats from memory, without waiting for a disk.
type Fleet interface {
	// Beat takes in what a worker says and answers with its orders; the Hub fills in protocol and times.
	// ErrSuperseded: the worker must end. models.ErrUnavailable: not now.
	Beat(ctx context.Context, beat Beat) (Orders, error)
	// Calls waits until the orders of some workers have changed and names them.
	Calls(ctx context.Context) ([]string, error)
}

// Ingest takes facts into the database. When it returns without an error, everything in Accepted is committed. Each
// fact must be in exactly one of the three lists of the receipt; Ingest leaves Protocol and Problem alone.
type Ingest interface {
	Accept(ctx context.Context, worker string, facts []models.Fact) (Receipt, error)
}

// Hub is the server's end of the link.
type Hub struct {
	url    string
	fleet  Fleet
	ingest Ingest
	now    func() time.Time
	log    *slog.Logger

	conn       atomic.Pointer[nats.Conn] // while Run runs
	ready      chan struct{}
	traffic    traffic
	complained atomic.Int64 // when a bad message was last logged, in Unix nanoseconds
}

// NewHub makes the server's end; it starts nothing. url is the broker's, now the server's clock (nil: the system's).
func NewHub(url string, fleet Fleet, ingest Ingest, now func() time.Time, log *slog.Logger) (*Hub, error) {
	if _, err := readAddress(url); err != nil {
		return nil, err
	}
	if now == nil {
		now = time.Now
	}
	return &Hub{url: url, fleet: fleet, ingest: ingest, now: now, log: log, ready: make(chan struct{})}, nil
}

// Traffic counts what came over the link since the start.
type Traffic struct {
	Beats    int64
	Batches  int64
	Accepted int64 // facts committed, those that came again included
	Later    int64
	Refused  int64
	Bad      int64 // messages that could not be handled
}

type traffic struct{ beats, batches, accepted, later, refused, bad atomic.Int64 }

// Traffic is what came over the link so far. It may be asked at any time.
func (h *Hub) Traffic() Traffic {
	t := &h.traffic
	return Traffic{
		Beats: t.beats.Load(), Batches: t.batches.Load(), Accepted: t.accepted.Load(),
		Later: t.later.Load(), Refused: t.refused.Load(), Bad: t.bad.Load(),
	}
}

// Ready is closed when the hub listens for workers.
func (h *Hub) Ready() <-chan struct{} { return h.ready }

// answerPatience is how long the broker may take to confirm something.
const answerPatience = 5 * time.Second

// complainEvery keeps a worker that says nonsense every second from filling the log.
const complainEvery = 10 * time.Second

// factReaders is how many batches, of different workers, are handled at once.
const factReaders = 4

// Run answers workers until ctx ends. Run it once.
func (h *Hub) Run(ctx context.Context) error {
	connected := make(chan struct{}, 1)
	conn, err := connect(h.url, "footfall server", "", events{up: func() { poke(connected) }, down: func() {}}, h.log)
	if err != nil {
		return err
	}
	defer closeAndWait(conn)
	h.conn.Store(conn)
	beats, err := conn.SubscribeSync(subjectBeat + "*")
	if err != nil {
		return fmt.Errorf("listen for beats: %w", err)
	}
	batches, err := conn.SubscribeSync(subjectFacts + "*")
	if err != nil {
		return fmt.Errorf("listen for facts: %w", err)
	}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return h.serve(running, beats, h.answerBeat) })
	for range factReaders {
		group.Go(func() error { return h.serve(running, batches, h.answerBatch) })
	}
	group.Go(func() error { return h.call(running, conn) })
	group.Go(func() error { h.announce(running, conn, connected); return nil })
	if err := group.Wait(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("link hub: %w", err)
	}
	return nil
}

// announce closes ready once the broker has confirmed that the subscriptions stand.
func (h *Hub) announce(ctx context.Context, conn *nats.Conn, connected <-chan struct{}) {
	for {
		select {
		case <-connected:
		case <-ctx.Done():
			return
		}
		confirmed, done := context.WithTimeout(ctx, answerPatience)
		err := conn.FlushWithContext(confirmed)
		done()
		if err == nil {
			close(h.ready)
			return
		}
	}
}

// answering makes an answer of what a worker asks, whose name the broker vouches for.
type answering func(ctx context.Context, worker string, data []byte) any

// serve answers the messages of one subscription, one after the other.
func (h *Hub) serve(ctx context.Context, questions *nats.Subscription, answer answering) error {
	for {
		question, err := questions.NextMsgWithContext(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, nats.ErrSlowConsumer):
			h.log.Warn("link: questions were lost; their workers ask again", "subject", questions.Subject)
			continue
		case err != nil:
			return fmt.Errorf("read %s: %w", questions.Subject, err)
		}
		data, err := json.Marshal(answer(ctx, workerIn(question.Subject), question.Data))
		if err == nil && question.Reply != "" {
			err = question.Respond(data)
		}
		if err != nil && ctx.Err() == nil {
			// The one who asked runs out of patience and asks again.
			h.log.Warn("link: answer not sent", "subject", questions.Subject, "error", err)
		}
	}
}

// answerBeat is one beat's way to the fleet and back.
func (h *Hub) answerBeat(ctx context.Context, worker string, data []byte) any {
	received := h.now().UTC()
	h.traffic.beats.Add(1)
	beat, err := DecodeBeat(data)
	if err == nil {
		err = itself(beat.Worker, worker)
	}
	if err != nil {
		return Orders{Protocol: Protocol, Problem: h.refuse("beat", err)}
	}
	orders, err := h.fleet.Beat(ctx, beat)
	if err != nil {
		return Orders{Protocol: Protocol, Problem: problemOf(err)}
	}
	orders.Protocol, orders.Received, orders.Sent = Protocol, received, h.now().UTC()
	return orders
}

// answerBatch is one batch's way to the database and back.
func (h *Hub) answerBatch(ctx context.Context, worker string, data []byte) any {
	h.traffic.batches.Add(1)
	batch, err := DecodeBatch(data)
	if err == nil {
		err = itself(batch.Worker, worker)
	}
	if err != nil {
		return Receipt{Protocol: Protocol, Problem: h.refuse("facts", err)}
	}
	sound, refused := sift(batch.Facts)
	receipt := Receipt{}
	if len(sound) > 0 {
		if receipt, err = h.ingest.Accept(ctx, batch.Worker, sound); err != nil {
			h.log.Error("facts not taken; their worker sends them again", "worker", batch.Worker, "facts", len(sound),
				"error", err)
			return Receipt{Protocol: Protocol, Problem: &Problem{Code: CodeUnavailable, Detail: "facts not committed"}}
		}
	}
	receipt.Refused = append(receipt.Refused, refused...)
	h.traffic.accepted.Add(int64(len(receipt.Accepted)))
	h.traffic.later.Add(int64(len(receipt.Later)))
	h.traffic.refused.Add(int64(len(receipt.Refused)))
	receipt.Protocol = Protocol
	return receipt
}

// itself refuses a message in the name of another worker.
func itself(named, worker string) error {
	if named != worker {
		return models.Invalidf("worker", "is %q, but the message comes from %q", named, worker)
	}
	return nil
}

// sift parts the facts that some worker could have made from those that none could.
func sift(facts []models.Fact) (sound []models.Fact, refused []Refusal) {
	for _, f := range facts {
		if err := f.Validate(); err != nil {
			refused = append(refused, Refusal{ID: f.ID, Reason: err.Error()})
			continue
		}
		sound = append(sound, f)
	}
	return sound, refused
}

// refuse counts a message that could not be handled.
func (h *Hub) refuse(what string, err error) *Problem {
	bad := h.traffic.bad.Add(1)
	now, last := h.now().UnixNano(), h.complained.Load()
	if now-last >= int64(complainEvery) && h.complained.CompareAndSwap(last, now) {
		h.log.Warn("link: message refused", "message", what, "error", err, "refused_so_far", bad)
	}
	return problemOf(err)
}

// call passes on wake-up calls. A lost one costs nothing but the time until the next beat.
func (h *Hub) call(ctx context.Context, conn *nats.Conn) error {
	for {
		workers, err := h.fleet.Calls(ctx)
		if err != nil {
			return fmt.Errorf("wait for changed orders: %w", err)
		}
		for _, worker := range workers {
			if err := conn.Publish(subjectWake+worker, nil); err != nil && ctx.Err() == nil {
				h.log.Warn("link: wake-up call not sent", "worker", worker, "error", err)
			}
		}
	}
}
