package preview

import (
	"context"
	"sync"
	"time"

	"footfall/models"
)

// House is what the relay must know of the cameras.
type House interface {
	// Watcher is the worker that watches a camera now; empty if none does.
	Watcher(camera models.CameraID) string
	// Totals are what a camera's lines have counted today. A line about which nothing is known is left out.
	Totals(ctx context.Context, camera models.CameraID) ([]models.LineTotal, error)
}

// Relay knows who watches what. It is safe for any number of goroutines.
type Relay struct {
	house House
	now   func() time.Time
	bell  chan struct{} // something else is wanted

	mu       sync.Mutex
	streams  map[models.Stream]*channel
	totals   map[models.CameraID]totals
	showing  map[string]bool // workers that were told to show something
	dropped  uint64          // shots that a seat was too slow for
	relayed  uint64
	asked    time.Time // when the workers were last told
	keyFrame uint64    // wishes so far, over all streams
	closed   chan struct{}
	closing  sync.Once
}

// channel is one stream with its seats.
type channel struct {
	seats     map[*Seat]struct{}
	left      time.Time // when the last seat was left; zero while there are any
	keyFrames uint64    // wishes for key frames
	keyed     time.Time // when the last was made
	pending   bool      // another one is due
	last      models.Shot
	seen      time.Time // when last came, by our clock
}

type totals struct {
	lines []models.LineTotal
	at    time.Time
}

// The patience of the relay.
const (
	// linger is how long a stream goes on without viewers: whoever reloads the page finds it running.
	linger = 5 * time.Second
	// keyEvery is how often a stream is asked for a key frame at most. They are ten times as large as others.
	keyEvery = 300 * time.Millisecond
	// wishEvery is how often workers are told what is wanted, however little changes.
	wishEvery = time.Second
	// keepLast is how long the last still of a camera is kept for those who ask for one.
	keepLast = 10 * time.Minute
	// waitingShots is how far a seat may fall behind before it has to begin anew.
	waitingShots = 12
)

// NewRelay makes a relay without viewers. now is the clock; nil means the system's.
func NewRelay(house House, now func() time.Time) *Relay {
	if now == nil {
		now = time.Now
	}
	return &Relay{
		house: house, now: now, bell: make(chan struct{}, 1),
		closed:  make(chan struct{}),
		streams: map[models.Stream]*channel{}, totals: map[models.CameraID]totals{}, showing: map[string]bool{},
	}
}

// Close ends every wait for a shot. Closing twice is harmless.
func (r *Relay) Close() { r.closing.Do(func() { close(r.closed) }) }

// Counts is what the relay does now and has done.
type Counts struct {
	Viewers map[models.Stream]int
	Relayed uint64 // shots given to seats
	Dropped uint64 // shots that a seat was too slow for
}

// Counts is what the relay does now and has done. Streams that nobody watches are left out.
func (r *Relay) Counts() Counts {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := Counts{Viewers: map[models.Stream]int{}, Relayed: r.relayed, Dropped: r.dropped}
	for stream, ch := range r.streams {
		if len(ch.seats) > 0 {
			c.Viewers[stream] = len(ch.seats)
		}
	}
	return c
}

// Join takes a seat. Its first shot is a key frame.
func (r *Relay) Join(stream models.Stream) *Seat {
	s := &Seat{relay: r, stream: stream, filled: make(chan struct{}, 1)}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sit(s)
	return s
}

// sit puts a seat to its stream. The lock is held.
func (r *Relay) sit(s *Seat) {
	ch := r.streams[s.stream]
	if ch == nil {
		ch = &channel{seats: map[*Seat]struct{}{}}
		r.streams[s.stream] = ch
	}
	ch.seats[s] = struct{}{}
	ch.left = time.Time{}
	s.queue, s.inStep = nil, false
	r.wantKey(ch)
}

// rise takes a seat away from its stream. The lock is held.
func (r *Relay) rise(s *Seat) {
	ch := r.streams[s.stream]
	if ch == nil {
		return
	}
	delete(ch.seats, s)
	if len(ch.seats) == 0 {
		ch.left = r.now()
	}
}

// wantKey asks for a key frame, now or as soon as it may be. The lock is held.
func (r *Relay) wantKey(ch *channel) {
	ch.pending = true
	r.ring()
}

func (r *Relay) ring() {
	select {
	case r.bell <- struct{}{}:
	default:
	}
}

// Watcher is the worker that watches a camera now; empty if none does.
func (r *Relay) Watcher(camera models.CameraID) string { return r.house.Watcher(camera) }

