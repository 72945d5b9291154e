package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// evalJSON is what eval --json prints besides what count --json does.
type evalJSON struct {
	Lines []struct {
		ID    string    `json:"id"`
		Score scoreJSON `json:"score"`
	} `json:"lines"`
	Score scoreJSON `json:"score"`
}

type scoreJSON struct {
	Truth, Got, TP, FP, FN      int
	Precision, Recall, F1, Bias float64
}

func TestEvalPrintsWhatItPromises(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	promised := countKeys()
	for _, key := range []string{"truth", "got", "tp", "fp", "fn", "precision", "recall", "f1", "bias"} {
		promised["score."+key], promised["lines[].score."+key] = "float64", "float64"
	}
	for _, fps := range []string{"0", "5"} {
		got := footfallIn(t, folder, "eval", "frames", "--truth", "truth.yaml", "--detections", "street.txt",
			"--fps", fps, "--json")
		if found := kinds("", decode[any](t, got), map[string]string{}); !reflect.DeepEqual(found, promised) {
			t.Errorf("prints %v, promises %v", found, promised)
		}
		checkStreet(t, decode[countJSON](t, got))
		e, perfect := decode[evalJSON](t, got), scoreJSON{Truth: 5, Got: 5, TP: 5, Precision: 1, Recall: 1, F1: 1}
		if e.Score != perfect || e.Lines[0].Score != perfect {
			t.Errorf("--fps %s: scores %+v and %+v, a perfect one is %+v", fps, e.Score, e.Lines[0].Score, perfect)
		}
	}
}

// The truth of other people is worse than that of the street: it has somebody too many, and says in for out.
func TestEvalFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	truth, err := os.ReadFile(filepath.Join(folder, "truth.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	worse := strings.Replace(string(truth), "direction: out}", "direction: in}", 1) +
		"  - {line: middle, frame: 119, direction: in}\n" +
		"  - {line: middle, frame: 3, direction: out, sure: false}\n"
	if err := os.WriteFile(filepath.Join(folder, "worse.yaml"), []byte(worse), 0o600); err != nil {
		t.Fatal(err)
	}
	got := footfallIn(t, folder, "eval", "frames", "--truth", "worse.yaml", "--detections", "street.txt", "--json")
	s := decode[evalJSON](t, got).Score
	if want := (scoreJSON{Truth: 6, Got: 5, TP: 4, FP: 1, FN: 2, Precision: 0.8, Recall: 4. / 6, F1: 8. / 11, Bias: -1. / 6}); !alike(s, want) {
		t.Errorf("scores %+v, want %+v", s, want)
	}
	table := footfallIn(t, folder, "eval", "frames", "--truth", "worse.yaml", "--detections", "street.txt")
	const row = "together      6      5      4      1      2      0.800   0.667  0.727  -16.7%\n"
	if !strings.Contains(table.stdout, row) {
		t.Errorf("prints %s, want %s", table.stdout, row)
	}
}

func alike(a, b scoreJSON) bool {
	near := func(x, y float64) bool { return x-y < 1e-9 && y-x < 1e-9 }
	return a.Truth == b.Truth && a.Got == b.Got && a.TP == b.TP && a.FP == b.FP && a.FN == b.FN &&
		near(a.Precision, b.Precision) && near(a.Recall, b.Recall) && near(a.F1, b.F1) && near(a.Bias, b.Bias)
}

// What the product is measured by: real people on real streets, every frame.
func TestEvalOnFootage(t *testing.T) {
	t.Parallel()
	model := testModel(t, "yolox_nano.onnx")
	for clip, least := range map[string]float64{"PETS09-S2L1": 0.90, "TownCentre-A": 0.80} {
		t.Run(clip, func(t *testing.T) {
			t.Parallel()
			got := footfall(t, "eval", footage(t, "sequences/"+clip+".mp4"), "--truth", footage(t, "truth/"+clip+".json"),
				"--model", model, "--json")
			s := decode[evalJSON](t, got).Score
			c := decode[countJSON](t, got)
			checkCosts(t, c)
			t.Logf("%s on %s: %+v; outside the network %.2f of it", clip, c.Engine, s, c.CPU.Outside)
			if s.F1 < least {
				t.Errorf("F1 %.3f, want at least %.2f", s.F1, least)
			}
		})
	}
}

// Both engines count the same people, within what rounding differently does to boxes at the edge of a threshold.
func TestEnginesCountAlike(t *testing.T) {
	t.Parallel()
	model, clip := testModel(t, "yolox_nano.onnx"), footage(t, "sequences/PETS09-S2L1.mp4")
	lines := footage(t, "truth/PETS09-S2L1.json")
	count := func(engine string) countJSON {
		return decode[countJSON](t, footfall(t, "count", clip, "--lines", lines, "--model", model, "--engine", engine,
			"--fps", "2", "--json"))
	}
	auto, opencv := count("auto"), count("opencv")
	if opencv.Engine != "opencv" {
		t.Errorf("ran on %s", opencv.Engine)
	}
	if auto.Engine == "opencv" {
		t.Skip("without ONNX Runtime there is one engine")
	}
	for i, a := range auto.Lines {
		o := opencv.Lines[i]
		t.Logf("%s: %s %d %d, %s %d %d", a.ID, auto.Engine, a.RawIn, a.RawOut, opencv.Engine, o.RawIn, o.RawOut)
		for _, d := range []int{a.RawIn - o.RawIn, a.RawOut - o.RawOut} {
			if d < -1 || d > 1 {
				t.Errorf("line %s: %+v and %+v", a.ID, a, o)
			}
		}
	}
}
