package vision

import (
	"image"
	"slices"
)

// stripes are the parts of diagonals, so many pixels apart, that lie inside a polygon of pixels.
func stripes(corners []image.Point, apart int) [][2]image.Point {
	// Where y - x is the same, a point is on the same diagonal.
	lowest, highest := corners[0].Y-corners[0].X, corners[0].Y-corners[0].X
	for _, p := range corners {
		lowest, highest = min(lowest, p.Y-p.X), max(highest, p.Y-p.X)
	}
	var parts [][2]image.Point
	var meets []int // the x at which a diagonal meets the edge
	for d := lowest + apart/2; d < highest; d += max(apart, 1) {
		meets = meets[:0]
		for i, b := range corners {
			a := corners[(i+len(corners)-1)%len(corners)]
			from, to := a.Y-a.X-d, b.Y-b.X-d
			if (from >= 0) != (to >= 0) {
				meets = append(meets, a.X+(b.X-a.X)*from/(from-to))
			}
		}
		slices.Sort(meets)
		for i := 0; i+1 < len(meets); i += 2 {
			parts = append(parts, [2]image.Point{{X: meets[i], Y: meets[i] + d}, {X: meets[i+1], Y: meets[i+1] + d}})
		}
	}
	return parts
}
