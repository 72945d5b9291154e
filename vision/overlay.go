package vision

import (
	"image"
	"math"
	"strconv"

	"gocv.io/x/gocv"

	"footfall/models"
)

// Scene is what an annotated picture shows.
type Scene struct {
	Camera models.CameraID // with Name, what the picture is called; empty for a picture without a title
	Name   string
	Stamp  string      // the moment of the picture, as it shall be read; empty for none
	View   models.View // where on the picture all that is
	Tracks []models.Track
	Anchor models.Anchor // of the camera: the point of a person that crosses lines
	Lines  []models.Line
	Totals []models.LineTotal // so far; a line without one shows no numbers
	Zones  []models.Zone
	Inside []models.ZoneTotal // of people and other classes; a zone without any shows no numbers
}

// Draw draws a scene on a BGR picture that the caller owns: people, lines with an arrow that points to "in", their
// counts, zones with who is inside, the camera's name, the time. Sizes follow the height of the picture. A picture that
// is empty, or not BGR of 8 bits, stays as it is.
func Draw(picture *gocv.Mat, s Scene) {
	if picture.Empty() || picture.Type() != gocv.MatTypeCV8UC3 {
		return
	}
	c := newCanvas(picture)
	c.view = s.View
	for i, zone := range s.Zones { // floors lie below everything
		c.drawFloor(zone, zonePaint(i))
	}
	arrows := c.placeArrows(s.Lines)
	for i, line := range s.Lines {
		c.drawLine(line, arrows[i], linePaint(i))
	}
	for _, track := range s.Tracks {
		if !track.Ended {
			c.drawTrack(track, s.Anchor)
		}
	}
	// Texts come last: nothing is drawn over a number.
	if s.Camera != "" {
		c.label(readable(string(s.Camera), s.Name), image.Pt(c.unit/2, c.unit*3/2), paperPaint)
	}
	if s.Stamp != "" {
		c.label(s.Stamp, image.Pt(c.unit/2, c.height-c.unit/2), paperPaint)
	}
	for i, line := range s.Lines {
		c.drawCount(line, arrows[i], s.Totals, linePaint(i))
	}
	for i, zone := range s.Zones {
		c.drawInside(zone, s.Inside, zonePaint(i))
	}
}

// canvas is a picture with what is needed to draw on it in proportion.
type canvas struct {
	picture       *gocv.Mat
	view          models.View
	width, height int
	unit          int               // the height of a text line, in pixels; every other size is a part of it
	stroke        int               // the width of a stroke
	taken         []image.Rectangle // where arrows and labels are
}

func newCanvas(picture *gocv.Mat) *canvas {
	c := &canvas{picture: picture, width: picture.Cols(), height: picture.Rows()}
	// A 24th of the picture is read easily on a screen; below 15 pixels the font falls apart.
	c.unit = max(15, c.height/24)
	c.stroke = max(1, c.unit/12)
	return c
}

// at is where a point of the scene is on the picture, in pixels. Fractions far outside, or that are no numbers, end a
// picture's length outside.
func (c *canvas) at(p models.Point) image.Point {
	p = c.view.Seen(p)
	return image.Pt(pixel(p.X, c.width), pixel(p.Y, c.height))
}

func pixel(fraction float64, length int) int {
	if math.IsNaN(fraction) {
		fraction = -1
	}
	return int(math.Round(min(max(fraction, -1), 2) * float64(length)))
}

// drawTrack draws a person: the box, the anchor, and the track's number once it is confirmed. Of other things it draws
// what they are in place of the number.
func (c *canvas) drawTrack(t models.Track, anchor models.Anchor) {
	corner := c.at(models.Point{X: t.Box.X, Y: t.Box.Y})
	opposite := c.at(models.Point{X: t.Box.X + t.Box.W, Y: t.Box.Y + t.Box.H})
	box := image.Rectangle{Min: corner, Max: opposite}.Canon()
	tag := strconv.FormatUint(t.ID, 10)
	if t.Class != models.Person && t.Class != "" {
		tag = string(t.Class)
	}
	switch {
	case !t.Confirmed:
		c.corners(box, tentativePaint)
		return
	case t.Seen:
		c.rectangle(box, seenPaint)
		c.dot(c.at(anchor.Of(t.Box)), seenPaint)
		c.tag(tag, box, seenPaint)
	default:
		c.corners(box, coastingPaint)
		c.dot(c.at(anchor.Of(t.Box)), coastingPaint)
		c.tag(tag, box, coastingPaint)
	}
}

func (c *canvas) rectangle(box image.Rectangle, colour paint) {
	gocv.Rectangle(c.picture, box, inkPaint, c.stroke+2)
	gocv.Rectangle(c.picture, box, colour, c.stroke)
}

// corners draws only the corners of a box: what is not seen is drawn less.
func (c *canvas) corners(box image.Rectangle, colour paint) {
	dx, dy := max(2, box.Dx()/4), max(2, box.Dy()/8)
	for _, corner := range []struct {
		at     image.Point
		dx, dy int
	}{
		{box.Min, dx, dy},
		{image.Pt(box.Max.X, box.Min.Y), -dx, dy},
		{image.Pt(box.Min.X, box.Max.Y), dx, -dy},
		{box.Max, -dx, -dy},
	} {
		c.segment(corner.at, corner.at.Add(image.Pt(corner.dx, 0)), colour)
		c.segment(corner.at, corner.at.Add(image.Pt(0, corner.dy)), colour)
	}
}

// segment draws a straight stroke with a dark edge.
func (c *canvas) segment(from, to image.Point, colour paint) {
	gocv.Line(c.picture, from, to, inkPaint, c.stroke+2)
	gocv.Line(c.picture, from, to, colour, c.stroke)
}

func (c *canvas) dot(at image.Point, colour paint) {
	gocv.Circle(c.picture, at, 2*c.stroke+1, inkPaint, -1)
	gocv.Circle(c.picture, at, 2*c.stroke, colour, -1)
}
