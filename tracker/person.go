package tracker

import (
	"math"
	"time"

	"footfall/models"
)

// person is one track: where somebody stands, how tall they look, and how well that is known.
//
// The place is that of the feet. The head says where the feet are too, given the height, which changes slowly: so
// feet that are hidden behind a shelf or below the picture's edge do not make the anchor jump over a line.
type person struct {
	id        uint64
	class     models.Class
	lead      float64 // of the class over the others; see hear
	stride    float64 // see striding
	x, foot   axis
	logHeight scalar
	height    float64 // exp(logHeight.value), kept beside it
	shape     float64 // width / height
	score     float64
	born      time.Time
	lastSeen  time.Time
	hits      int
	confirmed bool
	seen      bool // on this frame
	ended     bool

	birthplace models.Point // x and foot when it began
	roamed     bool         // it has been away from there
	belief     float64      // the mean score, lately
	fixture    bool         // see settle

	heardX, heardFoot evidence // on this frame
	boxHeight         float64  // of the box on this frame, as a logarithm
	past              history  // from the last settled frame on
}

const (
	// heightWander is how fast the logarithm of a person's height changes as they come nearer (standard deviation per
	// square root of a second). Raise it and people who walk towards the camera are followed better, but hidden feet
	// shorten people sooner.
	heightWander = 0.12
	// heightNoise is how far the logarithm of a detected box's height strays. Raise it and the height is steadier, but
	// takes longer to be known.
	heightNoise = 0.08
	// hidden is how much shorter than believed a box must be, as a logarithm, for its lower edge not to be the feet.
	// Raise it and only the well hidden are taken for hidden; lower it and a box that trembles is.
	hidden = 0.25
	// doubt is how much more the height of such a box strays. Raise it and people stay tall behind obstacles longer,
	// but whoever was believed too tall at first stays too tall.
	doubt = 6
	// shapeMemory is the share of the former shape that one more box leaves in place.
	shapeMemory = 0.8
	// roaming is how far from its birthplace a track must have been to be somebody who walks, in box heights. Raise it
	// and people who take a step before they stand still may be taken for fixtures; lower it and a mannequin whose box
	// trembles is not.
	roaming = 0.5
	// settling is how long a track must have been in view to be taken for a fixture. Raise it and mannequins are
	// carried away before they are known; lower it and people who turn up slowly are held in place.
	settling = time.Second
	// beliefMemory is over how many seconds a score is remembered.
	beliefMemory = 1.0
	// creep is how fast the place of a fixture is unlearned, in box heights per square root of a second.
	creep = 0.05
	// mostVariance bounds the uncertainty of the logarithm of a height: nobody doubles in size unseen.
	mostVariance = 0.25
)

// begin makes p the person of a sighting that nobody else explains.
func (p *person) begin(id uint64, s *sighting, at time.Time, cfg *Config, usual pace) {
	r := square(cfg.BoxNoise * s.height)
	past := p.past
	stride := striding(s.class)
	speed := cfg.Speed * stride * s.height
	*p = person{
		id: id, class: s.class, lead: s.score, stride: stride,
		score: s.score, born: at, lastSeen: at, hits: 1, seen: true,
		x: newAxis(s.x, r, speed*usual.across), foot: newAxis(s.foot, r, speed*usual.along),
		logHeight: scalar{value: s.logHeight, variance: square(2 * heightNoise)},
		height:    s.height, shape: s.width / s.height,
		birthplace: models.Point{X: s.x, Y: s.foot}, belief: s.score,
		boxHeight: s.logHeight, past: past,
	}
	p.heardX.add(s.x, r)
	p.heardFoot.add(s.foot, r)
}

