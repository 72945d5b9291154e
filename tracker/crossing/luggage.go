package crossing

import (
	"math"
	"slices"
	"time"

	"footfall/models"
)

// luggage knows which bags are carried, and by whom.
//
// A bag is with somebody whose box, a little grown, holds most of its own. It is theirs once they have walked a step
// and it kept its place beside them: whoever only walks past a bag leaves it behind within less than that.
type luggage struct {
	now  time.Time
	bags []bag // by track, ascending
}

// bag is what is known about one track of luggage. It is remembered for a while after its track: bags are hidden by
// those who carry them, and are lost sooner than people.
type bag struct {
	track, carrier uint64 // carrier is the track of the person beside it; 0: nobody is
	class          models.Class
	together       time.Time // when the two were last seen together

	// Since the bag has had its present place beside the carrier:
	place models.Point // of its middle from the carrier's anchor, in the carrier's heights
	start models.Point // where the carrier was then, in picture heights
	owned bool         // they have walked together: it is the carrier's
	left  int          // how often it has lost its place since they last walked together
}

const (
	// besideAcross and besideAlong are how much a person's box grows on every side to hold what is carried, in box
	// heights: an arm's length. Raise them and trolleys far behind their owners are theirs, but so is what strangers
	// pull past.
	besideAcross, besideAlong = 0.25, 0.1
	// besideShare is how much of a bag's box must lie in that.
	besideShare = 0.5
	// walked is how far somebody must have gone with a bag for it to be theirs, in box heights: half a step, less than
	// what is needed to be counted on a line.
	walked = 0.3
	// swing is how far a bag strays from its place beside its owner, in box heights. It is less than walked, so that a
	// bag that stands on the floor loses its place before it is taken for somebody's.
	swing = 0.2
	// hiddenFor is how long a bag that is not seen, or not beside its owner, is still with them.
	hiddenFor = 3 * time.Second
	// doubtFor is how long that holds for a bag of which it is not known whose it is.
	doubtFor = 500 * time.Millisecond
)

// look takes the tracks of one frame.
func (l *luggage) look(at time.Time, tracks []models.Track, aspect float64) {
	l.now = at
	for i := range tracks {
		t := &tracks[i]
		if t.Class.IsLuggage() && t.Seen && !t.Ended && isSound(t.Box) {
			l.follow(t, tracks, aspect)
		}
	}
	if len(l.bags) > 0 {
		l.bags = slices.DeleteFunc(l.bags, func(b bag) bool {
			passed := at.Sub(b.together)
			return passed > hiddenFor || passed < 0 || find(tracks, b.carrier) == nil
		})
	}
}

// follow takes one place of a bag. One that is beside nobody is not remembered.
func (l *luggage) follow(t *models.Track, tracks []models.Track, aspect float64) {
	i, known := slices.BinarySearchFunc(l.bags, t.ID, func(b bag, id uint64) int {
		switch {
		case b.track < id:
			return -1
		case b.track > id:
			return 1
		}
		return 0
	})
	if known {
		b := &l.bags[i]
		b.class = t.Class
		if p := find(tracks, b.carrier); p != nil && (!p.Seen || b.keepsUp(l.now, t, p, aspect)) {
			return
		}
		if l.now.Sub(b.together) > doubtFor { // seen apart: it was put down
			l.bags, known = slices.Delete(l.bags, i, i+1), false
		}
	}
	p := bearer(t, tracks, aspect)
	switch {
	case p == nil:
		return // who was beside it may be again; see hiddenFor
	case !known:
		l.bags = slices.Insert(l.bags, i, bag{})
	case l.bags[i].carrier != p.ID && l.bags[i].owned && l.now.Sub(l.bags[i].together) < doubtFor:
		return // somebody walks between a bag and its owner
	}
	l.bags[i] = bag{track: t.ID, class: t.Class, carrier: p.ID, together: l.now}
	l.bags[i].settle(t, p, aspect)
}

