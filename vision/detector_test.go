package vision_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision"
)

// Both engines run the same network, so they must find the same people: for every box above 0.4 of one there is one of
// the other with an IoU above 0.9.
func TestEnginesAgree(t *testing.T) {
	both := engines(t)
	if len(both) < 2 {
		t.Skip("ONNX Runtime is not installed")
	}
	first := open(t, vision.Options{File: nano(t), Engine: both[0]})
	second := open(t, vision.Options{File: nano(t), Engine: both[1]})
	frames, strong := 0, 0
	for _, sequence := range []struct {
		name   string
		step   int
		frames int
	}{{"PETS09-S2L1", 7, 100}, {"TownCentre-A", 5, 100}} {
		video := play(t, sequence.name, sequence.step)
		var a, b []models.Detection
		for range sequence.frames {
			f := video.next(t)
			a, b = detect(t, first, f, a[:0]), detect(t, second, f, b[:0])
			strong += partners(t, sequence.name, f.Seq, a, b) + partners(t, sequence.name, f.Seq, b, a)
			frames++
		}
	}
	t.Logf("%d boxes above 0.4 on %d frames", strong, frames)
	if frames < 200 || strong < 1000 {
		t.Errorf("only %d boxes on %d frames; the test would prove little", strong, frames)
	}
}

// partners counts the boxes of a above 0.4 and complains about those without one in b.
func partners(t *testing.T, sequence string, seq uint64, a, b []models.Detection) int {
	t.Helper()
	count := 0
	for _, one := range a {
		if one.Score <= 0.4 {
			continue
		}
		count++
		best := 0.0
		for _, other := range b {
			best = math.Max(best, one.Box.IoU(other.Box))
		}
		if best <= 0.9 {
			t.Errorf("%s, frame %d: %+v has no partner (best IoU %.3f)", sequence, seq, one, best)
		}
	}
	return count
}

func detect(t testing.TB, d vision.Detector, f *frame.Frame, into []models.Detection) []models.Detection {
	t.Helper()
	into, err := d.Detect(f, into)
	if err != nil {
		t.Fatal(err)
	}
	return into
}

// The pictures below are of the same scene, at sizes that lie in the input in different ways.
func TestDetectionsAreFractionsOfThePicture(t *testing.T) {
	d := open(t, vision.Options{File: nano(t)})
	video := play(t, "PETS09-S2L1", 1)
	f := video.next(t)
	whole := append([]models.Detection(nil), detect(t, d, f, nil)...)
	if len(whole) < 3 {
		t.Fatalf("only %d people on the first frame", len(whole))
	}
	for _, found := range whole {
		b := found.Box
		if b.X < 0 || b.Y < 0 || b.X+b.W > 1+1e-9 || b.Y+b.H > 1+1e-9 || found.Class != models.Person {
			t.Errorf("%+v", found)
		}
	}
	// Twice as wide and black on the right: the same people, at half the fraction.
	wide := plain(t, 2*f.Width(), f.Height(), 0, 0, 0)
	left := frame.Adopt(wide.Mat.ColRange(0, f.Width()))
	f.Mat.CopyTo(&left)
	frame.Close(&left)
	found := detect(t, d, wide, nil)
	for _, one := range whole {
		if one.Score < 0.6 || one.Box.H < 0.15 { // the others may be too small at half the size
			continue
		}
		half := models.Box{X: one.Box.X / 2, Y: one.Box.Y, W: one.Box.W / 2, H: one.Box.H}
		best := 0.0
		for _, other := range found {
			best = math.Max(best, half.IoU(other.Box))
		}
		if best < 0.7 {
			t.Errorf("%+v is not found on the wider picture (best IoU %.2f)", one, best)
		}
	}
}

// Bags are found beside the very same people, and cameras that want different things share one network.
func TestBesidesPeople(t *testing.T) {
	t.Parallel()
	d := open(t, vision.Options{File: nano(t)})
	bags, err := d.Besides([]models.Class{"backpack", "handbag", "suitcase"})
	if err != nil {
		t.Fatal(err)
	}
	video := play(t, "TownCentre-A", 20)
	found := 0
	for range 10 {
		f := video.next(t)
		want := detect(t, d, f, nil)
		var people []models.Detection
		for _, one := range detect(t, bags, f, nil) {
			switch {
			case one.Class == models.Person:
				people = append(people, one)
			case one.Class.IsLuggage():
				found++
			default:
				t.Errorf("found %+v, which nobody asked for", one)
			}
		}
		if !slices.Equal(people, want) {
			t.Fatalf("frame %d: found %+v, without bags %+v", f.Seq, people, want)
		}
	}
	if found < 10 {
		t.Errorf("found %d bags on a street full of them", found)
	}
	if n := d.Cost().Frames; n != 20 {
		t.Errorf("the network has looked at %d frames, want 20", n)
	}
}

