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
	// surprising is how far, in squares of standard deviations, somebody must have been from where they were expected
	// for it to be asked again. Raise it and it costs less time, but quiet mistakes stay.
	surprising = 4
	// ownWay is how much likelier another way must be than one's own. Raise it and fewer mistakes are mended; lower it
	// and people side by side are exchanged by chance. Like all prices here it is twice a logarithm.
	ownWay = 1
	// vanishing is the price of there being no way on: somebody is hidden, or left. Raise it and people who vanish are
	// rather taken for somebody who turns up elsewhere.
	vanishing = 6
	// appearing is the price of a way that nobody was on before, beside that of its being just there and just so fast.
	// Raise it and whoever turns up is rather taken for somebody who was hidden.
	appearing = 8
	// nearby is how far apart, in box heights, the ends of two pieces of a way may be, beside what is walked in the
	// time between them.
	nearby = 1.5
	// glimpses is how many sightings make a way.
	glimpses = 2
)

// start is where somebody was on the last settled frame; the zero value is that of nobody.
type start struct {
	x, foot *axis
	height  float64 // its logarithm
	reach   float64 // how far away, across or along, a way of theirs may begin
}

// way is what the frames after the last settled one say about somebody on that one.
type way struct {
	x, foot  likelihood
	height   float64 // the mean of the logarithm
	appeared float64 // the price of nobody having been on it before
	seen     int
	late     bool // it begins after the last settled frame
}

// reconsider gives everybody the likeliest of the ways since the last settled frame.
func (t *Tracker) reconsider() {
	if !t.doubtful() {
		return
	}
	t.lookBack()
	if len(t.rows) == 0 || len(t.cols) == 0 {
		return
	}
	t.pairs.reset(len(t.rows), len(t.cols))
	content := true // everybody's own way is the likeliest for them
	for r, i := range t.rows {
		own := float64(vanishing)
		if t.isCol[i] {
			own = t.price(i, i)
		}
		for c, j := range t.cols {
			if price := t.price(i, j); price < math.Inf(1) {
				t.pairs.set(r, c, price+above)
				content = content && price >= own
			}
		}
	}
	if content {
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

// doubtful notes of whom it is to be asked again whether their way is theirs: it began since the last settled frame, or
// went on from there where they were not expected. False if of nobody.
func (t *Tracker) doubtful() (any bool) {
	t.doubts = grow(t.doubts, len(t.people))
	for i := range t.people {
		p := &t.people[i]
		t.doubts[i] = false
		if !p.walks(&t.cfg) {
			continue
		}
		all := p.past.all()
		if all[0].turn > t.base {
			t.doubts[i], any = true, true
			continue
		}
		for k := 1; k < len(all); k++ {
			if all[k].seen {
				t.doubts[i] = all[k].surprise > surprising
				any = any || t.doubts[i]
				break
			}
		}
	}
	return any
}

// walks is true for those whom hindsight is about: who stands, or is hardly believed, is nobody whom others were
// taken for on their way.
func (p *person) walks(cfg *Config) bool {
	return p.confirmed && p.roamed && !p.fixture && p.belief >= cfg.NewScore
}

// lookBack works out where everybody was and which ways there are since, and chooses whom to ask about.
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
				x: &m.x.axis, foot: &m.foot.axis, height: math.Log(m.height),
				reach: (nearby + t.cfg.Speed*lost) * m.height,
			}
		}
	}
	t.choose()
}

// choose makes rows and columns of those who are doubtful, and of those with whom they may have been confused.
func (t *Tracker) choose() {
	n := len(t.people)
	t.isRow, t.isCol = grow(t.isRow, n), grow(t.isCol, n)
	clear(t.isRow)
	clear(t.isCol)
	for i, doubtful := range t.doubts {
		if !doubtful {
			continue
		}
		for j := range t.people {
			if i != j && (t.price(i, j) < vanishing || t.price(j, i) < vanishing) {
				for _, k := range [2]int{i, j} {
					t.isRow[k], t.isCol[k] = t.starts[k].reach > 0, t.ways[k].seen >= glimpses
				}
			}
		}
	}
	t.rows, t.cols = t.rows[:0], t.cols[:0]
	for i := range t.people {
		if t.isRow[i] {
			t.rows = append(t.rows, i)
		}
		if t.isCol[i] {
			t.cols = append(t.cols, i)
		}
	}
}

// mayBe reports whether the i-th may have gone the j-th way at all.
func (t *Tracker) mayBe(i, j int) bool {
	s, w := &t.starts[i], &t.ways[j]
	return w.seen >= glimpses && s.reach > 0 && akin(t.people[i].class, t.people[j].class) &&
		math.Abs(s.x.at-w.x.at) <= s.reach && math.Abs(s.foot.at-w.foot.at) <= s.reach
}

// price is that of the i-th having gone the j-th way, less that of nobody having been on it before. +Inf is what is
// never worth it.
func (t *Tracker) price(i, j int) float64 {
	impossible := math.Inf(1)
	if i != j && !t.mayBe(i, j) {
		return impossible
	}
	s, w := &t.starts[i], &t.ways[j]
	far, unsure := w.x.after(s.x)
	price := far + square((s.height-w.height)/heightJump) - w.appeared
	if i != j && price >= vanishing { // what is not there yet is above zero
		return impossible
	}
	far, less := w.foot.after(s.foot)
	price += far + math.Log(unsure*less)
	switch worthIt := price < vanishing; { // not a number is not
	case i != j && !worthIt:
		return impossible
	case i == j && !worthIt:
		return vanishing - ownWay
	case i == j:
		return price - ownWay
	}
	return price
}

// wayOf goes back from now to the last settled frame.
func (t *Tracker) wayOf(p *person) (w way) {
	all := p.past.all()
	w.late = all[0].turn > t.base
	var x, foot axis
	for k := len(all) - 1; k >= 0; k-- {
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
	w.appeared = appearing + w.x.anywhere(t.aspect, usual.across) + w.foot.anywhere(1, usual.along)
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
	d := a.pp*a.vv - a.pv*a.pv
	// The inverse of its covariance; time ran the other way, which turns the speed round.
	pp, pv, vv := a.vv/d, a.pv/d, a.pp/d
	place, speed := pp*a.at-pv*a.speed, pv*a.at-vv*a.speed
	const unknown = 1e-3 // of the usual precision of a speed: one sighting says nothing about it
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

// anywhere is the price of a way that begins so when nobody was there before: its place may be any on a length, its
// speed any that is usual.
func (l *likelihood) anywhere(length, usual float64) float64 {
	vv := l.vv + square(usual)
	return math.Log(square(length)*vv/(2*math.Pi*(l.pp*l.vv-l.pv*l.pv))) + square(l.speed)/vv
}
