package crowd

import (
	"math"
	"math/rand/v2"
)

const (
	// step is how far apart the knots of a path are, in seconds. Between them people walk straight.
	step = 0.05
	// grain is what the state of a walker is rounded to, in metres and metres a second: far less than anybody sees, far
	// more than the last bit of a number, so that differences between processors die out in the step that makes them.
	grain = 1.0 / (1 << 20)
)

// walker is one visitor on the way. The way people keep apart is that of Helbing and Molnar, "Social force model for
// pedestrian dynamics" (1995), with a force that ends.
type walker struct {
	visit
	id      int
	at      Point
	speed   Point
	leg     int
	staying bool
	until   float64
	sx, sz  drift
	path    []Point // where they stand at every step from the first
	gone    bool
}

// walk lets everybody come and go; it returns the walkers with their paths.
func walk(place Scenario, visits []visit, seconds float64, dice *rand.Rand) []walker {
	all := make([]walker, len(visits))
	for i, v := range visits {
		all[i] = walker{visit: v, id: i, at: v.from, sx: newDrift(2, dice), sz: newDrift(2, dice)}
		d := minus(v.legs[0].to, v.from)
		if n := d.length(); n > 0 {
			all[i].speed = Point{v.pace * d.X / n, v.pace * d.Z / n}
		}
	}
	var here, still []*walker
	for n := 0; float64(n)*step < seconds; n++ {
		now := float64(n) * step
		for i := range all {
			if b := int(math.Ceil(all[i].begin / step)); b == n {
				here = append(here, &all[i])
			}
		}
		for _, w := range here {
			w.path = append(w.path, w.at)
		}
		forces := make([]Point, len(here))
		for i, w := range here {
			forces[i] = w.force(here, place.Pillars, now, dice)
		}
		still = still[:0]
		for i, w := range here {
			w.move(forces[i])
			if !w.gone {
				still = append(still, w)
			}
		}
		here, still = still, here
	}
	return all
}

// force is what changes the walker's speed: the will to get on, and the wish to keep apart.
func (w *walker) force(here []*walker, pillars []Pillar, now float64, dice *rand.Rand) Point {
	const (
		relax   = 0.4 // seconds in which somebody comes to the speed they want
		private = 1.0 // metres that strangers keep from each other
		close   = 0.55
	)
	want := w.want(now, dice)
	f := Point{(want.X - w.speed.X) / relax, (want.Z - w.speed.Z) / relax}
	for _, o := range here {
		if o == w {
			continue
		}
		reach := private
		if o.group == w.group {
			reach = close
		}
		f = plus(f, w.away(o.at, reach, 5))
	}
	for _, p := range pillars {
		f = plus(f, w.away(p.At, p.Radius+0.7, 12))
	}
	return f
}

// away is the push from something at p that reaches so far: it grows with nearness, and a little to the right, so that
// two who meet head on do not stand in front of each other for ever.
func (w *walker) away(p Point, reach, strength float64) Point {
	d := minus(w.at, p)
	n := d.length()
	if n >= reach || n == 0 {
		return Point{}
	}
	push := strength * (1 - n/reach)
	d = Point{d.X / n, d.Z / n}
	return Point{push * (d.X + 0.3*d.Z), push * (d.Z - 0.3*d.X)}
}

// want is the speed somebody would like to have now.
func (w *walker) want(now float64, dice *rand.Rand) Point {
	l := w.legs[w.leg]
	to := l.to
	x, z := w.sx.next(dice), w.sz.next(dice)
	if w.staying {
		if now < w.until {
			to = Point{to.X + l.sway*x, to.Z + l.sway*z}
			return towards(w.at, to, min(w.pace, 0.6), 0.5)
		}
		w.staying = false
		w.leg++
		to = w.legs[w.leg].to
	}
	left := minus(to, w.at).length()
	last := w.leg == len(w.legs)-1
	switch {
	case last && left < 0.6:
		w.gone = true
	case !last && w.legs[w.leg].stay > 0 && (left < 0.4 || left < 1.5 && w.isStuck()):
		w.staying, w.until = true, now+w.legs[w.leg].stay
	case !last && w.legs[w.leg].stay == 0 && left < 0.8:
		w.leg++
		to = w.legs[w.leg].to
	}
	slow := 0.0
	if !last && w.legs[w.leg].stay > 0 {
		slow = 0.8
	}
	return towards(w.at, to, w.pace, slow)
}

// towards is a speed from p to q at the given pace, less within the last metres in which somebody slows down.
func towards(p, q Point, pace, slow float64) Point {
	d := minus(q, p)
	n := d.length()
	if n == 0 {
		return Point{}
	}
	if n < slow {
		pace *= n / slow
	}
	return Point{pace * d.X / n, pace * d.Z / n}
}

// isStuck: somebody else stands where they want to.
func (w *walker) isStuck() bool { return w.speed.length() < 0.15*w.pace }

func (w *walker) move(force Point) {
	w.speed.X = round(w.speed.X+force.X*step, grain)
	w.speed.Z = round(w.speed.Z+force.Z*step, grain)
	if n, most := w.speed.length(), 1.4*w.pace+0.2; n > most {
		w.speed.X, w.speed.Z = round(w.speed.X*most/n, grain), round(w.speed.Z*most/n, grain)
	}
	w.at.X = round(w.at.X+w.speed.X*step, grain)
	w.at.Z = round(w.at.Z+w.speed.Z*step, grain)
}

func minus(a, b Point) Point { return Point{a.X - b.X, a.Z - b.Z} }

func plus(a, b Point) Point { return Point{a.X + b.X, a.Z + b.Z} }

func (p Point) length() float64 { return math.Sqrt(p.X*p.X + p.Z*p.Z) }
