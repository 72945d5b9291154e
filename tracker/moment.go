package tracker

import (
	"slices"
	"time"

	"footfall/models"
)

// moment is what was known of somebody on one frame. It is kept until Config.Hindsight has passed: then what came
// after has been seen, and it is settled.
type moment struct {
	turn      uint64
	x, foot   stance
	height    float64
	shape     float64
	logHeight float64 // of the box, where somebody was seen
	score     float64
	belief    float64
	lastSeen  time.Time
	seen      bool
	ended     bool
}

// stance is one axis at a moment, and the step from there to the next one.
type stance struct {
	axis  // as it was known then
	heard evidence
	step  motion
	gain  [4]float64 // of the smoother over that step
}

// evidence is everything that a frame said about an axis: the sum of its measurements, weighted by how sure they are.
type evidence struct{ weight, sum float64 }

func (e *evidence) add(measured, variance float64) {
	e.weight += 1 / variance
	e.sum += measured / variance
}

// measured is all of it as one measurement; false if nothing was said.
func (e *evidence) measured() (at, variance float64, ok bool) {
	if e.weight == 0 {
		return 0, 0, false
	}
	return e.sum / e.weight, 1 / e.weight, true
}

// leave notes the step that is made from here.
func (s *stance) leave(m motion) {
	s.step = m
	next := s.axis
	next.advance(m)
	s.gain = [4]float64{}
	if d := next.pp*next.vv - next.pv*next.pv; d > 0 && next.vv > 0 {
		pp, pv := s.pp+s.pv*m.reach, s.pv*m.keep
		vp, vv := s.pv+s.vv*m.reach, s.vv*m.keep
		s.gain = [4]float64{
			(pp*next.vv - pv*next.pv) / d, (pv*next.pp - pp*next.pv) / d,
			(vp*next.vv - vv*next.pv) / d, (vv*next.pp - vp*next.pv) / d,
		}
	}
}

// smooth is the axis as it is known once the next moment is known to have been at a place with a speed: a step
// backwards of the fixed-lag smoother of Rauch, Tung and Striebel ("Maximum likelihood estimates of linear dynamic
// systems", 1965).
func (s *stance) smooth(at, speed float64) (float64, float64) {
	at -= s.at + s.speed*s.step.reach
	speed -= s.speed * s.step.keep
	return s.at + s.gain[0]*at + s.gain[1]*speed, s.speed + s.gain[2]*at + s.gain[3]*speed
}

// history is the moments of a person, one for every frame, the oldest first.
type history struct {
	buffer []moment
	from   int
}

func (h *history) all() []moment { return h.buffer[h.from:] }

func (h *history) push(m moment) {
	if len(h.buffer) == cap(h.buffer) && h.from > len(h.buffer)/2 {
		h.buffer = slices.Delete(h.buffer, 0, h.from)
		h.from = 0
	}
	h.buffer = append(h.buffer, m)
}

func (h *history) drop(n int) { h.from += n }

// note keeps what is known of everybody on this frame.
func (t *Tracker) note() {
	t.turns = append(t.turns, t.now)
	for i := range t.people {
		p := &t.people[i]
		p.past.push(p.moment(t.turn))
	}
}

func (p *person) moment(turn uint64) moment {
	return moment{
		turn: turn, x: stance{axis: p.x, heard: p.heardX}, foot: stance{axis: p.foot, heard: p.heardFoot},
		height: p.height, shape: p.shape, logHeight: p.boxHeight, score: p.score, belief: p.belief,
		lastSeen: p.lastSeen, seen: p.seen, ended: p.ended,
	}
}

// letGo keeps somebody who ended until the last of their moments is settled.
func (t *Tracker) letGo(p *person) {
	p.seen, p.ended = false, true
	t.reports = append(t.reports, p.report(t.aspect))
	if all := p.past.all(); len(all) > 0 && all[len(all)-1].turn == t.turn {
		all[len(all)-1].ended = true
	} else {
		p.past.push(p.moment(t.turn))
	}
	t.gone = append(t.gone, *p)
}

// Settled are the frames of which the last Update left nothing to be found out any more, the oldest first: everybody's
// place as it is known with what came after. Whoever counts does so from these. They are valid until the next Update
// or Settle.
func (t *Tracker) Settled() []models.Moment { return t.settled }

