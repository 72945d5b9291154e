package bench_test

import (
	"cmp"
	"math"
	"slices"
	"time"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/bench"
	"footfall/tracker/crossing"
	"footfall/tracker/crossing/score"
	"footfall/tracker/crowd"
)

// cause is why a crossing was missed, or counted though there was none.
type cause string

const (
	hardlySeen cause = "missed: seen less than twice on one side" // nobody could know
	bornLate   cause = "missed: not yet followed on the first side"
	restarted  cause = "missed: the track ended and another one began"
	swapped    cause = "missed: the track went on with somebody else"
	tooNear    cause = "missed: followed, but not clear of the line on both sides"
	exchange   cause = "false: the track changed from one person to another"
	nothing    cause = "false: a track of something that is no person"
	trembling  cause = "false: one person, who did not cross"
	twice      cause = "false: a second time, or at the wrong time"
)

// mark is whom a track was on, on one frame.
type mark struct {
	at     time.Duration
	person int
}

// explained is one scene with who was followed when.
type explained struct {
	scene  *crowd.Scene
	seen   map[int][]time.Duration // by person
	tracks map[uint64][]mark
	of     map[int][]followed // by person
}

func following(scene *crowd.Scene) *explained {
	return &explained{scene, map[int][]time.Duration{}, map[uint64][]mark{}, map[int][]followed{}}
}

// followed is which track was on a person, on one frame.
type followed struct {
	at    time.Duration
	track uint64
}

// explain counts what the tracker does wrong in a scene, by cause.
func explain(scene *crowd.Scene, times []time.Duration) (map[cause]int, error) {
	counter, err := crossing.New(scene.Lines(), crossing.Default(), scene.Aspect())
	if err != nil {
		return nil, err
	}
	follow := tracker.New(tracker.Default(), scene.Aspect())
	e := following(scene)
	var got []models.Passage
	looked := map[time.Time][]crowd.Sighting{}
	count := func(settled []models.Moment) {
		for _, m := range settled {
			e.remember(m.At.Sub(origin()), m.Tracks, looked[m.At])
			got = append(got, counter.Update(m.At, m.Tracks)...)
		}
	}
	for _, at := range times {
		sightings := scene.Look(at, nil)
		var seen []models.Detection
		for _, s := range sightings {
			seen = append(seen, s.Detection)
			if s.Person != crowd.Nobody {
				e.seen[s.Person] = append(e.seen[s.Person], at)
			}
		}
		looked[origin().Add(at)] = sightings
		follow.Update(origin().Add(at), seen)
		count(follow.Settled())
	}
	count(follow.Settle())
	return e.errors(got), nil
}

func origin() time.Time { return time.Unix(0, 0).UTC() }

// remember finds the sighting that every track is on: the one whose box is most like it.
func (e *explained) remember(at time.Duration, tracks []models.Track, sightings []crowd.Sighting) {
	for _, t := range tracks {
		best, person, found := math.Inf(1), crowd.Nobody, false
		for _, s := range sightings {
			apart := unlike(t.Box, s.Box, e.scene.Aspect())
			if t.Seen && apart < best {
				best, person, found = apart, s.Person, true
			}
		}
		if !found || best > 0.7 {
			continue
		}
		e.tracks[t.ID] = append(e.tracks[t.ID], mark{at, person})
		e.of[person] = append(e.of[person], followed{at, t.ID})
	}
}

// unlike is how far the edges of two boxes are apart, in box heights.
func unlike(a, b models.Box, aspect float64) float64 {
	return (math.Abs(a.X+a.W/2-b.X-b.W/2)*aspect + math.Min(math.Abs(a.Y-b.Y), math.Abs(a.Y+a.H-b.Y-b.H))) / a.H
}

func (e *explained) errors(got []models.Passage) map[cause]int {
	known, _ := bench.Known(e.scene)
	var events []score.Event
	for _, p := range got {
		events = append(events, score.Event{
			Line: p.Line, Direction: p.Direction, At: p.At.Sub(origin()).Seconds(),
		})
	}
	causes := map[cause]int{}
	found, used := score.Match(known, events, bench.MatchWithin)
	crossings := e.scene.Crossings()
	for i, ok := range found {
		if !ok && !known[i].Doubtful {
			causes[e.whyMissed(crossings[i])]++
		}
	}
	for i, ok := range used {
		if !ok {
			causes[e.whyFalse(got[i])]++
		}
	}
	return causes
}

// window is how long before and after a crossing is looked at for its cause.
const window = 3 * time.Second

func (e *explained) whyMissed(c crowd.Crossing) cause {
	before, after := 0, 0
	for _, at := range e.seen[c.Person] {
		switch apart := at - c.At; {
		case apart < 0 && apart > -window:
			before++
		case apart >= 0 && apart < window:
			after++
		}
	}
	if before < 2 || after < 2 {
		return hardlySeen
	}
	var was, is uint64
	for _, f := range e.of[c.Person] {
		switch {
		case f.at < c.At-500*time.Millisecond && f.at > c.At-window:
			was = f.track
		case f.at > c.At+500*time.Millisecond && f.at < c.At+window && is == 0:
			is = f.track
		}
	}
	switch was {
	case 0:
		return bornLate
	case is:
		return tooNear
	}
	for _, m := range e.tracks[was] {
		if m.at > c.At && m.at < c.At+window && m.person != c.Person {
			return swapped
		}
	}
	return restarted
}

func (e *explained) whyFalse(p models.Passage) cause {
	at := p.At.Sub(origin())
	var people []int
	for _, m := range e.tracks[p.Track] {
		if m.at > at-window && m.at < at+window {
			people = append(people, m.person)
		}
	}
	slices.Sort(people)
	people = slices.Compact(people)
	switch {
	case len(people) == 0 || slices.Equal(people, []int{crowd.Nobody}):
		return nothing
	case len(people) > 2 || len(people) == 2 && people[0] != crowd.Nobody:
		return exchange
	}
	who := people[len(people)-1]
	for _, c := range e.scene.Crossings() {
		if c.Person == who && c.Line == p.Line && (c.At-at).Abs() < 2*window {
			return twice
		}
	}
	return trembling
}

// byCount is the causes, the most frequent first.
func byCount(causes map[cause]int) []cause {
	var all []cause
	for c := range causes {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b cause) int { return cmp.Or(causes[b]-causes[a], cmp.Compare(a, b)) })
	return all
}
