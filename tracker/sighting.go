package tracker

import (
	"cmp"
	"math"
	"slices"

	"footfall/models"
)

// sighting is a detection in picture heights, with what matching needs worked out once.
type sighting struct {
	x, top, foot, width, height float64
	logHeight                   float64
	score                       float64
	class                       models.Class
	cutBelow, cutAbove          bool // the picture ends there, not the person
	taken                       bool // by a track
}

// edge is how near to the picture's edge a box must end to count as cut by it, in picture heights: the rounding of a
// detector's grid on a small picture.
const edge = 0.004

// see puts the usable detections into t.seen, the strongest first and at most MaxPeople. What is not a finite box of
// positive size somewhere on the picture is ignored. The order is total, so the order of arrival does not matter.
func (t *Tracker) see(detections []models.Detection) {
	t.seen = t.seen[:0]
	for i := range detections {
		d := &detections[i]
		if !usable(d.Box) || !(d.Score >= t.cfg.WeakScore) {
			continue
		}
		t.seen = append(t.seen, t.sightingOf(d))
		if len(t.seen) == cap(t.seen) { // far more than people: keep the best, never grow
			t.keepStrongest()
		}
	}
	t.keepStrongest()
}

func (t *Tracker) keepStrongest() {
	slices.SortFunc(t.seen, byStrength)
	t.seen = t.seen[:min(len(t.seen), t.cfg.MaxPeople)]
}

// usable refuses NaN, infinities, boxes without area, and sizes and places that only a broken detector reports.
func usable(b models.Box) bool {
	const far = 4 // pictures
	return b.W > 1e-4 && b.H > 1e-4 && b.W < far && b.H < far && b.X > -far && b.Y > -far && b.X < far && b.Y < far
}

func (t *Tracker) sightingOf(d *models.Detection) sighting {
	w, h := d.Box.W*t.aspect, d.Box.H
	return sighting{
		x: d.Box.X*t.aspect + w/2, top: d.Box.Y, foot: d.Box.Y + h, width: w, height: h,
		logHeight: math.Log(h), score: math.Min(d.Score, 1), class: d.Class,
		cutBelow: d.Box.Y+h >= 1-edge, cutAbove: d.Box.Y <= edge,
	}
}

func byStrength(a, b sighting) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.x, b.x), cmp.Compare(a.foot, b.foot),
		cmp.Compare(a.width, b.width), cmp.Compare(a.height, b.height), cmp.Compare(a.class, b.class))
}

// overlap is the common area of two boxes over what both cover, in [0,1]; all in picture heights.
func overlap(ax, atop, aw, ah, bx, btop, bw, bh float64) float64 {
	w := math.Min(ax+aw/2, bx+bw/2) - math.Max(ax-aw/2, bx-bw/2)
	h := math.Min(atop+ah, btop+bh) - math.Max(atop, btop)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (aw*ah + bw*bh - w*h)
}
