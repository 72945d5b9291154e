package crowd_test

import (
	"testing"
	"time"

	"footfall/tracker/crowd"
)

func BenchmarkScene(b *testing.B) {
	place := crowd.Scenarios()[2]
	b.Run("new", func(b *testing.B) {
		for range b.N {
			crowd.New(place, 1, time.Minute)
		}
	})
	b.Run("look", func(b *testing.B) {
		scene := crowd.New(place, 1, time.Minute)
		var seen []crowd.Sighting
		for n := range b.N {
			seen = scene.Look(time.Duration(n%1200)*50*time.Millisecond, seen[:0])
		}
	})
}
