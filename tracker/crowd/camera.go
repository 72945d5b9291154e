package crowd

import (
	"math"

	"footfall/models"
)

// Camera is a pinhole over the origin of the floor, looking along z and down.
type Camera struct {
	Aspect float64 // width / height of the picture
	Height float64 // over the floor, in metres
	Down   float64 // by how many degrees it looks down
	Focal  float64 // focal length in picture heights: 0.8 sees 64 degrees from top to bottom
}

// Ceiling is the camera of a shop: under the ceiling, wide.
func Ceiling() Camera { return Camera{Aspect: 16.0 / 9, Height: 4, Down: 38, Focal: 0.8} }

// Mast is the camera of a hall or a square: higher up.
func Mast() Camera { return Camera{Aspect: 16.0 / 9, Height: 7, Down: 40, Focal: 0.9} }

// view is a camera with its angles worked out.
type view struct {
	Camera
	sin, cos float64
}

func (c Camera) view() view {
	sin, cos := math.Sincos(c.Down * math.Pi / 180)
	return view{c, sin, cos}
}

// project is where a point over the floor is on the picture, in picture heights, and how far along the line of sight.
func (v *view) project(p Point, above float64) (x, y, depth float64) {
	over := above - v.Height
	depth = p.Z*v.cos - over*v.sin
	depth = math.Max(depth, nearest)
	up := over*v.cos + p.Z*v.sin
	return v.Aspect/2 + v.Focal*p.X/depth, 0.5 - v.Focal*up/depth, depth
}

// nearest is where the lens is; nobody is in it.
const nearest = 0.3

// line is the picture of a line on the floor.
func (v *view) line(l FloorLine) models.Line {
	out := models.Line{ID: l.ID}
	for _, p := range l.Points {
		x, y, _ := v.project(p, 0)
		out.Points = append(out.Points, models.Point{X: round(x/v.Aspect, 1e-4), Y: round(y, 1e-4)})
	}
	return out
}

// round is x to a multiple of unit, so that no processor's last bit gets through.
func round(x, unit float64) float64 { return math.Round(x/unit) * unit }
