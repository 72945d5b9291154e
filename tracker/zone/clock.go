package zone

import "time"

// clock knows which of the time was observed.
type clock struct {
	maxGap time.Duration
	last   time.Time // the frame before
	broken bool      // the next frame does not continue it
	gaps   []span    // what was not observed, as far back as somebody's time is not booked; ascending
}

// span is [from, to).
type span struct{ from, to time.Time }

// maxGaps bounds the memory of a camera whose every other frame is sick. Beyond it the time between two gaps counts
// as not observed either.
const maxGaps = 64

// tick says that there is a frame, and returns whether time has run backwards to it: then nothing that was fits to what
// comes.
func (c *clock) tick(at time.Time) (backwards bool) {
	passed := at.Sub(c.last)
	if !c.last.IsZero() && passed > 0 && (c.broken || passed > c.maxGap) {
		if n := len(c.gaps); n == maxGaps {
			c.gaps[n-1].to = at
		} else {
			c.gaps = append(c.gaps, span{c.last, at})
		}
	}
	c.last, c.broken = at, false
	return passed < 0
}

// observed calls book for every observed stretch of [from, to).
func (c *clock) observed(from, to time.Time, book func(from, to time.Time)) {
	for _, g := range c.gaps {
		if !g.to.After(from) {
			continue
		}
		if !g.from.Before(to) {
			break
		}
		if g.from.After(from) {
			book(from, g.from)
		}
		from = g.to
	}
	if to.After(from) {
		book(from, to)
	}
}

// forgetBefore drops the gaps that ended before a moment.
func (c *clock) forgetBefore(at time.Time) {
	n := 0
	for n < len(c.gaps) && !c.gaps[n].to.After(at) {
		n++
	}
	c.gaps = c.gaps[:copy(c.gaps, c.gaps[n:])]
}
