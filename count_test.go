package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"footfall/capture/simulator"
	"footfall/models"
)

// countJSON is what count --json prints, as somebody who reads the documentation would decode it.
type countJSON struct {
	Source       string  `json:"source"`
	Model        string  `json:"model"`
	Engine       string  `json:"engine"`
	EngineWhy    string  `json:"engine_why"`
	OpenCV       string  `json:"opencv"`
	Frames       int     `json:"frames"`
	Missing      int     `json:"frames_missing"`
	Analysed     int     `json:"frames_analysed"`
	VideoSeconds float64 `json:"video_seconds"`
	Interrupted  bool    `json:"interrupted"`
	Lines        []struct {
		ID     string `json:"id"`
		In     int    `json:"in"`
		Out    int    `json:"out"`
		RawIn  int    `json:"raw_in"`
		RawOut int    `json:"raw_out"`
	} `json:"lines"`
	CPU struct {
		Decode, Detect, Steady, Track, Total, Forward float64
		Outside                                       float64 `json:"outside_forward"`
	} `json:"cpu_ms_per_frame"`
	RealtimeFactor float64 `json:"realtime_factor"`
}

// decode checks that a command ended well and reads the one object that it printed.
func decode[T any](t *testing.T, o outcome) T {
	t.Helper()
	var value T
	if o.code != 0 || o.stderr != "" {
		t.Fatalf("ends with %d and says %s", o.code, o.stderr)
	}
	decoder := json.NewDecoder(strings.NewReader(o.stdout))
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%v in %s", err, o.stdout)
	}
	if decoder.More() {
		t.Fatalf("more than one object: %s", o.stdout)
	}
	return value
}

// kinds flattens an object to its keys and the kinds of their values.
func kinds(prefix string, value any, into map[string]string) map[string]string {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			kinds(prefix+"."+key, inner, into)
		}
	case []any:
		for _, inner := range v {
			kinds(prefix+"[]", inner, into)
		}
	default:
		into[strings.TrimPrefix(prefix, ".")] = fmt.Sprintf("%T", value)
	}
	return into
}

// countKeys are what count --json promises.
func countKeys() map[string]string {
	keys := map[string]string{}
	for _, word := range []string{"source", "model", "engine", "opencv", "lines[].id"} {
		keys[word] = "string"
	}
	for _, number := range []string{
		"frames", "frames_analysed", "video_seconds", "realtime_factor",
		"lines[].in", "lines[].out", "lines[].raw_in", "lines[].raw_out",
		"cpu_ms_per_frame.decode", "cpu_ms_per_frame.detect", "cpu_ms_per_frame.track", "cpu_ms_per_frame.total",
		"cpu_ms_per_frame.forward", "cpu_ms_per_frame.outside_forward", "cpu_ms_per_frame.steady",
		"steady.frames_shifted", "steady.most_pixels", "steady.moved_seconds",
	} {
		keys[number] = "float64"
	}
	return keys
}

