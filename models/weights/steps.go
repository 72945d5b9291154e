package weights

import (
	"cmp"
	"slices"
)

// Step is one of the built-in models on the way from the cheapest to the one that sees most.
type Step struct {
	Name string
	// Work is a frame's, in units of the cheapest one's. The built-in models are one network with inputs of several
	// sizes, so that their work is as their pixels.
	Work float64
}

// Steps are the built-in models, the cheapest first.
func (s *Shelf) Steps() []Step {
	var steps []Step
	for _, b := range s.builtIn {
		steps = append(steps, Step{b.Name, float64(b.Contract.Width * b.Contract.Height)})
	}
	slices.SortFunc(steps, func(a, b Step) int { return cmp.Compare(a.Work, b.Work) })
	for i := len(steps) - 1; i >= 0; i-- {
		steps[i].Work /= steps[0].Work
	}
	return steps
}
