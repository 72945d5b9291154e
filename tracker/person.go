package tracker

import (
	"math"
	"time"

	"footfall/models"
)

// person is one track: where somebody stands, how tall they look, and how well that is known.
//
// The place is that of the feet. The head says where the feet are too, given the height, which changes slowly: so
// feet hidden behind a shop's shelf or below the picture's edge do not make the anchor jump.
type person struct {
	id        uint64
	class     models.Class
	x, foot   axis
	logHeight scalar
	shape     float64 // width / height
	height    float64 // exp(logHeight.value), kept beside it
	score     float64
	born      time.Time
	lastSeen  time.Time
	hits      int
	confirmed bool
	seen      bool // on this frame
	ended     bool
}

const (
	// heightWander is how fast the logarithm of a person's height changes as they come nearer (standard deviation per
	// square root of a second).
	heightWander = 0.12
	// heightNoise is how far the logarithm of a detected box's height strays.
	heightNoise = 0.08
	// hidden is how much shorter than believed a box must be, as logarithm, for its lower edge to be somebody else's.
	hidden = 0.16
)

// begin makes p the person of a detection that nobody else explains.
func (p *person) begin(id uint64, s *sighting, at time.Time, cfg *Config) {
	r := square(cfg.BoxNoise * s.height)
	speed := cfg.Speed * s.height
	*p = person{
		id: id, class: s.class, score: s.score, born: at, lastSeen: at, hits: 1, seen: true,
		x: newAxis(s.x, r, speed), foot: newAxis(s.foot, r, speed),
		logHeight: scalar{s.logHeight, square(2 * heightNoise)},
		shape:     s.width / s.height, height: s.height,
	}
}

// advance predicts where p is dt seconds later.
func (p *person) advance(m motion, dt float64) {
	p.x.advance(m, p.height)
	p.foot.advance(m, p.height)
	p.logHeight.variance = math.Min(p.logHeight.variance+heightWander*heightWander*dt, 0.25)
	p.seen = false
}

// observe corrects p by a detection of it.
func (p *person) observe(s *sighting, at time.Time, cfg *Config) {
	p.lastSeen, p.seen, p.score = at, true, s.score
	p.hits++
	r := square(cfg.BoxNoise * p.height)
	p.x.correct(s.x, r)

	shorter := p.logHeight.value - s.logHeight
	feetHidden := s.cutBelow || shorter > hidden
	believed := p.height
	p.observeHeight(s, shorter)
	if !s.cutAbove {
		// The head tells where the feet are, as well as the height is known.
		h := p.height
		if feetHidden {
			h = math.Max(believed, s.height)
		}
		p.foot.correct(s.top+h, r+square(h)*p.logHeight.variance)
	}
	if !feetHidden {
		p.foot.correct(s.foot, r)
	}
}

// observeHeight believes a taller box soon (what hid the feet is gone) and a shorter one slowly.
func (p *person) observeHeight(s *sighting, shorter float64) {
	noise := heightNoise
	if shorter > hidden || s.cutAbove || s.cutBelow {
		noise = 4 * heightNoise
		if shorter < 0 {
			noise = heightNoise // cut, and yet taller than believed
		}
	}
	p.logHeight.correct(s.logHeight, noise*noise)
	p.height = math.Exp(p.logHeight.value)
	p.shape += 0.2 * (s.width/s.height - p.shape)
}

func (p *person) width() float64 { return p.shape * p.height }

func (p *person) top() float64 { return p.foot.at - p.height }

// report is p as the rest of the house sees it.
func (p *person) report(aspect float64) models.Track {
	w, h := p.width(), p.height
	return models.Track{
		ID: p.id, Class: p.class, Score: p.score, Confirmed: p.confirmed, Seen: p.seen, Ended: p.ended,
		Box: models.Box{X: (p.x.at - w/2) / aspect, Y: p.foot.at - h, W: w / aspect, H: h},
	}
}

func square(x float64) float64 { return x * x }
