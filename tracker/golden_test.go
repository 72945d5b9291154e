package tracker_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/crossing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// recordedLines are the lines of the golden replays.
func recordedLines() []models.Line {
	return []models.Line{
		{ID: "upright", Points: line(0.5, 1, 0.5, 0.2)},
		{ID: "level", Points: line(0.05, 0.6, 0.95, 0.6)},
		{ID: "corner", Points: line(0.2, 0.3, 0.6, 0.45, 0.7, 0.9)},
	}
}

// replay writes down what becomes of recorded frames: every crossing and, if asked, every track.
func replay(t *testing.T, frames []frame, aspect float64, withTracks bool) []byte {
	t.Helper()
	tr := tracker.New(tracker.Config{}, aspect)
	counter, err := crossing.New(recordedLines(), crossing.Default(), aspect)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	count := func(second float64, settled []models.Moment) {
		for _, m := range settled {
			for _, p := range counter.Update(m.At, m.Tracks) {
				fmt.Fprintf(&out, "%.2f crossing %d %s %s at %.2f track %d reverses %d\n",
					second, p.Seq, p.Line, p.Direction, p.At.Sub(stamp(0)).Seconds(), p.Track, p.Reverses)
			}
		}
	}
	for _, f := range frames {
		for _, k := range tr.Update(stamp(f.second), f.detections) {
			if withTracks {
				fmt.Fprintf(&out, "%.2f track %d %s box %.4f %.4f %.4f %.4f\n",
					f.second, k.ID, words(k), k.Box.X, k.Box.Y, k.Box.W, k.Box.H)
			}
		}
		count(f.second, tr.Settled())
	}
	count(frames[len(frames)-1].second, tr.Settle())
	for _, total := range counter.Totals(nil) {
		fmt.Fprintf(&out, "total %+v\n", total)
	}
	return out.Bytes()
}

func words(k models.Track) string {
	switch {
	case k.Ended:
		return "ended"
	case !k.Seen:
		return "coasting"
	case !k.Confirmed:
		return "tentative"
	}
	return "seen"
}

// Recorded detections become the same tracks and crossings, byte by byte, as when somebody last looked at them and
// ran the test with -update. A difference is not wrong, but must be wanted.
func TestGoldenReplays(t *testing.T) {
	check := func(name string, frames []frame, aspect float64, withTracks bool) {
		got := replay(t, frames, aspect, withTracks)
		path := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %s", name, firstDifference(got, want))
		}
	}
	check("crowd", crowdScene(8, 5, 20).frames(), sceneAspect, true)
	for _, c := range clips() {
		recording := c.recording(t)
		var frames []frame
		for n := 1; n <= 800; n++ {
			frames = append(frames, frame{float64(n) / 10, recording[n]})
		}
		check(c.name, frames, c.aspect(), false)
	}
}

func firstDifference(got, want []byte) string {
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			return fmt.Sprintf("line %d is\n%s\nwant\n%s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}
