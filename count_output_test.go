package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"footfall/capture/simulator"
)

// eventJSON is one line of the file of --events.
type eventJSON struct {
	Seconds   float64
	Frame     int
	Line      string
	Direction string
	Class     string
	Number    int
	Reverses  int
}

func readEvents(t *testing.T, name string) []eventJSON {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var events []eventJSON
	for line := range strings.Lines(string(text)) {
		var e eventJSON
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		events = append(events, e)
	}
	return events
}

// checkEvents compares the events with the raw totals.
func checkEvents(t *testing.T, name string, c countJSON) []eventJSON {
	t.Helper()
	events := readEvents(t, name)
	for _, l := range c.Lines {
		for direction, want := range map[string]int{"in": l.RawIn, "out": l.RawOut} {
			got := 0
			for _, e := range events {
				if e.Line == l.ID && e.Direction == direction {
					got++
				}
			}
			if got != want {
				t.Errorf("line %s, %s: %d events, %d in the raw totals", l.ID, direction, got, want)
			}
		}
	}
	for i, e := range events {
		if e.Number != i+1 || e.Class != "person" || e.Seconds <= 0 || e.Seconds > c.VideoSeconds {
			t.Errorf("event %d: %+v", i+1, e)
		}
	}
	return events
}

func TestCountWritesEvents(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	c := decode[countJSON](t, footfallIn(t, folder, "count", "frames", "--lines", "lines.yaml",
		"--detections", "street.txt", "--events", "events.jsonl", "--json"))
	events := checkEvents(t, filepath.Join(folder, "events.jsonl"), c)
	truth := simulator.StreetScene().Crossings(middle)
	slices.SortFunc(truth, func(a, b simulator.Crossing) int { return a.Frame - b.Frame })
	if len(events) != len(truth) {
		t.Fatalf("%d events, %d are true", len(events), len(truth))
	}
	for i, e := range events {
		// The filter lags behind or runs ahead a little; half a second would be another place.
		if d := e.Seconds - truth[i].At.Seconds(); e.Direction != string(truth[i].Direction) || d < -0.5 || d > 0.5 {
			t.Errorf("event %+v, true is %+v", e, truth[i])
		}
		if d := e.Frame - truth[i].Frame; d < -5 || d > 5 {
			t.Errorf("event %+v, true is frame %d", e, truth[i].Frame)
		}
	}
	if left := listing(t, folder); slices.Contains(left, "events.jsonl.part") {
		t.Errorf("left behind: %q", left)
	}
}

func TestCountWritesAVideo(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	c := decode[countJSON](t, footfallIn(t, folder, "count", "frames", "--lines", "lines.yaml",
		"--detections", "street.txt", "--annotate", "seen.mp4", "--fps", "5", "--json"))
	checkStreet(t, c)
	probe := exec.CommandContext(t.Context(), "ffprobe", "-loglevel", "error", "-select_streams", "v", "-count_frames",
		"-show_entries", "stream=codec_name,width,height,avg_frame_rate,nb_read_frames", "-of", "csv=p=0",
		filepath.Join(folder, "seen.mp4"))
	said, err := probe.CombinedOutput()
	if want := "h264,320,240,10/1,120\n"; err != nil || string(said) != want {
		t.Errorf("ffprobe says %s(%v), want %s", said, err, want)
	}
	// The line is drawn in a colour; the street is grey.
	average := exec.CommandContext(t.Context(), "ffmpeg", "-loglevel", "error", "-i", filepath.Join(folder, "seen.mp4"),
		"-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "bgr24", "-")
	pixels, err := average.Output()
	if err != nil {
		t.Fatal(err)
	}
	coloured := 0
	for ; len(pixels) >= 3; pixels = pixels[3:] {
		if max(pixels[0], pixels[1], pixels[2])-min(pixels[0], pixels[1], pixels[2]) > 40 {
			coloured++
		}
	}
	if coloured < 240 {
		t.Errorf("%d pixels of the first picture have a colour; a line alone has more", coloured)
	}
	if left := listing(t, folder); slices.Contains(left, "seen.mp4.part") {
		t.Errorf("left behind: %q", left)
	}
}
