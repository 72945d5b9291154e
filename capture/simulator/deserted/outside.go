package deserted

import (
	"math"
	"math/rand/v2"
)

func street(c *canvas, dice *rand.Rand) {
	c.fade(point{0, 0}, point{1, 0.2}, opaque(150, 180, 210), opaque(205, 215, 220))
	walls := []shade{opaque(190, 170, 140), opaque(160, 110, 90), opaque(205, 200, 190), opaque(140, 150, 150)}
	for i, wall := range walls {
		x := float64(i) * 0.25
		facade(c, dice, point{x, between(dice, 0.0, 0.12)}, point{x + 0.25, 0.52}, wall)
	}
	c.rect(point{0, 0.52}, point{1, 0.64}, grey(165))
	c.rect(point{0, 0.64}, point{1, 0.655}, grey(120))
	c.rect(point{0, 0.655}, point{1, 1}, grey(88))
	for x := 0.02; x < 1; x += 0.16 {
		c.polygon(grey(215), point{x, 0.80}, point{x + 0.08, 0.80}, point{x + 0.075, 0.82}, point{x - 0.005, 0.82})
	}
	rough(c, dice, point{0, 0.52}, point{1, 1}, 7)
	lamp(c, point{0.3, 0.63}, 0.5)
	lamp(c, point{0.8, 0.63}, 0.5)
	bin(c, point{0.44, 0.62}, 0.08)
	for _, x := range []float64{0.52, 0.56, 0.60, 0.64} { // bollards
		c.rect(point{x, 0.56}, point{x + 0.008, 0.645}, grey(70))
		c.rect(point{x, 0.57}, point{x + 0.008, 0.58}, grey(220))
	}
	c.rect(point{0.90, 0.30}, point{0.905, 0.62}, grey(90)) // a road sign
	c.ellipse(point{0.9025, 0.30}, 0.04, 0.04, opaque(200, 40, 40))
	c.ellipse(point{0.9025, 0.30}, 0.028, 0.028, grey(235))
}

func traffic(c *canvas, dice *rand.Rand, t float64) {
	tree(c, dice, point{0.14, 0.62}, 0.5, 1, t)
	tree(c, dice, point{0.70, 0.62}, 0.45, 1, t)
	car(c, point{-0.3 + 0.19*t, 0.75}, 0.22, 1, opaque(150, 40, 40))
	car(c, point{1.1 - 0.23*t, 0.94}, 0.30, -1, opaque(180, 180, 190))
	car(c, point{1.9 - 0.23*t, 0.93}, 0.28, -1, opaque(40, 60, 120))
	cloud := 0.5 + 0.5*math.Sin(0.6*t)
	c.rect(point{0, 0.5}, point{1, 1}, grey(0).thin(0.18*cloud))
}

func headlights(c *canvas, dice *rand.Rand, t float64) {
	traffic(c, dice, t)
	for _, x := range []float64{0.3, 0.8} {
		c.glow(point{x, 0.13}, 0.25, opaque(255, 230, 170))
		c.ellipse(point{x, 0.68}, 0.22, 0.07, opaque(255, 230, 170).thin(0.35))
	}
	for _, x := range []float64{-0.08 + 0.19*t, 0.80 + 0.3 - 0.23*t} {
		c.glow(point{x, 0.86}, 0.14, opaque(255, 255, 235))
	}
	c.glow(point{0.35, 0.48}, 0.10, opaque(80, 120, 255).times(1+0.3*math.Sin(9*t))) // a sign in a window
}

func park(c *canvas, dice *rand.Rand) {
	c.fade(point{0, 0}, point{1, 0.35}, opaque(170, 195, 215), opaque(215, 225, 225))
	c.fade(point{0, 0.35}, point{1, 1}, opaque(95, 125, 70), opaque(80, 120, 55))
	rough(c, dice, point{0, 0.35}, point{1, 1}, 14)
	c.polygon(opaque(180, 165, 140), point{0.46, 0.35}, point{0.52, 0.35}, point{0.75, 1}, point{0.15, 1})
	rough(c, dice, point{0.15, 0.36}, point{0.75, 1}, 6)
	for _, x := range []float64{0.70, 0.73, 0.76, 0.79, 0.82, 0.85} { // a fence
		c.rect(point{x, 0.44}, point{x + 0.006, 0.60}, opaque(95, 75, 55))
	}
	c.rect(point{0.69, 0.48}, point{0.87, 0.495}, opaque(95, 75, 55))
	c.rect(point{0.20, 0.60}, point{0.34, 0.62}, opaque(110, 80, 50)) // a bench
	c.rect(point{0.20, 0.52}, point{0.34, 0.56}, opaque(110, 80, 50))
	for _, x := range []float64{0.21, 0.325} {
		c.rect(point{x, 0.52}, point{x + 0.008, 0.67}, grey(50))
	}
	bin(c, point{0.38, 0.66}, 0.1)
	lamp(c, point{0.60, 0.62}, 0.55)
	c.ellipse(point{0.93, 0.84}, 0.16, 0.1, grey(120)) // a rock
	c.ellipse(point{0.92, 0.82}, 0.12, 0.07, grey(150))
}

