package vision_test

import (
	"math"
	"testing"
	"time"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision"
)

// tiled draws a floor of tiles of many shades, shifted.
func tiled(f *frame.Frame, dx, dy int) {
	pixels, _ := f.Mat.DataPtrUint8()
	width := f.Width()
	for i := range len(pixels) / 3 {
		x, y := i%width+dx+640, i/width+dy+640
		tile := (x / 23 * 7919) ^ (y / 19 * 104729)
		pixels[3*i], pixels[3*i+1], pixels[3*i+2] = 0, byte(40+tile*2654435761>>8%170), 0
	}
}

func TestASteadierFollowsFrames(t *testing.T) { // not parallel: it counts allocations
	var s vision.Steadier
	f := plain(t, 640, 360, 0, 0, 0)
	f.At = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	look := func(dx, dy int) models.View {
		tiled(f, dx, dy)
		f.At = f.At.Add(100 * time.Millisecond)
		return s.Look(f, nil)
	}
	for range 5 {
		if view := look(0, 0); !view.IsHome() {
			t.Fatalf("nothing moved, but %+v", view)
		}
	}
	var view models.View
	for i := range 12 {
		view = look(-i, i/2) // the picture goes right and up
	}
	if math.Hypot(view.X*360-11, view.Y*360+5) > 0.5 {
		t.Errorf("shifted by 11, -5 pixels, but %.2f, %.2f are told", view.X*360, view.Y*360)
	}
	if n := testing.AllocsPerRun(20, func() { s.Look(f, nil) }); n != 0 {
		t.Errorf("%v allocations a frame, want 0", n)
	}
	grey := frame.NewMatWithSize(360, 640, gocv.MatTypeCV8UC1) // not BGR: not looked at, and no panic
	defer frame.Close(&grey)
	if view := s.Look(&frame.Frame{Mat: grey, At: f.At}, nil); !view.IsHome() {
		t.Errorf("of a picture that is not BGR, %+v is told", view)
	}
}

// What belongs to the reference is drawn where it is seen now.
func TestSceneIsDrawnWhereItIsSeen(t *testing.T) {
	t.Parallel()
	s := vision.Scene{Lines: []models.Line{{ID: "a", Points: []models.Point{{X: 0.2, Y: 0.2}, {X: 0.2, Y: 0.8}}}}}
	left, right := [2]models.Point{{}, {X: 0.4, Y: 1}}, [2]models.Point{{X: 0.6}, {X: 1, Y: 1}}
	if drawnOn(t, 640, 360, s, left[0], left[1]) == 0 || drawnOn(t, 640, 360, s, right[0], right[1]) != 0 {
		t.Error("a line on the left is not drawn on the left")
	}
	s.View = models.View{Aspect: 640. / 360, X: 0.65 * 640 / 360}
	if drawnOn(t, 640, 360, s, left[0], left[1]) != 0 || drawnOn(t, 640, 360, s, right[0], right[1]) == 0 {
		t.Error("seen from a camera that has turned to the left, the line is not drawn on the right")
	}
}

func BenchmarkSteadier(b *testing.B) {
	for name, size := range map[string][2]int{"640x360": {640, 360}, "1280x720": {1280, 720}} {
		b.Run(name, func(b *testing.B) {
			var s vision.Steadier
			f := plain(b, size[0], size[1], 0, 0, 0)
			tiled(f, 0, 0)
			b.ReportAllocs()
			started := cpuTime()
			for b.Loop() {
				f.At = f.At.Add(100 * time.Millisecond)
				s.Look(f, nil)
			}
			b.ReportMetric(float64(cpuTime()-started)/1e6/float64(b.N), "cpu-ms/op")
		})
	}
}
