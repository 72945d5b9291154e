package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"footfall/models"
)

// LiveFrame is a frame of a camera: it must be given back, and says whether its picture shows anything.
type LiveFrame interface {
	Frame
	Healthy() bool // false: frozen, dark or garbage; looked at by nobody and not observed
	Release()
}

// Slot hands over the newest frame and waits if there is none. Dropped counts the frames that nobody took.
type Slot[F Frame] interface {
	Take(ctx context.Context) (frame F, err error)
	Dropped() uint64
}

// Lender lends a detector for one turn.
type Lender[F Frame] interface {
	Borrow(ctx context.Context) (Detector[F], error)
	Return(detector Detector[F])
}

// Journal keeps facts durably; Append returns when they are on disk.
type Journal interface {
	Append(ctx context.Context, facts ...models.Fact) error
}

// Audience is shown every frame that was analysed. The frame is given away to it; the turn's slices are borrowed. It
// must not wait: pixels may be lost, time may not.
type Audience[F Frame] interface {
	Show(frame F, turn Turn)
}

// Assignment is what is watched, and under which right.
type Assignment struct {
	Camera       models.Camera
	Lease        models.LeaseID
	ModelVersion string
}

// Watch looks at one camera and writes down what it sees.
type Watch[F LiveFrame] struct {
	Assignment Assignment
	Frames     Slot[F]
	Detectors  Lender[F]
	Following  Following
	Zoning     Zoning      // nil: there are no zones
	Steadier   Steadier[F] // nil: the camera is taken for steady
	Journal    Journal
	NewID      func() models.FactID
	Log        *slog.Logger
	Audience   Audience[F] // nil: nobody
	// CheckpointEvery bounds the observed time that dies with the process. Zero means 5 s.
	CheckpointEvery time.Duration

	analysed atomic.Uint64
	failing  atomic.Pointer[string]
	inside   atomic.Pointer[[]models.ZoneInside]
	looking  sync.Mutex
	view     models.View // of the last frame; guarded by looking
}

// Analysed is the number of frames analysed so far. It may be asked at any time.
func (w *Watch[F]) Analysed() uint64 { return w.analysed.Load() }

// View is how the camera lay on the last frame that was analysed. It may be asked at any time.
func (w *Watch[F]) View() models.View {
	w.looking.Lock()
	defer w.looking.Unlock()
	return w.view
}

func (w *Watch[F]) show(view models.View) {
	w.looking.Lock()
	defer w.looking.Unlock()
	w.view = view
}

// Failing is why frames arrive but cannot be analysed; empty if they can. It may be asked at any time.
func (w *Watch[F]) Failing() string {
	if reason := w.failing.Load(); reason != nil {
		return *reason
	}
	return ""
}

// Inside is how many are inside the zones now. It may be asked at any time, and is not to be changed.
func (w *Watch[F]) Inside() []models.ZoneInside {
	if inside := w.inside.Load(); inside != nil {
		return *inside
	}
	return nil
}

// maxDetectorFailures is how many turns may fail one after another before Run gives up: a detector that has failed
// for so long does not heal by itself.
const maxDetectorFailures = 50

// Run watches until ctx ends and returns nil then. What was observed last is written down before it returns.
func (w *Watch[F]) Run(ctx context.Context) error {
	day := shift[F]{
		Watch:    w,
		corridor: NewCorridor[F](w.Following, nil),
		facts:    map[uint64]models.FactID{},
		dropped:  w.Frames.Dropped(),
	}
	day.corridor.Steadier = w.Steadier
	if w.CheckpointEvery <= 0 {
		w.CheckpointEvery = 5 * time.Second
	}
	day.corridor.Zone(w.Zoning)
	err := day.run(ctx)
	// The stretch up to now was observed whatever ended the shift.
	last := context.WithoutCancel(ctx)
	closing := day.record(last, day.corridor.Close())
	if closing == nil {
		closing = day.checkpoint(last)
	}
	if closing != nil && err == nil {
		err = closing
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
	}
	return err
}

// shift is the state of one Run.
type shift[F LiveFrame] struct {
	*Watch[F]
	corridor *Corridor[F]
	meter    Meter
	facts    map[uint64]models.FactID // ids of recent passages, for the U-turn that may undo one
	dropped  uint64
	written  time.Time // stamp of the last checkpoint
	failures int
	zones    []models.ZoneTotal // reused
}

// run looks at frames, and writes down what was observed after every stretch of them.
func (s *shift[F]) run(ctx context.Context) error {
	for {
		if err := s.stretch(ctx); err != nil {
			return err
		}
		if err := s.checkpoint(ctx); err != nil {
			return err
		}
	}
}

// silence is for how long no frame must come for a stretch to be over: a camera that is gone may be gone for a night,
// and what was seen of it until then must not wait so long. It is more than MaxObservedGap, so that nothing is lost.
const silence = 2 * MaxObservedGap

// stretch looks at frames until a checkpoint is due by their stamps, or none came.
func (s *shift[F]) stretch(ctx context.Context) error {
	for {
		frame, err := s.take(ctx)
		if err != nil {
			if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
				return s.gap(ctx)
			}
			return err
		}
		at := frame.Stamp()
		if err := s.turn(ctx, frame); err != nil {
			return err
		}
		if s.written.IsZero() {
			s.written = at
		}
		if at.Sub(s.written) >= s.CheckpointEvery || !at.Truncate(time.Minute).Equal(s.written.Truncate(time.Minute)) {
			s.written = at
			return nil
		}
	}
}

// take waits for the next frame. It returns context.DeadlineExceeded if none came.
func (s *shift[F]) take(ctx context.Context) (F, error) {
	patience, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	return s.Frames.Take(patience)
}

