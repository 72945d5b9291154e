package tracker

import "math"

const (
	// farthest is how far from the prediction a sighting may be, in squares of standard deviations: four of them (one
	// in three thousand is further away).
	farthest = 16
	// alone is the price of leaving a person without a sighting, in the same unit. Somebody lost for a while is met
	// nearer to the prediction than somebody just seen. Raise it and tracks are longer, but jump from one person to
	// another.
	alone = 15
	// apart is what a pair costs for not overlapping at all. Raise it and neighbours are told apart better where frames
	// are close together, but at low frame rates walkers are lost.
	apart = 4
	// weakOverlap is how much a weak sighting must overlap with the prediction. Raise it and tracks stick less to
	// noise, but people half hidden are lost sooner.
	weakOverlap = 0.2
	// fixtureOverlap is how much a sighting must overlap with a fixture. Raise it and a mannequin that trembles is
	// lost; lower it and people who walk by are taken for it.
	fixtureOverlap = 0.5
	// heightJump is how differently tall the boxes of one person are, as a logarithm, hidden feet included.
	heightJump = 0.2
	// slack is how far from the prediction a sighting may be at any frame rate, in box heights: a box is not a point.
	slack = 0.3
	// sprint is the usual speed of those who run, in box heights a second, beside Config.Speed. Raise it and runners
	// are found again at lower frame rates, but so are people who were never there.
	sprint = 2
	// aloneAtOnce is the price of leaving somebody who was seen once without a sighting that only a runner reaches.
	// Raise it and more who run are followed at two frames a second, but two strangers are more often taken for one.
	aloneAtOnce = 12
)

// round is who is looked for among which sightings.
type round struct {
	confirmed    bool // or not
	from, to     int  // of t.sightings
	leastOverlap float64
	price        float64 // of leaving somebody without a sighting
	running      bool    // only who was seen once, of whom no speed is known yet: they may run
}

// prospect is a person as those look for them who match: what is the same for every sighting of a frame.
type prospect struct {
	*person
	reach        float64 // how far away, across or along, they may be at all
	sx, sy       float64 // how unsure the place of the feet is, with that of a box, as variances
	sh           float64 // of the height, likewise
	vague        float64 // see cost
	leastOverlap float64
}

func (t *Tracker) prospect(p *person, in *round) prospect {
	h2 := square(p.height)
	r := t.noise.place * h2
	sx, sy := p.x.pp+r, p.foot.pp+r
	if in.running {
		further := sprint * p.height * t.now.Sub(p.lastSeen).Seconds()
		sx += square(further * t.pace.across)
		sy += square(further * t.pace.along)
	}
	leastOverlap := in.leastOverlap
	if p.fixture {
		leastOverlap = fixtureOverlap
	}
	return prospect{
		person: p, reach: (slack + t.cfg.TopSpeed*p.stride*t.now.Sub(p.lastSeen).Seconds()) * p.height,
		sx: sx, sy: sy, sh: h2 * p.logHeight.variance, vague: math.Log(sx * sy / square(t.usual*h2)),
		leastOverlap: leastOverlap,
	}
}

// cost is how badly a sighting fits a person, or +Inf. It is twice the negative logarithm of the likelihood under the
// Kalman filter, so somebody seen a moment ago has precedence over somebody lost for seconds, whose prediction says
// little; plus a share for not overlapping, which tells neighbours apart when frames are close together. The likelihood
// is measured by that of somebody seen one frame ago, however long a frame is: at two frames a second everybody is
// vague, and is no stranger for that.
//
// Across, the distance is that of the middles of the boxes; along, that of the feet or that of the heads, whichever
// is less: the feet may be hidden, and so may the head.
func (p *prospect) cost(s *sighting) float64 {
	impossible := math.Inf(1)
	across, feet, heads := s.x-p.x.at, s.foot-p.foot.at, s.top-p.top()
	if math.Abs(across) > p.reach || math.Min(math.Abs(feet), math.Abs(heads)) > p.reach || !akin(s.class, p.class) {
		return impossible
	}
	away := square(across)/p.sx + math.Min(square(feet)/p.sy, square(heads)/(p.sy+p.sh))
	if away > farthest {
		return impossible
	}
	common := p.overlap(s)
	if common < p.leastOverlap {
		return impossible
	}
	taller := (s.logHeight - p.logHeight.value) / heightJump
	return away + p.vague + square(taller) + apart*(1-common)
}

// match pairs the people of a round who are not yet seen on this frame with its sightings that are not yet taken, at
// the least total cost.
func (t *Tracker) match(in round) {
	t.rows, t.cols = t.rows[:0], t.cols[:0]
	for i := range t.people {
		if p := &t.people[i]; !p.seen && p.confirmed == in.confirmed && (!in.running || p.hits == 1) {
			t.rows = append(t.rows, i)
		}
	}
	for j := in.from; j < in.to; j++ {
		if !t.sightings[j].taken {
			t.cols = append(t.cols, j)
		}
	}
	if len(t.rows) == 0 || len(t.cols) == 0 {
		return
	}
	t.pairs.reset(len(t.rows), len(t.cols))
	for r, i := range t.rows {
		p := t.prospect(&t.people[i], &in)
		for c, j := range t.cols {
			t.pairs.set(r, c, p.cost(&t.sightings[j]))
		}
	}
	t.pairs.solve(in.price)
	for r, i := range t.rows {
		if c := t.pairs.colOf[r]; c >= 0 {
			s := &t.sightings[t.cols[c]]
			s.taken = true
			t.people[i].observe(s, t.now, t.noise)
		}
	}
}
