package link

import (
	"sync"
	"time"
)

// clockSamples is how many recent comparisons the estimate is chosen from.
const clockSamples = 8

// clock compares this machine's clock with the server's as NTP does (RFC 5905, section 8): of the recent questions the
// one with the shortest round trip tells most.
type clock struct {
	mu      sync.Mutex
	samples []Clock
}

// learn takes in one question and its answer: sent and back by this clock, received and answered by the server's.
func (c *clock) learn(sent, received, answered, back time.Time) {
	roundTrip := back.Sub(sent) - answered.Sub(received)
	if roundTrip < 0 {
		return // one of the clocks was set in between
	}
	offset := (sent.Sub(received) + back.Sub(answered)) / 2
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.samples) == clockSamples {
		c.samples = append(c.samples[:0], c.samples[1:]...)
	}
	c.samples = append(c.samples, Clock{Offset: offset, RoundTrip: roundTrip})
}

// estimate is the best known comparison; nil if there is none.
func (c *clock) estimate() *Clock {
	c.mu.Lock()
	defer c.mu.Unlock()
	var best *Clock
	for _, s := range c.samples {
		if best == nil || s.RoundTrip <= best.RoundTrip {
			best = &s
		}
	}
	return best
}
