package deserted

import (
	"image"
	"math"
	"slices"
)

// canvas is a picture being drawn. Positions are fractions of the picture, so that a place has no size of its own;
// they may lie outside.
type canvas struct {
	*image.RGBA

	width, height float64
}

func newCanvas(width, height int) *canvas {
	c := &canvas{image.NewRGBA(image.Rect(0, 0, width, height)), float64(width), float64(height)}
	for i := 3; i < len(c.Pix); i += 4 {
		c.Pix[i] = 255
	}
	return c
}

// point is a place on the canvas, y down.
type point struct{ x, y float64 }

// shade is a colour and how much of it covers what was there.
type shade struct {
	r, g, b float64
	cover   float64
}

func opaque(r, g, b float64) shade { return shade{r, g, b, 1} }

func grey(level float64) shade { return opaque(level, level, level) }

// times is the shade made brighter or darker.
func (s shade) times(factor float64) shade {
	return shade{s.r * factor, s.g * factor, s.b * factor, s.cover}
}

// thin is the shade that covers only a part.
func (s shade) thin(cover float64) shade { return shade{s.r, s.g, s.b, s.cover * cover} }

// row lays the shade on part of a row of pixels.
func (c *canvas) row(y int, from, to float64, s shade) {
	first, last := int(math.Ceil(max(from, 0)-0.5)), int(math.Ceil(min(to, c.width)-0.5))
	if first >= last {
		return
	}
	pixels := c.Pix[c.PixOffset(first, y):c.PixOffset(last, y)]
	for k, level := range [3]float64{s.r, s.g, s.b} {
		// The shade's own part does not change along the row; 8 bits after the point are enough for what remains.
		add := int(math.Round(min(max(level, 0), 255) * s.cover * 256))
		keep := 256 - int(math.Round(s.cover*256))
		for i := k; i < len(pixels); i += 4 {
			pixels[i] = uint8(min((add+int(pixels[i])*keep)>>8, 255))
		}
	}
}

// rows are the rows of pixels whose middles lie between two heights.
func (c *canvas) rows(top, bottom float64) (first, last int) {
	return int(math.Ceil(max(top*c.height, 0) - 0.5)), int(math.Ceil(min(bottom*c.height, c.height)-0.5)) - 1
}

func (c *canvas) rect(from, to point, s shade) {
	first, last := c.rows(from.y, to.y)
	for y := first; y <= last; y++ {
		c.row(y, from.x*c.width, to.x*c.width, s)
	}
}

// fade fills from the shade at the top to the one at the bottom.
func (c *canvas) fade(from, to point, top, bottom shade) {
	first, last := c.rows(from.y, to.y)
	for y := first; y <= last; y++ {
		t := (float64(y) + 0.5 - from.y*c.height) / ((to.y - from.y) * c.height)
		mix := func(a, b float64) float64 { return a + (b-a)*t }
		c.row(y, from.x*c.width, to.x*c.width,
			shade{mix(top.r, bottom.r), mix(top.g, bottom.g), mix(top.b, bottom.b), mix(top.cover, bottom.cover)})
	}
}

// polygon fills what the corners enclose, by the even-odd rule.
func (c *canvas) polygon(s shade, corners ...point) {
	top, bottom := math.Inf(1), math.Inf(-1)
	for _, p := range corners {
		top, bottom = min(top, p.y), max(bottom, p.y)
	}
	first, last := c.rows(top, bottom)
	for y := first; y <= last; y++ {
		at := (float64(y) + 0.5) / c.height
		var cuts []float64
		for i, a := range corners {
			b := corners[(i+1)%len(corners)]
			if (a.y <= at) != (b.y <= at) {
				cuts = append(cuts, (a.x+(b.x-a.x)*(at-a.y)/(b.y-a.y))*c.width)
			}
		}
		slices.Sort(cuts)
		for i := 0; i+1 < len(cuts); i += 2 {
			c.row(y, cuts[i], cuts[i+1], s)
		}
	}
}

// ellipse fills one whose half axes are fractions of the picture's height, so that equal ones make a circle.
func (c *canvas) ellipse(middle point, across, down float64, s shade) {
	first, last := c.rows(middle.y-down, middle.y+down)
	for y := first; y <= last; y++ {
		dy := ((float64(y)+0.5)/c.height - middle.y) / down
		half := across * c.height * math.Sqrt(max(0, 1-dy*dy))
		c.row(y, middle.x*c.width-half, middle.x*c.width+half, s)
	}
}

// stroke draws a straight line that is so thick, as a fraction of the picture's height.
func (c *canvas) stroke(from, to point, thick float64, s shade) {
	dx, dy := (to.x-from.x)*c.width, (to.y-from.y)*c.height
	long := math.Hypot(dx, dy)
	if long == 0 {
		return
	}
	half := max(thick*c.height, 1) / 2
	across := point{-dy / long * half / c.width, dx / long * half / c.height}
	c.polygon(s, point{from.x + across.x, from.y + across.y}, point{to.x + across.x, to.y + across.y},
		point{to.x - across.x, to.y - across.y}, point{from.x - across.x, from.y - across.y})
}

// glow is a lamp with its halo; radius is a fraction of the picture's height.
func (c *canvas) glow(middle point, radius float64, s shade) {
	for i := 12; i >= 1; i-- {
		r := radius * float64(i) / 12
		c.ellipse(middle, r, r, s.thin(0.14))
	}
	c.ellipse(middle, radius/8, radius/8, s)
}
