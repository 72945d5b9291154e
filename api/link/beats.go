package link

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"footfall/models"
)

// beatPatience is how long an answer to a beat is waited for. The server answers from memory.
const beatPatience = 2 * time.Second

// orders is what the server said last.
type orders struct {
	heard       bool
	assignments []Assignment
	settings    json.RawMessage
}

// beats asks for orders, once a period and whenever it is woken, until ctx ends or the server says to stop.
func (c *Client) beats(ctx context.Context, conn *nats.Conn) error {
	var now orders
	var failures int
	tick := time.NewTicker(c.cfg.Every)
	defer tick.Stop()
	for {
		measured := c.clock.estimate() != nil
		err := c.beat(ctx, conn, &now)
		switch {
		case errors.Is(err, ErrSuperseded):
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failures++
			if failures == 1 {
				c.log.Warn("server does not answer; watching goes on, facts are kept", "error", err)
			}
		default:
			if failures > 0 {
				c.log.Info("server answers again", "failed_beats", failures)
				poke(c.clear)
			}
			failures = 0
			if !measured && c.clock.estimate() != nil {
				continue // a worker gets cameras only once its clock is known: say so at once
			}
		}
		select {
		case <-tick.C:
		case <-c.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// beat is one question and answer; changed orders go to the duty.
func (c *Client) beat(ctx context.Context, conn *nats.Conn, now *orders) error {
	sent := c.cfg.Now()
	question := c.introduction(sent)
	question.Statuses = c.duty.Statuses()
	if c.cfg.Resources != nil {
		question.Resources = c.cfg.Resources()
	}
	for _, a := range now.assignments {
		question.Holds = append(question.Holds, a.Lease.ID)
	}
	data, err := c.asked.ask(ctx, conn, subjectBeat+c.cfg.Worker, question, beatPatience)
	if err != nil {
		return err
	}
	answer, err := DecodeOrders(data)
	if err != nil {
		return fmt.Errorf("read orders: %w", err)
	}
	c.clock.learn(sent, answer.Received, answer.Sent, c.cfg.Now())
	if !now.heard || !sameAssignments(now.assignments, answer.Assignments) ||
		!bytes.Equal(now.settings, answer.Settings) {
		c.duty.Assign(slices.Clone(answer.Assignments), answer.Settings)
	}
	*now = orders{heard: true, assignments: answer.Assignments, settings: answer.Settings}
	return nil
}

// leave is the last word: the cameras of this worker are free.
func (c *Client) leave(ctx context.Context, conn *nats.Conn) {
	word := c.introduction(c.cfg.Now())
	word.Leaving = true
	if _, err := c.asked.ask(ctx, conn, subjectBeat+c.cfg.Worker, word, beatPatience); err != nil {
		c.log.Warn("left without saying goodbye; the cameras are free when their leases run out", "error", err)
	}
}

func (c *Client) introduction(sent time.Time) Beat {
	return Beat{
		Protocol: Protocol, Worker: c.cfg.Worker, Incarnation: c.cfg.Incarnation, Version: c.cfg.Version,
		Capacity: c.cfg.Capacity, Sent: sent.UTC(), Clock: c.clock.estimate(), Outbox: c.outbox.Len(),
	}
}

// sameAssignments reports whether nothing but how long the leases last has changed.
func sameAssignments(a, b []Assignment) bool {
	return slices.EqualFunc(a, b, func(x, y Assignment) bool {
		return x.Lease.ID == y.Lease.ID && x.Camera.Version == y.Camera.Version &&
			sameCamera(x.Camera, y.Camera) && slices.EqualFunc(x.Recordings, y.Recordings, sameRecording)
	})
}

// sameRecording compares what is never changed, only added and taken away.
func sameRecording(a, b models.Recording) bool { return a.ID == b.ID }

// sameCamera compares what the version should have said: a camera declared in a file may change without one.
func sameCamera(a, b models.Camera) bool {
	left, errLeft := json.Marshal(a)
	right, errRight := json.Marshal(b)
	return errLeft == nil && errRight == nil && bytes.Equal(left, right)
}
