package capture

import (
	"context"
	"sync"

	"footfall/capture/frame"
)

// Slot holds at most one frame, the newest. Whoever puts never waits; whoever takes waits for a frame that it has not
// seen. So a slow reader loses pictures and never slows the camera, and every loss is counted.
type Slot struct {
	mu      sync.Mutex
	newest  *frame.Frame
	dropped uint64
	filled  chan struct{} // holds a token when there may be a frame
}

// NewSlot makes an empty slot.
func NewSlot() *Slot { return &Slot{filled: make(chan struct{}, 1)} }

// Put gives the frame away to the slot. An older one that nobody took is released and counted as dropped.
func (s *Slot) Put(f *frame.Frame) {
	s.mu.Lock()
	older := s.newest
	s.newest = f
	if older != nil {
		s.dropped++
	}
	s.mu.Unlock()
	if older != nil {
		older.Release()
	}
	select {
	case s.filled <- struct{}{}:
	default: // there is a token already
	}
}

// Take waits for a frame and hands it over; the caller releases it. It returns the cause when ctx ends first.
func (s *Slot) Take(ctx context.Context) (*frame.Frame, error) {
	for {
		select {
		case <-s.filled:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		s.mu.Lock()
		f := s.newest
		s.newest = nil
		s.mu.Unlock()
		if f != nil { // the token may be of a frame that Clear took away
			return f, nil
		}
	}
}

// Clear releases the frame that lies in the slot, if any: it was not dropped for lack of time, so it does not count.
func (s *Slot) Clear() {
	s.mu.Lock()
	f := s.newest
	s.newest = nil
	s.mu.Unlock()
	if f != nil {
		f.Release()
	}
}

// Dropped is how many frames were replaced before anybody took them.
func (s *Slot) Dropped() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}
