package simulator

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"

	"footfall/models"
)

// Scene is a drawn place in which bright rectangles walk on dark ground, for tests that need a moving picture and its
// exact truth but no footage. It looks like people to no neural network; a threshold of Threshold finds every walker.
//
// Like every camera it has noise, so that two pictures of an empty scene differ.
type Scene struct {
	Width, Height int     // in pixels, even
	FPS           float64 // pictures a second
	Length        time.Duration
	Walkers       []Walker
	// Numbered draws each picture's number into it, as a row of black and white cells through the middle: whoever sees
	// the picture knows when it was shown. See ReadNumber.
	Numbered bool
}

// Walker goes in a straight line at a steady pace, and is in the picture from From until Until only.
type Walker struct {
	From, Until time.Duration
	Start, End  models.Point // of the feet: the middle of the bottom edge
	Width       float64      // of the rectangle, as a fraction of the picture
	Height      float64
}

// Threshold lies between the brightest ground and the darkest walker, in grey levels from 0 to 255.
const Threshold = 150

// The grey levels of a scene, and how far noise takes a pixel from its own.
const (
	darkestGround   = 40
	brightestGround = 90
	walkerGrey      = 215
	noise           = 4
)

// StreetScene is a scene of 12 seconds with five walkers, each in a lane of their own, at different paces: three go to
// the right and two to the left, and all of them cross the middle.
func StreetScene() Scene {
	walk := func(from, until time.Duration, start, end, feet float64) Walker {
		return Walker{
			From: from, Until: until, Width: 0.07, Height: 0.16,
			Start: models.Point{X: start, Y: feet}, End: models.Point{X: end, Y: feet},
		}
	}
	return Scene{
		Width: 320, Height: 240, FPS: 10, Length: 12 * time.Second,
		Walkers: []Walker{
			walk(time.Second, 7*time.Second, -0.05, 1.05, 0.19),
			walk(1500*time.Millisecond, 9*time.Second, 1.05, -0.05, 0.38),
			walk(3*time.Second, 8*time.Second, -0.05, 1.05, 0.57),
			walk(4*time.Second, 11*time.Second, 1.05, -0.05, 0.76),
			walk(5*time.Second, 11*time.Second, -0.05, 1.05, 0.95),
		},
	}
}

// Frames is the number of pictures.
func (s Scene) Frames() int { return int(math.Round(s.Length.Seconds() * s.FPS)) }

// at is when a frame was taken. Frames count from 1.
func (s Scene) at(frame int) time.Duration {
	return time.Duration(float64(frame-1) / s.FPS * float64(time.Second))
}

// Detections are the walkers in the picture at a frame, as a perfect detector reports them. Boxes may reach over the
// edge of the picture; those wholly outside are left out. Frames count from 1.
func (s Scene) Detections(frame int) []models.Detection {
	var found []models.Detection
	for _, walker := range s.Walkers {
		box, there := walker.box(s.at(frame))
		if there && box.X < 1 && box.X+box.W > 0 && box.Y < 1 && box.Y+box.H > 0 {
			found = append(found, models.Detection{Box: box, Score: 1, Class: models.Person})
		}
	}
	return found
}

// box is where a walker is at a time, if anywhere.
func (w Walker) box(at time.Duration) (models.Box, bool) {
	if at < w.From || at > w.Until || w.Until <= w.From {
		return models.Box{}, false
	}
	done := float64(at-w.From) / float64(w.Until-w.From)
	feet := models.Point{X: w.Start.X + done*(w.End.X-w.Start.X), Y: w.Start.Y + done*(w.End.Y-w.Start.Y)}
	return models.Box{X: feet.X - w.Width/2, Y: feet.Y - w.Height, W: w.Width, H: w.Height}, true
}

// Crossing is one walker's feet over an upright line.
type Crossing struct {
	Walker    int           // index into Walkers
	At        time.Duration // from the first frame, exact, usually between two frames
	Frame     int           // the first frame at or after At, from 1
	Direction models.Direction
}

