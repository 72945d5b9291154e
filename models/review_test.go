package models_test

import (
	"math"
	"testing"
	"time"

	"footfall/models"
)

// taps is what a person counted, in seconds; a negative number is out.
func taps(seconds ...float64) (all []models.Tap) {
	for _, s := range seconds {
		direction := models.In
		if s < 0 {
			direction = models.Out
		}
		all = append(all, models.Tap{At: time.Duration(math.Abs(s) * float64(time.Second)), Direction: direction})
	}
	return all
}

func crossings(start time.Time, line string, seconds ...float64) (all []models.ClipCrossing) {
	for _, tap := range taps(seconds...) {
		all = append(all, models.ClipCrossing{Line: line, Direction: tap.Direction, Class: models.Person, Time: start.Add(tap.At)})
	}
	return all
}

func TestCompare(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		system, human []float64
		in, out       models.Discrepancy
	}{
		"the same":            {[]float64{1, -5}, []float64{1.4, -4.6}, models.Discrepancy{Human: 1, System: 1, Matched: 1}, models.Discrepancy{Human: 1, System: 1, Matched: 1}},
		"nobody":              {nil, nil, models.Discrepancy{}, models.Discrepancy{}},
		"one missed":          {nil, []float64{3}, models.Discrepancy{Human: 1}, models.Discrepancy{}},
		"one too many":        {[]float64{3}, nil, models.Discrepancy{System: 1}, models.Discrepancy{}},
		"the other way":       {[]float64{3}, []float64{-3}, models.Discrepancy{System: 1}, models.Discrepancy{Human: 1}},
		"too late":            {[]float64{3}, []float64{5.1}, models.Discrepancy{Human: 1, System: 1}, models.Discrepancy{}},
		"just in time":        {[]float64{3}, []float64{5}, models.Discrepancy{Human: 1, System: 1, Matched: 1}, models.Discrepancy{}},
		"one tap for two":     {[]float64{3, 4}, []float64{3.9}, models.Discrepancy{Human: 1, System: 2, Matched: 1}, models.Discrepancy{}},
		"a group, tapped off": {[]float64{3, 3.2, 3.4}, []float64{4, 4.5, 5}, models.Discrepancy{Human: 3, System: 3, Matched: 3}, models.Discrepancy{}},
	} {
		all := append(crossings(start, "door", test.system...), crossings(start, "gate", 3)...)
		c := models.Compare(start, "door", all, taps(test.human...))
		if c.In != test.in || c.Out != test.out {
			t.Errorf("%s: in %+v, out %+v", name, c.In, c.Out)
		}
		if want := int(c.In.Human + c.In.System - c.In.Matched + c.Out.Human + c.Out.System - c.Out.Matched); len(c.Matches) != want {
			t.Errorf("%s: %d rows, want %d", name, len(c.Matches), want)
		}
	}
}

// The intervals agree with published ones, and hold what they say.
func TestAccuracy(t *testing.T) {
	t.Parallel()
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 0.001 {
			t.Errorf("%s is %.4f, want %.4f", what, got, want)
		}
	}
	// Wilson's interval of 81 of 263: Newcombe (1998), table I. Exact Poisson limits of 10: 4.795 to 18.39.
	a := models.AccuracyOf(models.Discrepancy{Human: 263, System: 192, Matched: 182})
	near("miss", a.Miss.Value, 81.0/263)
	near("its low end", a.Miss.Low, 0.2553)
	near("its high end", a.Miss.High, 0.3662)
	near("ghost", a.Ghost.Value, 10.0/263)
	near("its low end", a.Ghost.Low, 4.795/263)
	near("its high end", a.Ghost.High, 18.39/263)
	near("error", a.Error.Value, (192.0-263)/263)
	// Nothing wrong in 100: the error lies within 3.7 % each way, not within nothing.
	a = models.AccuracyOf(models.Discrepancy{Human: 100, System: 100, Matched: 100})
	near("error", a.Error.Value, 0)
	near("its low end", a.Error.Low, -0.0370)
	near("its high end", a.Error.High, 0.0368)
	if a := models.AccuracyOf(models.Discrepancy{System: 3}); a.Error != nil {
		t.Errorf("of nobody the error is %+v", a.Error)
	}
}
