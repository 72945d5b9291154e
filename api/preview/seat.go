package preview

import (
	"context"
	"fmt"

	"footfall/models"
)

// Seat is one viewer's place before a stream. Next is for one goroutine.
type Seat struct {
	relay  *Relay
	filled chan struct{}

	// Guarded by the relay's lock.
	stream models.Stream
	queue  []models.Shot
	inStep bool // what comes next can be decoded
	gone   bool
}

// put adds a shot to the queue; false: the viewer is too slow, loses all that waits and must begin anew. The relay's
// lock is held.
func (s *Seat) put(shot models.Shot) bool {
	if shot.Stills {
		s.queue = append(s.queue[:0], shot) // each stands on its own: the newest is enough
		s.ring()
		return true
	}
	if len(s.queue) >= waitingShots {
		clear(s.queue)
		s.queue, s.inStep = s.queue[:0], false
		return false
	}
	s.queue = append(s.queue, shot)
	s.ring()
	return true
}

func (s *Seat) ring() {
	select {
	case s.filled <- struct{}{}:
	default:
	}
}

// Next waits for the next shot. It returns ctx's error when that ends first.
func (s *Seat) Next(ctx context.Context) (models.Shot, error) {
	for {
		if shot, ok := s.take(); ok {
			return shot, nil
		}
		select {
		case <-s.filled:
		case <-s.relay.closed:
			return models.Shot{}, fmt.Errorf("the server is stopping: %w", models.ErrUnavailable)
		case <-ctx.Done():
			return models.Shot{}, ctx.Err()
		}
	}
}

func (s *Seat) take() (models.Shot, bool) {
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	if len(s.queue) == 0 {
		return models.Shot{}, false
	}
	shot := s.queue[0]
	s.queue[0] = models.Shot{}
	s.queue = s.queue[1:]
	return shot, true
}

// NeedKey says that the viewer cannot decode what comes: it has lost something on its way.
func (s *Seat) NeedKey() {
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	if ch := s.relay.streams[s.stream]; ch != nil && !s.gone {
		s.relay.wantKey(ch)
	}
}

// Move changes to another stream. The next shot is a key frame of that one.
func (s *Seat) Move(to models.Stream) {
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	if s.gone || s.stream == to {
		return
	}
	s.relay.rise(s)
	s.stream = to
	s.relay.sit(s)
}

// Stream is what the seat is before.
func (s *Seat) Stream() models.Stream {
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	return s.stream
}

// Leave gives the seat up. Leaving twice is harmless.
func (s *Seat) Leave() {
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	if !s.gone {
		s.gone, s.queue = true, nil
		s.relay.rise(s)
	}
}
