package tracker

import (
	"math"
	"time"
)

// Who is who is decided at once, by what was known then. Before a frame is settled it is asked again, by what came
// after it as well: which way from there belongs to whom. Two who met may have been taken for each other, somebody who
// came out from behind a pillar for somebody new, somebody new for who went behind it. Of every way it is known where
// and how fast it begins (a filter that runs backwards), of everybody where they are and how fast they went (the filter
// that runs forwards), and the likeliest pairs are chosen together, as in multiple hypothesis tracking (Reid, "An
// algorithm for tracking multiple targets", 1979) with the hypotheses of one moment.
const (
	// surprising is how far, in squares of standard deviations, somebody's own way must be from what was expected of
	// them for it to be asked whose it is. Raise it and it costs less time, but quiet mistakes stay.
	surprising = 3
	// ownWay is how much likelier another way must be than one's own. Raise it and fewer mistakes are mended; lower it
	// and people side by side are exchanged by chance. Like all prices here it is twice a logarithm.
	ownWay = 1
	// vanishing is the price of there being no way on: somebody is hidden, or left. Raise it and people who vanish are
	// rather taken for somebody who turns up elsewhere.
	vanishing = 8
	// appearing is the price of a way that nobody was on before, beside that of its being just there and just so fast.
	// Raise it and whoever turns up is rather taken for somebody who was hidden.
	appearing = 8
	// nearby is how far apart, in box heights, the ends of two pieces of a way may be, beside what is walked in the
	// time between them.
	nearby = 1.5
	// glimpses is how many sightings make a way.
	glimpses = 2
	// enough is how many sightings say all there is to say about the moment before them. Raise it and it costs time.
	enough = 10
)

// start is where somebody was on the last settled frame; the zero value is that of nobody.
type start struct {
	x, foot axis
	height  float64 // its logarithm
	reach   float64 // how far away, across or along, a way of theirs may begin
	own     float64 // the price of their own way

	doubtful bool // whether it is theirs
}

// way is what the frames after the last settled one say about somebody on that one.
type way struct {
	x, foot  likelihood
	height   float64 // the mean of the logarithm
	appeared float64 // the price of nobody having been on it before
	seen     int
	late     bool // it begins after the last settled frame
}

// offer is that the i-th may have gone the j-th way, and its price.
type offer struct {
	i, j  int
	price float64
}

// reconsider gives everybody the likeliest of the ways since the last settled frame.
func (t *Tracker) reconsider() {
	t.lookBack()
	t.exchange()
	if len(t.offers) == 0 {
		return
	}
	t.choose()
	t.pairs.reset(len(t.rows), len(t.cols))
	for r, i := range t.rows {
		if c := t.colAt[i]; c >= 0 {
			t.pairs.set(r, c, t.starts[i].own+above)
		}
	}
	tempted := false // somebody, by a likelier way than their own
	for _, o := range t.offers {
		t.pairs.set(t.rowAt[o.i], t.colAt[o.j], o.price+above)
		tempted = tempted || o.price < t.starts[o.i].own
	}
	if !tempted {
		return
	}
	t.pairs.solve(vanishing + above)
	for r, i := range t.rows {
		if c := t.pairs.colOf[r]; c < 0 && t.ways[i].seen >= glimpses || c >= 0 && t.cols[c] != i {
			t.rearrange()
			return
		}
	}
}

// above keeps all prices positive; as everybody has one, it changes nothing.
const above = 1000

// walks is true for those whom hindsight is about: who stands, or is hardly believed, is nobody whom others were
// taken for on their way.
func (p *person) walks(cfg *Config) bool {
	return p.confirmed && p.roamed && !p.fixture && p.belief >= cfg.NewScore
}

