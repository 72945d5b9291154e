package crowd

import (
	"math"
	"math/rand/v2"
	"time"
)

// Rate is how often somebody looks.
type Rate struct {
	FPS float64 // frames a second; at most 1000
	// Uneven is how far every pause strays, as a part of the usual one, in [0,1).
	Uneven float64
	// Least: the rate sags down to this and comes back, every ten seconds or so, as on a machine with other things to
	// do; 0 does not sag.
	Least float64
}

// Times are the moments of a scene of that length at which somebody looks, in whole milliseconds.
func (r Rate) Times(length time.Duration, seed uint64) []time.Duration {
	dice := rand.New(rand.NewPCG(seed, 3))
	var out []time.Duration
	phase := dice.Float64()
	for t := 0.0; t < length.Seconds(); {
		out = append(out, time.Duration(math.Round(t*1000))*time.Millisecond)
		fps := r.FPS
		if r.Least > 0 {
			const period = 10
			at := t/period + phase
			wave := math.Abs(2*(at-math.Floor(at)) - 1) // a triangle from 0 to 1
			fps = r.Least + wave*(r.FPS-r.Least)
		}
		t += (1 + r.Uneven*(2*dice.Float64()-1)) / fps
	}
	return out
}
