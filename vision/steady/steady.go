package steady

import (
	"math"
	"time"

	"footfall/models"
)

const (
	// far is how far the picture may lie from the reference to be made good, as a part of its width. Beyond, the place
	// looks different, and lines leave the picture.
	far = 0.15
	// noticed is the least displacement, in pixels of the small picture, that is made good; below it is left alone once
	// it was under calm for calmFor. It is a quarter of a percent of the picture's width: less than the boxes tremble.
	noticed = 0.45
	calm    = 0.30
	calmFor = 3 * time.Second
	// held is how long a momentary displacement is believed when nothing certain is known; then the slow one is.
	held = 500 * time.Millisecond
	// slowness is over how long displacements are averaged to know the slow one.
	slowness = 2 * time.Second
	// resting is the same for what the patches that stay where they were are held against. Raise it and a train must
	// leave more slowly to take the picture with it.
	resting = 10 * time.Second
	// movedAfter is how long a camera must be out of place to count as moved, and back in place not to.
	movedAfter = 3 * time.Second
	// lostAfter is how long nothing of the reference may be seen before the camera counts as moved.
	lostAfter = 10 * time.Second
	// nothing is the mean likeness of the blocks to their places below which there is nothing of the reference there:
	// between two different pictures it is 0 on average.
	nothing = 0.15
	// enough is how many proven blocks must be looked at to know that.
	enough = fewestJurors
	// glance is the longest that one picture stands for. What was not looked at for longer says nothing of that time.
	glance = 2 * time.Second
	// gone is the gap after which a reference is out of date.
	gone = 5 * time.Minute
	// relit is how long the place may be recognised, but not found exactly, before the blocks are taken anew: the light
	// has changed.
	relit = 30 * time.Second
)

// Steady knows how one camera lies against its reference. The zero value is ready: the first picture it sees is the
// reference. It is used by one goroutine at a time.
type Steady struct {
	picture picture
	blocks  []block
	columns int
	turn    int // the cell that is looked after next
	jury    jury
	search  search
	people  cover
	loyal   float64 // the weight of the blocks that were found where they have been, on this picture
	looked  int     // how many blocks could be looked at on this picture
	proven  int     // and how many of those have proved true before

	now      warp          // the last certain one
	slow     warp          // on average over slowness
	rest     warp          // on average over resting
	last     time.Time     // the picture before
	step     time.Duration // since the picture before
	agreed   bool          // the reference has been recognised at least once
	turning  float64       // the share that this picture has in what changes slowly
	certain  time.Time     // when now was
	searched time.Time     // when it was last looked for far away
	jumped   time.Time     // when it was last elsewhere than patches can follow
	likeness float64       // mean likeness of the proven blocks where they are expected

	acting   bool
	away     float64   // how far it was from its place on the picture before
	calmed   time.Time // when the displacement was last above calm
	astray   time.Time // since when it is out of place; zero: it is not
	inPlace  time.Time // since when it is in place again
	familiar time.Time // when something of the reference was last seen
	moved    bool
}

// Look looks at a picture and says how the camera lies. seen is who was found on it: what people hide is left out.
func (s *Steady) Look(at time.Time, p Pixels, seen []models.Detection) models.View {
	if !p.valid() {
		return models.View{Moved: s.moved}
	}
	width, height := p.shape()
	if passed := at.Sub(s.last); s.blocks == nil || passed < 0 || passed > gone ||
		width != s.picture.width || height != s.picture.height {
		s.picture.take(p)
		s.begin(at, seen)
		return models.View{}
	}
	s.step = at.Sub(s.last)
	s.last = at
	if unseen := s.step - glance; unseen > 0 {
		s.familiar = s.familiar.Add(unseen)
		if !s.astray.IsZero() {
			s.astray = s.astray.Add(unseen)
		}
	}
	s.turning = share(s.step, slowness)
	s.picture.take(p)
	s.people.set(seen, width, height)
	found, sure := s.find(at)
	switch {
	case sure:
		s.accept(found, at)
	case !s.agreed && at.Sub(s.certain) >= lostAfter:
		// The reference was nothing to hold pictures against: broken, dark, or of somebody who stood before the camera.
		s.begin(at, seen)
		return models.View{}
	}
	s.judge(at, sure)
	s.tend(at, sure)
	return s.view(at)
}

// begin makes the picture the reference.
func (s *Steady) begin(at time.Time, seen []models.Detection) {
	*s = Steady{
		picture: s.picture, blocks: s.blocks, jury: s.jury, search: s.search, people: s.people,
		last: at, certain: at, familiar: at,
	}
	s.columns = (s.picture.width + cell - 1) / cell
	rows := (s.picture.height + cell - 1) / cell
	if n := s.columns * rows; cap(s.blocks) < n {
		s.blocks = make([]block, n)
	} else {
		s.blocks = s.blocks[:n]
		clear(s.blocks)
	}
	s.people.set(seen, s.picture.width, s.picture.height)
	for i := range s.blocks {
		s.renew(i, at)
	}
}

