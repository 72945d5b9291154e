package tracker

import (
	"cmp"
	"math"
	"slices"

	"footfall/models"
)

// sighting is a detection in picture heights, with what matching needs worked out once.
type sighting struct {
	x, top, foot, width, height float64 // x is the middle
	logHeight                   float64
	score                       float64
	class                       models.Class
	cutAbove, cutBelow          bool // the picture ends there, not the person
	taken                       bool // by a track, on this frame
}

// edge is how near to the picture's edge a box must end to count as cut by it, in picture heights: the rounding of a
// detector's grid.
const edge = 0.004

// look makes t.sightings of the usable detections, the strongest first and at most MaxPeople. The order is total, so
// that the order of arrival does not matter.
func (t *Tracker) look(detections []models.Detection) {
	t.sightings = t.sightings[:0]
	for i := range detections {
		d := &detections[i]
		if !isPlausible(d.Box) || !(d.Score >= t.cfg.WeakScore) {
			continue
		}
		t.sightings = append(t.sightings, t.sightingOf(d))
		if len(t.sightings) >= 4*t.cfg.MaxPeople { // no crowd, but a broken detector
			t.keepStrongest()
		}
	}
	t.keepStrongest()
	t.dropHalves()
}

func (t *Tracker) keepStrongest() {
	slices.SortFunc(t.sightings, byStrength)
	t.sightings = t.sightings[:min(len(t.sightings), t.cfg.MaxPeople)]
}

// dropHalves drops every sighting that is the upper half of a stronger one: detectors draw a second box around head and
// shoulders, which overlaps too little with the first one to be suppressed. Followed, it would be a second person who
// crosses every line with the first. Nobody behind somebody else looks like that: what is to be seen of them is beside
// or above, not within.
func (t *Tracker) dropHalves() {
	whole := 0
	for i := range t.sightings {
		s, isHalf := &t.sightings[i], false
		for j := 0; j < whole && !isHalf; j++ {
			isHalf = s.isHalfOf(&t.sightings[j])
		}
		if !isHalf {
			t.sightings[whole] = *s
			whole++
		}
	}
	t.sightings = t.sightings[:whole]
}

const (
	// half is how tall the upper half of somebody is at most, as a part of the whole.
	half = 0.65
	// sameHead is how far apart the upper edges of one head are, in box heights.
	sameHead = 0.1
	// inside is how much of the width of the half is within the whole.
	inside = 0.9
)

func (s *sighting) isHalfOf(w *sighting) bool {
	if s.height >= half*w.height || math.Abs(s.top-w.top) >= sameHead*w.height || s.class != w.class {
		return false
	}
	common := math.Min(s.x+s.width/2, w.x+w.width/2) - math.Max(s.x-s.width/2, w.x-w.width/2)
	return common > inside*s.width
}

// isPlausible refuses NaN, infinities, boxes without area, and sizes and places that only a broken detector reports.
func isPlausible(b models.Box) bool {
	const (
		least = 1e-4 // less than a pixel of any camera
		far   = 4    // pictures away
	)
	return b.W > least && b.H > least && b.W < far && b.H < far && b.X > -far && b.Y > -far && b.X < far && b.Y < far
}

func (t *Tracker) sightingOf(d *models.Detection) sighting {
	w, h := d.Box.W*t.aspect, d.Box.H
	return sighting{
		x: d.Box.X*t.aspect + w/2, top: d.Box.Y, foot: d.Box.Y + h, width: w, height: h,
		logHeight: math.Log(h), score: math.Min(d.Score, 1), class: d.Class,
		cutAbove: d.Box.Y <= edge, cutBelow: d.Box.Y+h >= 1-edge,
	}
}

func byStrength(a, b sighting) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.x, b.x), cmp.Compare(a.foot, b.foot),
		cmp.Compare(a.width, b.width), cmp.Compare(a.height, b.height), cmp.Compare(a.class, b.class))
}

// overlap is the area common to two boxes over the area that either covers, in [0,1]. A box is its middle, top, width
// and height.
func overlap(ax, atop, aw, ah, bx, btop, bw, bh float64) float64 {
	w := math.Min(ax+aw/2, bx+bw/2) - math.Max(ax-aw/2, bx-bw/2)
	h := math.Min(atop+ah, btop+bh) - math.Max(atop, btop)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (aw*ah + bw*bh - w*h)
}
