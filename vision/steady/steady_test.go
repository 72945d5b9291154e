package steady_test

import (
	"math"
	"testing"
	"time"

	"footfall/models"
	"footfall/vision/steady"
)

// A camera that moves is followed, from frame to frame, to a fraction of a pixel of its own picture.
func TestMotionIsFound(t *testing.T) {
	t.Parallel()
	second := func(i int) float64 { return float64(i) * everyFrame.Seconds() }
	for name, move := range map[string]func(c *camera, i int){
		"shaking by 6 pixels at 1.3 Hz": func(c *camera, i int) {
			c.x, c.y = 6*math.Sin(2*math.Pi*1.3*second(i)), 4*math.Cos(2*math.Pi*1.3*second(i))-4
		},
		"shaking by 3 pixels at 4.7 Hz": func(c *camera, i int) {
			c.x, c.y = 3*math.Sin(2*math.Pi*4.7*second(i)), 2*math.Sin(2*math.Pi*3.1*second(i))
		},
		"drifting by 30 pixels":       func(c *camera, i int) { c.x, c.y = 0.1*float64(i), -0.05*float64(i) },
		"turning about its axis":      func(c *camera, i int) { c.turn = 0.00005 * float64(i) },
		"zooming":                     func(c *camera, i int) { c.zoom = 1 + 0.00005*float64(i) },
		"sagging while light changes": func(c *camera, i int) { c.y, c.gain, c.offset = 0.06*float64(i), 1-0.002*float64(i), 0.1*float64(i) },
		"drifting in noise":           func(c *camera, i int) { c.x, c.noise = 0.08*float64(i), 12 },
		"pushed once": func(c *camera, i int) {
			if i > 100 {
				c.x, c.y = -13.4, 8.7
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s steady.Steady
			c := newCamera(newWorld(1))
			var wrong []float64
			for i := range 300 {
				move(c, i)
				view := s.Look(start().Add(time.Duration(i)*everyFrame), c.shoot(), nil)
				if view.Moved {
					t.Fatalf("picture %d: counts as moved", i)
				}
				if !view.IsHome() {
					wrong = append(wrong, c.wrong(view))
				}
			}
			median, most := quantile(t, wrong, 0.5), quantile(t, wrong, 0.95)
			t.Logf("made good on %d of 300 pictures; wrong by %.2f pixels (median), %.2f (95 %%)", len(wrong), median, most)
			if len(wrong) < 150 || median > 0.25 || most > 0.5 {
				t.Errorf("made good on %d pictures, wrong by %.2f pixels (median) and %.2f (95 %%)", len(wrong), median, most)
			}
		})
	}
}

// Whatever goes on before a camera that stands still, it stands still.
func TestAStillCameraStaysHome(t *testing.T) {
	t.Parallel()
	crowd := newWorld(7)
	const train = "a train that stands for 20 s and leaves"
	for name, happens := range map[string]func(c *camera, i int){
		"nothing": func(*camera, int) {},
		"noise":   func(c *camera, _ int) { c.noise = 15 },
		"dusk":    func(c *camera, i int) { c.gain = 1 - 0.0015*float64(i) },
		"light that is switched": func(c *camera, i int) {
			if i > 150 {
				c.gain, c.offset = 0.4, 10
			}
		},
		"a crowd that walks one way": func(c *camera, i int) {
			for k := range 12 { // half of the picture, and nobody is told of
				left := (k*53+4*i)%(cameraWidth+60) - 60
				c.cover(crowd, left, (k*37)%(cameraHeight-70), 30, 80, float64(20*k))
			}
		},
		train: func(c *camera, i int) {
			left := 80.0
			if i > 200 {
				left -= 0.05 * float64((i-200)*(i-200))
			}
			c.cover(crowd, int(left), 30, 240, 120, 100)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s steady.Steady
			c := newCamera(newWorld(2))
			for i := range 300 {
				happens(c, i)
				picture := c.shoot()
				happens(c, i) // what covers the place does so after the picture of it was taken
				view := s.Look(start().Add(time.Duration(i)*everyFrame), picture, nil)
				// While a train that is half of the picture has moved by less than a pixel, nobody can tell which half moves.
				if off := c.wrong(view); view.Moved || off > 1.5 || off > 0 && name != train {
					t.Errorf("picture %d: wrong by %.2f pixels: %+v", i, off, view)
				}
			}
		})
	}
}

