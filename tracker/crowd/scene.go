package crowd

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"footfall/models"
)

// Scene is one camera at one place for some minutes: people, what a detector sees of them, and what they really did. It
// never changes, so any number of goroutines may look at it.
type Scene struct {
	place     Scenario
	seed      uint64
	length    time.Duration
	view      view
	lines     []models.Line
	people    []person
	mannequin int     // from this one on they are no people
	present   [][]int // by second: who has a path then
	hides     []shape // what pillars cover
	crossings []Crossing
}

// person is somebody as the camera sees them, or a thing that is taken for somebody.
type person struct {
	first   int // step of the first knot
	knots   []knot
	trouble float64 // how much harder to see than others: a factor
}

// knot is a moment of a person's path: the true box in picture heights, and the noise that lasts.
type knot struct {
	x, foot, height, depth                 float64
	clear, across, below, above, cut, feet float64 // standard deviation 1
	double                                 float64
}

// knotsPerSecond is how many steps there are.
const knotsPerSecond = 20

// New makes a scene. The same place, seed and length make the same scene, everywhere.
func New(place Scenario, seed uint64, length time.Duration) *Scene {
	s := &Scene{place: place, seed: seed, length: length, view: place.Camera.view()}
	for _, l := range place.Lines {
		s.lines = append(s.lines, s.view.line(l))
	}
	for _, p := range place.Pillars {
		s.hides = append(s.hides, s.view.pillar(p))
	}
	seconds := length.Seconds()
	dice := rand.New(rand.NewPCG(seed, 1))
	for _, w := range walk(place, plan(place, seconds, dice), seconds, dice) {
		if len(w.path) > 0 {
			s.people = append(s.people, s.person(w.path, int(math.Ceil(w.begin/step)), w.height, w.id))
		}
	}
	s.mannequin = len(s.people)
	s.placeMannequins(dice)
	s.index()
	s.crossings = s.truth()
	return s
}

// person makes the camera's side of a path.
func (s *Scene) person(path []Point, first int, height float64, id int) person {
	dice := rand.New(rand.NewPCG(s.seed, 2+uint64(id)))
	p := person{first: first, knots: make([]knot, len(path)), trouble: math.Exp(0.6*dice.NormFloat64()) / 1.2}
	clear, across := newDrift(0.5, dice), newDrift(0.25, dice)
	below, above := newDrift(0.25, dice), newDrift(0.25, dice)
	cut, feet, double := newDrift(1.5, dice), newDrift(1, dice), newDrift(0.3, dice)
	for i, at := range path {
		x, foot, depth := s.view.project(at, 0)
		_, top, _ := s.view.project(at, height)
		p.knots[i] = knot{
			x: x, foot: foot, height: math.Max(foot-top, 1e-3), depth: depth,
			clear: clear.next(dice), across: across.next(dice), below: below.next(dice), above: above.next(dice),
			cut: cut.next(dice), feet: feet.next(dice), double: double.next(dice),
		}
	}
	return p
}

// placeMannequins puts what is taken for people somewhere on the floor in view.
func (s *Scene) placeMannequins(dice *rand.Rand) {
	steps := int(s.length.Seconds()/step) + 1
	for i := range s.place.Detector.Mannequins {
		at := Point{Z: 4 + 9*dice.Float64()}
		_, _, depth := s.view.project(at, 0)
		at.X = depth / s.view.Focal * s.view.Aspect * (dice.Float64() - 0.5)
		path := make([]Point, steps)
		for n := range path {
			path[n] = at
		}
		s.people = append(s.people, s.person(path, 0, 1+0.8*dice.Float64(), 1<<32+i))
	}
}

func (s *Scene) index() {
	s.present = make([][]int, int(s.length.Seconds())+2)
	for i, p := range s.people {
		last := (p.first + len(p.knots)) / knotsPerSecond
		for second := p.first / knotsPerSecond; second <= min(last, len(s.present)-1); second++ {
			s.present[second] = append(s.present[second], i)
		}
	}
}

// at is a person's knot between two steps; false when they are not there.
func (p *person) at(steps float64) (knot, bool) {
	i := int(math.Floor(steps)) - p.first
	if i < 0 || i+1 >= len(p.knots) {
		return knot{}, false
	}
	a, b, part := &p.knots[i], &p.knots[i+1], steps-math.Floor(steps)
	mix := func(a, b float64) float64 { return a + part*(b-a) }
	return knot{
		x: mix(a.x, b.x), foot: mix(a.foot, b.foot), height: mix(a.height, b.height), depth: mix(a.depth, b.depth),
		clear: mix(a.clear, b.clear), across: mix(a.across, b.across), below: mix(a.below, b.below),
		above: mix(a.above, b.above), cut: mix(a.cut, b.cut), feet: mix(a.feet, b.feet),
		double: mix(a.double, b.double),
	}, true
}

// Lines are the lines of the place, on the picture.
func (s *Scene) Lines() []models.Line { return slices.Clone(s.lines) }

// Aspect is the width of the picture divided by its height.
func (s *Scene) Aspect() float64 { return s.view.Aspect }

// Length is how long the scene lasts.
func (s *Scene) Length() time.Duration { return s.length }

// People is how many came.
func (s *Scene) People() int { return s.mannequin }

// Crossings are what really happened, in order of time.
func (s *Scene) Crossings() []Crossing { return slices.Clone(s.crossings) }
