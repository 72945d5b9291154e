package crowd_test

import (
	"reflect"
	"testing"
	"time"

	"footfall/models"
	"footfall/tracker/crowd"
)

// Who looks at another rate sees the same people with the same boxes at the moments that both look at.
func TestOneTruthAtEveryRate(t *testing.T) {
	t.Parallel()
	for _, place := range crowd.Scenarios() {
		t.Run(place.Name, func(t *testing.T) {
			t.Parallel()
			a, b := crowd.New(place, 7, time.Minute), crowd.New(place, 7, time.Minute)
			if !reflect.DeepEqual(a.Crossings(), b.Crossings()) {
				t.Fatal("the same seed makes other crossings")
			}
			often := map[time.Duration][]models.Detection{}
			for _, at := range (crowd.Rate{FPS: 25}).Times(a.Length(), 1) {
				often[at] = a.Detect(at, nil)
			}
			compared := 0
			for _, at := range (crowd.Rate{FPS: 5}).Times(b.Length(), 1) {
				if seen := b.Detect(at, nil); !reflect.DeepEqual(seen, often[at]) {
					t.Fatalf("at %s: %v, and at another rate %v", at, seen, often[at])
				}
				compared += len(often[at])
			}
			if compared == 0 {
				t.Error("nobody came")
			}
		})
	}
}

func TestAnotherSeedMakesOtherPeople(t *testing.T) {
	t.Parallel()
	place := crowd.Scenarios()[0]
	a, b := crowd.New(place, 1, time.Minute), crowd.New(place, 2, time.Minute)
	if reflect.DeepEqual(a.Crossings(), b.Crossings()) {
		t.Error("two seeds, the same crossings")
	}
}

// Every line is one that a counter takes.
func TestLinesAreOnThePicture(t *testing.T) {
	t.Parallel()
	for _, place := range crowd.Scenarios() {
		if err := models.ValidateLines(crowd.New(place, 1, time.Second).Lines()); err != nil {
			t.Errorf("%s: %v", place.Name, err)
		}
	}
}
