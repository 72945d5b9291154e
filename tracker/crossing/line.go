package crossing

import (
	"math"
	"slices"
	"time"

	"footfall/models"
)

// line is one line with everything it remembers: its tallies and, for every track in view, on which side it was.
type line struct {
	id      string
	tallies []tally // people first, then the other classes in the order of the configuration
	shape   polyline
	memory  []memory // by track, ascending
}

// tally is what a line has counted of one class.
type tally struct{ in, out, rawIn, rawOut int64 }

func (l *line) total(class int) models.LineTotal {
	t := l.tallies[class]
	return models.LineTotal{Line: l.id, In: t.in, Out: t.out, RawIn: t.rawIn, RawOut: t.rawOut}
}

// place is where somebody was seen, in picture heights.
type place struct {
	at     time.Time
	point  models.Point
	height float64
}

// memory is what a line knows about one track.
type memory struct {
	track uint64
	turn  uint64 // when it was last reported

	placed bool  // last is set
	side   int   // the side where it last stood clear of the line: -1 left, +1 right, 0 never yet
	net    int   // how often it went over the line since then, left to right less right to left
	last   place // where it was last seen
	met    time.Time

	waiting [maxWaiting]pass // before the track is confirmed
	queued  int

	reversible uint64 // the last counted passage, unless it was the way back of a U-turn
	direction  models.Direction
	class      int // the tally it stands in
	counted    time.Time
}

// pass is one time over the line.
type pass struct {
	direction models.Direction
	at        time.Time
}

// maxWaiting is how many crossings of a track that is not confirmed yet are kept. Nobody goes over a line more often
// within the second that it takes; a flicker does.
const maxWaiting = 4

// recall is the memory of a track, which is made when it is new.
func (l *line) recall(track uint64) *memory {
	i, known := slices.BinarySearchFunc(l.memory, track, func(m memory, id uint64) int {
		switch {
		case m.track < id:
			return -1
		case m.track > id:
			return 1
		}
		return 0
	})
	if !known {
		l.memory = slices.Insert(l.memory, i, memory{track: track})
	}
	return &l.memory[i]
}

// forgetAllBut drops every track that was not reported on this turn.
func (l *line) forgetAllBut(turn uint64) {
	l.memory = slices.DeleteFunc(l.memory, func(m memory) bool { return m.turn != turn })
}

// step takes the next place of a track and is the passage that this completes, if any.
//
//	clear left  |<- margin ->|<- margin ->|  clear right
//	   -1       |          line           |      +1
//
// Between the margins nothing is decided: swaying on the line is not crossing it.
func (m *memory) step(shape *polyline, now place, margin float64) (pass, bool) {
	if m.placed {
		net, part := shape.met(m.last.point, now.point)
		m.net += net
		if net != 0 {
			m.met = m.last.at.Add(time.Duration(part * float64(now.at.Sub(m.last.at))))
		}
	}
	m.placed, m.last = true, now

	d := shape.side(now.point)
	if math.Abs(d) <= margin*now.height {
		return pass{}, false
	}
	side := 1
	if d < 0 {
		side = -1
	}
	net, before := m.net, m.side
	m.side, m.net = side, 0
	if before == 0 || side == before || net*side <= 0 {
		return pass{}, false
	}
	if side > 0 {
		return pass{direction: models.In, at: m.met}, true
	}
	return pass{direction: models.Out, at: m.met}, true
}

// follow takes one report of a track.
func (c *Counter) follow(l *line, t *models.Track, now place) {
	if t.Ended {
		return // forgotten at the end of this turn
	}
	m := l.recall(t.ID)
	m.turn = c.turn
	if t.Seen && now.sound() {
		if p, crossed := m.step(&l.shape, now, c.cfg.Margin); crossed && m.queued < maxWaiting {
			m.waiting[m.queued] = p
			m.queued++
		}
	}
	if !t.Confirmed {
		return
	}
	for _, p := range m.waiting[:m.queued] {
		c.certain = append(c.certain, crossed{line: l, track: t.ID, class: t.Class, pass: p})
	}
	m.queued = 0
}

// sound refuses what no sane tracker reports, so that one broken number does not stay in a memory.
func (p place) sound() bool {
	sum := p.point.X + p.point.Y + p.height
	return p.height > 0 && !math.IsNaN(sum) && !math.IsInf(sum, 0)
}

// crossed is a pass that is certain now.
type crossed struct {
	pass
	line  *line
	track uint64
	class models.Class
}

// undo takes the last counted passage of a track out of the clean totals, of the class that it was counted as: a bag
// may be taken for another kind on its way back.
func (l *line) undo(m *memory) {
	t := &l.tallies[m.class]
	if m.direction == models.In {
		t.in--
	} else {
		t.out--
	}
}

// count books a passage. A way back soon enough undoes the passage before it, and the next one starts anew. A bag with
// somebody does not cross itself.
func (c *Counter) count(x crossed) {
	if x.class.IsLuggage() && c.luggage.isWithSomebody(x.track) {
		return
	}
	c.seq++
	passage := models.Passage{
		Line: x.line.id, Direction: x.direction, Class: x.class, At: x.at, Track: x.track, Seq: c.seq,
	}
	class := c.class(x.class)
	if class == 0 {
		passage.Carrying = c.luggage.of(x.track, c.cfg.Classes)
	}
	t := &x.line.tallies[class]
	raw, clean := &t.rawIn, &t.in
	if x.direction == models.Out {
		raw, clean = &t.rawOut, &t.out
	}
	*raw++
	m := x.line.recall(x.track)
	if m.reversible != 0 && m.direction != x.direction && x.at.Sub(m.counted) <= c.cfg.UTurn {
		passage.Reverses, m.reversible = m.reversible, 0
		x.line.undo(m)
	} else {
		m.reversible, m.direction, m.counted, m.class = c.seq, x.direction, x.at, class
		*clean++
	}
	c.passages = append(c.passages, passage)
}
