package simulator

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"footfall/models"
)

func TestSceneIsWhereItSaysThroughTheWire(t *testing.T) {
	t.Parallel()
	scene, clip := StreetScene(), street(t)
	camera := startCamera(t, CameraOptions{Clip: clip, Once: true, OnDemand: true, Speed: 4})
	pictures, err := command(t, "ffmpeg", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", camera.URL(),
		"-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", "-")
	if err != nil {
		t.Fatal(err)
	}
	size := scene.Width * scene.Height
	if len(pictures) != scene.Frames()*size {
		t.Fatalf("%d bytes came, not %d pictures", len(pictures), scene.Frames())
	}
	frame := 0
	for picture := range slices.Chunk(pictures, size) {
		frame++
		walkers := scene.Detections(frame)
		for i, grey := range picture {
			x, y := i%scene.Width, i/scene.Width
			inside, near := place(scene, walkers, x, y)
			if !near && inside != (grey > Threshold) {
				t.Fatalf("frame %d, pixel (%d, %d) is %d, in a walker: %v", frame, x, y, grey, inside)
			}
		}
	}
}

// place reports whether a pixel is inside a walker, and whether it is so near an edge of one that compression may
// have blurred it.
func place(scene Scene, walkers []models.Detection, x, y int) (inside, near bool) {
	for _, walker := range walkers {
		box := walker.Box
		dx := math.Max(box.X*float64(scene.Width)-float64(x), float64(x)-(box.X+box.W)*float64(scene.Width))
		dy := math.Max(box.Y*float64(scene.Height)-float64(y), float64(y)-(box.Y+box.H)*float64(scene.Height))
		distance := math.Max(dx, dy)
		near = near || math.Abs(distance) <= 3
		inside = inside || distance < 0
	}
	return inside, near
}

func TestCrossingsAreWhereDetectionsChangeSides(t *testing.T) {
	t.Parallel()
	scene := StreetScene()
	for _, x := range []float64{0.5, 0.31, 0.9} {
		crossings := scene.Crossings(x)
		if len(crossings) != len(scene.Walkers) {
			t.Fatalf("%d crossings of x = %v, want every walker's", len(crossings), x)
		}
		for _, crossing := range crossings {
			walker := scene.Walkers[crossing.Walker]
			after, _ := walker.box(scene.at(crossing.Frame))
			before, _ := walker.box(scene.at(crossing.Frame - 1))
			sign := 1.0
			if crossing.Direction == models.Out {
				sign = -1
			}
			if sign*(after.BottomCentre().X-x) < -1e-6 || sign*(before.BottomCentre().X-x) >= 1e-6 {
				t.Errorf("x = %v: %+v, but the feet go from %v to %v", x, crossing, before.BottomCentre(), after.BottomCentre())
			}
			if d := scene.at(crossing.Frame) - crossing.At; d < -time.Microsecond || d >= 100*time.Millisecond {
				t.Errorf("frame %d is %s after the crossing", crossing.Frame, d)
			}
		}
	}
	in := 0
	for _, crossing := range scene.Crossings(0.5) {
		if crossing.Direction == models.In {
			in++
		}
	}
	if in != 3 {
		t.Errorf("%d go in, want 3", in)
	}
}

func TestCrossingsLeaveOutWhoDoesNotCross(t *testing.T) {
	t.Parallel()
	scene := Scene{Width: 64, Height: 48, FPS: 10, Length: 2 * time.Second, Walkers: []Walker{
		{From: 0, Until: time.Second, Start: models.Point{X: 0.1}, End: models.Point{X: 0.4}},
		{From: 0, Until: time.Second, Start: models.Point{X: 0.5}, End: models.Point{X: 0.5}},
		{From: time.Second, Until: 9 * time.Second, Start: models.Point{X: 0}, End: models.Point{X: 0.6}},
	}}
	if got := scene.Crossings(0.5); len(got) != 0 {
		t.Errorf("crossings %+v, want none", got)
	}
	if err := models.ValidateLines([]models.Line{UprightLine("middle", 0.5)}); err != nil {
		t.Error(err)
	}
}

func TestSceneRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Scene){
		"odd":    func(s *Scene) { s.Width = 321 },
		"tiny":   func(s *Scene) { s.Height = 2 },
		"no fps": func(s *Scene) { s.FPS = 0 },
		"empty":  func(s *Scene) { s.Length = 0 },
	} {
		scene := StreetScene()
		change(&scene)
		if _, err := scene.Encode(within(t), EncodeOptions{}); !errors.Is(err, models.ErrInvalid) {
			t.Errorf("%s: %v, want it invalid", name, err)
		}
	}
}
