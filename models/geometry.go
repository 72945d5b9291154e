package models

import "math"

// Point is a place on the picture, in fractions of its width and height, y down.
type Point struct {
	X, Y float64
}

// Valid reports whether p lies on the picture; NaN does not.
func (p Point) Valid() bool { return p.X >= 0 && p.X <= 1 && p.Y >= 0 && p.Y <= 1 }

// Box is an axis-aligned rectangle, in fractions of the picture: its top left corner, width and height. It may
// reach over the edge of the picture.
type Box struct {
	X, Y, W, H float64
}

// Centre is the middle of the box.
func (b Box) Centre() Point { return Point{b.X + b.W/2, b.Y + b.H/2} }

// BottomCentre is where the feet are when the camera looks from the side.
func (b Box) BottomCentre() Point { return Point{b.X + b.W/2, b.Y + b.H} }

// Area is the box's area as a fraction of the picture's; 0 for an empty or inverted box.
func (b Box) Area() float64 { return math.Max(0, b.W) * math.Max(0, b.H) }

// IoU is the area common to both boxes divided by the area that either covers, in [0,1].
func (b Box) IoU(o Box) float64 {
	w := math.Min(b.X+b.W, o.X+o.W) - math.Max(b.X, o.X)
	h := math.Min(b.Y+b.H, o.Y+o.H) - math.Max(b.Y, o.Y)
	if w <= 0 || h <= 0 {
		return 0
	}
	common := w * h
	return common / (b.Area() + o.Area() - common)
}

// Anchor says which point of a person's box crosses a line.
type Anchor string

const (
	// BottomCentre is the feet: for cameras that look from the side or down at an angle.
	BottomCentre Anchor = "bottom_centre"
	// Centre is the middle of the box: for cameras that look straight down.
	Centre Anchor = "centre"
)

// Of is the anchor's point of box b. An unknown or empty anchor is BottomCentre.
func (a Anchor) Of(b Box) Point {
	if a == Centre {
		return b.Centre()
	}
	return b.BottomCentre()
}

// Valid reports whether a is one of the known anchors.
func (a Anchor) Valid() bool { return a == BottomCentre || a == Centre }

// Aspect is the width of the picture divided by its height. Multiplying x by it turns fractions into picture
// heights, in which a distance is the same in every direction.
type Aspect float64