func wind(c *canvas, dice *rand.Rand, t float64) {
	for i := range 14 { // spots of sun under the trees
		x := 0.1 + 0.06*float64(i) + 0.01*math.Sin(1.9*t+float64(i))
		c.ellipse(point{x, between(dice, 0.6, 0.95)}, between(dice, 0.02, 0.07), between(dice, 0.01, 0.03),
			opaque(250, 245, 200).thin(0.35))
	}
	tree(c, dice, point{0.08, 0.66}, 0.75, 3, t)
	tree(c, dice, point{0.66, 0.50}, 0.40, 3, t)
	tree(c, dice, point{0.92, 0.78}, 0.85, 3, t)
	for range 25 { // leaves that fly
		speed, phase := between(dice, 0.05, 0.2), dice.Float64()
		x := math.Mod(phase+speed*t, 1.1)
		y := between(dice, 0.1, 0.95) + 0.04*math.Sin(4*t+9*phase)
		c.ellipse(point{x, y}, 0.010, 0.006, opaque(140, 110, 40))
	}
}

func rain(c *canvas, dice *rand.Rand, t float64) {
	wind(c, dice, t)
	drops := rand.New(rand.NewPCG(5, uint64(t*FPS+0.5))) // no drop is seen twice
	for range 140 {
		from := point{drops.Float64(), drops.Float64()}
		long := between(drops, 0.03, 0.12)
		c.stroke(from, point{from.x + 0.15*long, from.y + long}, 0.004, grey(235).thin(0.5))
	}
	for i := range 3 { // moths at the lens, in its infra-red lamp
		x := 0.5 + 0.45*math.Sin(1.3*t+2.1*float64(i))
		y := 0.45 + 0.4*math.Sin(1.9*t+float64(i))
		c.ellipse(point{x, y}, 0.045, 0.03, grey(255).thin(0.8))
		c.stroke(point{x, y}, point{x - 0.06, y - 0.09}, 0.02, grey(255).thin(0.4))
	}
}

func snow(c *canvas, dice *rand.Rand, t float64) {
	c.rect(point{0, 0.52}, point{1, 1}, opaque(235, 238, 245).thin(0.75))
	traffic(c, dice, t)
	for range 260 {
		speed, size := between(dice, 0.15, 0.5), between(dice, 0.004, 0.012)
		y := math.Mod(dice.Float64()+speed*t, 1)
		x := dice.Float64() + 0.02*math.Sin(2*t+20*size)
		c.ellipse(point{x, y}, size, size, grey(250).thin(0.85))
	}
}

func carPark(c *canvas, dice *rand.Rand) {
	c.rect(point{0, 0}, point{1, 1}, grey(105))
	rough(c, dice, point{0, 0}, point{1, 1}, 9)
	paints := []shade{
		opaque(40, 40, 45), opaque(190, 190, 195), opaque(120, 30, 30), opaque(30, 60, 110), opaque(220, 220, 215),
	}
	for row := range 3 {
		y, long := 0.22+0.24*float64(row), 0.13+0.03*float64(row)
		for column := range 8 {
			x := 0.01 + float64(column)*0.125
			c.stroke(point{x - 0.005, y - 0.1}, point{x - 0.012, y + 0.04}, 0.006, grey(225))
			if dice.IntN(4) > 0 {
				car(c, point{x, y}, long*0.85, 1-2*float64(dice.IntN(2)), paints[dice.IntN(len(paints))])
			}
		}
	}
	for _, x := range []float64{0.06, 0.36, 0.66, 0.96} { // columns and their stripes
		c.rect(point{x - 0.02, 0}, point{x + 0.02, 0.82}, grey(150))
		c.rect(point{x - 0.02, 0.55}, point{x + 0.02, 0.62}, opaque(230, 200, 40))
	}
}

func manoeuvre(c *canvas, _ *rand.Rand, t float64) {
	car(c, point{-0.3 + 0.14*t, 0.97}, 0.30, 1, opaque(200, 160, 40))
	if math.Mod(t, 1) < 0.5 { // its indicator
		c.glow(point{-0.3 + 0.14*t + 0.3, 0.90}, 0.05, opaque(255, 170, 40))
	}
	flicker := 0.12 * math.Abs(math.Sin(7*t))
	c.rect(point{0.3, 0}, point{0.6, 1}, grey(0).thin(flicker)) // a tube that is about to fail
}
