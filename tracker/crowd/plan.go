package crowd

import (
	"math/rand/v2"
)

// visit is one person's plan: when they come, how fast they go, and where.
type visit struct {
	begin  float64 // seconds
	from   Point
	pace   float64 // m/s
	height float64 // metres
	group  int
	legs   []leg
}

// leg is a straight way and a stay at its end.
type leg struct {
	to   Point
	stay float64 // seconds
	sway float64 // metres while staying
}

// planner draws the visits of a scene.
type planner struct {
	place  Scenario
	dice   *rand.Rand
	groups int
	visits []visit
}

// plan draws who comes in the first seconds of a scene, flow by flow.
func plan(place Scenario, seconds float64, dice *rand.Rand) []visit {
	p := planner{place: place, dice: dice}
	for _, f := range place.Flows {
		for at := 60 / f.PerMinute * dice.ExpFloat64(); at < seconds; at += 60 / f.PerMinute * dice.ExpFloat64() {
			p.arrive(at, f)
		}
	}
	return p.visits
}

// arrive plans one arrival: somebody alone, or a group side by side on the same way.
func (p *planner) arrive(at float64, f Flow) {
	p.groups++
	size, pace := 1, p.pace()
	if p.dice.Float64() < p.place.People.Groups {
		size = 2
		for size < 4 && p.dice.Float64() < 0.3 {
			size++
		}
		pace = min(pace, p.between(0.9, 1.35)) // nobody runs beside friends who do not
	}
	from, legs := f.From.at(p.dice.Float64()), p.way(f)
	for i := range size {
		shift := 0.65 * (float64(i) - float64(size-1)/2)
		v := visit{
			begin: at + 0.5*p.dice.Float64()*float64(min(i, 1)), group: p.groups, pace: pace * p.between(0.97, 1.03),
			height: p.height(), from: beside(from, legs[0].to, shift),
		}
		before := from
		for _, l := range legs {
			v.legs = append(v.legs, leg{beside(l.to, before, -shift), l.stay * p.between(0.95, 1.1), l.sway})
			before = l.to
		}
		p.visits = append(p.visits, v)
	}
}

// way draws where an arrival goes.
func (p *planner) way(f Flow) []leg {
	from, to := f.From.at(p.dice.Float64()), f.To.at(p.dice.Float64())
	b, draw := p.place.People, p.dice.Float64()
	if draw -= b.UTurns; draw < 0 {
		there := between(from, to, p.between(0.3, 0.75))
		return []leg{{there, p.between(0.3, 2), 0.05}, {to: f.From.at(p.dice.Float64())}}
	}
	if draw -= b.Loiterers; draw < 0 && len(p.place.Spots) > 0 {
		spot := p.place.Spots[p.dice.IntN(len(p.place.Spots))]
		there := Point{
			spot.At.X + spot.Radius*p.between(-1, 1),
			spot.At.Z + spot.Radius*p.between(-1, 1),
		}
		return []leg{{there, p.between(5, 40), p.between(0.05, 0.2)}, {to: to}}
	}
	if draw -= b.Stops; draw < 0 {
		there := between(from, to, p.between(0.25, 0.8))
		return []leg{{there, p.between(1, 8), p.between(0.03, 0.12)}, {to: to}}
	}
	if p.dice.Float64() < 0.3 { // not everybody goes straight
		bend := beside(between(from, to, p.between(0.3, 0.7)), to, p.between(-1.2, 1.2))
		return []leg{{to: bend}, {to: to}}
	}
	return []leg{{to: to}}
}

func (p *planner) pace() float64 {
	b, draw := p.place.People, p.dice.Float64()
	if draw -= b.Strollers; draw < 0 {
		return p.between(0.5, 1)
	}
	if draw -= b.Runners; draw < 0 {
		return p.between(2.4, 4.2)
	}
	return min(max(1.34+0.26*p.dice.NormFloat64(), 0.7), 2.2)
}

func (p *planner) height() float64 {
	if p.dice.Float64() < p.place.People.Children {
		return p.between(1.05, 1.4)
	}
	return min(max(1.7+0.09*p.dice.NormFloat64(), 1.45), 2)
}

func (p *planner) between(least, most float64) float64 { return least + (most-least)*p.dice.Float64() }

func (g Gate) at(part float64) Point { return between(g.A, g.B, part) }

func between(a, b Point, part float64) Point {
	return Point{a.X + part*(b.X-a.X), a.Z + part*(b.Z-a.Z)}
}

// beside is p moved by shift metres across the way from p to b.
func beside(p, b Point, shift float64) Point {
	d := minus(b, p)
	n := d.length()
	if n == 0 {
		return p
	}
	return Point{p.X - shift*d.Z/n, p.Z + shift*d.X/n}
}
