package steady

import "math"

const (
	reach    = 6           // of a patch from its middle, in pixels of the small picture
	side     = 2*reach + 1 // of a patch
	area     = side * side
	texture  = 2.0  // mean squared slope, in grey levels a pixel, that a patch needs in every direction
	alike    = 0.75 // correlation from which on a patch is found
	nearby   = 3.0  // how far a patch is looked for, in pixels; farther away it would find something else
	rounds   = 6    // most steps of the search
	settled  = 0.03 // a step of fewer pixels is the last
	contrast = 3.0  // standard deviation in grey levels below which a place shows nothing
)

// patch is a small piece of picture that can be found again, wherever light and contrast have gone: Lucas and Kanade's
// method in the inverse form (Baker and Matthews, "Lucas-Kanade 20 Years On", 2004), for a shift, with gain and offset
// of the brightness left free. All that depends on the patch alone is worked out once.
type patch struct {
	home           point // in the reference, from its middle
	grey           [area]float32
	slopeX, slopeY [area]float32 // less their means, so that an offset of the brightness falls out
	norm           float32       // of grey, which has a mean of 0
	ownX, ownY     float32       // slopes times grey
	xx, xy, yy     float32       // the inverse of the matrix of the slopes
}

type point struct{ x, y float64 }

// cut makes p the piece of s around the pixel at (x, y), or reports that nothing there can be told apart.
func (p *patch) cut(s *picture, x, y int) bool {
	if x < reach+1 || y < reach+1 || x >= s.width-reach-1 || y >= s.height-reach-1 {
		return false
	}
	var sum, sumX, sumY float32
	i := 0
	for dy := -reach; dy <= reach; dy++ {
		middle := (y+dy)*s.width + x - reach
		for dx := range side {
			at := middle + dx
			p.grey[i] = s.grey[at]
			p.slopeX[i] = (s.grey[at+1] - s.grey[at-1]) / 2
			p.slopeY[i] = (s.grey[at+s.width] - s.grey[at-s.width]) / 2
			sum += p.grey[i]
			sumX += p.slopeX[i]
			sumY += p.slopeY[i]
			i++
		}
	}
	var xx, xy, yy, square float32
	p.ownX, p.ownY = 0, 0
	for i := range p.grey {
		p.grey[i] -= sum / area
		p.slopeX[i] -= sumX / area
		p.slopeY[i] -= sumY / area
		xx += p.slopeX[i] * p.slopeX[i]
		xy += p.slopeX[i] * p.slopeY[i]
		yy += p.slopeY[i] * p.slopeY[i]
		square += p.grey[i] * p.grey[i]
		p.ownX += p.slopeX[i] * p.grey[i]
		p.ownY += p.slopeY[i] * p.grey[i]
	}
	if weakest(xx, xy, yy) < texture*area {
		return false
	}
	p.norm = float32(math.Sqrt(float64(square)))
	determinant := xx*yy - xy*xy
	p.xx, p.xy, p.yy = yy/determinant, -xy/determinant, xx/determinant
	return true
}

// weakest is the smaller eigenvalue of a symmetric matrix: how well a place is told apart along the direction in which
// it is told apart worst (Shi and Tomasi, "Good Features to Track", 1994).
func weakest(xx, xy, yy float32) float32 {
	half, difference := (xx+yy)/2, float64(xx-yy)/2
	return half - float32(math.Sqrt(difference*difference+float64(xy)*float64(xy)))
}

// find looks for p in s, beginning at a place. It says where p is and how alike it is there, from -1 to 1, and how
// alike it was at the beginning; alike is -1 where p left the picture, or went too far.
func (p *patch) find(s *picture, from point) (at point, found, began float32) {
	at, began = from, -1
	for round := range rounds {
		likeness, stepX, stepY, ok := p.compare(s, at)
		if !ok {
			return at, -1, began
		}
		if round == 0 {
			began = likeness
		}
		found = likeness
		if stepX*stepX+stepY*stepY < settled*settled {
			return at, found, began
		}
		at.x -= float64(stepX)
		at.y -= float64(stepY)
		if dx, dy := at.x-from.x, at.y-from.y; dx*dx+dy*dy > nearby*nearby {
			return at, -1, began
		}
	}
	return at, found, began
}

// compare is how alike p is to what s shows at a place, and the step that would make it more so.
func (p *patch) compare(s *picture, at point) (likeness, stepX, stepY float32, ok bool) {
	left, top := math.Floor(at.x), math.Floor(at.y)
	x, y := int(left)-reach, int(top)-reach
	if x < 0 || y < 0 || x+side >= s.width || y+side >= s.height {
		return 0, 0, 0, false
	}
	fx, fy := float32(at.x-left), float32(at.y-top)
	w00, w01, w10, w11 := (1-fx)*(1-fy), fx*(1-fy), (1-fx)*fy, fx*fy
	var sum, squares, both, byX, byY float32
	for row := range side {
		upper := s.grey[(y+row)*s.width+x:][: side+1 : side+1]
		lower := s.grey[(y+row+1)*s.width+x:][: side+1 : side+1]
		grey := p.grey[row*side:][:side:side]
		slopeX := p.slopeX[row*side:][:side:side]
		slopeY := p.slopeY[row*side:][:side:side]
		a, b := upper[0], lower[0]
		for i := range grey {
			c, d := upper[i+1], lower[i+1]
			v := w00*a + w01*c + w10*b + w11*d
			a, b = c, d
			sum += v
			squares += v * v
			both += v * grey[i]
			byX += v * slopeX[i]
			byY += v * slopeY[i]
		}
	}
	spread := squares - sum*sum/area
	if spread < contrast*contrast*area {
		return 0, 0, 0, true
	}
	norm := float32(math.Sqrt(float64(spread)))
	gain := p.norm / norm
	errorX, errorY := gain*byX-p.ownX, gain*byY-p.ownY
	return both / (norm * p.norm), p.xx*errorX + p.xy*errorY, p.xy*errorX + p.yy*errorY, true
}