// Settle takes all frames so far for settled and is those that were not yet. It is for when the next frame is long in
// coming, or does not continue the last one.
func (t *Tracker) Settle() []models.Moment {
	t.settle(len(t.turns))
	return t.settled
}

// framesAfter is how many frames must have come after one that is settled: where few come, Config.Hindsight alone would
// hardly be any. Raise it and more is found out at two frames a second, but counted seconds later there.
const framesAfter = 6

// mostOpen is how many frames may wait to be settled: more than any camera takes in Config.Hindsight, so that a clock
// which stands still does not fill the memory.
const mostOpen = 256

// due is how many of the frames that are not settled yet are so by their age.
func (t *Tracker) due() int {
	n := max(0, len(t.turns)-mostOpen)
	for n+framesAfter < len(t.turns) && t.now.Sub(t.turns[n]) >= t.cfg.Hindsight {
		n++
	}
	return n
}

// settle settles the n oldest frames.
func (t *Tracker) settle(n int) {
	t.settled = t.settled[:0]
	if n == 0 {
		return
	}
	first := t.turn + 1 - uint64(len(t.turns))
	for i := range n {
		t.settled = append(t.settled, models.Moment{At: t.turns[i], Tracks: t.tracksOf(i)})
	}
	for _, people := range [][]person{t.people, t.gone} {
		for i := range people {
			t.settlePerson(&people[i], first, n)
		}
	}
	for i := range t.settled {
		sortByID(t.settled[i].Tracks)
		t.reused[i] = t.settled[i].Tracks
	}
	last := first + uint64(n) - 1
	for i := range t.people {
		t.people[i].forgetBefore(last)
	}
	t.gone = slices.DeleteFunc(t.gone, func(p person) bool {
		if all := p.past.all(); all[len(all)-1].turn > last {
			return false
		}
		t.spare = append(t.spare, p.past.buffer[:0])
		return true
	})
	t.base, t.settledAt = last, t.turns[n-1]
	t.turns = slices.Delete(t.turns, 0, n)
}

// tracksOf is where the tracks of the i-th settled frame go, reused from turn to turn.
func (t *Tracker) tracksOf(i int) []models.Track {
	if i == len(t.reused) {
		t.reused = append(t.reused, nil)
	}
	return t.reused[i][:0]
}

// settlePerson adds somebody's places on n frames to those that are settled.
func (t *Tracker) settlePerson(p *person, first uint64, n int) {
	all := p.past.all()
	last := len(all) - 1
	x, vx, foot, vfoot := all[last].x.at, all[last].x.speed, all[last].foot.at, all[last].foot.speed
	for k := last; k >= 0 && all[k].turn >= first; k-- {
		m := &all[k]
		if k < last {
			x, vx = m.x.smooth(x, vx)
			foot, vfoot = m.foot.smooth(foot, vfoot)
		}
		if at := int(m.turn - first); at < n {
			width := m.shape * m.height
			t.settled[at].Tracks = append(t.settled[at].Tracks, models.Track{
				ID: p.id, Class: p.class, Score: m.score, Confirmed: p.confirmed, Seen: m.seen, Ended: m.ended,
				Box: models.Box{X: (x - width/2) / t.aspect, Y: foot - m.height, W: width / t.aspect, H: m.height},
			})
		}
	}
}

// forgetBefore drops the moments before a turn. That of the turn itself stays: hindsight looks on from there.
func (p *person) forgetBefore(turn uint64) {
	if first := p.past.all()[0].turn; first < turn {
		p.past.drop(int(turn - first))
	}
}

// follow goes the way of p once more, with what was heard on it, from its first moment.
func (p *person) follow() {
	all := p.past.all()
	for k := 1; k < len(all); k++ {
		for _, s := range [][2]*stance{{&all[k-1].x, &all[k].x}, {&all[k-1].foot, &all[k].foot}} {
			before, now := s[0], s[1]
			before.leave(before.step)
			now.axis = before.axis
			now.advance(before.step)
			if at, variance, ok := now.heard.measured(); ok {
				now.correct(at, variance)
			}
		}
	}
	now := &all[len(all)-1]
	p.x, p.foot = now.x.axis, now.foot.axis
}
