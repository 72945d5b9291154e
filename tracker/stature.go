package tracker

import "math"

// stature is how tall people look here by where they stand, learnt from those who walk. On a level floor the height on
// the picture is a straight line of the place of the feet (Hoiem, Efros and Hebert, "Putting objects in perspective",
// 2006). So the head of somebody whose legs are hidden says where their feet are.
type stature struct {
	seconds float64 // of people who were followed
	// Sums over them: places of feet, their squares, heights, products of both. Picture heights.
	feet, feet2, heights, products float64
}

const (
	// acquainted is how many seconds of people it takes to be believed. Raise it and those who come first are taken as
	// their boxes show them; lower it and the first few decide for the others.
	acquainted = 60
	// glimpsed is how many seconds of people it takes until those who fit badly are hardly learnt from.
	glimpsed = 5
	// feetSpread is how far the feet of those learnt from must stray for a slope to be believed, in picture heights: a
	// camera that looks along a corridor sees all of them at one place.
	feetSpread = 0.02
	// steepest bounds the slope. Where it is one, all heads are at one height, and say nothing of the feet.
	steepest, telling = 0.9, 0.7
	// variety is how differently tall people are, as a logarithm, and individual how much of it is left when a height
	// was told by the head alone.
	variety, individual = 0.2, 0.12
	// partial is how short a box must be, compared with people at that place, for it to show a part of somebody:
	// shorter than the box of a child. Raise it and children's feet are looked for too low; lower it and who is half
	// hidden stands too far away.
	partial = 0.5
	// partialBehind is the same for a box that ends behind somebody nearer, which says that there is more of it.
	partialBehind = 0.65
)

// learn adds dt seconds of somebody.
func (s *stature) learn(p *person, dt float64) {
	if p.top() <= edge || p.foot.at >= 1-edge {
		return
	}
	if slope, base := s.line(); s.seconds >= glimpsed {
		const short, tall = -0.2, 0.35 // half hidden, or two people in one box
		switch misfit := math.Log(p.height / math.Max(slope*p.foot.at+base, edge)); {
		case misfit < short:
			dt *= 0.05
		case misfit > tall:
			dt *= 0.2
		}
	}
	foot, height := p.foot.at, p.height
	s.seconds += dt
	s.feet += dt * foot
	s.feet2 += dt * square(foot)
	s.heights += dt * height
	s.products += dt * foot * height
	if s.seconds > remembered {
		keep := remembered / s.seconds
		*s = stature{remembered, keep * s.feet, keep * s.feet2, keep * s.heights, keep * s.products}
	}
}

// line is height = slope * foot + base, by least squares.
func (s *stature) line() (slope, base float64) {
	if s.seconds == 0 {
		return 0, 0
	}
	foot, height := s.feet/s.seconds, s.heights/s.seconds
	slope = (s.products/s.seconds - foot*height) / (s.feet2/s.seconds - square(foot) + square(feetSpread))
	slope = math.Min(math.Max(slope, 0), steepest)
	return slope, height - slope*foot
}

// judge gives somebody new the height that people have here, as far as their box leaves it open. behind: somebody
// nearer stands before the lower edge of the box.
func (s *stature) judge(p *person, box *sighting, behind bool) {
	slope, base := s.line()
	usual := slope*box.foot + base
	if s.seconds < acquainted || usual <= edge || !isPerson(p.class) || box.cutAbove || box.cutBelow {
		return
	}
	least := partial
	if behind {
		least = partialBehind
	}
	if box.height > least*usual {
		p.logHeight.correct(math.Log(usual), square(variety))
		p.height = math.Exp(p.logHeight.value)
		return
	}
	if whole := (slope*box.top + base) / (1 - slope); slope < telling && whole > box.height {
		p.stretch(whole, individual/(1-slope))
	}
}