// lookBack works out where everybody was and which ways there are since.
func (t *Tracker) lookBack() {
	n := len(t.people)
	t.starts, t.ways = grow(t.starts, n), grow(t.ways, n)
	for i := range t.people {
		p := &t.people[i]
		t.starts[i], t.ways[i] = start{}, way{}
		if !p.walks(&t.cfg) {
			continue
		}
		if t.ways[i] = t.wayOf(p); !t.ways[i].late {
			m := &p.past.all()[0]
			lost := t.settledAt.Sub(m.lastSeen).Seconds()
			t.starts[i] = start{
				x: m.x.axis, foot: m.foot.axis, height: math.Log(m.height),
				reach: (nearby + t.cfg.Speed*lost) * m.height,
			}
		}
		s, w := &t.starts[i], &t.ways[i]
		s.own, s.doubtful = vanishing, true
		if s.reach > 0 && w.seen >= glimpses {
			price, far := s.price(w)
			s.own, s.doubtful = price-ownWay, !(far < surprising)
		}
	}
}

// exchange looks for ways of others that somebody may have gone, where either is doubtful.
func (t *Tracker) exchange() {
	t.offers = t.offers[:0]
	for i := range t.people {
		if !t.starts[i].doubtful {
			continue
		}
		for j := range t.people {
			if i == j || !akin(t.people[i].class, t.people[j].class) {
				continue
			}
			t.offer(i, j)
			if !t.starts[j].doubtful {
				t.offer(j, i)
			}
		}
	}
}

// offer notes that the i-th may have gone the j-th way, if they may.
func (t *Tracker) offer(i, j int) {
	s, w := &t.starts[i], &t.ways[j]
	across, along := math.Abs(s.x.at-w.x.at), math.Abs(s.foot.at-w.foot.at)
	if s.reach == 0 || w.seen < glimpses || across > s.reach || along > s.reach {
		return
	}
	if price, _ := s.price(w); price < vanishing {
		t.offers = append(t.offers, offer{i, j, price})
	}
}

// choose makes rows of those who were there and columns of the ways, of all whom offers are about.
func (t *Tracker) choose() {
	n := len(t.people)
	t.rowAt, t.colAt = grow(t.rowAt, n), grow(t.colAt, n)
	for i := range n {
		t.rowAt[i], t.colAt[i] = -1, -1
	}
	for _, o := range t.offers {
		for _, k := range [2]int{o.i, o.j} {
			if t.starts[k].reach > 0 {
				t.rowAt[k] = 0
			}
			if t.ways[k].seen >= glimpses {
				t.colAt[k] = 0
			}
		}
	}
	t.rows, t.cols = t.rows[:0], t.cols[:0]
	for i := range n {
		if t.rowAt[i] == 0 {
			t.rowAt[i] = len(t.rows)
			t.rows = append(t.rows, i)
		}
		if t.colAt[i] == 0 {
			t.colAt[i] = len(t.cols)
			t.cols = append(t.cols, i)
		}
	}
}

// price is that of who was at s having gone the way w, less that of nobody having been on it before. What comes to
// vanishing or more is not worked out to the end.
func (s *start) price(w *way) (price, far float64) {
	across, lessAcross := w.x.after(&s.x)
	along, lessAlong := w.foot.after(&s.foot)
	far = across + along + square((s.height-w.height)/heightJump)
	price = far - w.appeared
	if price < vanishing { // what is not there yet is above zero
		price += math.Log(lessAcross * lessAlong)
	}
	if !(price < vanishing) { // not a number is not
		return vanishing, far
	}
	return price, far
}

// wayOf goes back from now to the last settled frame.
func (t *Tracker) wayOf(p *person) (w way) {
	all := p.past.all()
	w.late = all[0].turn > t.base
	last := 0
	for k, seen := 0, 0; k < len(all) && seen < enough; k++ {
		if all[k].seen && (k > 0 || w.late) {
			seen++
			last = k
		}
	}
	var x, foot axis
	for k := last; k >= 0; k-- {
		m := &all[k]
		if w.seen > 0 {
			x.advance(m.x.step)
			foot.advance(m.foot.step)
		}
		if k == 0 && !w.late {
			break
		}
		if !m.seen {
			continue
		}
		if w.seen++; w.seen == 1 {
			usual := t.usualSpeed(p, m.height)
			x, foot = m.x.axis, m.foot.axis // where nothing was heard of an axis
			x.begin(&m.x.heard, usual.across)
			foot.begin(&m.foot.heard, usual.along)
		} else {
			x.hear(&m.x.heard)
			foot.hear(&m.foot.heard)
		}
		w.height += (m.logHeight - w.height) / float64(w.seen)
	}
	if w.seen < glimpses {
		return w
	}
	if first := &all[0]; w.late {
		usual := t.usualSpeed(p, first.height)
		m := motionOver(t.since(first.turn).Seconds(), 1, t.cfg.Steadiness.Seconds())
		x.advance(m.of(usual.across))
		foot.advance(m.of(usual.along))
	}
	usual := t.usualSpeed(p, p.height)
	w.x, w.foot = backwards(x, usual.across), backwards(foot, usual.along)
	across, lessAcross := w.x.anywhere(t.aspect, usual.across)
	along, lessAlong := w.foot.anywhere(1, usual.along)
	w.appeared = appearing + across + along + math.Log(lessAcross*lessAlong)
	return w
}

