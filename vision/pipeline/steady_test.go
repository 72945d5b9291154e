package pipeline_test

import (
	"context"
	"log/slog"
	"math"
	"testing"
	"time"

	"footfall/models"
	"footfall/vision/pipeline"
)

// steadier says how the camera lies, picture by picture.
type steadier func(*picture, []models.Detection) models.View

func (s steadier) Look(p *picture, seen []models.Detection) models.View { return s(p, seen) }

// looker is a tracker that remembers the last detections.
type looker struct {
	blindTracker
	boxes []models.Box
}

func (l *looker) Update(_ time.Time, detections []models.Detection) []models.Track {
	l.boxes = l.boxes[:0]
	for _, d := range detections {
		l.boxes = append(l.boxes, d.Box)
	}
	return nil
}

// The steadier sees what is on the picture; who follows people sees where that is on the reference.
func TestDetectionsAreBroughtHome(t *testing.T) {
	t.Parallel()
	follow := &looker{}
	corridor := pipeline.NewCorridor[*picture](func(float64) (pipeline.Tracker, pipeline.Counter, error) {
		return follow, script{}, nil
	}, nil)
	view := models.View{Aspect: 1.5, X: 0.15, Y: -0.1}
	corridor.Steadier = steadier(func(_ *picture, seen []models.Detection) models.View {
		if len(seen) != 1 || seen[0].Box.X != 0.5 {
			t.Errorf("the steadier is shown %+v", seen)
		}
		return view
	})
	one := detectorFunc(func(_ *picture, into []models.Detection) ([]models.Detection, error) {
		return append(into, models.Detection{Box: models.Box{X: 0.5, Y: 0.5, W: 0.1, H: 0.2}}), nil
	})
	turn, err := corridor.Turn(&picture{at: noon()}, one)
	if err != nil {
		t.Fatal(err)
	}
	got := follow.boxes[0]
	if math.Abs(got.X-0.4) > 1e-9 || math.Abs(got.Y-0.6) > 1e-9 || turn.View != view || turn.Detections[0].Box != got {
		t.Errorf("followed at %+v, told of %+v under %+v", got, turn.Detections, turn.View)
	}
}

// A camera that is turned away goes on counting, and what is observed then is marked, to the frame.
func TestTimeOfAMovedCameraIsMarked(t *testing.T) {
	t.Parallel()
	f, _ := roll(121)
	away := func(at time.Time) bool { return at.Sub(noon()) > 4*time.Second && at.Sub(noon()) <= 8*time.Second }
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f.end = cancel
	j := &journal{}
	passages := script{6 * time.Second: {{Line: "a", Direction: models.In, Class: models.Person, Seq: 1}}}
	w := pipeline.Watch[*picture]{
		Assignment: pipeline.Assignment{Camera: models.Camera{ID: "door"}, Lease: "lease"},
		Frames:     f, Detectors: lender{nobody}, Following: passages.following(), Journal: j,
		Steadier: steadier(func(p *picture, _ []models.Detection) models.View {
			return models.View{Moved: away(p.at)}
		}),
		NewID: func() models.FactID { return "fact" }, Log: slog.New(slog.DiscardHandler),
	}
	if err := w.Run(ctx); err != nil {
		t.Fatal(err)
	}
	observed, crossings := map[bool]time.Duration{}, 0
	for _, fact := range j.facts {
		if err := fact.Validate(); err != nil {
			t.Error(err)
		}
		if fact.Crossing != nil {
			crossings++
			continue
		}
		observed[fact.Coverage.Moved] += fact.Coverage.Observed
	}
	if observed[true] != 4*time.Second || observed[false] != 8*time.Second || crossings != 1 {
		t.Errorf("observed %v, %d crossings; want 4 s of 12 marked, and 1", observed, crossings)
	}
	if w.View().Moved {
		t.Error("the camera is back, and still counts as moved")
	}
}
