package steady_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"footfall/models"
	"footfall/vision/steady"
)

// A drawn world: a wall larger than any picture of it, with edges and corners everywhere, of which a camera sees a part
// through a similarity that the test knows.

const (
	worldSize                    = 640
	cameraWidth, cameraHeight    = 320, 180
	cameraAspect                 = float64(cameraWidth) / cameraHeight
	everyFrame                   = 100 * time.Millisecond
	smallPixel                   = float64(cameraWidth) / 192 // what the estimator calls a pixel
	edge                         = (worldSize - cameraWidth) / 2
	worldMiddleX, worldMiddleY   = worldSize / 2, worldSize / 2
	cameraMiddleX, cameraMiddleY = float64(cameraWidth-1) / 2, float64(cameraHeight-1) / 2
)

func start() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

type world struct{ grey []float64 }

// newWorld draws overlapping rectangles of random brightness, a little blurred, as a lens does.
func newWorld(seed uint64) *world {
	dice := rand.New(rand.NewPCG(seed, 1))
	w := &world{grey: make([]float64, worldSize*worldSize)}
	for i := range w.grey {
		w.grey[i] = 110
	}
	for range 2400 {
		x, y := dice.IntN(worldSize), dice.IntN(worldSize)
		width, height, shade := 4+dice.IntN(40), 4+dice.IntN(40), 30+200*dice.Float64()
		for row := y; row < min(worldSize, y+height); row++ {
			for column := x; column < min(worldSize, x+width); column++ {
				w.grey[row*worldSize+column] = shade
			}
		}
	}
	for range 2 {
		w.blur()
	}
	return w
}

func (w *world) blur() {
	out := make([]float64, len(w.grey))
	for y := 1; y < worldSize-1; y++ {
		for x := 1; x < worldSize-1; x++ {
			sum := 0.0
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					sum += w.grey[(y+dy)*worldSize+x+dx]
				}
			}
			out[y*worldSize+x] = sum / 9
		}
	}
	w.grey = out
}

func (w *world) at(x, y float64) float64 {
	x, y = min(max(x, 0), worldSize-2), min(max(y, 0), worldSize-2)
	left, top := math.Floor(x), math.Floor(y)
	fx, fy, i := x-left, y-top, int(top)*worldSize+int(left)
	return (1-fy)*((1-fx)*w.grey[i]+fx*w.grey[i+1]) + fy*((1-fx)*w.grey[i+worldSize]+fx*w.grey[i+worldSize+1])
}

// camera looks at a world.
type camera struct {
	world *world
	dice  *rand.Rand
	// How it lies: what is seen is enlarged, turned (radians) and shifted (pixels of the camera).
	zoom, turn, x, y float64
	// What the light does: grey = gain * grey + offset, plus noise.
	gain, offset, noise float64
	pixels              []byte
}

func newCamera(w *world) *camera {
	return &camera{
		world: w, dice: rand.New(rand.NewPCG(5, 6)), zoom: 1, gain: 1,
		pixels: make([]byte, cameraWidth*cameraHeight),
	}
}

// shoot takes a picture.
func (c *camera) shoot() steady.Pixels {
	sin, cos := math.Sincos(c.turn)
	for row := range cameraHeight {
		for column := range cameraWidth {
			x, y := float64(column)-cameraMiddleX-c.x, float64(row)-cameraMiddleY-c.y
			grey := c.world.at(worldMiddleX+(cos*x+sin*y)/c.zoom, worldMiddleY+(cos*y-sin*x)/c.zoom)
			c.pixels[row*cameraWidth+column] = c.expose(grey)
		}
	}
	return steady.Pixels{Data: c.pixels, Width: cameraWidth, Height: cameraHeight, Channels: 1}
}

func (c *camera) expose(grey float64) byte {
	grey = c.gain*grey + c.offset
	if c.noise > 0 {
		grey += c.noise * c.dice.NormFloat64()
	}
	return byte(min(max(grey, 0), 255))
}

// cover draws a piece of another world over a part of the picture that was just taken: somebody, or a train. The piece
// moves with its place.
func (c *camera) cover(other *world, left, top, width, height int, seed float64) {
	for row := max(0, top); row < min(cameraHeight, top+height); row++ {
		for column := max(0, left); column < min(cameraWidth, left+width); column++ {
			c.pixels[row*cameraWidth+column] = c.expose(other.at(float64(column-left)+seed, float64(row-top)+seed))
		}
	}
}

// wrong is how far, in pixels of the camera, a view is from the truth at the corner of the picture where it is worst.
func (c *camera) wrong(view models.View) float64 {
	sin, cos := math.Sincos(c.turn)
	most := 0.0
	for _, p := range []models.Point{{X: 0, Y: 0}, {X: 1, Y: 0}, {X: 0, Y: 1}, {X: 1, Y: 1}, {X: 0.5, Y: 0.5}} {
		x, y := (p.X-0.5)*cameraWidth, (p.Y-0.5)*cameraHeight
		wantX, wantY := c.zoom*(cos*x-sin*y)+c.x, c.zoom*(sin*x+cos*y)+c.y
		seen := view.Seen(p)
		most = max(most, math.Hypot((seen.X-0.5)*cameraWidth-wantX, (seen.Y-0.5)*cameraHeight-wantY))
	}
	return most
}

// quantile is the value that the given share of the sorted or unsorted values does not exceed.
func quantile(t *testing.T, values []float64, q float64) float64 {
	t.Helper()
	if len(values) == 0 {
		t.Fatal("nothing was measured")
	}
	sorted := append([]float64(nil), values...)
	for i := range sorted { // few values: the plain way
		for j := i; j > 0 && sorted[j] < sorted[j-1]; j-- {
			sorted[j], sorted[j-1] = sorted[j-1], sorted[j]
		}
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
