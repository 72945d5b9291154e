package link

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"footfall/models"
)

const (
	// batchSize is how many facts go in one question: about 100 kB, and one transaction of the server.
	batchSize = 250
	// factsPatience is how long a receipt is waited for; the server's disk may be slow.
	factsPatience = 10 * time.Second
)

// Tally counts what became of facts since the client was made.
type Tally struct {
	Accepted int64
	Refused  int64
}

type tally struct{ accepted, refused atomic.Int64 }

// Tally is what became of facts so far. It may be asked at any time.
func (c *Client) Tally() Tally {
	return Tally{Accepted: c.tally.accepted.Load(), Refused: c.tally.refused.Load()}
}

// drain sends the outbox, oldest first, until ctx ends. Whatever fails is tried again: a fact is removed only after
// the server's final word about it.
func (c *Client) drain(ctx context.Context, conn *nats.Conn) error {
	pause := backoff{first: 250 * time.Millisecond, most: 10 * time.Second}
	failures, postponed := 0, 0
	for {
		outcome, err := c.sendBatch(ctx, conn)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			postponed = 0
			if failures++; failures == 1 {
				c.log.Warn("facts not sent; they are kept and tried again", "error", err, "kept", c.outbox.Len())
			}
			c.rest(ctx, pause.after(failures))
			continue
		}
		failures = 0
		switch {
		case outcome.final > 0:
			postponed = 0 // there may be more behind them
		case outcome.later > 0:
			postponed++
			c.rest(ctx, pause.after(postponed))
		default:
			if err := c.outbox.Wait(ctx); err != nil && ctx.Err() == nil {
				failures++
				c.log.Error("wait for facts", "error", err)
				c.rest(ctx, pause.after(failures))
			}
		}
	}
}

// rest waits, but not longer than until the server is known to be back.
func (c *Client) rest(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.clear:
	case <-ctx.Done():
	}
}

// empty sends what is left when the worker stops, as far as the server takes it without delay.
func (c *Client) empty(ctx context.Context, conn *nats.Conn) {
	for {
		outcome, err := c.sendBatch(ctx, conn)
		if err != nil || outcome.final == 0 {
			break
		}
	}
	if left := c.outbox.Len(); left > 0 {
		c.log.Warn("facts stay in the outbox until the next start", "kept", left)
	}
}

// outcome is how many facts of a batch the server has spoken about: finally, and not yet.
type outcome struct{ final, later int }

// sendBatch sends the oldest facts and removes those that are done.
func (c *Client) sendBatch(ctx context.Context, conn *nats.Conn) (outcome, error) {
	facts, err := c.outbox.Pending(ctx, batchSize)
	if err != nil {
		return outcome{}, fmt.Errorf("read outbox: %w", err)
	}
	if len(facts) == 0 {
		return outcome{}, nil
	}
	batch := Batch{Protocol: Protocol, Worker: c.cfg.Worker, Facts: facts}
	data, err := c.asked.ask(ctx, conn, subjectFacts+c.cfg.Worker, batch, factsPatience)
	if err != nil {
		return outcome{}, err
	}
	receipt, err := DecodeReceipt(data)
	if err != nil {
		return outcome{}, fmt.Errorf("read receipt: %w", err)
	}
	return c.settle(ctx, facts, receipt)
}

// settle removes what the receipt is final about. Ids that were not asked about are none of its business.
func (c *Client) settle(ctx context.Context, facts []models.Fact, receipt Receipt) (outcome, error) {
	asked := make(map[models.FactID]models.Fact, len(facts))
	for _, f := range facts {
		asked[f.ID] = f
	}
	var done []models.FactID
	var refusals []Refusal
	for _, id := range receipt.Accepted {
		if _, ok := asked[id]; ok {
			delete(asked, id)
			done = append(done, id)
		}
	}
	accepted := len(done)
	for _, r := range receipt.Refused {
		if f, ok := asked[r.ID]; ok {
			delete(asked, r.ID)
			done = append(done, r.ID)
			refusals = append(refusals, r)
			c.log.Warn("fact refused by the server; it is not counted", "fact", r.ID, "camera", f.Camera,
				"lease", f.Lease, "time", f.Time(), "reason", r.Reason)
		}
	}
	if len(done) > 0 {
		if err := c.outbox.Remove(ctx, done...); err != nil {
			return outcome{}, fmt.Errorf("remove %d settled fact(s) from outbox: %w", len(done), err)
		}
	}
	c.tally.accepted.Add(int64(accepted))
	c.tally.refused.Add(int64(len(refusals)))
	return outcome{final: len(done), later: len(asked)}, nil
}
