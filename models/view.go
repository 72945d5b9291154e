package models

import "math"

// View is how a camera looks now, compared with its reference: the picture on which its lines were drawn. What was at
// a point of the reference is seen at Seen of it now; what is seen at a point now belongs to Home of it. Both are
// fractions of the picture. The zero View is a camera that has not stirred.
//
// It is a similarity about the middle of the picture: enlarged and turned, then shifted.
type View struct {
	// Aspect is the picture's width divided by its height. 0: the view is the zero View.
	Aspect float64
	// X and Y are the shift of what is seen, in picture heights, to the right and down.
	X, Y float64
	// Along and Across are the cosine less 1 and the sine of the turn (clockwise on the picture), both multiplied by
	// the enlargement.
	Along, Across float64
	// Moved: the camera has been turned or shifted so far that its lines mean nothing. Nothing is made good then.
	Moved bool
}

// IsHome reports whether there is nothing to make good.
func (v View) IsHome() bool { return v.Aspect == 0 }

// Seen is where a point of the reference is seen.
func (v View) Seen(p Point) Point {
	if v.IsHome() {
		return p
	}
	x, y := (p.X-0.5)*v.Aspect, p.Y-0.5
	return Point{
		X: ((1+v.Along)*x-v.Across*y+v.X)/v.Aspect + 0.5,
		Y: v.Across*x + (1+v.Along)*y + v.Y + 0.5,
	}
}

// Home is where in the reference a point of the picture is.
func (v View) Home(p Point) Point {
	if v.IsHome() {
		return p
	}
	x, y := (p.X-0.5)*v.Aspect-v.X, p.Y-0.5-v.Y
	c, s := 1+v.Along, v.Across
	n := c*c + s*s
	return Point{X: (c*x+s*y)/n/v.Aspect + 0.5, Y: (c*y-s*x)/n + 0.5}
}

// HomeBox is where in the reference a box of the picture is; it stays upright.
func (v View) HomeBox(b Box) Box {
	if v.IsHome() {
		return b
	}
	size := 1 / math.Hypot(1+v.Along, v.Across)
	middle := v.Home(b.Centre())
	w, h := b.W*size, b.H*size
	return Box{X: middle.X - w/2, Y: middle.Y - h/2, W: w, H: h}
}

// SeenBox is where a box of the reference is seen; it stays upright.
func (v View) SeenBox(b Box) Box {
	if v.IsHome() {
		return b
	}
	size := math.Hypot(1+v.Along, v.Across)
	middle := v.Seen(b.Centre())
	w, h := b.W*size, b.H*size
	return Box{X: middle.X - w/2, Y: middle.Y - h/2, W: w, H: h}
}
