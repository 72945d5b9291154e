package vision_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision"
)

// noisy is a picture with detail everywhere, down to the single pixel.
func noisy(t testing.TB, width, height int) *frame.Frame {
	t.Helper()
	f := plain(t, width, height, 0, 0, 0)
	pixels, err := f.Mat.DataPtrUint8()
	if err != nil {
		t.Fatal(err)
	}
	dice := rand.New(rand.NewPCG(1, 2))
	for i := range pixels {
		pixels[i] = byte(dice.IntN(256))
	}
	return f
}

// detail is the mean difference of neighbouring pixels in a part of the picture: that of noise is about 85.
func detail(f *frame.Frame, part models.Box) float64 {
	sum, n := 0.0, 0
	width, height := f.Width(), f.Height()
	for y := int(part.Y * float64(height)); y < int((part.Y+part.H)*float64(height)); y++ {
		for x := int(part.X * float64(width)); x+1 < int((part.X+part.W)*float64(width)); x++ {
			a, b := f.Mat.GetVecbAt(y, x), f.Mat.GetVecbAt(y, x+1)
			sum += math.Abs(float64(a[1]) - float64(b[1]))
			n++
		}
	}
	return sum / float64(max(n, 1))
}

// flatBlocks fails unless a part of the picture consists of blocks of one colour, at least side pixels long in every
// direction but for those the part cuts off: detail that is finer cannot be there.
func flatBlocks(t *testing.T, f *frame.Frame, part models.Box, side int) {
	t.Helper()
	left, top := int(part.X*float64(f.Width())), int(part.Y*float64(f.Height()))
	right, bottom := int((part.X+part.W)*float64(f.Width())), int((part.Y+part.H)*float64(f.Height()))
	for y := top; y < bottom; y++ {
		run := 0
		cut := true // the first run begins somewhere in its block
		for x := left + 1; x < right; x++ {
			if f.Mat.GetVecbAt(y, x)[1] == f.Mat.GetVecbAt(y, x-1)[1] && f.Mat.GetVecbAt(y, x)[0] == f.Mat.GetVecbAt(y, x-1)[0] {
				run++
				continue
			}
			if !cut && run+1 < side {
				t.Fatalf("row %d has a run of %d pixels at column %d, finer than the block of %d", y, run+1, x, side)
			}
			run, cut = 0, false
		}
	}
}

// at is a moment of these tests.
func at(after time.Duration) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(after)
}

// visitor stands at the left, 0.2 wide; the head is in the upper part.
func visitor() models.Box { return models.Box{X: 0.1, Y: 0.2, W: 0.12, H: 0.7} }

func head() models.Box { return models.Box{X: 0.11, Y: 0.2, W: 0.1, H: 0.16} }

func legs() models.Box { return models.Box{X: 0.11, Y: 0.6, W: 0.1, H: 0.25} }

