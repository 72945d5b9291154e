package vision

import (
	"fmt"
	"image"
	"math"

	"gocv.io/x/gocv"

	"footfall/models"
)

// drawLine draws a polyline and the arrow that points to "in".
func (c *canvas) drawLine(line models.Line, a arrow, colour paint) {
	// All dark edges come first, so that they do not cut the line at its bends.
	for pass, pen := range []paint{inkPaint, colour} {
		for i := 1; i < len(line.Points); i++ {
			gocv.Line(c.picture, c.at(line.Points[i-1]), c.at(line.Points[i]), pen, 2*c.stroke+2-2*pass)
		}
	}
	for _, p := range line.Points {
		c.dot(c.at(p), colour)
	}
	if a.placed {
		c.drawArrow(a, colour)
	}
}

// arrow stands on a line and points to "in".
type arrow struct {
	placed    bool // false for a line that has no length
	tail, tip vector
	along     vector // its direction, of length 1
}

// vector is a place or a way on the picture, in pixels.
type vector struct{ x, y float64 }

func (v vector) plus(o vector, times float64) vector { return vector{v.x + times*o.x, v.y + times*o.y} }

func (v vector) point() image.Point { return image.Pt(int(math.Round(v.x)), int(math.Round(v.y))) }

// placeArrows gives every line its arrow: on its middle, or where lines meet there, elsewhere on it.
func (c *canvas) placeArrows(lines []models.Line) []arrow {
	arrows := make([]arrow, len(lines))
	for i, line := range lines {
		for _, fraction := range []float64{0.5, 0.3, 0.7, 0.15, 0.85} {
			a := c.arrowAt(line, fraction)
			place := a.bounds(c.unit)
			if fraction == 0.5 { // what it is when no place is free
				arrows[i] = a
			}
			if a.placed && c.isFree(place) {
				arrows[i] = a
				c.taken = append(c.taken, place)
				break
			}
		}
	}
	return arrows
}

// bounds is the part of the picture that an arrow covers, with half its head's width around it.
func (a arrow) bounds(unit int) image.Rectangle {
	around := image.Pt(unit/2, unit/2)
	between := image.Rectangle{Min: a.tail.point(), Max: a.tip.point()}.Canon()
	return image.Rectangle{Min: between.Min.Sub(around), Max: between.Max.Add(around)}
}

// arrowAt puts an arrow on a line. It is perpendicular on the picture, as it is seen, and not in fractions; near an
// edge it is pushed back into the picture.
func (c *canvas) arrowAt(line models.Line, fraction float64) arrow {
	foot, way, ok := c.along(line, fraction)
	if !ok {
		return arrow{}
	}
	// To the right of somebody who walks along the line, y down.
	in := vector{-way.y, way.x}
	length := 2.5 * float64(c.unit)
	margin := float64(c.unit) / 2
	for shift := 0.0; shift < length; shift += length / 8 {
		tip := foot.plus(in, length-shift)
		if tip.x >= margin && tip.y >= margin && tip.x <= float64(c.width)-margin && tip.y <= float64(c.height)-margin {
			return arrow{placed: true, tail: foot.plus(in, -shift), tip: tip, along: in}
		}
	}
	return arrow{placed: true, tail: foot.plus(in, -length), tip: foot, along: in}
}

// along is the point at a fraction of a polyline's length, and the way it goes there.
func (c *canvas) along(line models.Line, fraction float64) (vector, vector, bool) {
	points := make([]vector, len(line.Points))
	total := 0.0
	for i, p := range line.Points {
		at := c.at(p)
		points[i] = vector{float64(at.X), float64(at.Y)}
		if i > 0 {
			total += math.Hypot(points[i].x-points[i-1].x, points[i].y-points[i-1].y)
		}
	}
	left := total * fraction
	for i := 1; i < len(points); i++ {
		dx, dy := points[i].x-points[i-1].x, points[i].y-points[i-1].y
		length := math.Hypot(dx, dy)
		if length > 0 && length >= left {
			way := vector{dx / length, dy / length}
			return points[i-1].plus(way, left), way, true
		}
		left -= length
	}
	return vector{}, vector{}, false
}

// drawArrow draws the shaft, then a filled head: OpenCV's own arrow is too thin to be seen on a busy picture.
func (c *canvas) drawArrow(a arrow, colour paint) {
	head := 0.9 * float64(c.unit)
	neck := a.tip.plus(a.along, -head)
	c.thick(a.tail.point(), neck.point(), colour)
	side := vector{-a.along.y, a.along.x}
	c.triangle(a.tip.plus(a.along, 2), neck.plus(a.along, -2).plus(side, head*0.6+3),
		neck.plus(a.along, -2).plus(side, -head*0.6-3), inkPaint)
	c.triangle(a.tip, neck.plus(side, head*0.6), neck.plus(side, -head*0.6), colour)
}

func (c *canvas) thick(from, to image.Point, colour paint) {
	gocv.Line(c.picture, from, to, inkPaint, 2*c.stroke+3)
	gocv.Line(c.picture, from, to, colour, 2*c.stroke+1)
}

func (c *canvas) triangle(p, q, r vector, colour paint) {
	fillPolygon(c.picture, []image.Point{p.point(), q.point(), r.point()}, colour)
}

// drawCount writes a line's name and numbers on the side that its arrow comes from, clear of other labels.
func (c *canvas) drawCount(line models.Line, a arrow, totals []models.LineTotal, colour paint) {
	if !a.placed {
		return
	}
	text := readable(line.ID, line.Name)
	for _, total := range totals {
		if total.Line == line.ID {
			text = fmt.Sprintf("%s  in %d  out %d", text, total.In, total.Out)
		}
	}
	size := c.measure(text)
	// Far enough from the line for the label's box to clear it, whatever the direction.
	reach := math.Abs(a.along.x)*float64(size.X)/2 + math.Abs(a.along.y)*float64(size.Y)/2 + float64(c.unit)/2
	middle := a.tail.plus(a.along, -reach-float64(c.unit)/4).point()
	c.label(text, image.Pt(middle.X-size.X/2, middle.Y+size.Y/2), colour)
}

// readable is the name, or the id when the font, which knows ASCII only, cannot write the name.
func readable(id, name string) string {
	if name == "" {
		return id
	}
	for _, r := range name {
		if r < ' ' || r > '~' {
			return id
		}
	}
	return name
}
