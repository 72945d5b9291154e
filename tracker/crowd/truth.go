package crowd

import (
	"cmp"
	"math"
	"slices"
	"time"

	"footfall/models"
)

// Crossing is one that really happened: when the feet were on the line for the last time before they were clear of it.
type Crossing struct {
	At        time.Duration
	Line      string
	Direction models.Direction
	Person    int
	// Doubtful: a little more swaying is none, or a little less is one. See the package's comment.
	Doubtful bool
}

const (
	margin = 0.12 // as in tracker/crossing, and as published truth is computed
	tip    = 0.06 // how near to a line's end nobody can say on which side of it somebody went
)

// A crossing that nobody can see is none that anybody can count. So much of somebody must be unhidden, for so long of
// the time before and of the time after.
const (
	half    = 0.5
	shown   = time.Second
	lookout = 5 * time.Second
	glance  = 200 * time.Millisecond
)

// strictness is what it takes to be a crossing, in box heights.
type strictness struct {
	margin float64 // clear of the line
	longer float64 // than it is, the line is taken to be, at either end
}

// truth is what everybody did, in order of time.
func (s *Scene) truth() []Crossing {
	var all []Crossing
	for i := range s.mannequin {
		for _, l := range s.lines {
			line := newFence(l.Points, s.view.Aspect)
			all = append(all, s.crossingsOf(i, l.ID, line)...)
		}
	}
	slices.SortFunc(all, func(a, b Crossing) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Person, b.Person), cmp.Compare(a.Line, b.Line))
	})
	return all
}

// crossingsOf takes what exists with twice the margin as certain, and the rest of what exists with half of it as
// doubtful. Every certain one is one of those that exist with less: the nearest in time that goes the same way.
func (s *Scene) crossingsOf(person int, id string, line fence) []Crossing {
	p := &s.people[person]
	all := s.passes(p, line, strictness{margin: margin / 2, longer: tip})
	certain := s.passes(p, line, strictness{margin: margin * 2, longer: -tip})
	isCertain := make([]bool, len(all))
	for _, c := range certain {
		best := -1
		for i, a := range all {
			if isCertain[i] || a.right != c.right {
				continue
			}
			if best < 0 || math.Abs(a.steps-c.steps) < math.Abs(all[best].steps-c.steps) {
				best = i
			}
		}
		if best >= 0 {
			isCertain[best] = true
		}
	}
	var out []Crossing
	for i, a := range all {
		c := Crossing{
			Line: id, Person: person, Direction: models.Out,
			At: time.Duration(math.Round(a.steps*step*1e3)) * time.Millisecond,
		}
		c.Doubtful = !isCertain[i] || !s.isShown(person, c.At, -1) || !s.isShown(person, c.At, +1)
		if a.right {
			c.Direction = models.In
		}
		out = append(out, c)
	}
	return out
}

// isShown reports whether somebody is to be seen for long enough before (-1) or after (+1) a moment.
func (s *Scene) isShown(person int, at time.Duration, way int) bool {
	var seen time.Duration
	for ago := glance; ago <= lookout && seen < shown; ago += glance {
		here := s.here(at + time.Duration(way)*ago)
		i := slices.IndexFunc(here, func(h standing) bool { return h.who == person })
		if i < 0 {
			continue
		}
		if _, part := s.visible(here, i); part >= half {
			seen += glance
		}
	}
	return seen >= shown
}

// pass is one time over a line, to the right or to the left.
type pass struct {
	steps float64
	right bool
}

