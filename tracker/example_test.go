package tracker_test

import (
	"fmt"
	"time"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/crossing"
)

// Somebody walks down a picture of 16:9, over a line across its middle, seen five times a second.
func Example() {
	const aspect = 16.0 / 9
	door := models.Line{ID: "door", Points: []models.Point{{X: 0.2, Y: 0.5}, {X: 0.8, Y: 0.5}}}
	people := tracker.New(tracker.Default(), aspect)
	counter, err := crossing.New([]models.Line{door}, crossing.Default(), aspect)
	if err != nil {
		fmt.Println(err)
		return
	}
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for n := range 20 {
		at := start.Add(time.Duration(n) * 200 * time.Millisecond)
		seen := []models.Detection{{
			Box: models.Box{X: 0.45, Y: 0.1 + 0.02*float64(n), W: 0.05, H: 0.2}, Score: 0.9, Class: models.Person,
		}}
		for _, p := range counter.Update(at, people.Update(at, seen)) {
			fmt.Println(p.Class, "over", p.Line, p.Direction, "at", p.At.Sub(start).Round(100*time.Millisecond))
		}
	}
	// Output: person over door in at 2s
}
