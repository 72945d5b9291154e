package tracker

import "math"

const (
	// gate is how far from its prediction a detection may be, as the square of standard deviations in two dimensions:
	// one in three thousand is further away.
	gate = 16
	// alone is the price of leaving a track without a detection. A pair costs less than that or is not made.
	alone = 30
	// apart is what a pair costs for not overlapping at all.
	apart = 4
	// shapeNoise is how differently tall the boxes of one person may be from frame to frame, as logarithm, hidden feet
	// included.
	shapeNoise = 0.3
	// slack is how far from its prediction a detection may be at any frame rate, in box heights.
	slack = 0.6
)

// cost is how badly a sighting fits a person, or +Inf. It is the negative logarithm of the likelihood under the
// Kalman filter, so somebody seen a moment ago has precedence over somebody lost for seconds whose prediction says
// little, plus a share for not overlapping, which tells neighbours apart when frames are close together.
func (t *Tracker) cost(p *person, s *sighting) float64 {
	h := p.height
	dx := s.x - p.x.at
	foot := s.foot - p.foot.at
	head := s.top - p.top()
	reach := (slack + t.cfg.TopSpeed*t.now.Sub(p.lastSeen).Seconds()) * h
	dy := math.Min(math.Abs(foot), math.Abs(head))
	if math.Abs(dx) > reach || dy > reach || s.class != p.class {
		return math.Inf(1)
	}
	r := square(t.cfg.BoxNoise * h)
	sx, sy := p.x.pp+r, p.foot.pp+r
	tall := s.logHeight - p.logHeight.value
	away := dx*dx/sx + math.Min(foot*foot/sy, head*head/(sy+h*h*p.logHeight.variance))
	if away > gate || math.Abs(tall) > 1 {
		return math.Inf(1)
	}
	iou := overlap(p.x.at, p.top(), p.width(), h, s.x, s.top, s.width, s.height)
	return away + tall*tall/(shapeNoise*shapeNoise) + math.Log(sx*sy/(r*r)) + apart*(1-iou)
}

// match pairs the people for whom who holds and that were not seen yet on this frame with the free sightings from
// t.seen[lo:hi], at the least total cost.
func (t *Tracker) match(lo, hi int, limit float64, who func(*person) bool) {
	t.rows, t.cols = t.rows[:0], t.cols[:0]
	for i := range t.people {
		if !t.people[i].seen && who(&t.people[i]) {
			t.rows = append(t.rows, i)
		}
	}
	for j := lo; j < hi; j++ {
		if !t.seen[j].taken {
			t.cols = append(t.cols, j)
		}
	}
	if len(t.rows) == 0 || len(t.cols) == 0 {
		return
	}
	t.pairs.reset(len(t.rows), len(t.cols))
	for r, i := range t.rows {
		for c, j := range t.cols {
			if v := t.cost(&t.people[i], &t.seen[j]); v < limit {
				t.pairs.set(r, c, v)
			}
		}
	}
	t.pairs.solve(limit)
	for r, i := range t.rows {
		if c := t.pairs.colOf[r]; c >= 0 {
			s := &t.seen[t.cols[c]]
			s.taken = true
			t.people[i].observe(s, t.now, &t.cfg)
		}
	}
}
