package zone

import (
	"slices"
	"time"

	"footfall/models"
)

// zone is one zone with everything it remembers: its books and, for every track in view, whether it is inside.
type zone struct {
	shape  polygon
	books  []book   // people first, then the other classes in the order of the configuration
	memory []memory // by track, ascending
}

// place is where somebody was seen, in picture heights.
type place struct {
	at     time.Time
	point  models.Point
	height float64
}

// memory is what a zone knows about one track.
type memory struct {
	track uint64
	turn  uint64 // when it was last reported

	placed bool      // last and met are set
	last   place     // where it was last seen
	beyond bool      // and that was on the outside of the edge
	met    time.Time // when it last met the edge, or was first seen
	side   int       // where it last stood clear of the edge: +1 inside, -1 outside, 0 never yet

	// Of the stay, while side is +1.
	class int           // whose book it stands in
	told  bool          // the entry stands in the book; not before the track is confirmed
	since time.Time     // when it began
	paid  time.Time     // until when its time is booked
	dwell time.Duration // booked so far
}

// recall is the memory of a track, which is made when it is new.
func (z *zone) recall(track uint64) *memory {
	i, known := slices.BinarySearchFunc(z.memory, track, func(m memory, id uint64) int {
		switch {
		case m.track < id:
			return -1
		case m.track > id:
			return 1
		}
		return 0
	})
	if !known {
		z.memory = slices.Insert(z.memory, i, memory{track: track})
	}
	return &z.memory[i]
}

// forgetAllBut drops every track that was not reported on this turn, and ends its stay.
func (c *Counter) forgetAllBut(z *zone) {
	kept := z.memory[:0]
	for i := range z.memory {
		if z.memory[i].turn == c.turn {
			kept = append(kept, z.memory[i])
			continue
		}
		c.leave(z, &z.memory[i])
	}
	z.memory = kept
}

// follow takes one report of a track.
func (c *Counter) follow(z *zone, t *models.Track, class int, now place) {
	m := z.recall(t.ID)
	m.turn = c.turn
	if t.Seen && now.sound() {
		c.step(z, m, class, now)
	}
	if t.Confirmed && m.side > 0 {
		c.stay(z, m)
	}
}

// step takes the next place of a track.
//
//	clear outside  |<- margin ->|<- margin ->|  clear inside
//	      -1       |           edge          |      +1
//
// Between the margins nothing is decided: swaying on the edge is neither coming in nor leaving.
func (c *Counter) step(z *zone, m *memory, class int, now place) {
	if !m.placed {
		m.met = now.at
	} else if part, ok := z.shape.met(m.last.point, now.point); ok {
		m.met = m.last.at.Add(time.Duration(part * float64(now.at.Sub(m.last.at))))
	}
	depth := z.shape.depth(now.point)
	m.placed, m.last, m.beyond = true, now, depth < 0
	margin := min(c.cfg.Margin*now.height, z.shape.roomy)
	switch {
	case depth > margin && m.side <= 0:
		m.side, m.class = 1, class
		m.told, m.since, m.paid, m.dwell = false, m.met, m.met, 0
	case depth < -margin:
		c.leave(z, m)
		m.side = -1
	}
}

// stay tells of the entry, if that was not done, and books the time inside so far. Whoever is beyond the edge by less
// than the margin may be on the way out: that time waits until they are back.
func (c *Counter) stay(z *zone, m *memory) {
	b := &z.books[m.class]
	if !m.told {
		m.told = true
		b.enter(m.since)
	}
	if !m.beyond {
		c.pay(b, m, m.last.at)
	}
}

// leave ends the stay of a track, if it has one that was told, where it last met the edge or was last seen.
func (c *Counter) leave(z *zone, m *memory) {
	if m.side <= 0 || !m.told {
		return
	}
	until := m.last.at
	if m.beyond {
		until = m.met
	}
	b := &z.books[m.class]
	c.pay(b, m, until)
	b.exit(until, m.dwell)
	m.told = false
}

// pay books the observed time of a stay up to a moment.
func (c *Counter) pay(b *book, m *memory, until time.Time) {
	if !until.After(m.paid) {
		return
	}
	c.clock.observed(m.paid, until, func(from, to time.Time) {
		m.dwell += to.Sub(from)
		b.spend(from, to)
	})
	m.paid = until
}

// owed is the earliest moment up to which somebody's time is booked, at most now.
func (z *zone) owed(now time.Time) time.Time {
	for i := range z.memory {
		m := &z.memory[i]
		if paid := m.paid; m.side > 0 && paid.Before(now) {
			now = paid
		}
		// Whoever is not inside yet may turn out to have been so since the edge was met.
		if m.side <= 0 && m.placed && m.met.Before(now) && !m.beyond {
			now = m.met
		}
	}
	return now
}

// mark notes how many are inside at a frame.
func (z *zone) mark(at time.Time) {
	for k := range z.books {
		z.books[k].mark(at)
	}
}