// phase is a stretch of pictures from one place.
type phase struct {
	until time.Duration
	world *world
	x, y  float64
}

// watch shows phases to s, ten pictures a second, and tells when what is made good or said of it changes.
func watch(s *steady.Steady, from time.Time, phases ...phase) (changes map[bool]time.Duration, last models.View) {
	changes = map[bool]time.Duration{}
	moved := false
	at := time.Duration(0)
	for _, p := range phases {
		c := newCamera(p.world)
		c.x, c.y = p.x, p.y
		for ; at < p.until; at += everyFrame {
			last = s.Look(from.Add(at), c.shoot(), nil)
			if last.Moved != moved {
				moved = last.Moved
				changes[moved] = at
			}
		}
	}
	return changes, last
}

func TestACameraThatIsTurnedAwayHasMoved(t *testing.T) {
	t.Parallel()
	place, elsewhere := newWorld(3), newWorld(4)
	for name, away := range map[string]phase{
		"to another view":           {30 * time.Second, elsewhere, 0, 0},
		"so far that lines go with": {30 * time.Second, place, 80, 20},
		"to a blank wall with edge": {30 * time.Second, newWorld(9), 40, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s steady.Steady
			changes, view := watch(&s, start(), phase{10 * time.Second, place, 0, 0}, away, phase{50 * time.Second, place, 3, 0})
			if said := changes[true]; said < 12*time.Second || said > 22*time.Second {
				t.Errorf("turned away after 10 s, said after %s", said)
			}
			if back := changes[false]; back < 30*time.Second || back > 38*time.Second {
				t.Errorf("turned back after 30 s, said after %s", back)
			}
			if got := view.X * cameraHeight; math.Abs(got-3) > 0.3 {
				t.Errorf("back, but 3 pixels off: %.2f is made good", got)
			}
		})
	}
}

// What hides the place for a while is not the camera's motion, and what is seen through the gaps is enough.
func TestAPushIsKeptWhileNothingIsSeen(t *testing.T) {
	t.Parallel()
	var s steady.Steady
	place := newWorld(5)
	_, view := watch(&s, start(), phase{5 * time.Second, place, 0, 0}, phase{15 * time.Second, place, 9, -5})
	_, hidden := watch(&s, start().Add(15*time.Second), phase{6 * time.Second, newWorld(8), 0, 0})
	if hidden.Moved || math.Hypot(hidden.X-view.X, hidden.Y-view.Y)*cameraHeight > 0.3 {
		t.Errorf("%+v became %+v while nothing was seen", view, hidden)
	}
}

// The reference outlives the light it was seen in, and does not wander: after 20 minutes in which nothing kept its look,
// the place is still where it was.
func TestTheReferenceOutlivesTheLight(t *testing.T) {
	t.Parallel()
	var s steady.Steady
	place, light := newWorld(11), newWorld(12)
	mixed := &world{grey: make([]float64, len(place.grey))}
	c := newCamera(mixed)
	const shots = 1200
	var view models.View
	c.x = 6
	for i := range shots {
		if i%20 == 0 { // other shadows every 20 s, until half of what is seen is shadow
			share := 0.5 * math.Sin(math.Pi*float64(i)/shots)
			shift := i / 20
			for k := 200 * worldSize; k < 440*worldSize; k++ { // what the camera sees
				mixed.grey[k] = (1-share)*place.grey[k] + share*light.grey[(k+shift*40503)%len(light.grey)]
			}
		}
		if i == 10 {
			c.x = 0 // so that there is something to make good
		}
		view = s.Look(start().Add(time.Duration(i)*time.Second), c.shoot(), nil)
		if view.Moved {
			t.Fatalf("picture %d: counts as moved", i)
		}
	}
	if got := view.X * cameraHeight; math.Abs(got+6) > 0.5 || math.Abs(view.Y*cameraHeight) > 0.5 {
		t.Errorf("6 pixels to the left of its reference, found %.2f, %.2f", got, view.Y*cameraHeight)
	}
}