func TestVeilCoversWhoeverMayBeThere(t *testing.T) {
	t.Parallel()
	found := func(score float64) []models.Detection {
		return []models.Detection{{Box: visitor(), Score: score, Class: models.Person}}
	}
	for name, test := range map[string]struct {
		privacy models.Privacy
		anchor  models.Anchor
		found   []models.Detection
		tracks  []models.Track
		heads   bool // covered
		legs    bool
	}{
		"found":                {models.Privacy{}, "", found(0.9), nil, true, false},
		"found by a hair":      {models.Privacy{Pixelate: "heads"}, "", found(0.1), nil, true, false},
		"coasting":             {models.Privacy{Pixelate: "heads"}, "", nil, []models.Track{{Box: visitor(), Confirmed: true}}, true, false},
		"not believed yet":     {models.Privacy{Pixelate: "heads"}, "", nil, []models.Track{{Box: visitor()}}, true, false},
		"lost at this moment":  {models.Privacy{Pixelate: "heads"}, "", nil, []models.Track{{Box: visitor(), Ended: true}}, true, false},
		"whole bodies":         {models.Privacy{Pixelate: "bodies"}, "", found(0.5), nil, true, true},
		"seen from above":      {models.Privacy{Pixelate: "heads"}, models.Centre, found(0.5), nil, true, true},
		"luggage":              {models.Privacy{}, "", []models.Detection{{Box: visitor(), Score: 1, Class: "suitcase"}}, nil, false, false},
		"switched off":         {models.Privacy{Pixelate: "off"}, "", found(0.9), nil, false, false},
		"nobody":               {models.Privacy{}, "", nil, nil, false, false},
		"not a number":         {models.Privacy{}, "", []models.Detection{{Box: models.Box{X: math.NaN(), W: math.Inf(1)}}}, nil, false, false},
		"a box of the picture": {models.Privacy{}, "", []models.Detection{{Box: models.Box{X: -1e9, Y: -1e9, W: 2e9, H: 2e9}}}, nil, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := noisy(t, 640, 360)
			vision.NewVeil(test.privacy, test.anchor).Cover(&f.Mat, at(0), models.View{}, test.found, test.tracks)
			for part, want := range map[models.Box]bool{head(): test.heads, legs(): test.legs} {
				got := detail(f, part)
				if want && got > 20 || !want && got < 60 {
					t.Errorf("detail is %.0f at %v; want it covered: %v", got, part, want)
				}
			}
		})
	}
}

// The blocks grow with the person, so that a head is two or three of them wide on every camera and in every class.
func TestVeilLeavesNothingFinerThanItsBlocks(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{480, 270}, {1280, 720}, {1920, 1080}, {321, 241}} {
		f := noisy(t, size[0], size[1])
		box := visitor()
		vision.NewVeil(models.Privacy{}, "").Cover(&f.Mat, at(0), models.View{}, []models.Detection{{Box: box, Score: 0.5}}, nil)
		shoulders := math.Max(box.W*float64(size[0]), box.H*float64(size[1])/3)
		block := int(shoulders / 5)
		flatBlocks(t, f, head(), block/2) // one that joined its neighbour is longer, the last one may be half as long
		flatBlocks(t, f, models.Box{X: 0.1, Y: 0.2, W: 0.06, H: 0.16}, block)
	}
}

// Detectors blink: whoever was there a moment ago is covered without being found, and not for ever. Whoever walks on
// leaves no trail.
func TestVeilRemembers(t *testing.T) {
	t.Parallel()
	veil := vision.NewVeil(models.Privacy{}, "")
	cover := func(after time.Duration, boxes ...models.Box) *frame.Frame {
		f := noisy(t, 640, 360)
		var found []models.Detection
		for _, b := range boxes {
			found = append(found, models.Detection{Box: b, Score: 0.5, Class: models.Person})
		}
		veil.Cover(&f.Mat, at(after), models.View{}, found, nil)
		return f
	}
	cover(0, visitor())
	if got := detail(cover(500*time.Millisecond), head()); got > 20 {
		t.Errorf("half a second after a blink the detail is %.0f", got)
	}
	if got := detail(cover(1500*time.Millisecond), head()); got < 60 {
		t.Errorf("a second and a half later the place is still covered: detail %.0f", got)
	}
	cover(2*time.Second, visitor())
	walked := visitor()
	walked.X += 0.05
	f := cover(2100*time.Millisecond, walked)
	if got := detail(f, models.Box{X: 0.086, Y: 0.2, W: 0.04, H: 0.1}); got < 60 {
		t.Errorf("somebody who walks drags a trail: detail %.0f behind", got)
	}
	if got := detail(cover(time.Second), head()); got < 60 {
		t.Errorf("a clock that was set back keeps somebody covered: detail %.0f", got)
	}
}

