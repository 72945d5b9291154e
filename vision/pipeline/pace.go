package pipeline

import "time"

// Pace thins out frames to at most so many a second of their own time, evenly, whatever their rate is.
type Pace struct {
	interval time.Duration
	due      time.Time
}

// NewPace lets framesPerSecond frames of a second pass; 0 or less lets every frame pass.
func NewPace(framesPerSecond float64) *Pace {
	p := &Pace{}
	if framesPerSecond > 0 {
		p.interval = time.Duration(float64(time.Second) / framesPerSecond)
	}
	return p
}

// Due reports whether the frame stamped at is to be analysed. The next one is due an interval after this one was due,
// not after it came, so that the average holds; after a gap the pace starts anew.
func (p *Pace) Due(at time.Time) bool {
	if p.interval == 0 {
		return true
	}
	// Stamps jitter by fractions of a frame; one that comes a little early is the one that was meant.
	const slack = 2 * time.Millisecond
	if at.Before(p.due.Add(-slack)) && p.due.Sub(at) <= p.interval {
		return false
	}
	p.due = p.due.Add(p.interval)
	if p.due.Before(at) || p.due.Sub(at) > p.interval {
		p.due = at.Add(p.interval)
	}
	return true
}
