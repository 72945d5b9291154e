package deserted

import (
	"image"
	"math"
	"math/rand/v2"
)

// Frames is how many pictures there are of each place, and FPS how many a second.
const (
	Frames = 100
	FPS    = 10.0
)

// The size of the pictures.
const (
	Width  = 640
	Height = 360
)

// Place is a view of somewhere.
type Place struct {
	Name string

	still  func(c *canvas, dice *rand.Rand)            // what never moves
	moving func(c *canvas, dice *rand.Rand, t float64) // what does, t seconds in; the dice fall alike every time
	lens   lens
}

// Places are all places, always in the same order.
func Places() []Place {
	return []Place{
		{"street", street, traffic, lens{noise: 3, breath: 0.02}},
		{"street at night", street, headlights, lens{noise: 14, light: 0.28, breath: 0.05}},
		{"park in the wind", park, wind, lens{noise: 4, blur: true}},
		{"shop", shop, signs, lens{noise: 5, breath: 0.04}},
		{"corridor", corridor, reflections, lens{noise: 8, light: 0.7}},
		{"entrance from above", entrance, sunlight, lens{noise: 3}},
		{"car park", carPark, manoeuvre, lens{noise: 10, light: 0.5, blur: true}},
		{"platform", platform, train, lens{noise: 5}},
		{"infra-red with rain", park, rain, lens{noise: 22, light: 0.45, grey: true, dark: true}},
		{"snow", street, snow, lens{noise: 6, light: 0.9, blur: true}},
	}
}

// Film draws the pictures of the place one after another, and stops when show does not want another.
func (p Place) Film(show func(frame int, picture *image.RGBA) bool) {
	ground, picture := p.ground(), newCanvas(Width, Height)
	for frame := 1; frame <= Frames; frame++ {
		p.draw(ground, picture, frame)
		if !show(frame, picture.RGBA) {
			return
		}
	}
}

// ground is what never moves.
func (p Place) ground() *canvas {
	c := newCanvas(Width, Height)
	p.still(c, rand.New(rand.NewPCG(1, 1)))
	return c
}

// draw makes the picture of a frame. Every frame is a picture of its own: none before it matters.
func (p Place) draw(ground, picture *canvas, frame int) {
	t := float64(frame-1) / FPS
	copy(picture.Pix, ground.Pix)
	p.moving(picture, rand.New(rand.NewPCG(2, 2)), t)
	p.lens.look(picture, rand.New(rand.NewPCG(3, uint64(frame))), t)
}

// lens is the camera.
type lens struct {
	noise  float64 // of the sensor, standard deviation in grey levels
	light  float64 // how bright it is; 0 is as drawn
	breath float64 // how far the exposure goes to and fro, as a part
	blur   bool    // out of focus
	grey   bool    // no colours: infra-red
	dark   bool    // towards the corners
}

// look makes of what is there what the camera sends.
func (l lens) look(c *canvas, dice *rand.Rand, t float64) {
	if l.blur {
		soften(c)
	}
	gain := 1.0
	if l.light > 0 {
		gain = l.light
	}
	gain *= 1 + l.breath*math.Sin(1.7*t)
	var grain [4096]float64
	for i := range grain {
		grain[i] = dice.NormFloat64() * l.noise
	}
	for y := range Height {
		row := c.Pix[c.PixOffset(0, y):c.PixOffset(Width, y)]
		l.expose(row, float64(y)/Height-0.5, gain, &grain, dice.IntN(len(grain)))
	}
}

// expose takes a row of pixels into the camera; the grain begins at a place of its own in every row.
func (l lens) expose(row []uint8, dy, gain float64, grain *[4096]float64, at int) {
	for x := range Width {
		here := gain
		if l.dark {
			dx := float64(x)/Width - 0.5
			here *= max(0, 1-1.6*(dx*dx+dy*dy))
		}
		pixel := row[4*x : 4*x+3]
		shared := grain[(at+x)%len(grain)] // by all colours
		if l.grey {
			mean := float64(int(pixel[0])+2*int(pixel[1])+int(pixel[2])) / 4
			level := uint8(min(max(mean*here+shared, 0), 255))
			pixel[0], pixel[1], pixel[2] = level, level, level
			continue
		}
		for k := range pixel {
			own := 0.5*shared + 0.7*grain[(at+x+1000*(k+1))%len(grain)]
			pixel[k] = uint8(min(max(float64(pixel[k])*here+own, 0), 255))
		}
	}
}

// soften takes the mean over three pixels, across and down.
func soften(c *canvas) {
	for _, step := range []int{4, c.Stride} {
		before := make([]uint8, len(c.Pix))
		copy(before, c.Pix)
		for i := step; i < len(c.Pix)-step; i++ {
			c.Pix[i] = uint8((int(before[i-step]) + int(before[i]) + int(before[i+step])) / 3)
		}
	}
}
