package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// twoStreets is the drawn street twice, as the clips frames and again. Of again the truth knows somebody too many.
func twoStreets(t *testing.T) string {
	t.Helper()
	folder := drawnStreet(t)
	if err := os.Symlink("frames", filepath.Join(folder, "again")); err != nil {
		t.Fatal(err)
	}
	truth, err := os.ReadFile(filepath.Join(folder, "truth.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	boxes, err := os.ReadFile(filepath.Join(folder, "street.txt"))
	if err != nil {
		t.Fatal(err)
	}
	worse := strings.Replace(string(truth), "direction: out}", "direction: in}", 1)
	for name, content := range map[string]string{
		"truth/frames.yaml": string(truth), "truth/again.yaml": worse, "truth/other.yaml": string(truth),
		"boxes/frames.txt": string(boxes), "boxes/again.gt.txt": string(boxes),
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

type manyJSON struct {
	Clips []struct {
		Clip   string
		FPS    float64
		Score  scoreJSON
		Errors []countError
		Frames int `json:"frames_analysed"`
	}
	Total struct {
		Clips int
		Score scoreJSON
		CPU   float64 `json:"cpu_ms_per_frame"`
		Rates []struct {
			FPS   float64
			Score scoreJSON
		}
	}
}

func TestEvalOfManyClips(t *testing.T) {
	t.Parallel()
	folder := twoStreets(t)
	args := []string{"eval", "frames", "again", "--truth", "truth", "--detections", "boxes", "--fps", "0,5", "--errors"}
	many := decode[manyJSON](t, footfallIn(t, folder, append(args, "--json")...))
	perfect := scoreJSON{Truth: 5, Got: 5, TP: 5, Precision: 1, Recall: 1, F1: 1}
	worse := scoreJSON{Truth: 5, Got: 5, TP: 4, FP: 1, FN: 1, Precision: 0.8, Recall: 0.8, F1: 0.8}
	both := scoreJSON{Truth: 10, Got: 10, TP: 9, FP: 1, FN: 1, Precision: 0.9, Recall: 0.9, F1: 0.9}
	if len(many.Clips) != 4 || many.Total.Clips != 2 || len(many.Total.Rates) != 2 {
		t.Fatalf("two clips at two rates are %+v", many)
	}
	for i, want := range []struct {
		clip  string
		fps   float64
		score scoreJSON
	}{{"frames", 0, perfect}, {"again", 0, worse}, {"frames", 5, perfect}, {"again", 5, worse}} {
		got := many.Clips[i]
		if got.Clip != want.clip || got.FPS != want.fps || !alike(got.Score, want.score) {
			t.Errorf("row %d: %+v, want %+v", i, got, want)
		}
		if wrong := want.score.FP + want.score.FN; len(got.Errors) != wrong {
			t.Errorf("row %d lists %+v, want %d errors", i, got.Errors, wrong)
		}
	}
	if many.Clips[0].Frames <= many.Clips[2].Frames {
		t.Errorf("%d frames of all, %d at 5 a second", many.Clips[0].Frames, many.Clips[2].Frames)
	}
	for _, rate := range many.Total.Rates {
		if !alike(rate.Score, both) {
			t.Errorf("%g a second: %+v, want %+v", rate.FPS, rate.Score, both)
		}
	}
	if many.Total.Score.Truth != 20 || !(many.Total.CPU > 0) {
		t.Errorf("in all: %+v", many.Total)
	}
	said := footfallIn(t, folder, args...)
	for _, row := range []string{
		"frames     all      5      5      0      0      1.000   1.000  1.000   +0.0% ",
		"again        5      5      4      1      1      0.800   0.800  0.800   +0.0% ",
		"together     5     10      9      1      1      0.900   0.900  0.900   +0.0% ",
		"again, 5 frames a second\n\n    time   frame  error   line   direction\n",
		"missed  middle in\n",
		"wrong   middle out\n",
		"boxes as given",
	} {
		if !strings.Contains(said.stdout, row) {
			t.Errorf("does not say %q:\n%s", row, said.stdout)
		}
	}
	if said.stderr != "" {
		t.Errorf("says on stderr: %s", said.stderr)
	}
}

// The errors of one clip are where the truth was changed, and are listed only when asked for.
func TestEvalListsErrors(t *testing.T) {
	t.Parallel()
	folder := twoStreets(t)
	args := []string{"eval", "frames", "--truth", "truth/again.yaml", "--detections", "street.txt", "--json"}
	if plain := footfallIn(t, folder, args...); strings.Contains(plain.stdout, "errors") {
		t.Errorf("lists errors unasked: %s", plain.stdout)
	}
	listed := decode[struct{ Errors []map[string]any }](t, footfallIn(t, folder, append(args, "--errors")...))
	kinds := map[any]int{}
	for _, e := range listed.Errors {
		kinds[e["kind"]]++
		keys := slices.Sorted(maps.Keys(e))
		if !slices.Equal(keys, []string{"direction", "frame", "kind", "line", "seconds"}) {
			t.Errorf("an error has %v", keys)
		}
	}
	if !maps.Equal(kinds, map[any]int{"missed": 1, "wrong": 1}) {
		text, _ := json.Marshal(listed)
		t.Errorf("lists %s", text)
	}
}

func TestEvalRefusesClips(t *testing.T) {
	t.Parallel()
	folder := twoStreets(t)
	for name, content := range map[string]string{
		"clips/a.mp4": "x", "clips/b.json": "{}", "bare/readme.md": "", "lone/a.mp4": "x",
		"lone/b.yaml": "clip: c.mp4\nlines: {door: [[0, 1], [1, 1]]}\nevents: []\n",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	checkAll(t, folder, []refusal{
		{"eval", 2, "eval: nothing to count; give SOURCE... with --truth, or --clips DIR"},
		{"eval frames", 2, "--truth: is missing; give the file of what really happened, or a folder of such files"},
		{"eval frames gone.mp4 --truth truth", 1, "open gone.mp4: file does not exist; give a video file or a folder of frames"},
		{
			"eval frames boxes --truth truth", 2,
			`boxes: has no truth: no file of --truth is about a clip "boxes"; a truth file names its clip, or is named like it`,
		},
		{
			"eval frames again --truth truth/frames.yaml --truth truth/other.yaml", 2,
			`DIR/truth/other.yaml: is about a clip "other", which is not there; give it too, or leave this truth out`,
		},
		{
			"eval frames again --truth truth --truth truth/again.yaml", 2,
			`DIR/truth/again.yaml: is about "again", and so is DIR/truth/again.yaml; leave one out`,
		},
		{"eval frames ./frames --truth truth", 2, "./frames: is called frames, and so is frames; rename one"},
		{
			"eval frames again --truth truth --detections street.txt", 2,
			"--detections: DIR/street.txt is one file, but there are 2 clips; give a folder with CLIP.txt for each",
		},
		{
			"eval frames again --truth truth --detections truth", 2,
			`--detections: DIR/truth has no file for the clip "frames"; want frames.txt`,
		},
		{"eval frames again --truth bare", 2, "--truth: DIR/bare holds no truth file (.json .yaml .yml)"},
		{"eval --clips bare", 2, "--clips: DIR/bare holds no video (.mp4 .mkv .avi .mov .webm .m4v .ts)"},
		{"eval --clips street.txt", 2, "--clips: DIR/street.txt is a file; give a folder"},
		{"eval --clips gone", 1, "read --clips: open DIR/gone: no such file or directory"},
		{
			"eval --clips lone", 2,
			`DIR/lone/b.yaml: is about a clip "c", which is not there; give it too, or leave this truth out`,
		},
		{"eval --clips lone --truth truth", 2, "--clips: no video in DIR/lone has a truth; put NAME.json beside NAME.mp4, or give --truth"},
		{"eval --clips clips", 2, "read truth: DIR/clips/b.json:1: lines: is missing; write lines: {door: [[0.1, 0.6], [0.9, 0.6]]}"},
		{"eval frames --truth truth/frames.yaml --fps 5,x", 2, `--fps: "x" is not a number of frames a second from 0 (all) to 1000; see footfall eval --help`},
	})
}