// turn looks at one frame, writes down who crossed, and parts with the frame.
func (s *shift[F]) turn(ctx context.Context, frame F) error {
	shown := false
	defer func() {
		if !shown {
			frame.Release()
		}
	}()
	if !frame.Healthy() {
		return s.gap(ctx)
	}
	turn, err := s.look(ctx, frame)
	if err != nil {
		return s.fail(ctx, err)
	}
	s.failures = 0
	s.failing.Store(nil)
	s.analysed.Add(1)
	s.meter.Moved(turn.View.Moved)
	s.meter.Observe(turn.At)
	s.show(turn.View)
	s.showZones()
	err = s.record(ctx, turn.Passages)
	if s.Audience != nil { // after the facts, which nothing may hold up
		shown = true
		s.Audience.Show(frame, turn)
	}
	return err
}

// gap says that the time until the next frame is not observed, and writes down who had crossed before it.
func (s *shift[F]) gap(ctx context.Context) error {
	s.meter.Gap()
	return s.record(ctx, s.corridor.Gap())
}

// showZones makes known how many are inside the zones, when that has changed.
func (s *shift[F]) showZones() {
	s.zones = s.corridor.Inside(s.zones[:0])
	if shown := s.inside.Load(); shown != nil && agree(*shown, s.zones) {
		return
	}
	var now []models.ZoneInside
	for _, t := range s.zones {
		if n := len(now); n == 0 || now[n-1].ID != t.Zone {
			now = append(now, models.ZoneInside{ID: t.Zone, Inside: map[models.Class]int64{}})
		}
		now[len(now)-1].Inside[t.Class] = t.Inside
	}
	s.inside.Store(&now)
}

// agree reports whether what is shown is what the totals say.
func agree(shown []models.ZoneInside, totals []models.ZoneTotal) bool {
	zone := -1
	for i, t := range totals {
		if i == 0 || totals[i-1].Zone != t.Zone {
			zone++
		}
		if zone >= len(shown) || shown[zone].ID != t.Zone || shown[zone].Inside[t.Class] != t.Inside {
			return false
		}
	}
	return zone == len(shown)-1
}

func (s *shift[F]) look(ctx context.Context, frame F) (Turn, error) {
	detector, err := s.Detectors.Borrow(ctx)
	if err != nil {
		return Turn{}, err
	}
	defer s.Detectors.Return(detector)
	return s.corridor.Turn(frame, detector)
}

// fail tolerates a detector that stumbles: the time is not observed, and that is said.
func (s *shift[F]) fail(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := s.gap(ctx); err != nil {
		return err
	}
	reason := err.Error()
	s.failing.Store(&reason)
	s.failures++
	if s.failures == 1 {
		s.Log.Error("frame not analysed", "error", err)
	}
	if s.failures > maxDetectorFailures {
		return fmt.Errorf("analyse camera %s: %d frames failed in a row, the last with: %w",
			s.Assignment.Camera.ID, s.failures, err)
	}
	return nil
}

// record makes facts of passages and keeps them.
func (s *shift[F]) record(ctx context.Context, passages []models.Passage) error {
	if len(passages) == 0 {
		return nil
	}
	facts := make([]models.Fact, 0, len(passages))
	for _, p := range passages {
		fact := s.fact()
		fact.Crossing = &models.Crossing{
			Line: p.Line, Direction: p.Direction, Class: p.Class, Time: p.At.UTC(),
			ConfigVersion: s.Assignment.Camera.Version, ModelVersion: s.Assignment.ModelVersion,
			Reverses: s.facts[p.Reverses], Carrying: p.Carrying,
		}
		s.remember(p.Seq, fact.ID)
		facts = append(facts, fact)
	}
	return s.keep(ctx, facts)
}

// remembered is how many passages back a U-turn may reach; far more than happen within any sensible time for one.
const remembered = 4096

func (s *shift[F]) remember(seq uint64, id models.FactID) {
	s.facts[seq] = id
	delete(s.facts, seq-remembered)
}

// checkpoint writes down what was observed since the last one, and what happened in the zones in that time.
func (s *shift[F]) checkpoint(ctx context.Context) error {
	dropped := s.Frames.Dropped()
	s.meter.Drop(int64(dropped - s.dropped))
	s.dropped = dropped
	covered := s.meter.Drain()
	facts := make([]models.Fact, 0, len(covered))
	for _, c := range covered {
		fact := s.fact()
		c.From, c.Minute = c.From.UTC(), c.Minute.UTC()
		fact.Coverage = &c
		facts = append(facts, fact)
	}
	for _, p := range s.corridor.Stays(nil) {
		fact := s.fact()
		p.From, p.Minute = p.From.UTC(), p.Minute.UTC()
		p.ConfigVersion, p.ModelVersion = s.Assignment.Camera.Version, s.Assignment.ModelVersion
		fact.Presence = &p
		facts = append(facts, fact)
	}
	if len(facts) == 0 {
		return nil
	}
	return s.keep(ctx, facts)
}

func (s *shift[F]) fact() models.Fact {
	return models.Fact{ID: s.NewID(), Camera: s.Assignment.Camera.ID, Lease: s.Assignment.Lease}
}

func (s *shift[F]) keep(ctx context.Context, facts []models.Fact) error {
	// A passage that was seen is kept even if the watch is being stopped at this moment.
	if err := s.Journal.Append(context.WithoutCancel(ctx), facts...); err != nil {
		return fmt.Errorf("keep %d fact(s) of camera %s: %w", len(facts), s.Assignment.Camera.ID, err)
	}
	return nil
}
