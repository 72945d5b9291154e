package vision

import (
	"fmt"
	"image"

	"gocv.io/x/gocv"

	"footfall/models"
)

// drawFloor draws the edge of a zone, and stripes over what it covers: the picture stays to be seen between them, and
// nothing the size of a picture is copied for a tint.
func (c *canvas) drawFloor(zone models.Zone, colour paint) {
	if len(zone.Points) < 3 {
		return
	}
	corners := make([]image.Point, len(zone.Points))
	for i, p := range zone.Points {
		corners[i] = c.at(p)
	}
	for _, s := range stripes(corners, 2*c.unit) {
		gocv.Line(c.picture, s[0], s[1], colour, 1)
	}
	for pass, pen := range []paint{inkPaint, colour} {
		for i, p := range corners {
			gocv.Line(c.picture, p, corners[(i+1)%len(corners)], pen, c.stroke+2-2*pass)
		}
	}
}

// drawInside writes a zone's name and how many are inside below its uppermost corner, clear of other labels.
func (c *canvas) drawInside(zone models.Zone, inside []models.ZoneTotal, colour paint) {
	if len(zone.Points) < 3 {
		return
	}
	text := readable(zone.ID, zone.Name)
	for _, total := range inside {
		switch {
		case total.Zone != zone.ID:
		case total.Class == models.Person:
			text = fmt.Sprintf("%s  %d inside", text, total.Inside)
		case total.Inside > 0:
			text = fmt.Sprintf("%s  %d %s", text, total.Inside, total.Class)
		}
	}
	top := c.at(zone.Points[0])
	for _, p := range zone.Points[1:] {
		if at := c.at(p); at.Y < top.Y || at.Y == top.Y && at.X < top.X {
			top = at
		}
	}
	c.label(text, image.Pt(top.X+c.unit/2, top.Y+c.unit*3/2), colour)
}
