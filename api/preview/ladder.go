package preview

import (
	"time"

	"footfall/models"
)

// ladder decides which size of picture a viewer's line can carry: down soon, because a picture that stutters is worth
// less than a small one, up late, because going up and down is worse than either. An estimate is never much more than
// what is sent, so that only trying shows whether a larger picture passes; each try that fails makes the next one
// later.
type ladder struct {
	wanted models.Size // what the viewer asked for: never more
	now    models.Size
	poor   time.Time // since when the line has carried less than is sent; zero if it carries it
	good   time.Time // since when it has
	wait   time.Duration
}

// The times of the ladder.
const (
	poorFor    = 3 * time.Second
	goodFor    = 15 * time.Second // before the first try; doubled after each that fails
	goodAtMost = 5 * time.Minute
	settled    = time.Minute     // a try that lasted has not failed
	wellBefore = 5 * time.Second // an estimate says nothing before the line has carried something
)

func newLadder(wanted models.Size) *ladder {
	return &ladder{wanted: wanted, now: wanted, wait: goodFor}
}

// step takes in an estimate of what the line carries and what is sent, in bits a second, a time after the session
// began, and says what to show.
func (l *ladder) step(carries, sent int, since time.Duration, at time.Time) models.Size {
	if l.wanted != models.Full || since < wellBefore {
		return l.now
	}
	switch poor := 10*carries < 9*sent; {
	case poor && l.poor.IsZero():
		l.poor = at
	case poor && l.now == models.Full && at.Sub(l.poor) >= poorFor:
		if !l.good.IsZero() && at.Sub(l.good) < settled {
			l.wait = min(2*l.wait, goodAtMost)
		} else {
			l.wait = goodFor
		}
		l.now, l.poor, l.good = models.Tile, time.Time{}, time.Time{}
	case !poor:
		l.poor = time.Time{}
		if l.good.IsZero() {
			l.good = at
		}
		if l.now == models.Tile && at.Sub(l.good) >= l.wait {
			l.now, l.good = models.Full, at
		}
	}
	if l.now == models.Tile && !l.poor.IsZero() {
		l.good = time.Time{}
	}
	return l.now
}