// passes is how often a person went over the line, so strictly taken. What they did outside the picture is not known
// to anybody.
func (s *Scene) passes(p *person, line fence, strict strictness) []pass {
	var out []pass
	side, net, met := 0, 0, 0.0
	for i := range p.knots {
		k := &p.knots[i]
		if k.x < 0 || k.x > s.view.Aspect || k.foot < 0 || k.foot > 1 {
			side, net = 0, 0
			continue
		}
		now := spot{k.x, k.foot}
		if i > 0 {
			before := spot{p.knots[i-1].x, p.knots[i-1].foot}
			if over, part := line.over(before, now, strict.longer*k.height); over != 0 {
				net += over
				met = float64(p.first+i-1) + part
			}
		}
		d := line.distance(now)
		if math.Abs(d) <= strict.margin*k.height {
			continue
		}
		clear := 1
		if d < 0 {
			clear = -1
		}
		if side == -clear && net*clear > 0 {
			out = append(out, pass{steps: met, right: clear > 0})
		}
		side, net = clear, 0
	}
	return out
}

// spot is a place on the picture, in picture heights.
type spot struct{ x, y float64 }

// fence is a line on the picture in picture heights.
type fence []spot

func newFence(points []models.Point, aspect float64) fence {
	var f fence
	for _, p := range points {
		f = append(f, spot{p.X * aspect, p.Y})
	}
	return f
}

// turn is twice the area of the triangle a, b, c; positive when c is to the right of the way from a to b, y running
// down.
func turn(a, b, c spot) float64 { return (b.x-a.x)*(c.y-a.y) - (b.y-a.y)*(c.x-a.x) }

// over is how the straight way from p to q goes over the fence: +1 for every time to the right, -1 for every time to
// the left; and at which part of the way it last does. The fence is taken to be longer than it is at either end.
func (f fence) over(p, q spot, longer float64) (net int, part float64) {
	for i := 1; i < len(f); i++ {
		a, b := f[i-1], f[i]
		if i == 1 {
			a = beyond(b, a, longer)
		}
		if i == len(f)-1 {
			b = beyond(f[i-1], b, longer)
		}
		from, to := turn(a, b, p), turn(a, b, q)
		if (from >= 0) == (to >= 0) || (turn(p, q, a) >= 0) == (turn(p, q, b) >= 0) {
			continue
		}
		net--
		if to >= 0 {
			net += 2
		}
		part = math.Max(part, from/(from-to))
	}
	return net, part
}

// beyond is a place further on the way from a to b than b.
func beyond(a, b spot, further float64) spot {
	part := further / math.Sqrt(square(b.x-a.x)+square(b.y-a.y))
	return spot{b.x + part*(b.x-a.x), b.y + part*(b.y-a.y)}
}

// distance is how far p is from the fence, positive on its right. The ends go on straight. At a corner, which is
// nearest to places that both its stretches see from behind their end, a place is on the right where the corner turns
// left and the place is right of either stretch, or the corner turns right and it is right of both.
func (f fence) distance(p spot) float64 {
	best, right := math.Inf(1), false
	for i := 1; i < len(f); i++ {
		a, b := f[i-1], f[i]
		d := spot{b.x - a.x, b.y - a.y}
		n := math.Sqrt(d.x*d.x + d.y*d.y)
		along := ((p.x-a.x)*d.x + (p.y-a.y)*d.y) / (n * n)
		away, isRight := math.Abs(turn(a, b, p))/n, turn(a, b, p) >= 0
		switch {
		case along < 0 && i > 1:
			away, isRight = math.Sqrt(square(p.x-a.x)+square(p.y-a.y)), f.rightOfCorner(i-1, p)
		case along > 1 && i < len(f)-1:
			away, isRight = math.Sqrt(square(p.x-b.x)+square(p.y-b.y)), f.rightOfCorner(i, p)
		}
		if away < best {
			best, right = away, isRight
		}
	}
	if !right {
		return -best
	}
	return best
}

func (f fence) rightOfCorner(i int, p spot) bool {
	before, after := turn(f[i-1], f[i], p) >= 0, turn(f[i], f[i+1], p) >= 0
	if turn(f[i-1], f[i], f[i+1]) > 0 {
		return before && after
	}
	return before || after
}

func square(x float64) float64 { return x * x }
