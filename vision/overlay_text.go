package vision

import (
	"image"
	"math"

	"gocv.io/x/gocv"
)

// The font: of those that OpenCV brings along, the one that is read best when small.
const (
	font         = gocv.FontHersheySimplex
	fontCapitals = 21.0 // the height of its capitals at scale 1, in pixels
)

// textScale makes capitals half as high as a line of text.
func (c *canvas) textScale() float64 { return float64(c.unit) * 0.5 / fontCapitals }

// penWidth is that of a letter's stroke.
func (c *canvas) penWidth() int { return max(1, int(math.Round(float64(c.unit)/16))) }

// measure is the size of a label with this text, its margin included.
func (c *canvas) measure(text string) image.Point {
	size := gocv.GetTextSize(text, font, c.textScale(), c.penWidth())
	return image.Pt(size.X+c.unit*2/3, c.unit)
}

// label writes text on a dark plate whose lower left corner is at a place, moved into the picture and clear of the
// labels before it.
func (c *canvas) label(text string, at image.Point, colour paint) {
	size := c.measure(text)
	plate := image.Rect(0, 0, size.X, size.Y).Add(image.Pt(at.X, at.Y-size.Y))
	plate = c.clear(c.inside(plate))
	c.taken = append(c.taken, plate)
	gocv.Rectangle(c.picture, plate, inkPaint, -1)
	gocv.Rectangle(c.picture, plate, colour, max(1, c.stroke/2))
	c.write(text, plate, colour)
}

// tag writes a track's number on a plate of its colour, above its box or, at the upper edge, inside.
func (c *canvas) tag(text string, box image.Rectangle, colour paint) {
	small := *c
	small.unit = max(13, c.unit*3/4)
	size := small.measure(text)
	plate := image.Rect(0, 0, size.X, size.Y).Add(image.Pt(box.Min.X, box.Min.Y-size.Y))
	if plate.Min.Y < 0 {
		plate = plate.Add(image.Pt(0, size.Y))
	}
	gocv.Rectangle(c.picture, plate, colour, -1)
	small.write(text, plate, inkPaint)
}

// write puts text into the middle of a plate.
func (c *canvas) write(text string, plate image.Rectangle, colour paint) {
	size := gocv.GetTextSize(text, font, c.textScale(), c.penWidth())
	origin := image.Pt(plate.Min.X+(plate.Dx()-size.X)/2, plate.Min.Y+(plate.Dy()+size.Y)/2)
	gocv.PutTextWithParams(c.picture, text, origin, font, c.textScale(), colour, c.penWidth(), gocv.LineAA, false)
}

// inside moves a plate into the picture; one that is too wide begins at the left edge.
func (c *canvas) inside(plate image.Rectangle) image.Rectangle {
	dx := min(0, c.width-1-plate.Max.X)
	dy := min(0, c.height-1-plate.Max.Y)
	plate = plate.Add(image.Pt(dx, dy))
	return plate.Add(image.Pt(max(0, -plate.Min.X), max(0, -plate.Min.Y)))
}

// clear moves a plate up or down, whichever is nearer, until it covers no other. When the picture is full of labels, it
// stays where it is.
func (c *canvas) clear(plate image.Rectangle) image.Rectangle {
	const tries = 12
	for i := range tries {
		step := (i + 1) / 2 * plate.Dy()
		if i%2 == 1 {
			step = -step
		}
		moved := plate.Add(image.Pt(0, step))
		if c.isFree(moved) {
			return moved
		}
	}
	return plate
}

func (c *canvas) isFree(plate image.Rectangle) bool {
	if plate.Min.Y < 0 || plate.Max.Y >= c.height {
		return false
	}
	for _, other := range c.taken {
		if plate.Overlaps(other) {
			return false
		}
	}
	return true
}
