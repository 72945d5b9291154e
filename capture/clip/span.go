package clip

import (
	"slices"
	"time"

	"footfall/models"
)

// want is a stretch of time that is to be seen, and why.
type want struct {
	trigger  models.ClipTrigger
	from, to time.Time
}

// span is what becomes one clip.
type span struct {
	from, to time.Time
	triggers []models.ClipTrigger
}

const (
	// longest is what one clip may show; what is wanted beyond it becomes the next.
	longest = 2 * time.Minute
	// busiest is what one clip may grow to by crossings. Where somebody crosses all the time, clips would have no end,
	// and who has asked for one would wait.
	busiest = 30 * time.Second
	// joins is how close two spans must be to become one: a clip that ends when the next begins is no help.
	joins = time.Second
)

// limit is how far the span may reach for a reason.
func (s *span) limit(kind models.TriggerKind) time.Time {
	if kind != models.TriggerCrossing {
		return s.from.Add(longest)
	}
	if limit := s.from.Add(busiest); limit.After(s.to) {
		return limit
	}
	return s.to
}

// wishes are what is wanted and not begun yet.
type wishes struct{ wants []want }

// add takes a want, in the order of their beginnings.
func (w *wishes) add(n want) {
	i, _ := slices.BinarySearchFunc(w.wants, n, func(a, b want) int { return a.from.Compare(b.from) })
	w.wants = slices.Insert(w.wants, i, n)
}

// begin takes the first want out that has begun by now; false if there is none.
func (w *wishes) begin(now time.Time) (span, bool) {
	if len(w.wants) == 0 || w.wants[0].from.After(now) {
		return span{}, false
	}
	s := span{from: w.wants[0].from, to: w.wants[0].from}
	w.join(&s)
	return s, true
}

// join takes out all that overlaps with a span and makes the span so long that it shows it. What does not fit into one
// clip stays wanted.
func (w *wishes) join(s *span) {
	for i := 0; i < len(w.wants); {
		n := w.wants[i]
		if n.from.After(s.to.Add(joins)) {
			return
		}
		limit := s.limit(n.trigger.Kind)
		if !n.from.Before(limit) {
			i++
			continue
		}
		w.wants = slices.Delete(w.wants, i, i+1)
		if !slices.Contains(s.triggers, n.trigger) {
			s.triggers = append(s.triggers, n.trigger)
		}
		if n.to.After(limit) {
			w.add(want{n.trigger, limit, n.to})
			n.to = limit
		}
		if n.to.After(s.to) {
			s.to = n.to
			i = 0 // others may overlap now
		}
	}
}
