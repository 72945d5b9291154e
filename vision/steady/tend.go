package steady

import (
	"math"
	"time"
)

// tend looks after a few cells a picture.
func (s *Steady) tend(at time.Time, sure bool) {
	if s.moved {
		return
	}
	const cells = 2
	recognised := at.Sub(s.certain) > relit && at.Sub(s.familiar) < relit/2
	for range cells {
		s.turn = (s.turn + 1) % len(s.blocks)
		if sure || recognised {
			s.tendCell(s.turn, at, sure)
		}
	}
}

// tendCell takes the first patch of a cell back if it can be found again, and a new one if the present one is lost.
func (s *Steady) tendCell(i int, at time.Time, sure bool) {
	b := &s.blocks[i]
	patience := forgotten
	if b.since.IsZero() {
		patience = unproven
	}
	switch {
	case !b.live, !b.hidden && at.Sub(b.agreed) > patience:
		s.renew(i, at)
	case b.later && sure:
		s.restore(b, at)
	}
}

// renew takes a new patch for a cell, unless somebody stands there.
func (s *Steady) renew(i int, at time.Time) {
	b := &s.blocks[i]
	column, row := i%s.columns, i/s.columns
	x, y, ok := s.picture.landmark(column*cell, row*cell)
	if ok && !s.people.at(point{float64(x), float64(y)}) {
		b.take(&s.picture, x, y, s.now, at)
	}
}

// restore takes the first patch of a block back if it is found where it should be.
func (s *Steady) restore(b *block, at time.Time) {
	first, middle := &b.patches[0], s.picture.middle()
	from := s.now.of(first.home)
	from.x += middle.x
	from.y += middle.y
	place, found, _ := first.find(&s.picture, from)
	if found >= alike && math.Hypot(place.x-from.x, place.y-from.y) < 2*agree {
		b.later = false
		b.heard(at, s.step)
	}
}
