package vision

import (
	"context"
	"errors"
	"image"
	"log/slog"
	"sync"
	"time"

	"footfall/capture/frame"
	"footfall/models"
)

// Studio makes what people see of one camera, while they do and no longer: one encoder for every stream that is wanted,
// however many watch it. It shows only pictures that were analysed, with what was found on them: on no other could
// people be made unrecognisable. Pixels may be lost here: there is one slot, and nobody waits for it.
type Studio struct {
	config StudioConfig
	log    *slog.Logger
	filled chan struct{} // there is a take in the slot, or something has changed

	mu     sync.Mutex
	wanted map[models.Stream]models.Wanted
	until  time.Time // when the wishes lapse
	slot   *take
	spare  *take       // to be filled next
	seen   image.Point // size of the last picture
	closed bool
	tally  StudioTally
}

// StudioConfig says whose studio it is.
type StudioConfig struct {
	Camera models.Camera
	Codec  Codec
	Device string // of the codec
	FFmpeg string // the program; empty means ffmpeg on the PATH
	// Deliver gets every shot. It must not wait. Shots of one stream come one after the other.
	Deliver func(models.Shot)
	Keep    *Keeping // nil: nothing is kept
	Log     *slog.Logger
}

// StudioTally counts what a studio did since it was made.
type StudioTally struct {
	Encoders int    // that run now
	Started  uint64 // encoders
	Shots    uint64 // delivered
	Dropped  uint64 // pictures that were wanted and not shown: the one before was not finished
}

// take is a picture with what is known about it.
type take struct {
	frame  *frame.Frame
	view   models.View
	found  []models.Detection
	tracks []models.Track
	inside []models.ZoneTotal
}

// NewStudio makes a studio that nobody watches.
func NewStudio(config StudioConfig) *Studio {
	return &Studio{config: config, log: config.Log, filled: make(chan struct{}, 1), spare: &take{}}
}

// Want says what is wanted from now on, until it is said again or the time has come.
func (s *Studio) Want(wanted []models.Wanted, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.until = until
	s.wanted = make(map[models.Stream]models.Wanted, len(wanted))
	for _, w := range wanted {
		s.wanted[w.Stream] = w
	}
	s.ring()
}

// Tally is what was done so far.
func (s *Studio) Tally() StudioTally {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tally
}

// Analysis is what is known of a frame. Its slices are copied.
type Analysis struct {
	View   models.View // where on the picture all that is
	Found  []models.Detection
	Tracks []models.Track
	Inside []models.ZoneTotal // of the camera's zones
}

// Show takes a frame that was analysed, which is given away. It never waits.
func (s *Studio) Show(f *frame.Frame, a Analysis) {
	s.mu.Lock()
	s.seen = image.Pt(f.Width(), f.Height())
	if len(s.wanted) == 0 && s.config.Keep == nil || s.closed {
		s.mu.Unlock()
		f.Release()
		return
	}
	next := s.spare
	if s.slot != nil {
		next = s.slot
		s.tally.Dropped++
	}
	older := next.frame
	next.frame, next.view = f, a.View
	next.found = append(next.found[:0], a.Found...)
	next.tracks = append(next.tracks[:0], a.Tracks...)
	next.inside = append(next.inside[:0], a.Inside...)
	s.slot, s.spare = next, nil
	s.ring()
	s.mu.Unlock()
	if older != nil {
		older.Release()
	}
}

// ring wakes Run. The lock is held.
func (s *Studio) ring() {
	select {
	case s.filled <- struct{}{}:
	default:
	}
}

// lookEvery is how late it may be noticed that nobody watches any more.
const lookEvery = time.Second

// Run draws and encodes until ctx ends, and has ended every encoder when it returns.
func (s *Studio) Run(ctx context.Context) {
	reels := map[models.Stream]*reel{}
	keeper := newKeeper(s)
	defer func() {
		for _, r := range reels {
			r.close()
		}
		keeper.close()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.tally.Encoders = 0
		s.closed = true // a frame that comes now goes back at once
		if s.slot != nil {
			s.slot.frame.Release()
			s.slot = nil
		}
	}()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.filled:
		}
		s.arrange(ctx, reels)
		s.shoot(ctx, reels, keeper)
	}
}

// arrange makes the reels agree with what is wanted.
func (s *Studio) arrange(ctx context.Context, reels map[models.Stream]*reel) {
	s.mu.Lock()
	if !s.until.IsZero() && !time.Now().Before(s.until) {
		s.wanted = nil
	}
	wanted, seen := s.wanted, s.seen
	s.mu.Unlock()
	for stream, r := range reels {
		if _, still := wanted[stream]; !still {
			r.close()
			delete(reels, stream)
		}
	}
	for stream, w := range wanted {
		r := reels[stream]
		if r == nil {
			r = newReel(s, stream)
			reels[stream] = r
			r.wanted = w
			r.warmUp(ctx, seen)
		}
		r.wanted = w
	}
	s.count(reels)
}

// shoot shows the newest picture to everybody, after it was kept.
func (s *Studio) shoot(ctx context.Context, reels map[models.Stream]*reel, keeper *keeper) {
	s.mu.Lock()
	t := s.slot
	s.slot = nil
	if s.spare == nil {
		s.spare = &take{}
	}
	s.mu.Unlock()
	if t == nil {
		return
	}
	keeper.keep(t)
	for _, r := range reels {
		if err := r.shoot(ctx, t); err != nil && ctx.Err() == nil {
			s.log.Warn("preview was interrupted and begins anew", "stream", r.stream.String(), "error", err)
		}
	}
	t.frame.Release()
	t.frame = nil
	s.mu.Lock()
	s.spare = t
	s.mu.Unlock()
	s.count(reels)
}

// count keeps the tally.
func (s *Studio) count(reels map[models.Stream]*reel) {
	encoders, started := 0, uint64(0)
	for _, r := range reels {
		if r.encoder != nil {
			encoders++
		}
		started += r.started
		r.started = 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tally.Encoders = encoders
	s.tally.Started += started
}

// deliver hands over a shot.
func (s *Studio) deliver(shot models.Shot) {
	s.mu.Lock()
	s.tally.Shots++
	s.mu.Unlock()
	s.config.Deliver(shot)
}

var errTooSlow = errors.New("ffmpeg does not keep up, or hangs")