func TestBesidesWhatIsUnknown(t *testing.T) {
	t.Parallel()
	people := open(t, vision.Options{Model: meansNetwork().bytes(), Name: "probe", Engine: vision.OpenCV})
	_, err := people.Besides([]models.Class{"suitcase"})
	if want := `classes: the model probe does not know "suitcase"; it knows nothing but person; for others see footfall models list`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if same, err := people.Besides(nil); err != nil || same != people {
		t.Errorf("besides nothing is %v, %v; want the same", same, err)
	}
	_, err = open(t, vision.Options{File: nano(t), Engine: vision.OpenCV}).Besides([]models.Class{"suitcase", "wheelchair"})
	if !errors.Is(err, models.ErrInvalid) || !strings.Contains(err.Error(), `"wheelchair"; it knows person, bicycle, car`) {
		t.Errorf("error %v", err)
	}
}

func TestDetectAllocatesNothing(t *testing.T) {
	for _, engine := range engines(t) {
		d := open(t, vision.Options{File: nano(t), Engine: engine})
		f := play(t, "PETS09-S2L1", 1).next(t)
		into := detect(t, d, f, nil)
		if len(into) == 0 {
			t.Fatalf("%s: nobody found; the test would prove nothing", engine)
		}
		allocations := testing.AllocsPerRun(5, func() { into, _ = d.Detect(f, into[:0]) })
		if allocations != 0 {
			t.Errorf("%s: %v allocations a frame on Go's heap, want none", engine, allocations)
		}
	}
}

func TestNoMatIsLeftOpen(t *testing.T) {
	file, names := nano(t), engines(t)
	before := frame.OpenMats()
	for _, engine := range names {
		d, err := vision.Open(vision.Options{File: file, Engine: engine})
		if err != nil {
			t.Fatal(err)
		}
		pool := frame.NewPool(1)
		f, _ := pool.Take()
		if _, err := d.Detect(f, nil); err == nil {
			t.Errorf("%s: an empty frame is accepted", engine)
		}
		open := frame.OpenMats()
		for i := range 3 { // pictures that change their size
			g := plain(t, 64+32*i, 48, 10, 20, 30)
			g.Mat.CopyTo(&f.Mat)
			detect(t, d, f, nil)
		}
		if now := frame.OpenMats(); now != open+3 { // the three plain pictures stay open until the test is over
			t.Errorf("%s: %d Mats more are open after three frames", engine, now-open-3)
		}
		f.Release()
		pool.Close()
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
		before += 3
		if now := frame.OpenMats(); now != before {
			t.Errorf("%s: %d Mats are left open", engine, now-before)
		}
	}
}

func TestInfoAndCost(t *testing.T) {
	ticks := time.Duration(0)
	clock := func() time.Duration { ticks += time.Millisecond; return ticks }
	for _, engine := range engines(t) {
		d := open(t, vision.Options{File: nano(t), Engine: engine, Clock: clock})
		info := d.Info()
		if info.Model != "yolox_nano.onnx" || info.Engine != engine || info.Width != 416 || info.Height != 416 ||
			info.Kind != models.YOLOX || info.ContractBy != "shapes of the model" || info.OpenCV == "" ||
			len(info.SHA256) != 64 || (info.ONNXRuntime != "") != (engine == vision.ONNXRuntime) || info.Threads != 1 {
			t.Errorf("%+v", info)
		}
		if d.Cost() != (vision.Cost{}) {
			t.Errorf("costs before the first frame: %+v", d.Cost())
		}
		f := plain(t, 320, 240, 114, 114, 114)
		detect(t, d, f, nil)
		detect(t, d, f, nil)
		want := vision.Cost{
			Frames: 2, Prepare: 2 * time.Millisecond, Forward: 2 * time.Millisecond, Decode: 2 * time.Millisecond,
		}
		if d.Cost() != want || d.Cost().Total() != 6*time.Millisecond {
			t.Errorf("costs %+v, want %+v", d.Cost(), want)
		}
	}
}

// A worker watches several cameras, each with a detector of its own.
func TestDetectorsWorkSideBySide(t *testing.T) {
	for _, engine := range []vision.EngineName{vision.Auto, vision.OpenCV} {
		var group errgroup.Group
		for camera := range 4 {
			d := open(t, vision.Options{Model: meansNetwork().bytes(), Name: "probe", Engine: engine})
			brightness := float64(20 + 5*camera)
			f := plain(t, 96, 64, brightness, brightness, brightness)
			group.Go(func() error {
				for range 50 {
					found, err := d.Detect(f, nil)
					if err != nil {
						return err
					}
					if len(found) != 1 || math.Abs(found[0].Box.Centre().X*96-brightness) > 0.01 {
						return fmt.Errorf("camera %d sees %+v", camera, found)
					}
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			t.Errorf("%s: %v", engine, err)
		}
	}
}
