package main

import (
	"os"
	"path/filepath"
	"testing"

	"footfall/capture"
	"footfall/capture/frame"
	"footfall/capture/simulator/deserted"
	"footfall/models"
	"footfall/tracker"
	"footfall/vision"
)

// believer is a detector that sees somebody on the frames it is told to.
type believer struct {
	vision.Detector

	score func(frame int) float64
	frame int
}

func (*believer) Info() vision.Info {
	return vision.Info{Model: "believer", Engine: "none", Width: 4, Height: 2}
}

func (*believer) Close() error { return nil }

func (b *believer) Detect(_ *frame.Frame, into []models.Detection) ([]models.Detection, error) {
	b.frame++
	if s := b.score(b.frame); s > 0 {
		box := models.Box{X: 0.4, Y: 0.4, W: 0.1, H: 0.3}
		into = append(into, models.Detection{Box: box, Score: s, Class: models.Person})
	}
	return into, nil
}

func TestFalsePeopleAreCounted(t *testing.T) {
	t.Parallel()
	threshold, frames := tracker.Default().NewScore, filepath.Join(drawnStreet(t), "frames")
	for name, test := range map[string]struct {
		score func(frame int) float64
		want  nobodyCount
	}{
		"sees nobody":           {func(int) float64 { return 0 }, nobodyCount{}},
		"is not sure enough":    {func(int) float64 { return threshold - 0.01 }, nobodyCount{}},
		"sees a ghost all day":  {func(int) float64 { return threshold }, nobodyCount{120, 1}},
		"sees flashes":          {func(f int) float64 { return float64(f % 20 / 19) }, nobodyCount{FalseFrames: 6}},
		"sees somebody come in": {func(f int) float64 { return float64(f / 91) }, nobodyCount{30, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &watchman{score: threshold, pool: frame.NewPool(1)}
			w.take(&believer{score: test.score})
			if err := w.visit(t.Context(), "street", capture.Spec{Location: frames}); err != nil {
				t.Fatal(err)
			}
			w.found(t, "street", 120, test.want)
		})
	}
}

// A drawn place is shown whole, and nothing of it is left on the disk.
func TestADrawnPlaceIsVisited(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	w := &watchman{score: 0.3, pool: frame.NewPool(1)}
	w.take(&believer{score: func(int) float64 { return 1 }})
	place := deserted.Places()[7] // the one that is drawn the quickest
	if err := w.visitDrawn(t.Context(), place); err != nil {
		t.Fatal(err)
	}
	w.found(t, place.Name, deserted.Frames, nobodyCount{deserted.Frames, 1})
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// found closes the watchman and compares what its only guard has found in its only place.
func (w *watchman) found(t *testing.T, place string, frames int, want nobodyCount) {
	t.Helper()
	got := w.guards[0].bench
	if got.nobodyCount != want || w.frames != frames || len(got.Places) != 1 ||
		got.Places[0] != (nobodyPlace{place, frames, want}) {
		t.Errorf("%d frames, %+v, want %+v", w.frames, got, want)
	}
	if err := w.close(); err != nil {
		t.Error(err)
	}
}

// The frames may be the user's own.
func TestBenchNobodyLooksAtOnesOwnFrames(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	got := footfallIn(t, folder, "bench", "--nobody", "--source", "frames", "--model", "footfall-fast", "--json")
	report := decode[nobodyReport](t, got)
	if report.Frames != 120 || report.Score != tracker.Default().NewScore || len(report.Detectors) != 1 {
		t.Fatalf("%+v", report)
	}
	d := report.Detectors[0]
	if d.Model != "footfall-fast" || d.Input != "480x288" || len(d.Places) != 1 || d.Places[0].Place != "frames" {
		t.Errorf("%+v", d)
	}
	(&refusal{"bench --source frames", 2, "--source: is for --nobody; speed is measured on a made picture"}).check(t, folder)
	(&refusal{
		"bench --nobody --source nothing", 1, "open nothing: file does not exist; " +
			"give a video file, a folder of pictures, or an rtsp:// or rtsps:// address",
	}).check(t, filepath.Join(folder, "frames"))
}
