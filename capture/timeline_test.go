package capture

import (
	"math"
	"slices"
	"testing"
	"time"
)

func TestTimeStampsOnlyGoForward(t *testing.T) {
	t.Parallel()
	ms := func(all ...int) (durations []time.Duration) {
		for _, n := range all {
			durations = append(durations, time.Duration(n)*time.Millisecond)
		}
		return durations
	}
	cases := []struct {
		name      string
		raw, want []time.Duration
	}{
		{"as they are", ms(0, 100, 200, 350), ms(0, 100, 200, 350)},
		{"the first is zero", ms(40, 140, 240), ms(0, 100, 200)},
		{"no stamps at all", ms(0, 0, 0, 0), ms(0, 100, 200, 300)},
		{"two recordings joined", ms(0, 100, 200, 0, 100, 200), ms(0, 100, 200, 300, 400, 500)},
		{"one stamp goes back", ms(0, 100, 90, 200), ms(0, 100, 200, 310)},
		{"a pause is a pause", ms(0, 100, 5000), ms(0, 100, 5000)},
	}
	for _, c := range cases {
		origin := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
		times := newTimeline(origin, 10)
		var got []time.Duration
		for _, raw := range c.raw {
			got = append(got, times.at(raw).Sub(origin))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v became %v, want %v", c.name, c.raw, got, c.want)
		}
	}
}

func TestARateMustBePlausible(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ told, fallback, want float64 }{
		{25, 0, 25},
		{29.97, 5, 29.97},
		{0, 12, 12},
		{90000, 12, 12},
		{math.NaN(), 0, DefaultFPS},
		{-1, math.Inf(1), DefaultFPS},
	} {
		if got := plausibleFPS(c.told, c.fallback); got != c.want {
			t.Errorf("told %v with fallback %v: %v, want %v", c.told, c.fallback, got, c.want)
		}
	}
}