// UprightLine is the line from the bottom of the picture to its top at x; over it, walking to the right is in.
func UprightLine(id string, x float64) models.Line {
	return models.Line{ID: id, Points: []models.Point{{X: x, Y: 1}, {X: x, Y: 0}}}
}

// Crossings are all crossings of UprightLine at x, in the order of Walkers: the truth, by construction.
func (s Scene) Crossings(x float64) []Crossing {
	var all []Crossing
	for i, walker := range s.Walkers {
		distance := walker.End.X - walker.Start.X
		done := (x - walker.Start.X) / distance // without a distance not a number, or beyond all bounds
		if !(done >= 0 && done <= 1) {
			continue
		}
		at := walker.From + time.Duration(done*float64(walker.Until-walker.From))
		if at > s.Length {
			continue
		}
		direction := models.In
		if distance < 0 {
			direction = models.Out
		}
		all = append(all, Crossing{
			Walker: i, At: at, Frame: int(math.Ceil(at.Seconds()*s.FPS-1e-9)) + 1, Direction: direction,
		})
	}
	return all
}

// Encode makes a clip of the scene.
func (s Scene) Encode(ctx context.Context, options EncodeOptions) (*Clip, error) {
	if err := s.validate(); err != nil {
		return nil, fmt.Errorf("encode drawn scene: %w", err)
	}
	clip, err := encode(ctx, source{
		name: "drawn scene", arguments: rawInput(s.Width, s.Height, s.FPS),
		pictures: &painter{scene: s, seed: 1}, duration: s.Length,
	}, options)
	if err != nil {
		return nil, fmt.Errorf("encode drawn scene: %w", err)
	}
	return clip, nil
}

func (s Scene) validate() error {
	switch {
	case s.Width < 16 || s.Height < 16 || s.Width%2 != 0 || s.Height%2 != 0:
		return models.Invalidf("size", "%dx%d is not even, or is less than 16 pixels", s.Width, s.Height)
	case !(s.FPS > 0 && s.FPS <= 1000):
		return models.Invalidf("fps", "%v is not between 0 and 1000", s.FPS)
	case s.Frames() < 1:
		return models.Invalidf("length", "%s is less than a picture at %v a second", s.Length, s.FPS)
	}
	return nil
}

// painter reads a scene as raw grey pictures, one after the other.
type painter struct {
	scene   Scene
	seed    uint64
	painted int
	canvas  []byte
	rest    []byte // of the canvas, not read yet
}

func (p *painter) Read(out []byte) (int, error) {
	if len(p.rest) == 0 {
		if p.painted == p.scene.Frames() {
			return 0, io.EOF
		}
		p.painted++
		p.paint(p.painted)
	}
	n := copy(out, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// paint draws a frame: the ground, which gets brighter to the bottom, then whoever is there, then noise.
func (p *painter) paint(frame int) {
	width, height := p.scene.Width, p.scene.Height
	if p.canvas == nil {
		p.canvas = make([]byte, width*height)
	}
	for y := range height {
		grey := byte(darkestGround + (brightestGround-darkestGround)*y/height)
		for x := range width {
			p.canvas[y*width+x] = grey
		}
	}
	for _, detection := range p.scene.Detections(frame) {
		p.fill(detection.Box)
	}
	if p.scene.Numbered {
		p.number(frame)
	}
	dice := rand.New(rand.NewPCG(p.seed, uint64(frame)))
	for i := range p.canvas {
		p.canvas[i] += byte(dice.IntN(2*noise+1)) - noise
	}
	p.rest = p.canvas
}

func (p *painter) fill(box models.Box) {
	width, height := p.scene.Width, p.scene.Height
	pixel := func(fraction float64, side int) int {
		return min(max(int(math.Round(fraction*float64(side))), 0), side)
	}
	for y := pixel(box.Y, height); y < pixel(box.Y+box.H, height); y++ {
		row := p.canvas[y*width : (y+1)*width]
		for x := pixel(box.X, width); x < pixel(box.X+box.W, width); x++ {
			row[x] = walkerGrey
		}
	}
}
