package tracker

import (
	"math"
	"slices"
	"time"

	"footfall/models"
)

// Tracker follows the people of one camera. It is used by one goroutine at a time.
type Tracker struct {
	cfg    Config
	aspect float64

	now    time.Time
	nextID uint64
	people []person
	seen   []sighting

	rows, cols []int
	pairs      assignment
	reports    []models.Track
}

// New makes a tracker for pictures of the given aspect (width / height).
func New(cfg Config, aspect float64) *Tracker {
	cfg = cfg.withDefaults()
	if !(aspect > 0) || math.IsInf(aspect, 1) {
		aspect = 1
	}
	return &Tracker{
		cfg: cfg, aspect: aspect,
		people:  make([]person, 0, 2*cfg.MaxPeople),
		seen:    make([]sighting, 0, 4*cfg.MaxPeople),
		rows:    make([]int, 0, 2*cfg.MaxPeople),
		cols:    make([]int, 0, 2*cfg.MaxPeople),
		reports: make([]models.Track, 0, 4*cfg.MaxPeople),
	}
}

// Update takes the detections of the frame stamped at and reports every track: those that were matched, those that
// coast, and once more, with Ended, those that ended. The slice is valid until the next Update.
func (t *Tracker) Update(at time.Time, detections []models.Detection) []models.Track {
	t.reports = t.reports[:0]
	t.advance(at)
	t.see(detections)
	strong := t.strong()
	t.match(0, strong, alone, isConfirmed)
	t.match(strong, len(t.seen), alone/2, isConfirmed)
	t.match(0, len(t.seen), alone, isTentative)
	t.confirm()
	t.begin(strong)
	t.end()
	return t.report()
}

func isConfirmed(p *person) bool { return p.confirmed }
func isTentative(p *person) bool { return !p.confirmed }

// advance predicts everybody to the time of this frame. When time runs backwards or jumps, the past says nothing
// about now: everybody is let go.
func (t *Tracker) advance(at time.Time) {
	dt := at.Sub(t.now)
	if dt < 0 || dt > t.cfg.MaxGap {
		for i := range t.people {
			t.people[i].seen, t.people[i].ended = false, true
			t.reports = append(t.reports, t.people[i].report(t.aspect))
		}
		t.people = t.people[:0]
		dt = 0
	}
	t.now = at
	m := motionOver(dt.Seconds(), t.cfg.Speed, t.cfg.Steadiness.Seconds())
	for i := range t.people {
		t.people[i].advance(m, dt.Seconds())
	}
}

// strong is how many of the sightings, which are sorted, are strong.
func (t *Tracker) strong() int {
	n := 0
	for n < len(t.seen) && t.seen[n].score >= t.cfg.StrongScore {
		n++
	}
	return n
}

func (t *Tracker) confirm() {
	for i := range t.people {
		p := &t.people[i]
		if p.hits >= t.cfg.ConfirmHits && t.now.Sub(p.born) >= t.cfg.ConfirmAfter && p.seen {
			p.confirmed = true
		}
	}
}

// begin follows every strong sighting that nobody explains, unless it is a second box around somebody just seen.
func (t *Tracker) begin(strong int) {
	for j := range strong {
		s := &t.seen[j]
		if s.taken || len(t.people) == cap(t.people) || t.isDouble(s) {
			continue
		}
		t.nextID++
		t.people = t.people[:len(t.people)+1]
		t.people[len(t.people)-1].begin(t.nextID, s, t.now, &t.cfg)
		s.taken = true
	}
}

func (t *Tracker) isDouble(s *sighting) bool {
	for i := range t.people {
		p := &t.people[i]
		if p.seen && overlap(p.x.at, p.top(), p.width(), p.height, s.x, s.top, s.width, s.height) > 0.7 {
			return true
		}
	}
	return false
}

// end lets go of who was not seen for too long or has left the picture.
func (t *Tracker) end() {
	kept := t.people[:0]
	for i := range t.people {
		p := &t.people[i]
		if p.ended = t.gone(p); p.ended {
			t.reports = append(t.reports, p.report(t.aspect))
			continue
		}
		kept = append(kept, *p)
	}
	t.people = kept
}

func (t *Tracker) gone(p *person) bool {
	if p.seen {
		return false
	}
	limit := t.cfg.MaxLost
	if !p.confirmed {
		limit = t.cfg.TentativeLost
	}
	if t.now.Sub(p.lastSeen) > limit {
		return true
	}
	return p.x.at < 0 || p.x.at > t.aspect || p.foot.at < 0 || p.top() > 1
}

func (t *Tracker) report() []models.Track {
	for i := range t.people {
		t.reports = append(t.reports, t.people[i].report(t.aspect))
	}
	slices.SortFunc(t.reports, func(a, b models.Track) int { return int(a.ID) - int(b.ID) })
	return t.reports
}
