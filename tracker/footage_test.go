package tracker_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"testing"
	"time"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/crossing"
	"footfall/tracker/crossing/score"
	"footfall/tracker/mot"
)

type footage struct {
	name          string
	width, height int
	truth         *score.Truth
	frames        map[int][]models.Detection
	gt            map[int][]models.Detection
	more          *score.Truth
}

func (f *footage) aspect() float64 { return float64(f.width) / float64(f.height) }

func count(f *footage, frames map[int][]models.Detection, truth *score.Truth, every int, tc tracker.Config, cc crossing.Config) score.Score {
	tr := tracker.New(tc, f.aspect())
	cc.Anchor = f.truth.Anchor
	counter, err := crossing.New(truth.Lines, cc, f.aspect())
	if err != nil {
		panic(err)
	}
	start := time.Unix(1e9, 0)
	var got []score.Event
	for n := 1; n <= f.truth.Frames; n += every {
		at := start.Add(time.Duration(float64(n) / truth.FPS * 1e9))
		for _, e := range counter.Update(at, tr.Update(at, frames[n])) {
			got = append(got, score.Event{Line: e.Line, Direction: e.Direction, At: e.At.Sub(start).Seconds() * truth.FPS})
		}
	}
	s, _ := score.Compare(truth.LineIDs(), truth.Known(), got, 2*truth.FPS, truth.Within())
	return s
}

func load(dir string, name string, w, h int) *footage {
	f := &footage{name: name, width: w, height: h}
	fh, err := os.Open(filepath.Join(dir, "truth", name+".json"))
	must(err)
	f.truth, err = score.ReadTruth(fh)
	must(err)
	fh, err = os.Open("/tmp/det/" + name + ".txt")
	must(err)
	f.frames, err = mot.Read(fh, w, h)
	must(err)
	if name == "PETS09-S2L1" || name == "TownCentre-A" {
		b, err := os.Open(filepath.Join(dir, "sequences", name+".gt.txt"))
		must(err)
		f.gt, err = mot.Read(b, w, h)
		must(err)
		b, err = os.Open("/tmp/det/" + name + ".more.json")
		must(err)
		f.more, err = score.ReadTruth(b)
		must(err)
	}
	return f
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func everything() []*footage {
	d := "../../shared/data"
	return []*footage{
		load(d, "PETS09-S2L1", 480, 360), load(d, "TownCentre-A", 1280, 720),
		load(d, "mall_revolving_door", 640, 360), load(d, "highstreet_eyelevel", 1280, 720),
		load(d, "topdown_rainy_umbrellas", 640, 360), load(d, "one_by_one_indoor", 768, 432),
	}
}

var steps = map[string][]int{"PETS09-S2L1": {1, 2, 3, 5}, "one_by_one_indoor": {1, 2, 3, 5}}

func TestFootage(t *testing.T) {
	for _, f := range everything() {
		table(f, tracker.Config{}, crossing.Config{}, true)
	}
}

func table(f *footage, tc tracker.Config, cc crossing.Config, show bool) (sum, n float64) {
	ks := []int{1, 2, 3, 5, 8, 12}
	if f.truth.FPS <= 10 {
		ks = []int{1, 2, 3, 5}
	}
	row := func(what string, frames map[int][]models.Detection, tr *score.Truth) {
		line := fmt.Sprintf("%-24s %-5s", f.name, what)
		for _, k := range ks {
			s := count(f, frames, tr, k, tc, cc)
			line += fmt.Sprintf(" %d:%.3f(%d/%d/%d)", k, s.F1, s.TP, s.FP, s.FN)
		}
		if show {
			fmt.Println(line)
		}
	}
	row("det", f.frames, f.truth)
	if f.gt != nil {
		row("det+", f.frames, f.more)
		row("gt", f.gt, f.truth)
		row("gt+", f.gt, f.more)
	}
	return
}

var _ = rand.New
var _ = sort.Ints
