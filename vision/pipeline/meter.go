package pipeline

import (
	"time"

	"footfall/models"
)

// MaxObservedGap is the longest time between two analysed frames that still counts as observed: nobody crosses a line
// unseen in a second.
const MaxObservedGap = time.Second

// Meter measures how much of the time a camera was really observed, minute by minute.
type Meter struct {
	last    time.Time // the frame before; zero after a gap
	open    models.Coverage
	done    []models.Coverage
	seen    int64
	dropped int64
	moved   bool
}

// Observe says that a frame stamped at was analysed. The time since the one before is observed if it is at most
// MaxObservedGap.
func (m *Meter) Observe(at time.Time) {
	if gap := at.Sub(m.last); !m.last.IsZero() && gap > 0 && gap <= MaxObservedGap {
		m.add(m.last, at)
	}
	m.last = at
	m.seen++
}

// Gap says that the next frame does not continue the one before.
func (m *Meter) Gap() { m.last = time.Time{} }

// Moved says whether the camera is turned away from its lines. What is observed from now on is marked with it.
func (m *Meter) Moved(moved bool) { m.moved = moved }

// Drop says that n frames arrived and were not analysed.
func (m *Meter) Drop(n int64) { m.dropped += n }

// add splits [from, to) at minutes and books each part.
func (m *Meter) add(from, to time.Time) {
	for from.Before(to) {
		minute := from.Truncate(time.Minute)
		end := minute.Add(time.Minute)
		if to.Before(end) {
			end = to
		}
		m.book(minute, from, end.Sub(from))
		from = end
	}
}

func (m *Meter) book(minute, from time.Time, observed time.Duration) {
	if m.open.Observed > 0 && (!m.open.Minute.Equal(minute) || m.open.Moved != m.moved) {
		m.done = append(m.done, m.open)
		m.open = models.Coverage{}
	}
	if m.open.Observed == 0 {
		m.open = models.Coverage{Minute: minute, From: from, Moved: m.moved}
	}
	m.open.Observed += observed
}

// Drain hands over all that was observed since the last Drain, one Coverage a minute, or several where the camera moved
// within one, and forgets it. The frame counts ride on the last of them; without any observed time they wait for the
// next.
func (m *Meter) Drain() []models.Coverage {
	drained := m.done
	if m.open.Observed > 0 {
		drained = append(drained, m.open)
	}
	if len(drained) > 0 {
		last := &drained[len(drained)-1]
		last.FramesSeen, last.FramesDropped = m.seen, m.dropped
		m.seen, m.dropped = 0, 0
	}
	m.done, m.open = nil, models.Coverage{}
	return drained
}
