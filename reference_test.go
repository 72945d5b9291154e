package main

import (
	"reflect"
	"testing"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision/pipeline"
)

// The reference of a camera is kept while what is drawn on its picture stays the same, whatever else is ordered, and
// begins anew when it does not, or when somebody had to be told that the camera was turned away.
func TestTheReferenceOutlivesOrders(t *testing.T) {
	t.Parallel()
	line := func(x float64) []models.Line {
		return []models.Line{{ID: "door", Points: []models.Point{{X: x, Y: 0}, {X: x, Y: 1}}}}
	}
	camera := models.Camera{ID: "a", URL: "rtsp://h/1", Lines: line(0.5), Version: 1}
	var r reference
	begins := func(c models.Camera) (pipeline.Steadier[*frame.Frame], bool) {
		before := r.steadier
		steady, anew := r.of(c)
		if anew != (r.steadier != before) {
			t.Errorf("%+v: anew %v", c, anew)
		}
		return steady, anew
	}
	begins(camera)
	renamed := camera
	renamed.Name, renamed.Version, renamed.Lines = "Foyer", 2, line(0.5)
	if _, anew := begins(renamed); anew {
		t.Error("a new name begins a new reference")
	}
	redrawn := renamed
	redrawn.Lines = line(0.6)
	if _, anew := begins(redrawn); !anew {
		t.Error("new lines keep the old reference")
	}
	elsewhere, off := redrawn, redrawn
	elsewhere.URL, off.NoSteady = "rtsp://h/2", true
	if _, anew := begins(elsewhere); !anew {
		t.Error("another camera keeps the old reference")
	}
	begins(redrawn)
	r.steadier.moved = true
	if _, anew := begins(redrawn); !anew {
		t.Error("a camera that was turned away keeps its reference under new orders")
	}
	if steady, _ := begins(off); steady != nil {
		t.Error("a camera that is to be taken for steady has a reference")
	}
	if _, anew := begins(off); anew {
		t.Error("what has no reference begins one")
	}
}

func TestStatusOfAMovedCamera(t *testing.T) {
	t.Parallel()
	online := models.CameraStatus{State: models.Online}
	if got := placed(online, models.View{}); !reflect.DeepEqual(got, online) {
		t.Errorf("a camera in its place: %+v", got)
	}
	shifted := placed(online, models.View{Aspect: 2, X: 0.1, Y: -0.02})
	if shifted.State != models.Online || shifted.Shift != (models.Point{X: 0.05, Y: -0.02}) {
		t.Errorf("a camera that has sagged: %+v", shifted)
	}
	away := placed(online, models.View{Moved: true})
	if away.State != models.Degraded || away.Reason != models.ReasonMoved || away.Detail == "" {
		t.Errorf("a camera that was turned away: %+v", away)
	}
	offline := models.CameraStatus{State: models.Offline, Reason: models.ReasonStalled}
	if got := placed(offline, models.View{Moved: true}); !reflect.DeepEqual(got, offline) {
		t.Errorf("a camera that is gone: %+v", got)
	}
}
