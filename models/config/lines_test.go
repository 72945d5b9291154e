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

// write makes a file and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadLines(t *testing.T) {
	t.Parallel()
	door := models.Line{ID: "door", Points: []models.Point{{X: 0.1, Y: 0.6}, {X: 0.9, Y: 0.6}}}
	back := models.Line{ID: "back", Points: []models.Point{{X: 0, Y: 0}, {X: 0.5, Y: 1}, {X: 1, Y: 0.25}}}
	named := door
	named.Name = "Main door"
	for _, test := range []struct {
		name, text string
		want       []models.Line
	}{
		{"list", "lines: [{id: door, points: [[0.1,0.6],[0.9,0.6]]}]", []models.Line{door}},
		{"mapping", "lines: {door: [[0.1,0.6],[0.9,0.6]]}", []models.Line{door}},
		{"name", "lines:\n- id: door\n  name: Main door\n  points:\n  - [1e-1, .6]\n  - [0.9, 0.6]\n", []models.Line{named}},
		{"order", "lines:\n  door: [[0.1,0.6],[0.9,0.6]]\n  back: [[0,0],[0.5,1],[1,0.25]]\n", []models.Line{door, back}},
		{"other order", "lines:\n  back: [[0,0],[0.5,1],[1,0.25]]\n  door: [[0.1,0.6],[0.9,0.6]]\n", []models.Line{back, door}},
		{"JSON", "{\n\t\"lines\": {\n\t\t\"door\": [[0.1, 0.6], [0.9, 0.6]]\n\t}\n}\n", []models.Line{door}},
		{"JSON list", `{"lines":[{"id":"door","points":[[0.1,0.6],[0.9,0.6]]}]}`, []models.Line{door}},
		{
			"truth",
			`{"clip": "a.mp4", "fps": 10, "lines": {"door": [[0.1,0.6],[0.9,0.6]]}, "events": [], "unheard of": 1}`,
			[]models.Line{door},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := config.ReadDrawing(write(t, "lines.yaml", test.text))
			if err != nil || !reflect.DeepEqual(got, config.Drawing{Lines: test.want}) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestReadZones(t *testing.T) {
	t.Parallel()
	hall := models.Zone{ID: "hall", Points: []models.Point{{X: 0.1, Y: 0.6}, {X: 0.9, Y: 0.6}, {X: 0.5, Y: 1}}}
	till := models.Zone{ID: "till", Points: []models.Point{{X: 0, Y: 0}, {X: 0.5, Y: 0}, {X: 0.5, Y: 0.5}, {X: 0, Y: 0.5}}}
	door := models.Line{ID: "door", Points: []models.Point{{X: 0.1, Y: 0.6}, {X: 0.9, Y: 0.6}}}
	named := hall
	named.Name = "Entrance hall"
	for _, test := range []struct {
		name, text string
		want       config.Drawing
	}{
		{
			"beside lines", "lines: {door: [[0.1,0.6],[0.9,0.6]]}\nzones: {hall: [[0.1,0.6],[0.9,0.6],[0.5,1]]}",
			config.Drawing{Lines: []models.Line{door}, Zones: []models.Zone{hall}},
		},
		{
			"list", "zones:\n- {id: hall, name: Entrance hall, points: [[0.1,0.6],[0.9,0.6],[0.5,1]]}\n" +
				"- {id: till, points: [[0,0],[0.5,0],[0.5,0.5],[0,0.5]]}", config.Drawing{Zones: []models.Zone{named, till}},
		},
		{
			"alone, JSON", `{"zones": {"till": [[0,0],[0.5,0],[0.5,0.5],[0,0.5]], "hall": [[0.1,0.6],[0.9,0.6],[0.5,1]]}}`,
			config.Drawing{Zones: []models.Zone{till, hall}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := config.ReadDrawing(write(t, "lines.yaml", test.text))
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestReadLinesRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"", `lines.yaml:1: lines: is missing; write lines: {door: [[0.1, 0.6], [0.9, 0.6]]}`},
		{"lines: {}", `lines.yaml:1: lines: is empty; write at least one: {door: [[0.1, 0.6], [0.9, 0.6]]}`},
		{"lines: door", `lines.yaml:1: lines: is a single value, but takes a mapping or a list of lines`},
		{"lines: {door: [[0, 0]]}", `lines.yaml:1: line door: has 1 point(s), a line needs at least 2`},
		{"lines:\n  a: [[0, 0], [1, 1]]\n  door: [[0, 0], [1.1, 1]]", `lines.yaml:3: line door, point 2: (1.1, 1) lies outside the picture; x and y are fractions from 0 to 1`},
		{"lines: {door: [[0, 0], [NaN, 1]]}", `lines.yaml:1: line door, point 2: (NaN, 1) lies outside the picture; x and y are fractions from 0 to 1`},
		{"lines: {door: [[0, 0], [0, 0]]}", `lines.yaml:1: line door, point 2: is the same place as the point before it`},
		{"lines: {door: [[0, 0], [1, 1, 1]]}", `lines.yaml:1: line door, point 2: want two numbers: [x, y]`},
		{"lines: {door: [[0, 0], [1, right]]}", `lines.yaml:1: line door, point 2: "right" is not a number`},
		{"lines: {door: [0, 0, 1, 1]}", `lines.yaml:1: line door, point 1: want two numbers: [x, y]`},
		{"lines: {door: 1}", `lines.yaml:1: line door: is a single value, but takes points: [[0.1, 0.6], [0.9, 0.6]]`},
		{"lines: {the door: [[0, 0], [1, 1]]}", `lines.yaml:1: line id: "the door" is not an id: use 1 to 64 letters, digits, '-' and '_', a letter or digit first`},
		{"lines:\n  - {id: a, points: [[0, 0], [1, 1]]}\n  - {id: a, points: [[0, 0], [1, 1]]}", `lines.yaml:3: line a: is there twice; line 2 of the file has it already`},
		{"lines: {a: [[0, 0], [1, 1]], a: [[0, 0], [1, 1]]}", `lines.yaml:1: cannot be read as YAML: mapping key "a" already defined at [1:9]`},
		{"lines:\n  - {id: a, points: [[0, 0], [1, 1]], colour: red}", `lines.yaml:2: line a: unknown key "colour"; want id, name and points`},
		{"lines:\n  - {id: [a], points: [[0, 0], [1, 1]]}", `lines.yaml:2: lines[0]: id is a list, but takes a word`},
		{"lines:\n  - {points: [[0, 0], [1, 1]]}", `lines.yaml:2: line id: "" is not an id: use 1 to 64 letters, digits, '-' and '_', a letter or digit first`},
		{"lines: [door]", `lines.yaml:1: lines[0]: is a single value, but takes {id: door, points: [[0.1, 0.6], [0.9, 0.6]]}`},
		{"line: {a: [[0, 0], [1, 1]]}", `lines.yaml:1: line: unknown key; a lines file has the keys lines and zones and nothing else`},
		{"lines: {a: [[0, 0], [1, 1]]}\nanchor: centre", `lines.yaml:2: anchor: unknown key; a lines file has the keys lines and zones and nothing else`},
		{"zones: {}", `lines.yaml:1: zones: is empty; write at least one: {hall: [[0.1, 0.6], [0.5, 0.6], [0.5, 0.9]]}`},
		{"zones: {a: [[0, 0], [1, 0], [1, 1]]}\nlines: {}", `lines.yaml:2: lines: is empty; write at least one: {door: [[0.1, 0.6], [0.9, 0.6]]}`},
		{"zones: {hall: [[0, 0], [1, 1]]}", `lines.yaml:1: zone hall: has 2 point(s), a zone needs 3 to 64`},
		{"zones:\n  hall: [[0, 0], [1, 1], [1, 0], [0, 1]]", `lines.yaml:2: zone hall: has edges that cross or touch: those after point 1 and after point 3`},
		{"zones: {hall: 1}", `lines.yaml:1: zone hall: is a single value, but takes points: [[0.1, 0.6], [0.5, 0.6], [0.5, 0.9]]`},
		{"zones: [hall]", `lines.yaml:1: zones[0]: is a single value, but takes {id: hall, points: [[0.1, 0.6], [0.5, 0.6], [0.5, 0.9]]}`},
		{"zones: hall", `lines.yaml:1: zones: is a single value, but takes a mapping or a list of zones`},
		{"zones:\n  - {id: a, points: [[0, 0], [1, 0], [1, 1]]}\n  - {id: a, points: [[0, 0], [1, 0], [1, 1]]}", `lines.yaml:3: zone a: is there twice; line 2 of the file has it already`},
		{"zones:\n  - {id: a, points: [[0, 0], [1, 0], [1, 1]], kind: queue}", `lines.yaml:2: zone a: unknown key "kind"; want id, name and points`},
		{"\x00\x00\x00\x18ftypmp42", `lines.yaml:1: this is not a text file`},
	} {
		path := write(t, "lines.yaml", test.text)
		_, err := config.ReadDrawing(path)
		if err == nil || strings.ReplaceAll(err.Error(), path, "lines.yaml") != "read lines: "+test.want {
			t.Errorf("%q\ngot  %v\nwant read lines: %s", test.text, err, test.want)
			continue
		}
		if !errors.Is(err, models.ErrInvalid) {
			t.Errorf("%q: is not an ErrInvalid", test.text)
		}
	}
	if _, err := config.ReadDrawing(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
	if _, err := config.ReadDrawing(write(t, "big", strings.Repeat("#\n", 1<<20))); !errors.Is(err, models.ErrInvalid) {
		t.Errorf("a huge file gives %v", err)
	}
}
