package crossing

import (
	"math"

	"footfall/models"
)

// polyline is a line on the picture in picture heights, where distances are the same in every direction.
//
//	   left | right          "in" is from left to right, walking from the first point to the last
//	a ------+------> b
//	        |
//
// The side of a point is that of the nearest stretch. Where a corner is nearest, both of its stretches see the point
// and may disagree; there the sum of their normals decides (the pseudo-normal of Baerentzen and Aanaes, "Signed
// distance computation using the angle weighted pseudonormal", 2005), which is always right. Beyond an end the end
// stretch goes on straight: the side is still known there, but only a path over the line itself is a crossing.
type polyline struct {
	points []models.Point
	normal []models.Point // of each stretch, of length 1, to the right
}

func newPolyline(points []models.Point, aspect float64) polyline {
	l := polyline{points: make([]models.Point, len(points)), normal: make([]models.Point, len(points)-1)}
	for i, p := range points {
		l.points[i] = models.Point{X: p.X * aspect, Y: p.Y}
	}
	for i := range l.normal {
		d := minus(l.points[i+1], l.points[i])
		n := math.Hypot(d.X, d.Y)
		l.normal[i] = models.Point{X: -d.Y / n, Y: d.X / n} // y runs down: the right of (1, 0) is (0, 1)
	}
	return l
}

// side is the signed distance of p from the line, in picture heights; positive to the right.
func (l *polyline) side(p models.Point) float64 {
	nearest, sign := math.Inf(1), 0.0
	last := len(l.normal) - 1
	for i, n := range l.normal {
		a, b := l.points[i], l.points[i+1]
		d, ap := minus(b, a), minus(p, a)
		along := dot(ap, d) / dot(d, d)
		across := dot(ap, n)
		away := math.Abs(across)
		signed := across
		switch {
		case along < 0:
			away = math.Hypot(ap.X, ap.Y)
			if i > 0 {
				signed = math.Copysign(away, dot(ap, plus(n, l.normal[i-1])))
			}
		case along > 1:
			bp := minus(p, b)
			away = math.Hypot(bp.X, bp.Y)
			if i < last {
				signed = math.Copysign(away, dot(bp, plus(n, l.normal[i+1])))
			}
		}
		if away < nearest {
			nearest, sign = away, signed
		}
	}
	return sign
}

// met is how often the straight path from p to q goes over the line: +1 for every time from left to right, -1 for
// every time back; and the part of the way, in [0,1], at which it does so last. Touching an end counts as going over.
func (l *polyline) met(p, q models.Point) (net int, part float64) {
	if p == q {
		return 0, 0
	}
	for i, n := range l.normal {
		a := l.points[i]
		from, to := dot(minus(p, a), n), dot(minus(q, a), n)
		if (from >= 0) == (to >= 0) || !l.between(i, p, q) {
			continue
		}
		if to >= 0 {
			net++
		} else {
			net--
		}
		part = math.Max(part, from/(from-to))
	}
	return net, part
}

// between reports whether the path from p to q passes between the ends of stretch i. A corner on the path belongs to
// exactly one of its stretches, so that no path slips through; a loose end on the path counts as passed.
func (l *polyline) between(i int, p, q models.Point) bool {
	a, b := cross(p, q, l.points[i]), cross(p, q, l.points[i+1])
	if (i == 0 && a == 0) || (i == len(l.normal)-1 && b == 0) {
		return true
	}
	return (a >= 0) != (b >= 0)
}

// cross is twice the signed area of the triangle p, q, r.
func cross(p, q, r models.Point) float64 { return (q.X-p.X)*(r.Y-p.Y) - (q.Y-p.Y)*(r.X-p.X) }

func minus(a, b models.Point) models.Point { return models.Point{X: a.X - b.X, Y: a.Y - b.Y} }

func plus(a, b models.Point) models.Point { return models.Point{X: a.X + b.X, Y: a.Y + b.Y} }

func dot(a, b models.Point) float64 { return a.X*b.X + a.Y*b.Y }