// advance predicts where p is dt seconds later.
func (p *person) advance(m motion, dt float64, usual pace) {
	reach := p.stride * p.height
	if p.fixture {
		// Whatever speed its trembling looked like is forgotten.
		m, reach, usual = motion{pp: square(creep) * dt}, p.height, pace{1, 1}
		p.x.stop()
		p.foot.stop()
	}
	across, along := m.of(reach*usual.across), m.of(reach*usual.along)
	if all := p.past.all(); len(all) > 0 {
		now := &all[len(all)-1]
		now.x.leave(across)
		now.foot.leave(along)
	}
	p.x.advance(across)
	p.foot.advance(along)
	p.heardX, p.heardFoot = evidence{}, evidence{}
	p.logHeight.variance = math.Min(p.logHeight.variance+square(heightWander)*dt, mostVariance)
	p.seen = false
}

// observe corrects p by a sighting of it on the frame of n.
func (p *person) observe(s *sighting, at time.Time, n noise) {
	p.belief += (1 - math.Exp(-at.Sub(p.lastSeen).Seconds()/beliefMemory)) * (s.score - p.belief)
	p.lastSeen, p.seen, p.score = at, true, s.score
	p.hits++
	p.hear(s)
	r := n.place * square(p.height)
	feetHidden := s.cutBelow || p.logHeight.value-s.logHeight > hidden
	before := p.height

	locate(&p.x, &p.heardX, s.x, r)
	p.boxHeight = s.logHeight
	p.observeHeight(s, n)
	if !s.cutAbove {
		h := p.height
		if feetHidden {
			h = math.Max(before, s.height) // this box says nothing about the height, at most that it is more
		}
		locate(&p.foot, &p.heardFoot, s.top+h, r+square(h)*p.logHeight.variance)
	}
	if !feetHidden {
		locate(&p.foot, &p.heardFoot, s.foot, r)
	}
}

// locate learns that a place was measured with a variance.
func locate(a *axis, heard *evidence, measured, variance float64) {
	a.correct(measured, variance)
	heard.add(measured, variance)
}

// settle decides whether p is a fixture: a confirmed track that has never left its birthplace, and that the detector
// believes less than it takes to begin a track. Mannequins, posters and coats on a hook are like that. A fixture stays
// where it is: it is matched only by what overlaps with it, so that nobody who walks by carries it over a line, and it
// is remembered for long, so that its flickering detections are not taken for somebody who was lost near it.
func (p *person) settle(at time.Time, cfg *Config) {
	p.roamed = p.roamed || math.Hypot(p.x.at-p.birthplace.X, p.foot.at-p.birthplace.Y) > roaming*p.height
	p.fixture = p.confirmed && !p.roamed && at.Sub(p.born) >= settling && p.belief < cfg.NewScore
}

// observeHeight learns from the height of a box as far as it is that of the person: one cut by the picture's edge only
// says that they are at least as tall, and one that is much too short is believed slowly.
func (p *person) observeHeight(s *sighting, n noise) {
	shorter := p.logHeight.value - s.logHeight
	variance := n.height
	if shorter > hidden {
		variance *= doubt * doubt
	}
	if cut := s.cutAbove || s.cutBelow; shorter < 0 || !cut {
		p.logHeight.correct(s.logHeight, variance)
		p.height = math.Exp(p.logHeight.value)
	}
	p.shape = shapeMemory*p.shape + (1-shapeMemory)*s.width/p.height
}

func (p *person) width() float64 { return p.shape * p.height }

func (p *person) top() float64 { return p.foot.at - p.height }

func (p *person) overlap(s *sighting) float64 {
	return overlap(p.x.at, p.top(), p.width(), p.height, s.x, s.top, s.width, s.height)
}

// report is p as the rest of the house sees it.
func (p *person) report(aspect float64) models.Track {
	w, h := p.width(), p.height
	return models.Track{
		ID: p.id, Class: p.class, Score: p.score, Confirmed: p.confirmed, Seen: p.seen, Ended: p.ended,
		Box: models.Box{X: (p.x.at - w/2) / aspect, Y: p.foot.at - h, W: w / aspect, H: h},
	}
}

func square(x float64) float64 { return x * x }
