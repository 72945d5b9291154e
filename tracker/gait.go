package tracker

import (
	"math"

	"footfall/models"
)

// gait is how fast people move here along each axis, learnt from those who are followed. A camera sees a step towards
// it shorter than one across, the shorter the lower it hangs; and in a corridor hardly anybody goes across. Along the
// axis where little moves, somebody far from the prediction is somebody else.
type gait struct {
	seconds float64 // of people who were followed
	sum     pace    // squares of their speeds in usual ones, times those seconds
}

// pace is a speed along each axis, in usual ones (Config.Speed).
type pace struct{ across, along float64 }

const (
	// unlearnt is how many seconds of people the usual speed is worth. Raise it and a place is learnt later; lower it
	// and the first who pass decide for the others.
	unlearnt = 120
	// remembered is how many seconds of people are remembered: a camera that is turned, or another time of day, is
	// learnt anew within as many.
	remembered = 3000
	// slowest and fastest bound what is learnt: a queue must not make walkers impossible.
	slowest = 0.3
	fastest = 1.5
)

// learn adds dt seconds of somebody; speed is the usual one.
func (g *gait) learn(p *person, dt, speed float64) {
	usual := square(speed * p.stride * p.height)
	g.seconds += dt
	g.sum.across += dt * square(p.x.speed) / usual
	g.sum.along += dt * square(p.foot.speed) / usual
	if g.seconds > remembered {
		keep := remembered / g.seconds
		g.seconds, g.sum.across, g.sum.along = remembered, keep*g.sum.across, keep*g.sum.along
	}
}

// pace is what is usual here.
func (g *gait) pace() pace {
	of := func(sum float64) float64 {
		mean := math.Sqrt((unlearnt + sum) / (unlearnt + g.seconds))
		return math.Min(math.Max(mean, slowest), fastest)
	}
	return pace{across: of(g.sum.across), along: of(g.sum.along)}
}

// isPerson is false for luggage and vehicles, which do not say how people walk.
func isPerson(c models.Class) bool { return c == models.Person || c == "" }
