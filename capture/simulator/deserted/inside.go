package deserted

import (
	"math"
	"math/rand/v2"
)

func shop(c *canvas, dice *rand.Rand) {
	c.rect(point{0, 0}, point{1, 0.3}, grey(215))
	c.rect(point{0, 0.3}, point{1, 1}, opaque(200, 195, 185))
	tiles(c, 0.45, 0.1, grey(165))
	shelf(c, dice, point{0.00, 0.10}, point{0.20, 0.78})
	shelf(c, dice, point{0.24, 0.18}, point{0.38, 0.62})
	shelf(c, dice, point{0.62, 0.18}, point{0.76, 0.62})
	shelf(c, dice, point{0.80, 0.10}, point{1.00, 0.78})
	c.rect(point{0.42, 0.40}, point{0.58, 0.56}, opaque(120, 85, 60)) // the till
	c.rect(point{0.48, 0.32}, point{0.53, 0.40}, grey(40))
	for i := range 4 { // baskets in a stack
		y := 0.90 - 0.03*float64(i)
		c.polygon(opaque(190, 30, 40).times(1-0.08*float64(i)), point{0.28, y - 0.05}, point{0.40, y - 0.05},
			point{0.39, y}, point{0.29, y})
	}
	for i := range 5 { // coats on a rail, which is as near to people as this shop comes
		x := 0.60 + 0.035*float64(i)
		coat := opaque(between(dice, 30, 160), between(dice, 30, 160), between(dice, 30, 160))
		c.polygon(coat, point{x + 0.012, 0.68}, point{x + 0.022, 0.68}, point{x + 0.036, 0.74}, point{x + 0.036, 0.90},
			point{x, 0.90}, point{x, 0.74})
	}
	c.rect(point{0.58, 0.665}, point{0.80, 0.675}, grey(150))
}

func signs(c *canvas, _ *rand.Rand, t float64) {
	for i := range 3 { // posters that hang and turn
		x := 0.3 + 0.2*float64(i)
		half := 0.03 * math.Abs(math.Cos(0.8*t+float64(i)))
		c.rect(point{x - half, 0.02}, point{x + half, 0.16}, opaque(220, 60, 50))
		c.rect(point{x - half*0.7, 0.05}, point{x + half*0.7, 0.09}, grey(245))
	}
	c.rect(point{0.44, 0.24}, point{0.56, 0.31}, opaque(30, 60, 30))
	for i := range 6 { // writing that runs
		x := 0.44 + math.Mod(0.02*float64(i)+0.05*t, 0.12)
		c.rect(point{x, 0.255}, point{min(x+0.01, 0.56), 0.295}, opaque(90, 255, 120))
	}
}

func corridor(c *canvas, dice *rand.Rand) {
	end, far := point{0.42, 0.30}, point{0.58, 0.62}
	c.polygon(grey(225), point{0, 0}, point{1, 0}, point{far.x, end.y}, end)
	c.polygon(opaque(205, 200, 185), point{0, 0}, end, point{end.x, far.y}, point{0, 1})
	c.polygon(opaque(195, 190, 178), point{1, 0}, point{far.x, end.y}, far, point{1, 1})
	c.polygon(opaque(120, 125, 130), point{end.x, far.y}, far, point{1, 1}, point{0, 1})
	c.rect(end, far, opaque(170, 175, 175))
	c.rect(point{0.46, 0.38}, point{0.54, 0.62}, opaque(110, 80, 55))
	for i := range 4 { // doors on both sides
		near, off := math.Pow(0.62, float64(i)), math.Pow(0.62, float64(i)+0.45)
		for _, side := range []float64{-1, 1} {
			x1, x2 := 0.5+side*(0.08+0.38*near), 0.5+side*(0.08+0.38*off)
			top := func(s float64) float64 { return 0.34 - 0.18*s }
			floor := func(s float64) float64 { return 0.62 + 0.36*s }
			door := opaque(130, 95, 65).times(between(dice, 0.7, 1.2))
			c.polygon(door, point{x1, top(near)}, point{x2, top(off)}, point{x2, floor(off)}, point{x1, floor(near)})
		}
		lamps := 0.28 - 0.26*near
		c.ellipse(point{0.5, lamps}, 0.10*near, 0.02*near, grey(255))
	}
	rough(c, dice, point{0, 0}, point{1, 1}, 3)
	c.rect(point{0.30, 0.60}, point{0.33, 0.76}, opaque(200, 40, 40)) // a fire extinguisher and its cabinet
	c.rect(point{0.295, 0.50}, point{0.335, 0.58}, grey(235))
}

func reflections(c *canvas, _ *rand.Rand, t float64) {
	for i := range 3 {
		shine := 0.25 + 0.2*math.Sin(1.1*t+2*float64(i))
		c.ellipse(point{0.5, 0.70 + 0.1*float64(i)}, 0.10+0.05*float64(i), 0.03, grey(250).thin(shine))
	}
	sway := 0.02 * math.Sin(0.9*t) // a door that does not quite close
	c.polygon(opaque(120, 90, 60), point{0.46, 0.38}, point{0.50 + sway, 0.37}, point{0.50 + sway, 0.635},
		point{0.46, 0.62})
	c.rect(point{0.47, 0.33}, point{0.53, 0.36}, opaque(20, 170, 80).times(1+0.2*math.Sin(12*t)))
}