// since is the time from the last settled frame to that of a turn.
func (t *Tracker) since(turn uint64) time.Duration {
	return t.turns[int(turn+uint64(len(t.turns))-t.turn-1)].Sub(t.settledAt)
}

// begin makes a that of the first thing heard, with any usual speed.
func (a *axis) begin(e *evidence, speed float64) {
	at, variance, ok := e.measured()
	if !ok {
		at, variance = a.at, a.pp
	}
	*a = newAxis(at, variance, speed)
}

func (a *axis) hear(e *evidence) {
	if at, variance, ok := e.measured(); ok {
		a.correct(at, variance)
	}
}

// usualSpeed is the standard deviation of somebody's speed, in picture heights a second.
func (t *Tracker) usualSpeed(p *person, height float64) pace {
	speed := t.cfg.Speed * p.stride * height
	return pace{across: speed * t.pace.across, along: speed * t.pace.along}
}

// likelihood is what the frames after a moment say about place and speed at it, as a normal distribution.
type likelihood struct {
	at, speed  float64
	pp, pv, vv float64
}

// backwards is what a filter that ran backwards has found, without the usual speed that it began with, which the filter
// that runs forwards knows as well (the two-filter smoother: Fraser and Potter, "The optimum linear smoother as a
// combination of two optimum linear filters", 1969).
func backwards(a axis, usual float64) likelihood {
	const unknown = 1e-3 // of the usual precision of a speed: one sighting says nothing about it
	if a.vv == 0 {       // a fixture, whose speed is not asked for
		return likelihood{at: a.at, pp: a.pp, vv: square(usual) / unknown}
	}
	d := a.pp*a.vv - a.pv*a.pv
	// The inverse of its covariance; time ran the other way, which turns the speed round.
	pp, pv, vv := a.vv/d, a.pv/d, a.pp/d
	place, speed := pp*a.at-pv*a.speed, pv*a.at-vv*a.speed
	vv = math.Max(vv-1/square(usual), unknown/square(usual))
	const bound = 0.999 // of a correlation: what is usual has changed a little on the way
	most := math.Sqrt(bound * pp * vv)
	pv = math.Min(math.Max(pv, -most), most)
	d = pp*vv - pv*pv
	l := likelihood{pp: vv / d, pv: -pv / d, vv: pp / d}
	l.at, l.speed = l.pp*place+l.pv*speed, l.pv*place+l.vv*speed
	return l
}

// after is how far, in squares of standard deviations, a way that begins so is from where somebody was before; and by
// how much that is less sure than the way alone, as a product of variances.
func (l *likelihood) after(a *axis) (far, unsure float64) {
	pp, pv, vv := a.pp+l.pp, a.pv+l.pv, a.vv+l.vv
	at, speed := l.at-a.at, l.speed-a.speed
	d := pp*vv - pv*pv
	return (vv*at*at - 2*pv*at*speed + pp*speed*speed) / d, d / (l.pp*l.vv - l.pv*l.pv)
}

// anywhere is how far, in squares of standard deviations, a way that begins so is from beginning anywhere on a length
// with any speed that is usual; and by how much that is less sure than the way alone, as a product of variances.
func (l *likelihood) anywhere(length, usual float64) (far, unsure float64) {
	vv := l.vv + square(usual)
	return square(l.speed) / vv, square(length) * vv / (2 * math.Pi * (l.pp*l.vv - l.pv*l.pv))
}
