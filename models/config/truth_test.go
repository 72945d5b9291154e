package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"footfall/models"
	"footfall/models/config"
)

func TestReadTruth(t *testing.T) {
	t.Parallel()
	const text = `{
 "clip": "a.mp4", "fps": 29.97, "frames": 300, "range": [10, 200], "anchor": "centre",
 "lines": {"door": [[0.1, 0.6], [0.9, 0.6]], "back": [[0.5, 0], [0.5, 1]]},
 "events": [
  {"line": "back", "frame": 12, "direction": "in"},
  {"line": "door", "frame": 14, "direction": "out", "sure": false, "who": "the man with the hat"},
  {"line": "door", "frame": 250, "direction": "in", "sure": true}
 ],
 "notes": "counted twice", "counted_by": "two people"
}`
	got, err := config.ReadTruth(write(t, "truth.json", text))
	want := config.Truth{
		Clip: "a.mp4", FPS: 29.97, Frames: 300, First: 10, Last: 200, Anchor: models.Centre,
		Lines: []models.Line{
			{ID: "door", Points: []models.Point{{X: 0.1, Y: 0.6}, {X: 0.9, Y: 0.6}}},
			{ID: "back", Points: []models.Point{{X: 0.5, Y: 0}, {X: 0.5, Y: 1}}},
		},
		Events: []config.TruthEvent{
			{Line: "back", Frame: 12, Direction: models.In, Sure: true},
			{Line: "door", Frame: 14, Direction: models.Out},
			{Line: "door", Frame: 250, Direction: models.In, Sure: true},
		},
		Notes: "counted twice",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}

	least, err := config.ReadTruth(write(t, "truth.yaml", "events: []\nlines: [{id: a, points: [[0, 0], [1, 1]]}]"))
	if err != nil || least.Anchor != models.BottomCentre || len(least.Lines) != 1 || len(least.Events) != 0 {
		t.Errorf("the least there can be: got %+v, %v", least, err)
	}
}

func TestReadTruthRefusals(t *testing.T) {
	t.Parallel()
	const lines = "lines: {a: [[0, 0], [1, 1]]}\n"
	for _, test := range []struct{ text, want string }{
		{"", `truth.yaml:1: is empty, not a truth file: want clip, fps, frames, lines, events`},
		{"events: []", `truth.yaml:1: lines: is missing; write lines: {door: [[0.1, 0.6], [0.9, 0.6]]}`},
		{lines, `truth.yaml:1: events: is missing; write [] when nobody crossed`},
		{lines + "events: 3", `truth.yaml:2: events: is a single value, but takes a list`},
		{lines + "events: [3]", `truth.yaml:2: events[0]: is a single value, but takes {line, frame, direction, sure}`},
		{lines + "events: [{line: b, frame: 1, direction: in}]", `truth.yaml:2: events[0]: line: "b" is not one of the lines of this file`},
		{lines + "events: [{line: a, frame: 0, direction: in}]", `truth.yaml:2: events[0]: frame: "0" is not a whole number of at least 1; frames count from 1`},
		{lines + "events: [{line: a, direction: in}]", `truth.yaml:2: events[0]: frame: is missing; frames count from 1`},
		{lines + "events: [{line: a, frame: 1, direction: up}]", `truth.yaml:2: events[0]: direction: "up" is neither in nor out`},
		{lines + "events: [{line: a, frame: 1, direction: in, sure: 1}]", `truth.yaml:2: events[0]: sure: "1" is neither true nor false`},
		{lines + "events: []\nfps: 0", `truth.yaml:3: fps: "0" is not a number of frames a second`},
		{lines + "events: []\nfps: Inf", `truth.yaml:3: fps: "Inf" is not a number of frames a second`},
		{lines + "events: []\nframes: 1.5", `truth.yaml:3: frames: "1.5" is not a whole number of at least 1; frames count from 1`},
		{lines + "events: []\nrange: 7", `truth.yaml:3: range: want the first and the last frame: [1, 400]`},
		{lines + "events: []\nrange: [7, 6]", `truth.yaml:3: range: ends before it begins; want the first and the last frame: [1, 400]`},
		{lines + "events: []\nrange: [0, 6]", `truth.yaml:3: range: "0" is not a whole number of at least 1; frames count from 1`},
		{lines + "events: []\nanchor: feet", `truth.yaml:3: anchor: "feet" is unknown; use bottom_centre or centre`},
	} {
		path := write(t, "truth.yaml", test.text)
		_, err := config.ReadTruth(path)
		if err == nil || strings.ReplaceAll(err.Error(), path, "truth.yaml") != "read truth: "+test.want {
			t.Errorf("%q\ngot  %v\nwant read truth: %s", test.text, err, test.want)
			continue
		}
		if !errors.Is(err, models.ErrInvalid) {
			t.Errorf("%q: is not an ErrInvalid", test.text)
		}
	}
}

// TestRealTruthFiles reads every truth file there is, as truth and as lines.
func TestRealTruthFiles(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("FOOTFALL_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	files, err := filepath.Glob(filepath.Join(dir, "truth", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("there are no truth files in %s", dir)
		}
		t.Skipf("there are no truth files in %s", dir)
	}
	events := map[string]int{}
	for _, file := range files {
		truth, err := config.ReadTruth(file)
		if err != nil {
			t.Error(err)
			continue
		}
		drawing, err := config.ReadDrawing(file)
		if err != nil || !reflect.DeepEqual(drawing, config.Drawing{Lines: truth.Lines}) {
			t.Errorf("%s: as lines got %+v, %v", file, drawing, err)
		}
		if truth.FPS <= 0 || truth.Frames <= 0 || len(truth.Lines) == 0 || len(truth.Events) == 0 {
			t.Errorf("%s: got %+v", file, truth)
		}
		if want := strings.TrimSuffix(filepath.Base(file), ".json") + ".mp4"; truth.Clip != want {
			t.Errorf("%s: is about %s", file, truth.Clip)
		}
		events[truth.Clip] = len(truth.Events)
	}
	if events["PETS09-S2L1.mp4"] != 133 || events["TownCentre-A.mp4"] != 63 {
		t.Errorf("the sequences have 133 and 63 crossings, got %v", events)
	}
}
