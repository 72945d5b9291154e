package tracker_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"footfall/models"
	"footfall/models/config"
	"footfall/tracker"
	"footfall/tracker/crossing"
	"footfall/tracker/crossing/score"
	"footfall/tracker/mot"
)

// clip is real footage as YOLOX-Nano saw it: testdata holds its boxes above a score of 0.1, without any picture. The
// truth lies beside the footage.
type clip struct {
	name          string
	width, height int
	sequence      bool // its people have published tracks
	least         map[int]float64
}

// clips are all recordings. least is the F1 that must be reached when every n-th frame is analysed: what was reached
// when this was written less three hundredths, or one crossing where few people cross.
func clips() []clip {
	return []clip{
		{"PETS09-S2L1", 480, 360, true, map[int]float64{1: 0.95, 2: 0.94, 3: 0.95, 5: 0.95}},
		{"TownCentre-A", 1280, 720, true, map[int]float64{1: 0.88, 2: 0.87, 3: 0.88, 5: 0.90, 12: 0.90}},
		{"mall_revolving_door", 640, 360, false, map[int]float64{1: 0.75, 3: 0.75, 6: 0.75}},
		{"highstreet_eyelevel", 1280, 720, false, map[int]float64{1: 0.6, 3: 0.6}},
		{"topdown_rainy_umbrellas", 640, 360, false, map[int]float64{1: 0.75, 2: 0.6}},
		{"one_by_one_indoor", 768, 432, false, map[int]float64{1: 1, 2: 1, 3: 1, 5: 1}},
	}
}

func (c clip) aspect() float64 { return float64(c.width) / float64(c.height) }

// sharedData is the folder of footage and truth; a test that needs it is skipped where it is missing, except in CI.
func sharedData(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("FOOTFALL_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	if _, err := os.Stat(filepath.Join(dir, "truth")); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("the footage is missing: %v", err)
		}
		tb.Skipf("the footage is missing: %v", err)
	}
	return dir
}

