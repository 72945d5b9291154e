package main

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"footfall/models"
)

// zonedJSON is what count --json prints of zones and classes.
type zonedJSON struct {
	Lines []struct {
		ID      string
		Classes map[string]map[string]int
	}
	Zones []struct {
		ID                     string
		Inside, Entries, Exits int
		Average                *float64 `json:"average_dwell_seconds"`
		Dwell                  []struct {
			Below *float64 `json:"below_seconds"`
			Stays int
		}
	}
}

// halves is a lines file with a zone on each side of the drawn street's middle, and one that nobody enters.
const halves = `lines: {middle: [[0.5, 1], [0.5, 0]]}
zones:
  - {id: left, points: [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}
  - {id: right, name: Right side, points: [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]}
  - {id: sky, points: [[0, 0], [1, 0], [0.5, 0.05]]}
`

func zonedStreet(t *testing.T) string {
	t.Helper()
	folder := drawnStreet(t)
	if err := os.WriteFile(filepath.Join(folder, "zones.yaml"), []byte(halves), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// Five people walk through both halves of the drawn street, at speeds that are known.
func TestCountOfZones(t *testing.T) {
	t.Parallel()
	c := decode[zonedJSON](t, footfallIn(t, zonedStreet(t), "count", "frames", "--lines", "zones.yaml",
		"--detections", "street.txt", "--json"))
	if len(c.Zones) != 3 || len(c.Lines) != 1 || c.Lines[0].Classes != nil {
		t.Fatalf("got %+v", c)
	}
	for _, z := range c.Zones[:2] {
		if z.Entries != 5 || z.Exits != 5 || z.Inside != 0 || z.Average == nil || math.Abs(*z.Average-2.86) > 0.2 {
			t.Errorf("zone %s: %+v, want five stays of 2.9 s on average", z.ID, z)
		}
		if len(z.Dwell) != models.DwellClasses || z.Dwell[0].Stays != 5 || *z.Dwell[0].Below != 5 || z.Dwell[9].Below != nil {
			t.Errorf("zone %s: dwell %+v", z.ID, z.Dwell)
		}
	}
	if sky := c.Zones[2]; sky.Entries != 0 || sky.Average != nil {
		t.Errorf("nobody is in the sky: %+v", sky)
	}
}

func TestCountPrintsZones(t *testing.T) {
	t.Parallel()
	folder := zonedStreet(t)
	got := footfallIn(t, folder, "count", "frames", "--lines", "zones.yaml", "--detections", "street.txt")
	rows := strings.Split(got.stdout, "\n")
	if got.code != 0 || len(rows) < 8 {
		t.Fatalf("ends with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	for i, want := range map[int]string{
		3: "zone   inside  entries  exits  average stay    <5s  <15s  <30s   <1m   <2m   <5m  <10m  <20m  <40m longer",
		6: "sky         0        0      0             -      0     0     0     0     0     0     0     0     0      0",
	} {
		if rows[i] != want {
			t.Errorf("row %d is\n%s\nwant\n%s", i, rows[i], want)
		}
	}
	if !strings.HasPrefix(rows[4], "left        0        5      5         2.") {
		t.Errorf("row 4 is %s", rows[4])
	}
	if err := os.WriteFile(filepath.Join(folder, "only.yaml"), []byte("zones: {all: [[0, 0], [1, 0], [1, 1], [0, 1]]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	got = footfallIn(t, folder, "count", "frames", "--lines", "only.yaml", "--detections", "street.txt")
	if got.code != 0 || !strings.HasPrefix(got.stdout, "zone ") {
		t.Errorf("zones without lines: %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

// With classes a line and a zone tell of each of them, also when there were none.
func TestCountOfClasses(t *testing.T) {
	t.Parallel()
	model, err := filepath.Abs(testModel(t, "yolox_nano.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	folder := zonedStreet(t)
	got := footfallIn(t, folder, "count", "frames", "--lines", "zones.yaml", "--json", "--model", model, "--fps", "1",
		"--classes", "suitcase,backpack")
	found := kinds("", decode[any](t, got), map[string]string{})
	delete(found, "engine_why") // on machines without ONNX Runtime
	want := countKeys()
	for _, class := range []string{"suitcase", "backpack"} {
		for _, n := range []string{"in", "out", "raw_in", "raw_out"} {
			want["lines[].classes."+class+"."+n] = "float64"
		}
	}
	want["zones[].id"] = "string"
	for _, of := range []string{"zones[].", "zones[].classes.suitcase.", "zones[].classes.backpack."} {
		for _, n := range []string{"inside", "entries", "exits", "dwell[].stays"} {
			want[of+n] = "float64"
		}
		want[of+"average_dwell_seconds"] = "<nil>"
		want[of+"dwell[].below_seconds"] = "<nil>" // the last of them
	}
	for key, kind := range found { // whether the drawn people are found by a real detector is not the question here
		if strings.HasSuffix(key, "average_dwell_seconds") && kind == "float64" {
			found[key] = "<nil>"
		}
	}
	if !reflect.DeepEqual(found, want) {
		t.Errorf("prints %v, promises %v", found, want)
	}
}

func TestCountRefusesClasses(t *testing.T) {
	t.Parallel()
	folder := zonedStreet(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{
			[]string{"--classes", "suitcase", "--model", "footfall-fast"},
			`--classes: the model footfall-fast does not know "suitcase"; it knows nothing but person; for others see footfall models list`,
		},
		{[]string{"--classes", "person"}, "--classes: people are always counted; name what else is"},
		{[]string{"--classes", "a,a"}, `--classes: "a" is there twice`},
		{
			[]string{"--classes", "suitcase", "--detections", "street.txt"},
			"--classes: a file of detections holds people only; give a model (--model)",
		},
	} {
		got := footfallIn(t, folder, append([]string{"count", "frames", "--lines", "zones.yaml"}, test.args...)...)
		if got.code != 2 || got.stdout != "" || strings.TrimSpace(got.stderr) != "footfall: "+test.want {
			t.Errorf("%v: ends with %d and says\n%swant\nfootfall: %s", test.args, got.code, got.stderr, test.want)
		}
	}
}
