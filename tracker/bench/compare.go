package bench

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"footfall/tracker/crowd"
)

// Comparison is one row of the table: Footfall and the usual centroid tracker on the same detections.
type Comparison struct {
	FPS      float64 `json:"fps"`
	Place    string  `json:"place"` // empty: all together
	Footfall Result  `json:"footfall"`
	Centroid Result  `json:"centroid"`
}

// Size is how much is simulated.
type Size struct {
	Scenes int           // of every place
	Length time.Duration // of each
	Seed   uint64
}

// Full is more than ten thousand crossings: what the figures in docs/benchmarks.md are made of.
func Full() Size { return Size{Scenes: 6, Length: 4 * time.Minute, Seed: 1} }

// Crowd compares on every place at every rate: rate by rate a row for every place, and one for all together. The
// centroid tracker has the values that serve it best at the rate, of those that Centroids are. done, if not nil, hears
// of every place that is measured.
func Crowd(ctx context.Context, size Size, rates []float64, done func()) ([]Comparison, error) {
	trial := Trial{Scenes: size.Scenes, Length: size.Length, Seed: size.Seed}
	for _, fps := range rates {
		look := Look{Rate: crowd.Rate{FPS: fps}, Makers: []Maker{Footfall}}
		for _, c := range Centroids(fps) {
			look.Makers = append(look.Makers, c.Follower)
		}
		trial.Looks = append(trial.Looks, look)
	}
	places := crowd.Scenarios()
	byRate := make([][][]Result, len(rates)) // by rate, place, maker
	for _, trial.Place = range places {
		results, err := Measure(ctx, trial)
		if err != nil {
			return nil, err
		}
		for r := range rates {
			byRate[r] = append(byRate[r], results[r])
		}
		if done != nil {
			done()
		}
	}
	var rows []Comparison
	for r, fps := range rates {
		rows = append(rows, table(fps, places, byRate[r])...)
	}
	return rows, nil
}

// table is the rows of one rate, all places together last.
func table(fps float64, places []crowd.Scenario, results [][]Result) []Comparison {
	together := make([]Result, len(results[0]))
	for _, place := range results {
		for m, r := range place {
			together[m] = together[m].plus(r)
		}
	}
	best := 1
	for m := 2; m < len(together); m++ {
		if together[m].F1 > together[best].F1 {
			best = m
		}
	}
	var rows []Comparison
	for i, place := range places {
		rows = append(rows, Comparison{fps, place.Name, results[i][0], results[i][best]})
	}
	return append(rows, Comparison{fps, "", together[0], together[best]})
}

// Together is the row of a rate with all places.
func Together(rows []Comparison, fps float64) Comparison {
	i := slices.IndexFunc(rows, func(c Comparison) bool { return c.FPS == fps && c.Place == "" })
	if i < 0 {
		return Comparison{FPS: fps}
	}
	return rows[i]
}

// Write prints the rows as a table.
func Write(w io.Writer, rows []Comparison) error {
	const head = "%5s  %-14s %9s %8s  %9s %7s %6s %7s  %9s %7s\n"
	if _, err := fmt.Fprintf(w, head, "fps", "place", "crossings", "doubtful", "precision", "recall", "F1", "bias",
		"centroid", "bias"); err != nil {
		return err
	}
	for _, c := range rows {
		place, after := c.Place, ""
		if place == "" {
			place, after = "together", "\n"
		}
		f, b := c.Footfall, c.Centroid
		if _, err := fmt.Fprintf(w, "%5g  %-14s %9d %8d  %9.4f %7.4f %6.4f %+6.2f%%  %9.4f %+6.1f%%\n%s", c.FPS, place,
			f.Truth, f.Doubtful, f.Precision, f.Recall, f.F1, 100*f.Bias, b.F1, 100*b.Bias, after); err != nil {
			return err
		}
	}
	return nil
}