func entrance(c *canvas, dice *rand.Rand) {
	c.rect(point{0, 0}, point{1, 1}, opaque(175, 168, 158))
	for i := range 14 {
		x, y := float64(i)/14, float64(i)/8
		c.stroke(point{x, 0}, point{x, 1}, 0.005, grey(140))
		c.stroke(point{0, y}, point{1, y}, 0.005, grey(140))
	}
	c.rect(point{0.30, 0.36}, point{0.70, 0.74}, grey(60)) // the mat
	rough(c, dice, point{0, 0}, point{1, 1}, 8)
	c.rect(point{0, 0.10}, point{1, 0.16}, grey(90)) // the doors, seen from above
	c.rect(point{0.30, 0.115}, point{0.70, 0.145}, opaque(150, 190, 200))
	c.ellipse(point{0.14, 0.82}, 0.13, 0.13, opaque(110, 60, 40)) // a pot with a plant
	for range 60 {
		at := point{0.14 + 0.06*dice.NormFloat64()*Height/Width, 0.82 + 0.06*dice.NormFloat64()}
		leaf := opaque(50, 110, 50).times(between(dice, 0.6, 1.5))
		c.ellipse(at, between(dice, 0.01, 0.035), between(dice, 0.01, 0.02), leaf)
	}
	c.ellipse(point{0.88, 0.30}, 0.07, 0.07, grey(45)) // an umbrella stand
	c.ellipse(point{0.88, 0.30}, 0.05, 0.05, grey(110))
	c.rect(point{0.80, 0.62}, point{0.96, 0.90}, opaque(90, 70, 110)) // a counter
}

func sunlight(c *canvas, _ *rand.Rand, t float64) {
	open := 0.15 * (0.5 + 0.5*math.Sin(0.7*t)) // the doors slide, the sun comes in
	c.rect(point{0.5 - open, 0.115}, point{0.5 + open, 0.145}, grey(240))
	c.polygon(opaque(255, 245, 215).thin(0.5), point{0.5 - open, 0.16}, point{0.5 + open, 0.16},
		point{0.62 + open, 0.85}, point{0.62 - open, 0.85})
	c.ellipse(point{0.1 + 0.08*t, 0.5}, 0.25, 0.12, grey(0).thin(0.25)) // the shadow of a bird or a cloud
}

func platform(c *canvas, dice *rand.Rand) {
	c.rect(point{0, 0}, point{1, 0.4}, opaque(120, 130, 135))
	c.rect(point{0, 0.4}, point{1, 0.55}, grey(60))
	c.rect(point{0, 0.55}, point{1, 1}, opaque(165, 160, 155))
	tiles(c, 0.58, 0.2, grey(140))
	rough(c, dice, point{0, 0.4}, point{1, 1}, 6)
	c.rect(point{0, 0.55}, point{1, 0.58}, grey(220))
	c.rect(point{0, 0.61}, point{1, 0.625}, opaque(230, 210, 60))
	for _, x := range []float64{0.18, 0.50, 0.82} {
		c.rect(point{x - 0.015, 0}, point{x + 0.015, 0.85}, grey(95))
		c.rect(point{x - 0.04, 0.30}, point{x + 0.04, 0.36}, opaque(30, 60, 150))
	}
	for _, x := range []float64{0.30, 0.62} { // seats, and a machine that sells tickets
		for i := range 3 {
			c.rect(point{x + 0.035*float64(i), 0.72}, point{x + 0.035*float64(i) + 0.03, 0.76}, opaque(40, 90, 80))
			c.rect(point{x + 0.035*float64(i), 0.64}, point{x + 0.035*float64(i) + 0.03, 0.71}, opaque(40, 90, 80))
		}
		c.rect(point{x, 0.76}, point{x + 0.1, 0.77}, grey(60))
	}
	c.rect(point{0.92, 0.55}, point{0.98, 0.86}, opaque(200, 50, 50))
	c.rect(point{0.93, 0.60}, point{0.97, 0.68}, opaque(40, 60, 70))
	for i := range 2 { // suitcases that somebody left behind
		x := 0.40 + 0.05*float64(i)
		c.rect(point{x, 0.80}, point{x + 0.04, 0.92}, opaque(50, 45, 60).times(1+0.6*float64(i)))
		c.rect(point{x + 0.015, 0.75}, point{x + 0.025, 0.80}, grey(40))
	}
}

func train(c *canvas, _ *rand.Rand, t float64) {
	x := -1.6 + 0.45*t // its front
	c.rect(point{x - 1.5, 0.10}, point{x, 0.52}, opaque(190, 195, 200))
	c.rect(point{x - 1.5, 0.42}, point{x, 0.46}, opaque(190, 40, 40))
	for i := range 14 {
		window := x - 1.45 + 0.1*float64(i)
		c.rect(point{window, 0.17}, point{window + 0.07, 0.32}, opaque(40, 50, 60))
		if i%4 == 1 {
			c.rect(point{window, 0.14}, point{window + 0.07, 0.51}, opaque(160, 165, 170))
			c.rect(point{window + 0.033, 0.14}, point{window + 0.037, 0.51}, grey(60))
		}
	}
	c.glow(point{x, 0.44}, 0.06, opaque(255, 250, 220))
}