// settle gives the bag the place that it has beside a person now.
func (b *bag) settle(t, p *models.Track, aspect float64) {
	b.place, b.start = beside(t, p, aspect), spot(p, aspect)
}

// keepsUp takes one place of a bag and its carrier, and reports whether they are still together.
func (b *bag) keepsUp(at time.Time, t, p *models.Track, aspect float64) bool {
	if share(t.Box, p.Box, aspect) < besideShare {
		return false
	}
	b.together = at
	now, here := beside(t, p, aspect), spot(p, aspect)
	if math.Hypot(now.X-b.place.X, now.Y-b.place.Y) > swing {
		if b.left++; b.left > 1 {
			b.owned = false // once is a change of hands
		}
		b.settle(t, p, aspect)
		return true
	}
	if math.Hypot(here.X-b.start.X, here.Y-b.start.Y) >= walked*p.Box.H {
		b.owned, b.left = true, 0
		b.settle(t, p, aspect)
	}
	return true
}

// isWithSomebody reports whether a bag is somebody's, or may be: nobody has yet been seen to walk without it.
func (l *luggage) isWithSomebody(track uint64) bool {
	for i := range l.bags {
		if b := &l.bags[i]; b.track == track {
			return b.owned || b.left == 0 && l.now.Sub(b.together) <= doubtFor
		}
	}
	return false
}

// of is what a person carries, of the classes that are asked for: each once, in alphabetical order; nil for nothing.
func (l *luggage) of(person uint64, classes []models.Class) []models.Class {
	var carried []models.Class
	for i := range l.bags {
		b := &l.bags[i]
		if b.carrier == person && b.owned && slices.Contains(classes, b.class) && !slices.Contains(carried, b.class) {
			carried = append(carried, b.class)
		}
	}
	slices.Sort(carried)
	return carried
}

// bearer is the person beside whom a bag is: who holds most of it, then who is nearest, then the one known longest.
func bearer(t *models.Track, tracks []models.Track, aspect float64) *models.Track {
	var best *models.Track
	most, nearest := 0.0, math.Inf(1)
	for i := range tracks {
		p := &tracks[i]
		if p.Class != models.Person || !p.Seen || p.Ended || !isSound(p.Box) {
			continue
		}
		held := share(t.Box, p.Box, aspect)
		if held < besideShare {
			continue
		}
		at := beside(t, p, aspect)
		if away := math.Abs(at.X); held > most || held == most && away < nearest {
			best, most, nearest = p, held, away
		}
	}
	return best
}

// share is the part of a bag's box that lies in the grown box of a person.
func share(bag, person models.Box, aspect float64) float64 {
	dx, dy := besideAcross*person.H/aspect, besideAlong*person.H
	w := math.Min(bag.X+bag.W, person.X+person.W+dx) - math.Max(bag.X, person.X-dx)
	h := math.Min(bag.Y+bag.H, person.Y+person.H+dy) - math.Max(bag.Y, person.Y-dy)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / bag.Area()
}

// beside is where a bag's middle is from a person's feet, in heights of the person.
func beside(bag, person *models.Track, aspect float64) models.Point {
	b, p := bag.Box.Centre(), person.Box.BottomCentre()
	return models.Point{X: (b.X - p.X) * aspect / person.Box.H, Y: (b.Y - p.Y) / person.Box.H}
}

// spot is where a person's feet are, in picture heights.
func spot(p *models.Track, aspect float64) models.Point {
	feet := p.Box.BottomCentre()
	feet.X *= aspect
	return feet
}

// find is the track with an id: they are by ascending id.
func find(tracks []models.Track, id uint64) *models.Track {
	for i := range tracks {
		if tracks[i].ID == id && !tracks[i].Ended {
			return &tracks[i]
		}
	}
	return nil
}

func isSound(b models.Box) bool {
	sum := b.X + b.Y + b.W + b.H
	return b.W > 0 && b.H > 0 && !math.IsNaN(sum) && !math.IsInf(sum, 0)
}