// Show passes a shot on to all seats of its stream. It never waits.
func (r *Relay) Show(shot models.Shot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ch := r.streams[shot.Stream]
	if ch == nil {
		return // it lingers in the worker
	}
	gap := !shot.Key && shot.Seq != ch.last.Seq+1
	ch.last, ch.seen = shot, r.now()
	needKey := false
	for s := range ch.seats {
		if gap {
			s.inStep = false
		}
		if s.inStep = s.inStep || shot.Key; !s.inStep {
			needKey = true
			continue
		}
		if !s.put(shot) {
			r.dropped += waitingShots
			needKey = true
			continue
		}
		r.relayed++
	}
	if needKey {
		r.wantKey(ch)
	}
}

// Last is the newest shot of a stream, and when it came by the relay's clock; false if there is none.
func (r *Relay) Last(stream models.Stream) (models.Shot, time.Time, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ch := r.streams[stream]
	if ch == nil || ch.seen.IsZero() {
		return models.Shot{}, time.Time{}, false
	}
	return ch.last, ch.seen, true
}

// Totals is what a camera's lines have counted today, as far as the relay was told.
func (r *Relay) Totals(camera models.CameraID) []models.LineTotal {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.totals[camera].lines
}

// Wishes waits until something else is wanted, or a second has passed, and says what each worker is to show. It is for
// the link alone.
func (r *Relay) Wishes(ctx context.Context) (map[string][]models.Wanted, error) {
	for {
		r.mu.Lock()
		wait := r.asked.Add(wishEvery).Sub(r.now())
		for _, ch := range r.streams {
			if due := ch.keyed.Add(keyEvery).Sub(r.now()); ch.pending && due < wait {
				wait = due
			}
		}
		r.mu.Unlock()
		if wait <= 0 {
			return r.wishes(ctx)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-r.bell:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// wishes is what is wanted now.
func (r *Relay) wishes(ctx context.Context) (map[string][]models.Wanted, error) {
	r.refresh(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	r.asked = now
	r.forget(now)
	wishes := map[string][]models.Wanted{}
	for worker := range r.showing {
		wishes[worker] = nil // who has nothing to show any more is told so
	}
	r.showing = map[string]bool{}
	for stream, ch := range r.streams {
		if !ch.isWanted(now) {
			continue
		}
		worker := r.house.Watcher(stream.Camera)
		if worker == "" {
			continue
		}
		if ch.pending && now.Sub(ch.keyed) >= keyEvery {
			r.keyFrame++
			ch.keyFrames, ch.keyed, ch.pending = r.keyFrame, now, false
		}
		r.showing[worker] = true
		wishes[worker] = append(wishes[worker], models.Wanted{
			Stream: stream, KeyFrames: ch.keyFrames, Totals: r.totals[stream.Camera].lines,
		})
	}
	return wishes, nil
}

func (ch *channel) isWanted(now time.Time) bool {
	return len(ch.seats) > 0 || now.Sub(ch.left) < linger
}

// forget drops streams that nobody has watched for long. The lock is held.
func (r *Relay) forget(now time.Time) {
	watched := map[models.CameraID]bool{}
	for stream, ch := range r.streams {
		keep := linger
		if stream.Stills && !stream.Clean {
			keep = keepLast
		}
		if len(ch.seats) == 0 && now.Sub(ch.left) >= keep {
			delete(r.streams, stream)
			continue
		}
		watched[stream.Camera] = true
	}
	for camera := range r.totals {
		if !watched[camera] {
			delete(r.totals, camera)
		}
	}
}

// totalsEvery is how often the counts of a camera that is watched are asked for.
const totalsEvery = time.Second

// refresh asks for the counts of the cameras that are watched, when they are old.
func (r *Relay) refresh(ctx context.Context) {
	r.mu.Lock()
	now := r.now()
	stale := map[models.CameraID]bool{}
	for stream, ch := range r.streams {
		// A little early, so that each round of wishes has new ones.
		if ch.isWanted(now) && now.Sub(r.totals[stream.Camera].at) >= totalsEvery*9/10 {
			stale[stream.Camera] = true
		}
	}
	r.mu.Unlock()
	for camera := range stale {
		lines, err := r.house.Totals(ctx, camera)
		r.mu.Lock()
		t := totals{lines: r.totals[camera].lines, at: now}
		if err == nil { // else what was known a second ago stays, and the next second may bring more
			t.lines = lines
		}
		r.totals[camera] = t
		r.mu.Unlock()
	}
}