func (c clip) truth(tb testing.TB) config.Truth {
	tb.Helper()
	t, err := config.ReadTruth(filepath.Join(sharedData(tb), "truth", c.name+".json"))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// recording is the boxes that the detector found.
func (c clip) recording(tb testing.TB) map[int][]models.Detection {
	tb.Helper()
	f := open(tb, filepath.Join("testdata", c.name+".txt.gz"))
	text, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	return readFrames(tb, text, c)
}

// people is the boxes of a perfect detector.
func (c clip) people(tb testing.TB) map[int][]models.Detection {
	tb.Helper()
	f := open(tb, filepath.Join(sharedData(tb), "sequences", c.name+".gt.txt"))
	return readFrames(tb, f, c)
}

func open(tb testing.TB, path string) io.Reader {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return bytes.NewReader(data)
}

func readFrames(tb testing.TB, r io.Reader, c clip) map[int][]models.Detection {
	tb.Helper()
	frames, err := mot.Read(r, c.width, c.height)
	if err != nil {
		tb.Fatal(err)
	}
	return frames
}

// ask is one run over a clip.
type ask struct {
	aspect, fps float64
	frames      int
	every       int // n-th frame is analysed
	lines       []models.Line
	tracking    tracker.Config
	crossing    crossing.Config
}

// count is the crossings that are found, in frames.
func count(tb testing.TB, a ask, detections map[int][]models.Detection) []score.Event {
	tb.Helper()
	tr := tracker.New(a.tracking, a.aspect)
	counter, err := crossing.New(a.lines, a.crossing, a.aspect)
	if err != nil {
		tb.Fatal(err)
	}
	var got []score.Event
	counted := func(settled []models.Moment) {
		for _, m := range settled {
			for _, p := range counter.Update(m.At, m.Tracks) {
				got = append(got, eventOf(p, a.fps))
			}
		}
	}
	for n := 1; n <= a.frames; n += a.every {
		tr.Update(stamp(float64(n)/a.fps), detections[n])
		counted(tr.Settled())
	}
	counted(tr.Settle())
	return got
}

func eventOf(p models.Passage, fps float64) score.Event {
	return score.Event{Line: p.Line, Direction: p.Direction, At: p.At.Sub(stamp(0)).Seconds() * fps}
}

func askOf(c clip, t config.Truth, every int) ask {
	return ask{
		aspect: c.aspect(), fps: t.FPS, frames: t.Frames, every: every, lines: t.Lines,
		crossing: crossing.Config{Anchor: t.Anchor},
	}
}

// rate compares what was counted with what is known.
func rate(lines []models.Line, known, got []score.Event, fps float64) score.Score {
	var ids []string
	for _, l := range lines {
		ids = append(ids, l.ID)
	}
	s, _ := score.Compare(ids, known, got, 2*fps, score.Everything())
	return s
}

func knownEvents(t config.Truth) []score.Event {
	var out []score.Event
	for _, e := range t.Events {
		out = append(out, score.Event{
			Line: e.Line, Direction: e.Direction, At: float64(e.Frame), Doubtful: !e.Sure,
		})
	}
	return out
}

func TestFootage(t *testing.T) {
	for _, c := range clips() {
		truth, frames := c.truth(t), c.recording(t)
		for _, every := range slices.Sorted(maps.Keys(c.least)) {
			s := rate(truth.Lines, knownEvents(truth), count(t, askOf(c, truth, every), frames), truth.FPS)
			t.Logf("%-24s every %2d: F1 %.3f, %d of %d, %d false, bias %+.3f", c.name, every, s.F1, s.TP, s.Truth, s.FP, s.Bias)
			if s.F1 < c.least[every] {
				t.Errorf("%s, every %d: F1 %.3f, want at least %.3f: %+v", c.name, every, s.F1, c.least[every], s)
			}
		}
	}
}

// With the true boxes hardly anything may be missed: what is left is the tracker's own fault. But for one crossing on
// TownCentre-A, see below, and another that is only just one on its very last frames, which every fifth leaves out.
func TestTrueBoxes(t *testing.T) {
	least := map[string]float64{"PETS09-S2L1": 0.99, "TownCentre-A": 0.98}
	for _, c := range clips() {
		if !c.sequence {
			continue
		}
		truth, frames := c.truth(t), c.people(t)
		for _, every := range []int{1, 2, 3, 5} {
			s := rate(truth.Lines, knownEvents(truth), count(t, askOf(c, truth, every), frames), truth.FPS)
			t.Logf("%-24s every %2d: F1 %.3f, %d of %d, %d false", c.name, every, s.F1, s.TP, s.Truth, s.FP)
			if s.F1 < least[c.name] {
				t.Errorf("%s, every %d: F1 %.3f, want at least %.3f: %+v", c.name, every, s.F1, least[c.name], s)
			}
		}
	}
}

// Fed with the published tracks, the counter finds exactly the crossings that the reference tool found. But for one: the
// tool takes somebody who stands still on the prolongation of a line for being on the line, and so does not see that
// they passed above its end.
func TestCounterAgreesWithTheReferenceTool(t *testing.T) {
	aboveTheEnd := map[string]score.Event{"TownCentre-A": {Line: "x50", Direction: models.In, At: 254}}
	for _, c := range clips() {
		if !c.sequence {
			continue
		}
		truth := c.truth(t)
		known := slices.DeleteFunc(knownEvents(truth), func(e score.Event) bool { return e == aboveTheEnd[c.name] })
		const frames = 3 // the tool takes the frame after, and touching the line for crossing it
		s := rate(truth.Lines, known, c.trueCrossings(t, truth, truth.Lines), frames/2.0)
		if s.FP != 0 || s.FN != 0 || s.Truth == 0 {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

// trueCrossings is what the counter finds on the published tracks, without any tracker.
func (c clip) trueCrossings(tb testing.TB, truth config.Truth, lines []models.Line) []score.Event {
	tb.Helper()
	counter, err := crossing.New(lines, crossing.Config{Anchor: truth.Anchor}, c.aspect())
	if err != nil {
		tb.Fatal(err)
	}
	tracks := c.tracks(tb)
	var got []score.Event
	for n := 1; n <= truth.Frames; n++ {
		for _, p := range counter.Update(stamp(float64(n)/truth.FPS), tracks[n]) {
			got = append(got, eventOf(p, truth.FPS))
		}
	}
	return got
}

// tracks reads the published tracks with their ids. A track is reported unseen in the frames where it pauses.
func (c clip) tracks(tb testing.TB) map[int][]models.Track {
	tb.Helper()
	f := open(tb, filepath.Join(sharedData(tb), "sequences", c.name+".gt.txt"))
	first, last := map[uint64]int{}, map[uint64]int{}
	frames := map[int][]models.Track{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var v [6]float64
		for i := range v {
			var err error
			if v[i], err = strconv.ParseFloat(strings.Split(lines.Text(), ",")[i], 64); err != nil {
				tb.Fatal(err)
			}
		}
		n, id := int(v[0]), uint64(v[1])
		if first[id] == 0 {
			first[id] = n
		}
		last[id] = max(last[id], n)
		w, h := float64(c.width), float64(c.height)
		frames[n] = append(frames[n], models.Track{
			ID: id, Confirmed: true, Seen: true, Class: models.Person, Score: 1,
			Box: models.Box{X: v[2] / w, Y: v[3] / h, W: v[4] / w, H: v[5] / h},
		})
	}
	for id := range first {
		for n := first[id]; n <= last[id]; n++ {
			if !slices.ContainsFunc(frames[n], func(t models.Track) bool { return t.ID == id }) {
				frames[n] = append(frames[n], models.Track{ID: id, Confirmed: true})
			}
		}
	}
	return frames
}

// trial is one row of the sensitivity table: a clip with lines and what is known about them.
type trial struct {
	ask
	name  string
	known []score.Event
	boxes map[int][]models.Detection
	every []int
}

func trials(tb testing.TB) []trial {
	tb.Helper()
	var out []trial
	for _, c := range clips() {
		truth := c.truth(tb)
		every := []int{1, 2, 3, 5, 8, 12}
		if truth.FPS <= 10 {
			every = []int{1, 2, 3, 5}
		}
		t := trial{askOf(c, truth, 1), c.name, knownEvents(truth), c.recording(tb), every}
		out = append(out, t)
		if c.sequence {
			t.name += ", 60 lines"
			t.lines = manyLines(c.aspect(), 60)
			t.known = c.trueCrossings(tb, truth, t.lines)
			out = append(out, t)
		}
	}
	return out
}

// mean is the mean F1 over all clips and frame rates.
func mean(tb testing.TB, all []trial, tc tracker.Config, margin float64) (float64, []float64) {
	tb.Helper()
	sum := 0.0
	var rows []float64
	for _, t := range all {
		row := 0.0
		for _, t.ask.every = range t.every {
			t.tracking, t.crossing.Margin = tc, margin
			row += rate(t.lines, t.known, count(tb, t.ask, t.boxes), t.fps).F1
		}
		rows = append(rows, row/float64(len(t.every)))
		sum += row / float64(len(t.every))
	}
	return sum / float64(len(all)), rows
}

// BenchmarkSensitivity prints the mean F1 over all clips and frame rates when one value of the configuration is
// changed: around the default it must be flat, or the value was made for these clips.
//
//	go test -run '^$' -bench Sensitivity -benchtime 1x ./tracker/
func BenchmarkSensitivity(b *testing.B) {
	all := trials(b)
	run := func(name string, tc tracker.Config, margin float64) {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				f1, rows := mean(b, all, tc, margin)
				b.ReportMetric(f1, "F1")
				if os.Getenv("ROWS") != "" {
					b.Logf("%.3f", rows)
				}
			}
		})
	}
	run("default", tracker.Config{}, 0)
	for _, f := range []float64{2.0 / 3, 1.5} {
		for name, change := range map[string]func(c *tracker.Config){
			"NewScore":      func(c *tracker.Config) { c.NewScore *= f },
			"StrongScore":   func(c *tracker.Config) { c.StrongScore *= f },
			"WeakScore":     func(c *tracker.Config) { c.WeakScore *= f },
			"ConfirmAfter":  func(c *tracker.Config) { c.ConfirmAfter = scaled(c.ConfirmAfter, f) },
			"TentativeLost": func(c *tracker.Config) { c.TentativeLost = scaled(c.TentativeLost, f) },
			"MaxLost":       func(c *tracker.Config) { c.MaxLost = scaled(c.MaxLost, f) },
			"Steadiness":    func(c *tracker.Config) { c.Steadiness = scaled(c.Steadiness, f) },
			"Speed":         func(c *tracker.Config) { c.Speed *= f },
			"TopSpeed":      func(c *tracker.Config) { c.TopSpeed *= f },
			"BoxNoise":      func(c *tracker.Config) { c.BoxNoise *= f },
		} {
			tc := tracker.Default()
			change(&tc)
			run(fmt.Sprintf("%s_x%.2f", name, f), tc, 0)
		}
		run(fmt.Sprintf("Margin_x%.2f", f), tracker.Config{}, f*crossing.Default().Margin)
	}
}

func scaled(d time.Duration, f float64) time.Duration { return time.Duration(f * float64(d)) }
