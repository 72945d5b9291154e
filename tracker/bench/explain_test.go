package bench_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"footfall/tracker/crowd"
)

// BenchmarkCauses prints what goes wrong and why, by place:
//
//	go test -run '^$' -bench Causes -benchtime 1x ./tracker/bench/
func BenchmarkCauses(b *testing.B) {
	for range b.N {
		for _, fps := range []float64{10, 5, 2} {
			printCauses(b, fps)
		}
	}
}

func printCauses(b *testing.B, fps float64) {
	b.Helper()
	total := map[cause]int{}
	for _, place := range crowd.Scenarios() {
		here := map[cause]int{}
		for seed := uint64(1); seed <= 3; seed++ {
			scene := crowd.New(place, seed, 4*time.Minute)
			causes, err := explain(scene, crowd.Rate{FPS: fps}.Times(scene.Length(), seed))
			if err != nil {
				b.Fatal(err)
			}
			for c, n := range causes {
				here[c] += n
				total[c] += n
			}
		}
		for _, c := range byCount(here) {
			_, _ = fmt.Fprintf(os.Stdout, "%2g fps  %-14s %4d %s\n", fps, place.Name, here[c], c)
		}
	}
	for _, c := range byCount(total) {
		_, _ = fmt.Fprintf(os.Stdout, "%2g fps  %-14s %4d %s\n", fps, "together", total[c], c)
	}
}