// A wall without a mark on it shows nothing but noise, which a codec keeps from one key frame to the next. Nobody can
// tell whether a camera that looks at it was turned away, also not after it was dark for a while.
func TestNoiseIsNothingToMiss(t *testing.T) {
	t.Parallel()
	wall := &world{grey: make([]float64, worldSize*worldSize)}
	for i := range wall.grey {
		wall.grey[i] = 60
	}
	for name, every := range map[string]time.Duration{"5 pictures a second": 200 * time.Millisecond, "one in 2 s": 2 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const keyFrames = 5 * time.Second
			var s steady.Steady
			c := newCamera(wall)
			c.noise = 6
			var kept steady.Pixels
			for at := time.Duration(0); at < 2*time.Minute; at += every {
				if at/keyFrames != (at-every)/keyFrames || at == 0 {
					kept = c.shoot()
				}
				if at == 40*time.Second {
					at = time.Minute // dark: the pictures in between are shown to nobody
				}
				if view := s.Look(start().Add(at), kept, nil); view.Moved {
					t.Fatalf("after %v: counts as moved", at)
				}
			}
		})
	}
}

// What comes after a time without pictures is judged as long as it lasts, not as long as there was nothing.
func TestAGapIsNotTimeOutOfPlace(t *testing.T) {
	t.Parallel()
	var s steady.Steady
	place := newWorld(21)
	if changes, _ := watch(&s, start(), phase{15 * time.Second, place, 0, 0}); len(changes) > 0 {
		t.Fatal(changes)
	}
	after := start().Add(45 * time.Second)
	changes, view := watch(&s, after, phase{2 * time.Second, newWorld(22), 0, 0}, phase{5 * time.Second, place, 0, 0})
	if len(changes) > 0 || !view.IsHome() {
		t.Errorf("hidden for 2 s after a gap of 30 s: %v, %+v", changes, view)
	}
}

// A first picture that was broken is not what the camera is held against for ever.
func TestAReferenceThatIsNeverSeenAgainIsReplaced(t *testing.T) {
	t.Parallel()
	var s steady.Steady
	broken, place, elsewhere := newWorld(23), newWorld(24), newWorld(25)
	changes, _ := watch(&s, start(), phase{everyFrame, broken, 0, 0}, phase{40 * time.Second, place, 0, 0},
		phase{time.Minute, elsewhere, 0, 0})
	if said, ok := changes[true]; !ok || said < 42*time.Second {
		t.Errorf("turned away after 40 s, said after %v (%v)", said, ok)
	}
}

func TestALongGapBeginsAnew(t *testing.T) {
	t.Parallel()
	var s steady.Steady
	place := newWorld(6)
	if _, view := watch(&s, start(), phase{2 * time.Second, place, 0, 0}, phase{5 * time.Second, place, 7, 0}); view.IsHome() {
		t.Fatal("a push is not seen")
	}
	if _, view := watch(&s, start().Add(time.Minute), phase{time.Second, place, 7, 0}); view.IsHome() {
		t.Error("after a minute the reference is gone")
	}
	if _, view := watch(&s, start().Add(time.Hour), phase{time.Second, place, 7, 0}); !view.IsHome() {
		t.Error("after an hour the reference is still the old one")
	}
}

