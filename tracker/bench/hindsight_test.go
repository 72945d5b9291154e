package bench_test

import (
	"testing"
	"time"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/bench"
	"footfall/tracker/crossing"
	"footfall/tracker/crossing/score"
	"footfall/tracker/crowd"
)

// hasty counts what is shown at once, instead of what is settled.
type hasty struct {
	tracker *tracker.Tracker
	counter *crossing.Counter
}

func (h *hasty) Update(at time.Time, detections []models.Detection) []models.Passage {
	return h.counter.Update(at, h.tracker.Update(at, detections))
}

func (h *hasty) Close() []models.Passage { return nil }

// To wait until it is settled who was where is worth it: at least a quarter of the errors is not made.
func TestHindsightIsWorthTheWait(t *testing.T) {
	t.Parallel()
	shown := func(lines []models.Line, aspect float64) (bench.Follower, error) {
		counter, err := crossing.New(lines, crossing.Default(), aspect)
		return &hasty{tracker.New(tracker.Default(), aspect), counter}, err
	}
	makers := []bench.Maker{shown, bench.Footfall}
	looks := []bench.Look{{Rate: crowd.Rate{FPS: 10}, Makers: makers}, {Rate: crowd.Rate{FPS: 2}, Makers: makers}}
	for i, look := range looks {
		var hasty, settled score.Score
		for _, place := range crowd.Scenarios() {
			results, err := bench.Measure(t.Context(), bench.Trial{
				Place: place, Scenes: 1, Length: 2 * time.Minute, Seed: 50, Looks: looks[i : i+1],
			})
			if err != nil {
				t.Fatal(err)
			}
			hasty, settled = score.Sum(hasty, results[0][0].Score), score.Sum(settled, results[0][1].Score)
		}
		t.Logf("%g fps: F1 %.3f counted at once, %.3f when it is settled", look.Rate.FPS, hasty.F1, settled.F1)
		if before, after := hasty.FP+hasty.FN, settled.FP+settled.FN; after*4 > before*3 {
			t.Errorf("%g fps: %d errors when it is settled, %d at once", look.Rate.FPS, after, before)
		}
	}
}
