package crowd

import (
	"math"
	"math/rand/v2"
)

// drift is noise that lasts: an Ornstein-Uhlenbeck process of standard deviation 1 at the steps of a path.
type drift struct {
	keep, fresh float64
	value       float64
}

func newDrift(seconds float64, dice *rand.Rand) drift {
	keep := math.Exp(-step / seconds)
	return drift{keep: keep, fresh: math.Sqrt(1 - keep*keep), value: dice.NormFloat64()}
}

func (d *drift) next(dice *rand.Rand) float64 {
	d.value = round(d.keep*d.value+d.fresh*dice.NormFloat64(), grain)
	return d.value
}

// hash mixes its input to 64 bits that look like chance (SplitMix64: Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", 2014). It is what makes noise of a moment a function of that moment.
func hash(parts ...uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, p := range parts {
		h = (h ^ p) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h>>31 + 0x9e3779b97f4a7c15
	}
	return h
}

// unit is a hash as a number in [0,1).
func unit(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// normal is a hash as a number with standard deviation 1: the sum of four uniform ones, which needs no logarithm and
// has no tail beyond 3.5.
func normal(h uint64) float64 {
	sum := 0.0
	for range 4 {
		sum += float64(h&0xffff) / 0x10000
		h >>= 16
	}
	return (sum - 2) * math.Sqrt(3)
}

// share is the part of a normal distribution below z.
func share(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }
