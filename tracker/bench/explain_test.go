package bench_test

import (
	"os"
	"testing"
	"time"

	"footfall/tracker/crowd"
)

// TestCauses prints what goes wrong and why, by place:
//
//	CAUSES=1 go test -run Causes -v ./tracker/bench/
func TestCauses(t *testing.T) {
	t.Parallel()
	if os.Getenv("CAUSES") == "" {
		t.Skip("prints only; set CAUSES=1")
	}
	for _, fps := range []float64{10, 5, 2} {
		total := map[cause]int{}
		for _, place := range crowd.Scenarios() {
			here := map[cause]int{}
			for seed := uint64(1); seed <= 3; seed++ {
				scene := crowd.New(place, seed, 4*time.Minute)
				causes, err := explain(scene, crowd.Rate{FPS: fps}.Times(scene.Length(), seed))
				if err != nil {
					t.Fatal(err)
				}
				for c, n := range causes {
					here[c] += n
					total[c] += n
				}
			}
			for _, c := range byCount(here) {
				t.Logf("%2g fps  %-14s %4d %s", fps, place.Name, here[c], c)
			}
		}
		for _, c := range byCount(total) {
			t.Logf("%2g fps  together       %4d %s", fps, total[c], c)
		}
	}
}