// Somebody who stands in most of the picture is left out, because the detector sees them.
func TestPeopleAreLeftOut(t *testing.T) {
	t.Parallel()
	var s steady.Steady
	c, crowd := newCamera(newWorld(13)), newWorld(14)
	for i := range 400 {
		left := 20
		if i > 250 { // all of them begin to walk, slowly
			left += (i - 250) / 5
		}
		picture := c.shoot()
		c.cover(crowd, left, 10, 260, 160, 50)
		box := models.Box{X: float64(left) / cameraWidth, Y: 10. / cameraHeight, W: 260. / cameraWidth, H: 160. / cameraHeight}
		view := s.Look(start().Add(time.Duration(i)*everyFrame), picture, []models.Detection{{Box: box, Score: 0.6}})
		if view != (models.View{}) {
			t.Fatalf("picture %d: %+v", i, view)
		}
	}
}

func TestPicturesThatShowNothing(t *testing.T) {
	t.Parallel()
	blank := make([]byte, cameraWidth*cameraHeight)
	for name, p := range map[string]steady.Pixels{
		"blank":     {Data: blank, Width: cameraWidth, Height: cameraHeight, Channels: 1},
		"no pixels": {Width: cameraWidth, Height: cameraHeight, Channels: 3},
		"tiny":      {Data: blank[:64], Width: 8, Height: 8, Channels: 1},
		"no size":   {},
	} {
		var s steady.Steady
		for i := range 200 {
			if view := s.Look(start().Add(time.Duration(i)*everyFrame), p, nil); view != (models.View{}) {
				t.Fatalf("%s: %+v", name, view)
			}
		}
	}
}

func TestLookDoesNotAllocate(t *testing.T) {
	var s steady.Steady
	c := newCamera(newWorld(1))
	at := start()
	look := func(p steady.Pixels) {
		at = at.Add(everyFrame)
		s.Look(at, p, []models.Detection{{Box: models.Box{X: 0.1, Y: 0.1, W: 0.1, H: 0.3}, Score: 0.9}})
	}
	look(c.shoot())
	c.x = 12
	for range 30 {
		look(c.shoot())
	}
	p := c.shoot()
	if n := testing.AllocsPerRun(100, func() { look(p) }); n != 0 {
		t.Errorf("%v allocations a picture, want 0", n)
	}
}

// Any bytes of any shape lead to a view that maps the picture to finite places.
func FuzzLook(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8}, 64, 48, int64(100), 0.5)
	f.Add([]byte{0, 255, 0, 255}, 320, 180, int64(-5), math.NaN())
	f.Add([]byte{9, 1, 77}, 33, 250, int64(1<<60), math.Inf(1))
	f.Fuzz(func(t *testing.T, seed []byte, width, height int, step int64, x float64) {
		if len(seed) == 0 || width < 0 || height < 0 || width > 400 || height > 400 {
			return
		}
		var s steady.Steady
		data := make([]byte, width*height)
		at := start()
		for round := range 4 {
			for i := range data {
				data[i] = seed[(i*(i>>5+1)+round*i)%len(seed)] + byte(i*int(seed[0]))
			}
			at = at.Add(time.Duration(step))
			view := s.Look(at, steady.Pixels{Data: data, Width: width, Height: height, Channels: 1},
				[]models.Detection{{Box: models.Box{X: x, Y: -x, W: x, H: 2 * x}, Score: 1}})
			seen := view.Seen(models.Point{X: 1, Y: 1})
			if math.IsNaN(seen.X+seen.Y) || math.IsInf(seen.X+seen.Y, 0) {
				t.Fatalf("%+v brings a corner to %+v", view, seen)
			}
		}
	})
}

func BenchmarkLook(b *testing.B) {
	for name, shake := range map[string]float64{"still": 0, "shaking": 5} {
		b.Run(name, func(b *testing.B) {
			var s steady.Steady
			c := newCamera(newWorld(1))
			c.noise = 2
			pictures := make([]steady.Pixels, 20)
			for i := range pictures {
				c.x = shake * math.Sin(2*float64(i))
				c.pixels = make([]byte, cameraWidth*cameraHeight)
				pictures[i] = c.shoot()
			}
			b.ReportAllocs()
			at := start()
			for i := 0; b.Loop(); i++ {
				at = at.Add(everyFrame)
				s.Look(at, pictures[i%len(pictures)], nil)
			}
		})
	}
}