// find is how the picture lies, and whether that is certain.
func (s *Steady) find(at time.Time) (warp, bool) {
	const (
		near    = 8   // pixels that a shake may be from one picture to the next
		consent = 0.2 // share of the votes that is worth a closer look
		shaking = time.Second
	)
	// Patches follow a calm camera by themselves. One that shakes is quicker than they are: a few look further first.
	calm := at.Sub(s.jumped) > shaking
	s.loyal = 0
	if calm {
		if found, sure := s.hear(at, s.now); sure {
			return found, true
		}
		s.loyal = s.jury.near(s.rest)
	}
	if start, voted := s.search.around(&s.picture, s.blocks, s.now, near, near); voted >= consent {
		if found, sure := s.hear(at, start); sure {
			if start.apart(s.now, s.picture.width, s.picture.height) > 1.5 {
				s.jumped = at
			}
			return found, true
		}
	}
	if !calm {
		if found, sure := s.hear(at, s.now); sure {
			return found, true
		}
	}
	if at.Sub(s.certain) < time.Second || at.Sub(s.searched) < 2*time.Second {
		return s.now, false
	}
	// Nothing for a second: perhaps somebody has turned the camera.
	s.searched = at
	far := s.picture.width * 2 / 5
	if start, voted := s.search.around(&s.picture, s.blocks, warp{}, far, far); voted >= consent {
		return s.hear(at, start)
	}
	return s.now, false
}

// hear looks for all blocks where start says that they are, and lets the jury decide. The blocks that agree remember
// it.
func (s *Steady) hear(at time.Time, start warp) (warp, bool) {
	s.jury.witnesses = s.jury.witnesses[:0]
	s.looked, s.proven = 0, 0
	sum := 0.0
	middle := s.picture.middle()
	for i := range s.blocks {
		b := &s.blocks[i]
		b.witness = -1
		if !b.live {
			continue
		}
		p := b.now()
		from := start.of(p.home)
		from.x += middle.x
		from.y += middle.y
		if b.hidden = s.people.at(from); b.hidden {
			continue
		}
		place, found, began := p.find(&s.picture, from)
		if began < -0.99 { // outside of the picture
			continue
		}
		s.looked++
		if b.proven {
			s.proven++
			sum += float64(began)
		}
		if found < alike {
			continue
		}
		b.witness = len(s.jury.witnesses)
		s.jury.witnesses = append(s.jury.witnesses, witness{
			home: p.home, at: point{place.x - middle.x, place.y - middle.y}, weight: b.weight(at),
		})
	}
	s.likeness = 0
	if s.proven > 0 {
		s.likeness = sum / float64(s.proven)
	}
	found, sure := s.jury.verdict(question{
		start: start, before: s.now, rest: s.rest, loyal: s.loyal, turning: s.turning,
		looked: s.looked, width: s.picture.width, height: s.picture.height,
	})
	if sure {
		for i := range s.blocks {
			if b := &s.blocks[i]; b.witness >= 0 && s.jury.witnesses[b.witness].agrees {
				b.heard(at, s.step)
			}
		}
	}
	return found, sure
}

// share is the share that a picture has in an average over some time.
func share(passed, over time.Duration) float64 { return passed.Seconds() / (passed + over).Seconds() }

// accept takes over what is certain.
func (s *Steady) accept(found warp, at time.Time) {
	s.agreed = true
	s.rest = s.rest.towards(found, share(s.step, resting))
	if at.Sub(s.certain) > slowness {
		s.slow = found
	} else {
		s.slow = s.slow.towards(found, share(s.step, slowness))
	}
	s.now, s.certain = found, at
}

// judge decides whether the camera is in its place, and whether there is anything to make good.
func (s *Steady) judge(at time.Time, sure bool) {
	if sure || s.proven < enough || math.Abs(s.likeness) >= nothing {
		s.familiar = at
	}
	away := s.now.apart(warp{}, s.picture.width, s.picture.height)
	out := away > far*float64(s.picture.width) || at.Sub(s.familiar) >= lostAfter
	switch {
	case out && s.astray.IsZero():
		s.astray, s.inPlace = at, time.Time{}
	case !out && sure && s.inPlace.IsZero():
		s.inPlace = at
	}
	if !out && sure {
		s.astray = time.Time{}
	}
	switch {
	case !s.moved && !s.astray.IsZero():
		s.moved = at.Sub(s.familiar) >= lostAfter || at.Sub(s.astray) >= movedAfter
	case s.moved && s.astray.IsZero():
		s.moved = at.Sub(s.inPlace) < movedAfter
	}
	if away > calm {
		s.calmed = at
	}
	// Twice in a row: one picture may be wrong by so much.
	s.acting = away > noticed && s.away > noticed || s.acting && at.Sub(s.calmed) < calmFor
	s.away = away
}

// view is what is to be made good.
func (s *Steady) view(at time.Time) models.View {
	if s.moved || !s.acting {
		return models.View{Moved: s.moved}
	}
	w := s.now
	if at.Sub(s.certain) > held {
		w = s.slow
	}
	height := float64(s.picture.height)
	return models.View{
		Aspect: float64(s.picture.width) / height, X: w.x / height, Y: w.y / height, Along: w.along, Across: w.across,
	}
}
