package tracker

import (
	"cmp"
	"slices"
	"time"

	"footfall/models"
)

// Tracker follows the people of one camera. It is used by one goroutine at a time.
type Tracker struct {
	cfg    Config
	aspect float64

	now       time.Time
	noise     noise
	usual     float64 // how unsure the place of somebody seen a frame ago is, as a variance per square box height
	gait      gait
	pace      pace    // of the gait, on this frame
	passed    float64 // seconds since the frame before
	nextID    uint64
	people    []person
	sightings []sighting

	turn      uint64          // the number of this frame
	turns     []time.Time     // of the frames that are not settled
	base      uint64          // the turn that was settled last
	settledAt time.Time       // its time
	broken    int             // how many frames nothing of what comes continues
	settled   []models.Moment // by the last Update or Settle
	gone      []person        // who ended, but on a frame that is not settled

	// Reused from frame to frame.
	rows, cols []int
	pairs      assignment
	reports    []models.Track
	starts     []start
	ways       []way
	offers     []offer
	rowAt      []int // by person: their row, or -1
	colAt      []int // that of their way, likewise
	wayBy      []int
	changed    []person
	reused     [][]models.Track
	spare      [][]moment
}

// secondBox is how much a new box must overlap with somebody just seen to be a second box around them. Raise it and
// one person is followed twice; lower it and of two people close together one is not.
const secondBox = 0.7

// New makes a tracker for pictures of the given aspect (width / height).
func New(cfg Config, aspect float64) *Tracker {
	const widest = 100.0
	if !(aspect >= 1/widest && aspect <= widest) {
		aspect = 1 // no camera is like that; and nothing here may become NaN
	}
	return &Tracker{cfg: cfg.withDefaults(), aspect: aspect}
}

// Update takes the detections of the frame stamped at and reports every track, by ascending ID: those that were seen,
// those that coast, and for the last time, with Ended, those that ended. The slice is valid until the next Update.
//
// That is who is who as far as is known now, to be shown. Settled is what is to be counted.
//
// What the tracks become does not depend on the order of the detections. Detections that are not finite boxes on or
// near the picture are ignored.
func (t *Tracker) Update(at time.Time, detections []models.Detection) []models.Track {
	t.reports = t.reports[:0]
	t.advance(at)
	t.look(detections)

	strong, all := t.strong(), len(t.sightings)
	t.match(round{confirmed: true, to: strong, price: alone})
	t.match(round{confirmed: true, from: strong, to: all, leastOverlap: weakOverlap, price: alone})
	t.match(round{to: all, price: alone})
	t.match(round{to: all, price: aloneAtOnce, running: true})

	t.confirm()
	t.begin()
	t.note()
	t.reconsider()
	t.end()
	t.settle(max(t.broken, t.due()))
	t.broken = 0
	return t.report()
}

// advance predicts everybody to the time of this frame. When time runs backwards, or no frame came for so
// long that nobody would be waited for, everybody is let go.
func (t *Tracker) advance(at time.Time) {
	t.turn++
	passed := at.Sub(t.now)
	if passed < 0 || passed > t.cfg.MaxLost {
		for i := range t.people {
			t.letGo(&t.people[i])
		}
		t.people = t.people[:0]
		t.broken = len(t.turns)
		passed = 0
	}
	t.now = at
	dt := passed.Seconds()
	t.noise = noiseAfter(dt, t.cfg.BoxNoise)
	t.usual = square(t.cfg.BoxNoise) + square(t.cfg.Speed*dt)
	t.passed, t.pace = dt, t.gait.pace()
	m := motionOver(dt, t.cfg.Speed, t.cfg.Steadiness.Seconds())
	for i := range t.people {
		t.people[i].advance(m, dt, t.pace)
	}
}

// strong is how many of the sightings, which are sorted, are strong.
func (t *Tracker) strong() int {
	n := 0
	for n < len(t.sightings) && t.sightings[n].score >= t.cfg.StrongScore {
		n++
	}
	return n
}

func (t *Tracker) confirm() {
	for i := range t.people {
		p := &t.people[i]
		if !p.seen {
			continue
		}
		if p.hits >= t.cfg.ConfirmHits && t.now.Sub(p.born) >= t.cfg.ConfirmAfter {
			p.confirmed = true
		}
		p.settle(t.now, &t.cfg)
		if p.confirmed && p.roamed && isPerson(p.class) {
			t.gait.learn(p, t.passed, t.cfg.Speed)
		}
	}
}

// begin follows every good sighting that nobody explains, unless it is a second box around somebody just seen.
func (t *Tracker) begin() {
	for j := range t.sightings {
		s := &t.sightings[j]
		if s.score < t.cfg.NewScore || len(t.people) >= t.cfg.MaxPeople {
			return
		}
		if s.taken || t.isSecondBox(s) {
			continue
		}
		t.nextID++
		t.people = append(t.people, person{past: t.fresh()})
		t.people[len(t.people)-1].begin(t.nextID, s, t.now, &t.cfg, t.pace)
	}
}

func (t *Tracker) isSecondBox(s *sighting) bool {
	for i := range t.people {
		if p := &t.people[i]; p.seen && akin(p.class, s.class) && p.overlap(s) > secondBox {
			return true
		}
	}
	return false
}

// end lets go of everybody who was not seen for too long, or has left the picture.
func (t *Tracker) end() {
	t.people = slices.DeleteFunc(t.people, func(p person) bool {
		if !t.isGone(&p) {
			return false
		}
		t.letGo(&p)
		return true
	})
}

func (t *Tracker) isGone(p *person) bool {
	if p.seen {
		return false
	}
	limit := t.cfg.MaxLost
	switch {
	case p.fixture:
		limit = t.cfg.FixtureLost
	case !p.confirmed:
		limit = t.cfg.TentativeLost
	}
	outside := p.x.at < 0 || p.x.at > t.aspect || p.foot.at < 0 || p.top() > 1
	return outside || t.now.Sub(p.lastSeen) > limit
}

func (t *Tracker) report() []models.Track {
	for i := range t.people {
		t.reports = append(t.reports, t.people[i].report(t.aspect))
	}
	sortByID(t.reports)
	return t.reports
}

// sortByID sorts tracks that are nearly always sorted.
func sortByID(tracks []models.Track) {
	for i := 1; i < len(tracks); i++ {
		if tracks[i].ID < tracks[i-1].ID {
			slices.SortFunc(tracks, func(a, b models.Track) int { return cmp.Compare(a.ID, b.ID) })
			return
		}
	}
}
