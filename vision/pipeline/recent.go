package pipeline

import (
	"errors"
	"slices"
	"sync"
	"time"

	"footfall/models"
)

const (
	// recentSpan is how long Recent remembers.
	recentSpan = 10 * time.Minute
	// recentMost bounds what it holds in crowds: frames and detections together, some five megabytes.
	recentMost = 100_000
)

// Recent remembers what was found on the frames of the last minutes, so that a line can be tried on them before it is
// saved. It holds boxes without a number: who is who is found out anew every time, and forgotten at once. Nothing of it
// leaves the process, and it ends with it. It is safe for concurrent use.
type Recent struct {
	mu     sync.Mutex
	aspect float64
	view   models.View // of the last frame
	frames []found     // oldest first, where they would be on the reference
	held   int         // frames and detections
}

// found is what was found on a frame. Its detections are never changed.
type found struct {
	at         time.Time
	detections []models.Detection
}

// Saw takes in a turn on a picture of a shape. What was seen on pictures of another shape, or before the camera was
// turned away, is forgotten: places on them mean nothing on this one.
func (r *Recent) Saw(turn Turn, aspect float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if turn.View.Moved || aspect != r.aspect || len(r.frames) > 0 && !turn.At.After(r.frames[len(r.frames)-1].at) {
		r.forget()
	}
	if turn.View.Moved {
		return
	}
	r.aspect, r.view = aspect, turn.View
	r.frames = append(r.frames, found{turn.At, slices.Clone(turn.Detections)})
	r.held += 1 + len(turn.Detections)
	for r.held > recentMost || turn.At.Sub(r.frames[0].at) > recentSpan {
		r.held -= 1 + len(r.frames[0].detections)
		r.frames[0] = found{}
		r.frames = r.frames[1:]
	}
}

// Anew tells that the reference begins anew, with the picture as it is now. What is remembered goes to where it would
// have been seen on that one: a camera that has sagged since its lines were drawn shows its doors elsewhere.
func (r *Recent) Anew() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.frames, r.view = asSeen(r.frames, r.view), models.View{}
}

// asSeen are frames with what was found on them where it is seen in a view.
func asSeen(frames []found, view models.View) []found {
	if view.IsHome() {
		return frames
	}
	seen := make([]found, len(frames))
	for i, f := range frames {
		seen[i] = found{f.at, slices.Clone(f.detections)}
		for j, d := range f.detections {
			seen[i].detections[j].Box = view.SeenBox(d.Box)
		}
	}
	return seen
}

// Forget forgets everything: another camera stands there.
func (r *Recent) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
}

func (r *Recent) forget() { r.aspect, r.view, r.frames, r.held = 0, models.View{}, nil, 0 }

// Recount is what was counted on the frames that are remembered.
type Recount struct {
	From, To time.Time // of the first and the last frame
	Observed time.Duration
	Passages []models.Passage
}

// ErrNothingRecent says that no frame is remembered.
var ErrNothingRecent = errors.New("no picture was looked at lately")

// Count follows who was seen as following says, from the beginning of what is remembered. Lines that are drawn on the
// picture as it is now are counted as if the reference had begun anew with it.
func (r *Recent) Count(following Following, drawnNow bool) (Recount, error) {
	r.mu.Lock()
	frames, aspect, view := slices.Clone(r.frames), r.aspect, r.view
	r.mu.Unlock()
	if drawnNow {
		frames = asSeen(frames, view)
	}
	if len(frames) == 0 {
		return Recount{}, ErrNothingRecent
	}
	tracker, counter, err := following(aspect)
	if err != nil {
		return Recount{}, err
	}
	again := Recount{From: frames[0].at, To: frames[len(frames)-1].at}
	before := frames[0].at
	for _, f := range frames {
		if gap := f.at.Sub(before); gap <= MaxObservedGap {
			again.Observed += gap
		}
		before = f.at
		tracker.Update(f.at, f.detections)
		again.count(counter, tracker.Settled())
	}
	again.count(counter, tracker.Settle())
	return again, nil
}

func (r *Recount) count(counter Counter, settled []models.Moment) {
	for _, m := range settled {
		r.Passages = append(r.Passages, counter.Update(m.At, m.Tracks)...)
	}
}