func TestCountPrintsWhatItPromises(t *testing.T) {
	t.Parallel()
	model, err := filepath.Abs(testModel(t, "yolox_nano.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range []string{"auto", "opencv"} {
		got := footfallIn(t, drawnStreet(t), "count", "frames", "--lines", "lines.yaml", "--json", "--model", model,
			"--engine", engine, "--fps", "2")
		found := kinds("", decode[any](t, got), map[string]string{})
		delete(found, "engine_why") // on machines without ONNX Runtime
		if !reflect.DeepEqual(found, countKeys()) {
			t.Errorf("prints %v, promises %v", found, countKeys())
		}
		c := decode[countJSON](t, got)
		if c.Source != "frames" || !strings.HasPrefix(c.Model, "yolox-nano") || !strings.HasPrefix(c.OpenCV, "4.") {
			t.Errorf("source %q, model %q, OpenCV %q", c.Source, c.Model, c.OpenCV)
		}
		if engine == "opencv" && c.Engine != "opencv" {
			t.Errorf("asked for OpenCV, ran on %s", c.Engine)
		}
		if c.Frames != 120 || c.Analysed != 24 || c.VideoSeconds != 12 {
			t.Errorf("%d frames, %d analysed, %v s", c.Frames, c.Analysed, c.VideoSeconds)
		}
		checkCosts(t, c)
	}
}

// checkCosts checks that the costs fit together; how large they are is not a test's business.
func checkCosts(t *testing.T, c countJSON) {
	t.Helper()
	const rounding = 0.002
	p := c.CPU
	if d := p.Total - p.Decode - p.Detect - p.Steady - p.Track; d < -rounding || d > rounding {
		t.Errorf("total %v is not decode %v + detect %v + steady %v + track %v", p.Total, p.Decode, p.Detect, p.Steady, p.Track)
	}
	if p.Forward <= 0 || p.Forward > p.Detect || p.Decode <= 0 || p.Track <= 0 {
		t.Errorf("forward %v, detect %v, decode %v, track %v", p.Forward, p.Detect, p.Decode, p.Track)
	}
	if d := p.Outside - (p.Total/p.Forward - 1); d < -rounding || d > rounding {
		t.Errorf("outside forward %v, total %v, forward %v", p.Outside, p.Total, p.Forward)
	}
	if c.RealtimeFactor <= 0 {
		t.Errorf("realtime factor %v", c.RealtimeFactor)
	}
}

// streetCounts is who crosses the middle of the drawn street, by construction.
func streetCounts() (in, out int) {
	for _, c := range simulator.StreetScene().Crossings(middle) {
		if c.Direction == models.In {
			in++
		} else {
			out++
		}
	}
	return in, out
}

// checkStreet checks the counts of the drawn street.
func checkStreet(t *testing.T, c countJSON) {
	t.Helper()
	in, out := streetCounts()
	if len(c.Lines) != 1 || c.Lines[0].ID != "middle" {
		t.Fatalf("lines %+v", c.Lines)
	}
	if l := c.Lines[0]; l.In != in || l.Out != out || l.RawIn != in || l.RawOut != out {
		t.Errorf("counted %+v, true are %d in and %d out", l, in, out)
	}
}

// checkLiveStreet is checkStreet for a camera: when the machine does not keep up, somebody may be missed.
func checkLiveStreet(t *testing.T, c countJSON) {
	t.Helper()
	in, out := streetCounts()
	if len(c.Lines) != 1 || c.Lines[0].ID != "middle" {
		t.Fatalf("lines %+v", c.Lines)
	}
	if l := c.Lines[0]; l.RawIn < in-1 || l.RawIn > in || l.RawOut < out-1 || l.RawOut > out {
		t.Errorf("counted %+v, true are %d in and %d out", l, in, out)
	}
}

// encodeStreet makes a video of the pictures of a drawn street.
func encodeStreet(t *testing.T, folder string) {
	t.Helper()
	encode := exec.CommandContext(t.Context(), "ffmpeg", "-loglevel", "error", "-framerate", "10",
		"-i", filepath.Join(folder, "frames", "%d.png"), "-pix_fmt", "yuv420p", "-movflags", "+faststart",
		filepath.Join(folder, "street.mp4"))
	if said, err := encode.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
}

// A video that is cut off gives the counts of what there is, and a warning.
func TestCountOfACutVideo(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	encodeStreet(t, folder)
	whole, err := os.ReadFile(filepath.Join(folder, "street.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "cut.mp4"), whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	got := footfallIn(t, folder, "count", "cut.mp4", "--lines", "lines.yaml", "--detections", "street.txt", "--json")
	c := decode[countJSON](t, outcome{got.code, got.stdout, ""})
	warning := fmt.Sprintf("footfall: warning: cut.mp4 ends after %d of 120 frames: it is cut off or damaged\n", c.Frames)
	if c.Frames < 1 || c.Missing != 120-c.Frames || got.stderr != warning {
		t.Errorf("%d frames, %d missing, says %swant %s", c.Frames, c.Missing, got.stderr, warning)
	}
}

// Where ONNX Runtime is missing the result says why it took longer.
func TestCountSaysWhyItIsSlow(t *testing.T) {
	t.Parallel()
	model, err := filepath.Abs(testModel(t, "yolox_nano.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	folder := drawnStreet(t)
	const config = "detector: {onnxruntime: /nothing.so}"
	if err := os.WriteFile(filepath.Join(folder, "footfall.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"count", "frames", "--lines", "lines.yaml", "--model", model, "--fps", "1", "--config", "footfall.yaml"}
	c := decode[countJSON](t, footfallIn(t, folder, append(args, "--json")...))
	if c.Engine != "opencv" || !strings.Contains(c.EngineWhy, "/nothing.so") {
		t.Errorf("engine %s because %q", c.Engine, c.EngineWhy)
	}
	table := footfallIn(t, folder, args...)
	if table.code != 0 || !strings.HasSuffix(table.stdout, "\nopencv is the slower engine, taken because: "+c.EngineWhy+"\n") {
		t.Errorf("%+v", table)
	}
}

// Whoever walks through the drawn street is counted once, at every rate and from every kind of source.
func TestCountIsTheTruth(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	encodeStreet(t, folder)
	for _, source := range []string{"frames", "street.mp4"} {
		for fps, analysed := range map[string]int{"0": 120, "5": 60, "50": 120} {
			t.Run(source+" "+fps, func(t *testing.T) {
				t.Parallel()
				c := decode[countJSON](t, footfallIn(t, folder, "count", source, "--lines", "lines.yaml",
					"--detections", "street.txt", "--fps", fps, "--json"))
				checkStreet(t, c)
				if c.Frames != 120 || c.Analysed != analysed || c.VideoSeconds != 12 || c.Interrupted {
					t.Errorf("%d frames, %d analysed, %v s", c.Frames, c.Analysed, c.VideoSeconds)
				}
				if c.Model != "street.txt" || c.Engine != "none" || c.CPU.Forward != 0 {
					t.Errorf("model %s, engine %s, forward %v", c.Model, c.Engine, c.CPU.Forward)
				}
			})
		}
	}
}

// A camera is counted until it ends.
func TestCountOfACamera(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	camera := play(t, simulator.CameraOptions{
		Clip: scene(t), Once: true, OnDemand: true, User: "viewer", Password: "secret",
	})
	got := footfallIn(t, folder, "count", camera.URL(), "--lines", "lines.yaml", "--detections", "street.txt",
		"--events", "events.jsonl", "--json")
	c := decode[countJSON](t, got)
	checkLiveStreet(t, c)
	if want := strings.Replace(camera.Address(), "//", "//***@", 1); c.Source != want {
		t.Errorf("source %s, want %s", c.Source, want)
	}
	if strings.Contains(got.stdout, "secret") || strings.Contains(got.stdout, "viewer") {
		t.Errorf("shows the password: %s", got.stdout)
	}
	if c.Frames < 100 || c.Frames > 120 || c.Analysed > c.Frames || c.Interrupted || c.CPU.Decode <= 0 {
		t.Errorf("%d frames of 120, %d analysed, decode %v", c.Frames, c.Analysed, c.CPU.Decode)
	}
	checkEvents(t, filepath.Join(folder, "events.jsonl"), c)
}

// walk is a file of detections of one person, 40 x 80 pixels, whose feet go along an x at each frame.
func walk(feet func(frame int) float64, frames int) string {
	var b strings.Builder
	for frame := 1; frame <= frames; frame++ {
		fmt.Fprintf(&b, "%d,-1,%f,%f,40,80,1\n", frame, feet(frame)-20, 100.0)
	}
	return b.String()
}

func TestCountOfUTurns(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	// To the right over the middle (160) in frame 30, and back over it in frame 90: 6 s later.
	there := walk(func(frame int) float64 { return 280 - 4*max(60-float64(frame), float64(frame)-60) }, 120)
	if err := os.WriteFile(filepath.Join(folder, "turn.txt"), []byte(there), 0o600); err != nil {
		t.Fatal(err)
	}
	for within, clean := range map[string]int{"": 0, "20s": 0, "3s": 1, "0s": 1} {
		args := []string{
			"count", "frames", "--lines", "lines.yaml", "--detections", "turn.txt", "--json",
			"--events", "turn" + within + ".jsonl",
		}
		if within != "" {
			args = append(args, "--u-turn", within)
		}
		c := decode[countJSON](t, footfallIn(t, folder, args...))
		if l := c.Lines[0]; l.RawIn != 1 || l.RawOut != 1 || l.In != clean || l.Out != clean {
			t.Errorf("--u-turn %s: %+v", within, l)
		}
		events := checkEvents(t, filepath.Join(folder, "turn"+within+".jsonl"), c)
		if turned := events[1].Reverses == events[0].Number; turned != (clean == 0) {
			t.Errorf("--u-turn %s: %+v", within, events)
		}
	}
}

// With the feet as anchor somebody crosses a line across the picture that the middle of the body never reaches.
func TestCountByAnchor(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	var b strings.Builder
	for frame := range 100 { // the feet go from y = 80 to y = 179, the middle from 40 to 139
		fmt.Fprintf(&b, "%d,-1,140,%d,40,80,1\n", frame+1, frame)
	}
	for name, content := range map[string]string{
		"down.txt": b.String(), "low.yaml": "lines: {low: [[0.1, 0.65], [0.9, 0.65]]}", // y = 156
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for anchor, want := range map[string]int{"bottom_centre": 1, "centre": 0} {
		c := decode[countJSON](t, footfallIn(t, folder, "count", "frames", "--lines", "low.yaml",
			"--detections", "down.txt", "--anchor", anchor, "--json"))
		if got := c.Lines[0].RawIn + c.Lines[0].RawOut; got != want {
			t.Errorf("%s: %d crossings, want %d", anchor, got, want)
		}
	}
}

// For people the same is printed as a table.
func TestCountPrintsATable(t *testing.T) {
	t.Parallel()
	got := footfallIn(t, drawnStreet(t), "count", "frames", "--lines", "lines.yaml", "--detections", "street.txt")
	in, out := streetCounts()
	want := fmt.Sprintf("line       in    out   raw in  raw out\nmiddle %6d %6d %8d %8d\n\n120 of 120 frames, 12.0 s of video",
		in, out, in, out)
	if got.code != 0 || got.stderr != "" || !strings.HasPrefix(got.stdout, want) {
		t.Errorf("%+v, want %s", got, want)
	}
}
