package steady

import "math"

// warp is where the points of the reference are in the small picture, both measured from its middle in its pixels:
// enlarged and turned (along is the cosine less 1, across the sine, times the enlargement), then shifted. The zero
// warp leaves everything where it was.
type warp struct{ along, across, x, y float64 }

func (w warp) of(p point) point {
	return point{(1+w.along)*p.x - w.across*p.y + w.x, w.across*p.x + (1+w.along)*p.y + w.y}
}

// back is the point that w brings to p.
func (w warp) back(p point) point {
	x, y := p.x-w.x, p.y-w.y
	c, s := 1+w.along, w.across
	n := c*c + s*s
	return point{(c*x + s*y) / n, (c*y - s*x) / n}
}

// towards is the mean of w and o, of which o has the given share.
func (w warp) towards(o warp, share float64) warp {
	return warp{
		w.along + share*(o.along-w.along), w.across + share*(o.across-w.across),
		w.x + share*(o.x-w.x), w.y + share*(o.y-w.y),
	}
}

// apart is the most that any point of a picture lies apart after w and after o.
func (w warp) apart(o warp, width, height int) float64 {
	a, b := w.along-o.along, w.across-o.across
	most := 0.0
	for _, corner := range [...]point{{1, 1}, {1, -1}, {-1, 1}, {-1, -1}} {
		x, y := corner.x*float64(width)/2, corner.y*float64(height)/2
		most = math.Max(most, math.Hypot(a*x-b*y+w.x-o.x, b*x+a*y+w.y-o.y))
	}
	return most
}

// witness is one patch that was found: where it belongs, where it is, and how far it is to be believed.
type witness struct {
	home, at point
	weight   float64
	agrees   bool
}

// shift is the warp of guess, shifted so that it serves the agreeing witnesses best, by least squares.
func shift(witnesses []witness, guess warp) warp {
	var sum, x, y float64
	for i := range witnesses {
		if w := &witnesses[i]; w.agrees {
			at := guess.of(w.home)
			sum += w.weight
			x += w.weight * (w.at.x - at.x)
			y += w.weight * (w.at.y - at.y)
		}
	}
	if sum > 0 {
		guess.x += x / sum
		guess.y += y / sum
	}
	return guess
}

// fit is the warp that serves the agreeing witnesses best, by least squares. Turn and enlargement are those of guess
// where the witnesses are too few or too close together to tell.
func fit(witnesses []witness, guess warp, width float64) warp {
	var n int
	var sum, hx, hy, ax, ay float64
	for i := range witnesses {
		if w := &witnesses[i]; w.agrees {
			n++
			sum += w.weight
			hx += w.weight * w.home.x
			hy += w.weight * w.home.y
			ax += w.weight * w.at.x
			ay += w.weight * w.at.y
		}
	}
	if n == 0 {
		return guess
	}
	hx, hy, ax, ay = hx/sum, hy/sum, ax/sum, ay/sum
	var spread, along, across float64
	for i := range witnesses {
		if w := &witnesses[i]; w.agrees {
			px, py, qx, qy := w.home.x-hx, w.home.y-hy, w.at.x-ax, w.at.y-ay
			spread += w.weight * (px*px + py*py)
			along += w.weight * (px*qx + py*qy)
			across += w.weight * (px*qy - py*qx)
		}
	}
	const fewest, least = 12, 0.15 // least: how far apart witnesses must be, as a part of the picture's width
	found := guess
	if n >= fewest && spread/sum > least*least*width*width {
		found.along, found.across = along/spread-1, across/spread
	}
	found.x = ax - ((1+found.along)*hx - found.across*hy)
	found.y = ay - (found.across*hx + (1+found.along)*hy)
	return found
}
