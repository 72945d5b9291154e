package models

import "math"

// Accuracy is what reviews say about a count in one direction.
type Accuracy struct {
	Discrepancy

	// Error is by how much the system counts too much, as a part of what there was: (System - Human) / Human. It is
	// nothing without any crossing.
	Error *Estimate
	// Miss and Ghost are the parts of it that point down and up: Missed / Human and False / Human.
	Miss, Ghost *Estimate
}

// Estimate is a number that was estimated, and the interval in which it lies with 95 % confidence.
type Estimate struct{ Value, Low, High float64 }

// normal95 is the 97.5 % quantile of the normal distribution.
const normal95 = 1.959964

// AccuracyOf is what discrepancies that were added up say.
//
// Missed crossings are a binomial share of those there were: its interval is Wilson's (1927). Crossings that were none
// come by themselves: a Poisson count, whose interval is Byar's approximation of the exact one (Breslow and Day, 1987).
// The error is the difference of the two, and its interval is put together from theirs by MOVER (Zou and Donner, 2008).
// Unlike one from the spread between clips, it does not shrink to nothing when a few clips happen to be without error.
func AccuracyOf(d Discrepancy) Accuracy {
	a := Accuracy{Discrepancy: d}
	if d.Human <= 0 {
		return a
	}
	miss := wilson(d.Missed(), d.Human)
	ghost := byar(d.False(), d.Human)
	value := ghost.Value - miss.Value
	a.Miss, a.Ghost = &miss, &ghost
	a.Error = &Estimate{
		Value: value,
		Low:   value - math.Hypot(ghost.Value-ghost.Low, miss.High-miss.Value),
		High:  value + math.Hypot(ghost.High-ghost.Value, miss.Value-miss.Low),
	}
	return a
}

// wilson estimates a share from k of n.
func wilson(k, n int64) Estimate {
	const z2 = normal95 * normal95
	p, size := float64(k)/float64(n), float64(n)
	centre := (p + z2/(2*size)) / (1 + z2/size)
	half := normal95 / (1 + z2/size) * math.Sqrt(p*(1-p)/size+z2/(4*size*size))
	e := Estimate{p, math.Max(0, centre-half), math.Min(1, centre+half)}
	if k == 0 {
		e.Low = 0
	}
	if k == n {
		e.High = 1
	}
	return e
}

// byar estimates how many events there are for each of n, from k that were seen.
func byar(k, n int64) Estimate {
	seen, size := float64(k), float64(n)
	cube := func(x float64) float64 { return x * x * x }
	low := 0.0
	if k > 0 {
		low = math.Max(0, seen*cube(1-1/(9*seen)-normal95/(3*math.Sqrt(seen))))
	}
	more := seen + 1
	high := more * cube(1-1/(9*more)+normal95/(3*math.Sqrt(more)))
	return Estimate{seen / size, low / size, high / size}
}