// Masks are flat from the first picture on, also at their edges, whatever their form.
func TestMasksAreFlat(t *testing.T) {
	t.Parallel()
	masks := []models.Mask{
		{{X: 0, Y: 0}, {X: 0.3, Y: 0}, {X: 0.3, Y: 0.3}, {X: 0, Y: 0.3}},
		{{X: 0.6, Y: 0.5}, {X: 0.9, Y: 0.5}, {X: 0.75, Y: 0.9}},
		{{X: 1, Y: 1}, {X: 1, Y: 1}, {X: 1, Y: 1}},
	}
	for _, pixelate := range []models.Pixelation{models.PixelateHeads, models.PixelateBodies, models.PixelateOff} {
		veil := vision.NewVeil(models.Privacy{Pixelate: pixelate, Masks: masks}, "")
		for i := range 3 {
			f := noisy(t, 320, 240)
			veil.Cover(&f.Mat, at(time.Duration(i)*100*time.Millisecond), models.View{},
				[]models.Detection{{Box: visitor(), Score: 0.5}}, nil)
			for _, part := range []models.Box{{W: 0.3, H: 0.3}, {X: 0.68, Y: 0.5, W: 0.14, H: 0.1}} {
				if got := detail(f, part); got != 0 {
					t.Errorf("picture %d, %s: detail %.2f under a mask", i+1, pixelate, got)
				}
			}
			if got := detail(f, models.Box{X: 0.4, Y: 0.1, W: 0.15, H: 0.3}); got < 60 {
				t.Errorf("picture %d: what is beside the masks is covered, too: %.0f", i+1, got)
			}
		}
	}
}

// What the veil cannot read it does not show.
func TestVeilBlackensWhatItCannotCover(t *testing.T) {
	t.Parallel()
	grey := frame.Adopt(gocv.NewMatWithSizeFromScalar(gocv.NewScalar(99, 0, 0, 0), 48, 64, gocv.MatTypeCV8U))
	defer frame.Close(&grey)
	veil := vision.NewVeil(models.Privacy{}, "")
	veil.Cover(&grey, at(0), models.View{}, nil, nil)
	if got := grey.GetUCharAt(20, 20); got != 0 {
		t.Errorf("a grey picture was shown: %d", got)
	}
	empty := frame.NewMat()
	defer frame.Close(&empty)
	veil.Cover(&empty, at(0), models.View{}, nil, nil)
}

func BenchmarkVeil(b *testing.B) {
	f := noisy(b, 1280, 720)
	veil := vision.NewVeil(models.Privacy{}, "")
	var crowd []models.Detection
	for i := range 30 {
		crowd = append(crowd, models.Detection{
			Box: models.Box{X: float64(i%10) / 10, Y: float64(i/10) / 4, W: 0.06, H: 0.25}, Score: 0.5, Class: models.Person,
		})
	}
	for b.Loop() {
		veil.Cover(&f.Mat, at(0), models.View{}, crowd, nil)
	}
}

// A camera that drifts is covered where things are seen now, and its masks where they were drawn as well.
func TestVeilFollowsTheView(t *testing.T) {
	t.Parallel()
	view := models.View{Aspect: 640. / 360, X: 0.3 * 640 / 360} // everything is 0.3 further to the right
	mask := models.Mask{{X: 0.1, Y: 0.8}, {X: 0.2, Y: 0.8}, {X: 0.2, Y: 1}, {X: 0.1, Y: 1}}
	f := noisy(t, 640, 360)
	vision.NewVeil(models.Privacy{Masks: []models.Mask{mask}}, "").Cover(&f.Mat, at(0), view,
		[]models.Detection{{Box: visitor(), Score: 0.5}}, nil)
	shifted := func(b models.Box) models.Box { b.X += 0.3; return b }
	under := models.Box{X: 0.12, Y: 0.85, W: 0.06, H: 0.1}
	for part, want := range map[models.Box]bool{
		shifted(head()): true, head(): false, under: true, shifted(under): true,
	} {
		if got := detail(f, part); want && got > 20 || !want && got < 60 {
			t.Errorf("detail is %.0f at %v; want it covered: %v", got, part, want)
		}
	}
}
