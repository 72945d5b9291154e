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
	frames []found // oldest first
	held   int     // frames and detections
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
	r.aspect = aspect
	r.frames = append(r.frames, found{turn.At, slices.Clone(turn.Detections)})
	r.held += 1 + len(turn.Detections)
	for r.held > recentMost || turn.At.Sub(r.frames[0].at) > recentSpan {
		r.held -= 1 + len(r.frames[0].detections)
		r.frames[0] = found{}
		r.frames = r.frames[1:]
	}
}

// Forget forgets everything: another camera stands there.
func (r *Recent) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
}

func (r *Recent) forget() { r.aspect, r.frames, r.held = 0, nil, 0 }

// Recount is what was counted on the frames that are remembered.
type Recount struct {
	From, To time.Time // of the first and the last frame
	Observed time.Duration
	Passages []models.Passage
}

// ErrNothingRecent says that no frame is remembered.
var ErrNothingRecent = errors.New("no picture was looked at lately")

// Count follows who was seen as following says, from the beginning of what is remembered.
func (r *Recent) Count(following Following) (Recount, error) {
	r.mu.Lock()
	frames, aspect := slices.Clone(r.frames), r.aspect
	r.mu.Unlock()
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
		again.Passages = append(again.Passages, counter.Update(f.at, tracker.Update(f.at, f.detections))...)
	}
	return again, nil
}
