package steady_test

import (
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"footfall/models"
	"footfall/vision/steady"
)

// rolling is real footage, in grey, frame by frame.
type rolling struct {
	file                 string
	width, height, every int // every n-th frame is used
	fps                  float64
	frames               int // of those that are used
}

func footage() []rolling {
	return []rolling{
		{"sequences/PETS09-S2L1.mp4", 480, 360, 1, 10, 150},
		{"sequences/TownCentre-A.mp4", 1280, 720, 3, 25, 90},
		{"clips/night_street_workers.mp4", 426, 240, 3, 29.97, 150},
		{"clips/highstreet_eyelevel.mp4", 1280, 720, 3, 29.97, 90},
		{"clips/intel_store-aisle.mp4", 480, 270, 1, 15, 60},
	}
}

// play shows the frames of r to see.
func (r rolling) play(t *testing.T, see func(n int, at time.Time, grey []byte)) {
	t.Helper()
	dir := os.Getenv("FOOTFALL_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	file := filepath.Join(dir, r.file)
	if _, err := os.Stat(file); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the footage is missing: %v", err)
		}
		t.Skipf("the footage is missing: %v", err)
	}
	decode := exec.CommandContext(t.Context(), "ffmpeg", "-loglevel", "error", "-threads", "1", "-i", file,
		"-vf", fmt.Sprintf("select=not(mod(n\\,%d))", r.every), "-fps_mode", "vfr", "-frames:v", fmt.Sprint(r.frames),
		"-f", "rawvideo", "-pix_fmt", "gray", "-")
	out, err := decode.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := decode.Start(); err != nil {
		t.Fatal(err)
	}
	grey := make([]byte, r.width*r.height)
	for n := range r.frames {
		if _, err := io.ReadFull(out, grey); err != nil {
			t.Fatalf("frame %d of %s: %v", n, r.file, err)
		}
		seconds := float64(n*r.every) / r.fps
		see(n, start().Add(time.Duration(seconds*float64(time.Second))), grey)
	}
	if err := decode.Wait(); err != nil {
		t.Fatal(err)
	}
}

// On real streets, by day and night, at steady cameras, nothing is ever made good: neither for who walks there, nor for
// lights, noise and compression.
func TestRealCamerasThatStandStill(t *testing.T) {
	t.Parallel()
	for _, r := range footage() {
		t.Run(filepath.Base(r.file), func(t *testing.T) {
			t.Parallel()
			var s steady.Steady
			r.play(t, func(n int, at time.Time, grey []byte) {
				p := steady.Pixels{Data: grey, Width: r.width, Height: r.height, Channels: 1}
				if view := s.Look(at, p, nil); view != (models.View{}) {
					t.Fatalf("frame %d: %+v", n, view)
				}
			})
		})
	}
}

// pushed is when a camera is pushed, in seconds.
const pushed = 2

// way is how a camera moves, in pixels of a picture 400 pixels wide, at a number of seconds.
type way func(seconds float64) (x, y float64)

// The same footage through a window that moves: it is known to the pixel how, and found to a fraction of one.
func TestRealFootageFromCamerasThatMove(t *testing.T) {
	t.Parallel()
	ways := map[string]way{
		"shake": func(s float64) (float64, float64) {
			return 5 * math.Sin(2*math.Pi*1.7*s), 3 * math.Sin(2*math.Pi*4.3*s)
		},
		"drift": func(s float64) (float64, float64) { return min(s, 24), min(0.4*s, 10) },
		"push": func(s float64) (float64, float64) {
			if s < pushed {
				return 0, 0
			}
			return 20, -9
		},
	}
	for _, r := range footage() {
		if testing.Short() && r.width > 640 {
			continue
		}
		for name, move := range ways {
			t.Run(filepath.Base(r.file)+" "+name, func(t *testing.T) {
				t.Parallel()
				r.follow(t, move)
			})
		}
	}
}

// follow moves a window over r and holds what is found against what is known.
func (r rolling) follow(t *testing.T, move way) {
	var s steady.Steady
	scale := float64(r.width) / 400
	width, height := r.width-int(56*scale), r.height-int(40*scale)
	window := make([]byte, width*height)
	var wrong []float64
	offset := func(at time.Time) (x, y int) {
		fx, fy := move(at.Sub(start()).Seconds())
		return int(28*scale) + int(math.Round(fx*scale)), int(20*scale) + int(math.Round(fy*scale))
	}
	x0, y0 := offset(start())
	unnoticed := 0
	r.play(t, func(n int, at time.Time, grey []byte) {
		x, y := offset(at)
		for row := range height {
			copy(window[row*width:][:width], grey[(y+row)*r.width+x:])
		}
		view := s.Look(at, steady.Pixels{Data: window, Width: width, Height: height, Channels: 1}, nil)
		if view.Moved {
			t.Fatalf("frame %d: counts as moved", n)
		}
		// The window goes right, so what is seen goes left.
		off := math.Hypot(view.X*float64(height)+float64(x-x0), view.Y*float64(height)+float64(y-y0))
		if s := at.Sub(start()).Seconds(); s > pushed && s < pushed+1.5 {
			return // a push is further than patches follow; it is looked for after a second
		}
		if view.IsHome() {
			unnoticed++
		}
		wrong = append(wrong, off)
	})
	median, most := quantile(t, wrong, 0.5), quantile(t, wrong, 0.9)
	t.Logf("wrong by %.2f pixels (median), %.2f (90 %%), of %d; home on %d of %d frames",
		median, most, width, unnoticed, len(wrong))
	pixel := float64(width) / 192
	if median > 0.25*pixel || most > 0.6*pixel {
		t.Errorf("wrong by %.2f pixels (median) and %.2f (90 %%) of %d", median, most, width)
	}
}
