package tracker_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"footfall/models"
	"footfall/tracker/crossing/score"
)

// Two hundred lines say more than the few of the truth files, where one person more or less is one or two hundredths.
// least is what was reached when this was written, less half a hundredth.
func TestFootageOverManyLines(t *testing.T) {
	least := map[string]float64{"PETS09-S2L1": 0.965, "TownCentre-A": 0.9}
	for _, c := range clips() {
		if !c.sequence {
			continue
		}
		truth, frames := c.truth(t), c.recording(t)
		lines := manyLines(c.aspect(), 200)
		known := c.trueCrossings(t, truth, lines)
		var all score.Score
		for _, every := range slices.Sorted(maps.Keys(c.least)) {
			a := askOf(c, truth, every)
			a.lines = lines
			s := rate(lines, known, count(t, a, frames), truth.FPS)
			t.Logf("%-14s every %2d: F1 %.4f of %d crossings, bias %+.3f", c.name, every, s.F1, s.Truth, s.Bias)
			all = score.Sum(all, s)
		}
		if t.Logf("%-14s together: F1 %.4f of %d", c.name, all.F1, all.Truth); all.F1 < least[c.name] {
			t.Errorf("%s over many lines: F1 %.4f, want at least %.3f", c.name, all.F1, least[c.name])
		}
	}
}

// manyLines are lines drawn at random, so that no constant can fit the few of the truth files.
func manyLines(aspect float64, many int) []models.Line {
	random := rand.New(rand.NewPCG(3, 4))
	var out []models.Line
	for len(out) < many {
		a := models.Point{X: 0.05 + 0.9*random.Float64(), Y: 0.2 + 0.72*random.Float64()}
		b := models.Point{X: 0.05 + 0.9*random.Float64(), Y: 0.2 + 0.72*random.Float64()}
		if math.Hypot((a.X-b.X)*aspect, a.Y-b.Y) > 0.25 {
			out = append(out, models.Line{ID: fmt.Sprintf("line%d", len(out)), Points: []models.Point{a, b}})
		}
	}
	return out
}
