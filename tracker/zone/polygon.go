package zone

import (
	"math"

	"footfall/models"
)

// polygon is a zone on the picture in picture heights, where distances are the same in every direction.
type polygon struct {
	corners []models.Point
	// roomy is the greatest margin that leaves room inside: area / circumference, which is half the way from the edge
	// to the middle of a square or a circle, and never more than the way to the innermost point of any shape.
	roomy float64
}

func newPolygon(points []models.Point, aspect float64) polygon {
	p := polygon{corners: make([]models.Point, len(points))}
	for i, c := range points {
		p.corners[i] = models.Point{X: c.X * aspect, Y: c.Y}
	}
	area, around := 0.0, 0.0
	for i, b := range p.corners {
		a := p.before(i)
		area += a.X*b.Y - b.X*a.Y
		around += math.Hypot(b.X-a.X, b.Y-a.Y)
	}
	p.roomy = math.Abs(area) / 2 / around
	return p
}

// before is the corner before corner i: the edge between them ends at i.
func (p *polygon) before(i int) models.Point {
	return p.corners[(i+len(p.corners)-1)%len(p.corners)]
}

// depth is how far q is from the edge, in picture heights: positive inside, negative outside.
//
// Inside is where a ray to the right meets the edge an odd number of times. An edge owns its upper end and not its
// lower one, so that a ray through a corner meets one of the two edges there, or both or none where it only touches.
func (p *polygon) depth(q models.Point) float64 {
	nearest, inside := math.Inf(1), false
	a := p.corners[len(p.corners)-1]
	for _, b := range p.corners {
		if (a.Y > q.Y) != (b.Y > q.Y) && q.X < a.X+(q.Y-a.Y)/(b.Y-a.Y)*(b.X-a.X) {
			inside = !inside
		}
		nearest = min(nearest, away2(q, a, b))
		a = b
	}
	if inside {
		return math.Sqrt(nearest)
	}
	return -math.Sqrt(nearest)
}

// away2 is the square of the distance of q from the stretch between a and b.
func away2(q, a, b models.Point) float64 {
	dx, dy := b.X-a.X, b.Y-a.Y
	x, y := q.X-a.X, q.Y-a.Y
	if along := x*dx + y*dy; along > 0 {
		length := dx*dx + dy*dy // not 0, or along would be
		along = min(1, along/length)
		x, y = x-along*dx, y-along*dy
	}
	return x*x + y*y
}

// met is the part of the straight way from q to r, in [0,1], at which it meets the edge last, if it does.
func (p *polygon) met(q, r models.Point) (part float64, ok bool) {
	a := p.corners[len(p.corners)-1]
	for _, b := range p.corners {
		from, to := cross(a, b, q), cross(a, b, r)
		if (from >= 0) != (to >= 0) && (cross(q, r, a) >= 0) != (cross(q, r, b) >= 0) {
			part, ok = math.Max(part, from/(from-to)), true
		}
		a = b
	}
	return part, ok
}

// cross is twice the signed area of the triangle p, q, r.
func cross(p, q, r models.Point) float64 { return (q.X-p.X)*(r.Y-p.Y) - (q.Y-p.Y)*(r.X-p.X) }
