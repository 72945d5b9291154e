package deserted

import (
	"math"
	"math/rand/v2"
)

// between is a number that the dice choose.
func between(dice *rand.Rand, low, high float64) float64 { return low + (high-low)*dice.Float64() }

// rough makes a surface of a plain one: dust, gravel, grass.
func rough(c *canvas, dice *rand.Rand, from, to point, strength float64) {
	first, last := c.rows(from.y, to.y)
	for y := first; y <= last; y++ {
		for x := int(max(from.x, 0) * c.width); x < int(min(to.x, 1)*c.width); x++ {
			pixel := c.Pix[c.PixOffset(x, y):][:3]
			change := dice.NormFloat64() * strength
			for k := range pixel {
				pixel[k] = uint8(min(max(float64(pixel[k])+change, 0), 255))
			}
		}
	}
}

// facade is a house's front with rows of windows and a door in the middle.
func facade(c *canvas, dice *rand.Rand, from, to point, wall shade) {
	c.rect(from, to, wall)
	columns := int(max(2, math.Round((to.x-from.x)/0.06)))
	wide, tall := (to.x-from.x)/float64(columns), (to.y-from.y)/4
	for row := range 4 {
		for column := range columns {
			corner := point{from.x + wide*(float64(column)+0.25), from.y + tall*(float64(row)+0.2)}
			end := point{corner.x + wide*0.5, corner.y + tall*0.6}
			pane := opaque(70, 85, 105).times(between(dice, 0.5, 1.6))
			if row == 3 && column == columns/2 {
				corner.y, end.y, pane = from.y+3*tall, to.y, opaque(90, 55, 35)
			}
			c.rect(corner, end, wall.times(0.7))
			c.rect(point{corner.x + wide*0.05, corner.y + tall*0.06}, point{end.x - wide*0.05, end.y}, pane)
		}
	}
}

// lamp is a street lamp; its foot is at the point.
func lamp(c *canvas, foot point, tall float64) {
	c.rect(point{foot.x - 0.003, foot.y - tall}, point{foot.x + 0.003, foot.y}, grey(60))
	c.rect(point{foot.x - 0.015, foot.y - tall - 0.02}, point{foot.x + 0.015, foot.y - tall}, grey(110))
}

// bin is a litter bin.
func bin(c *canvas, foot point, tall float64) {
	half := tall * 0.28
	c.rect(point{foot.x - half, foot.y - tall}, point{foot.x + half, foot.y}, opaque(50, 60, 55))
	c.ellipse(point{foot.x, foot.y - tall}, half*Width/Height, tall*0.08, grey(35))
}

// car stands with its left lower corner at the point; long is its length. One that goes left is seen with -1.
func car(c *canvas, corner point, long, direction float64, paint shade) {
	tall := long * 0.36 * Width / Height
	at := func(u, v float64) point {
		if direction < 0 {
			u = 1 - u
		}
		return point{corner.x + u*long, corner.y - v*tall}
	}
	c.ellipse(at(0.5, 0.02), long*0.5*Width/Height, tall*0.1, grey(20).thin(0.5))
	c.polygon(paint, at(0, 0.15), at(0, 0.5), at(0.16, 0.6), at(0.85, 0.6), at(1, 0.45), at(1, 0.15))
	c.polygon(paint.times(0.8), at(0.16, 0.6), at(0.28, 0.98), at(0.66, 0.98), at(0.82, 0.6))
	c.polygon(opaque(60, 75, 90), at(0.21, 0.62), at(0.31, 0.92), at(0.46, 0.92), at(0.46, 0.62))
	c.polygon(opaque(60, 75, 90), at(0.49, 0.62), at(0.49, 0.92), at(0.64, 0.92), at(0.76, 0.62))
	for _, u := range []float64{0.2, 0.8} {
		c.ellipse(at(u, 0.15), tall*0.17, tall*0.17, grey(25))
		c.ellipse(at(u, 0.15), tall*0.08, tall*0.08, grey(120))
	}
}

// tree has its foot at the point; its leaves move with the wind, which is 0 in still air.
func tree(c *canvas, dice *rand.Rand, foot point, tall, wind, t float64) {
	c.stroke(foot, point{foot.x, foot.y - tall*0.6}, tall*0.06, opaque(70, 55, 40))
	green := opaque(60, 100, 45).times(between(dice, 0.7, 1.3))
	for range 350 {
		angle, out := between(dice, 0, 2*math.Pi), math.Sqrt(dice.Float64())
		phase, size := between(dice, 0, 2*math.Pi), between(dice, 0.012, 0.03)*tall/0.5
		sway := wind * (math.Sin(2.1*t+phase) + 0.5*math.Sin(5.3*t+2*phase)) * out
		leaf := point{
			foot.x + (0.28*tall*out*math.Cos(angle)+0.02*sway)*Height/Width*1.6,
			foot.y - tall*0.72 + 0.3*tall*out*math.Sin(angle) + 0.008*sway,
		}
		c.ellipse(leaf, size, size*0.7, green.times(between(dice, 0.5, 1.5)))
	}
}

// shelf is a rack full of goods.
func shelf(c *canvas, dice *rand.Rand, from, to point) {
	c.rect(from, to, grey(95))
	const boards = 5
	tall := (to.y - from.y) / boards
	for board := range boards {
		bottom := from.y + tall*float64(board+1)
		for x := from.x + 0.004; x < to.x-0.02; {
			wide, high := between(dice, 0.01, 0.03), tall*between(dice, 0.45, 0.85)
			goods := opaque(between(dice, 30, 230), between(dice, 30, 230), between(dice, 30, 230))
			c.rect(point{x, bottom - high - 0.008}, point{min(x+wide, to.x), bottom - 0.008}, goods)
			c.rect(point{x, bottom - high*0.6}, point{min(x+wide, to.x), bottom - high*0.35}, grey(235).thin(0.6))
			x += wide + 0.002
		}
		c.rect(point{from.x, bottom - 0.008}, point{to.x, bottom}, grey(180))
	}
}

// tiles are the joints of a floor that runs away towards a height, the horizon.
func tiles(c *canvas, top, horizon float64, joint shade) {
	for i := -20; i <= 20; i++ {
		x := 0.5 + float64(i)*0.12
		far := 0.5 + (x-0.5)*(top-horizon)/(1-horizon)
		c.stroke(point{far, top}, point{x, 1}, 0.004, joint)
	}
	for depth := 1.0; ; depth *= 1.22 {
		y := horizon + (1-horizon)/depth
		if y < top {
			return
		}
		c.stroke(point{0, y}, point{1, y}, 0.005/depth, joint)
	}
}
