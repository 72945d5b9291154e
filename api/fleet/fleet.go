package fleet

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"footfall/models"
)

// Leases is where leases are kept; storage/counts has it. It refuses with models.ErrConflict what would overlap or has
// ended, so that even two servers at once could not count anything twice.
type Leases interface {
	OpenLeases(ctx context.Context) ([]models.Lease, error)
	Grant(ctx context.Context, lease models.Lease) error
	Extend(ctx context.Context, id models.LeaseID, until time.Time) error
	End(ctx context.Context, id models.LeaseID, at time.Time) error
}

// Fleet is the register of workers, cameras and leases. All methods may be called at any time from any goroutine.
type Fleet struct {
	cfg    Config
	leases Leases
	log    *slog.Logger
	turns  chan struct{} // a turn is due
	calls  chan struct{} // called is not empty

	mu      sync.Mutex
	loaded  bool      // the open leases have been read back
	told    bool      // SetCameras was called: before, no camera is known, and none is removed
	started time.Time // when they were
	cameras map[models.CameraID]models.Camera
	// recordings are the clips that people want now
	recordings map[models.CameraID][]models.Recording
	members    map[string]*member
	holdings   map[models.CameraID]holding   // changed by the goroutine of Run only, but for claims
	ended      map[models.CameraID]time.Time // when the last lease of a camera ended
	idle       map[models.CameraID]idle      // as the last plan has it
	ward       *ward
	levelled   time.Time           // when a camera was last moved for balance
	called     map[string]struct{} // workers to be woken
	board      board
}

// New makes a fleet; it starts nothing.
func New(cfg Config, leases Leases, log *slog.Logger) *Fleet {
	return &Fleet{
		cfg: cfg.withDefaults(), leases: leases, log: log,
		turns:    make(chan struct{}, 1),
		calls:    make(chan struct{}, 1),
		cameras:  map[models.CameraID]models.Camera{},
		members:  map[string]*member{},
		holdings: map[models.CameraID]holding{},
		ended:    map[models.CameraID]time.Time{},
		idle:     map[models.CameraID]idle{},
		ward:     newWard(),
		called:   map[string]struct{}{},
		board:    newBoard(),
	}
}

// Run reads the open leases back and then decides, writes down and announces who watches what, until ctx ends. It
// fails only if the leases cannot be read. Open leases stay open when it ends: the workers go on watching.
func (f *Fleet) Run(ctx context.Context) error {
	if err := f.load(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	tick := time.NewTicker(turnEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		f.turn(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-f.turns:
		}
	}
	return nil
}

// load reads the leases that were open when the server stopped.
func (f *Fleet) load(ctx context.Context) error {
	open, err := f.leases.OpenLeases(ctx)
	if err != nil {
		return fmt.Errorf("read open leases: %w", err)
	}
	// The newest of a camera counts; an older one that was left open ends where it stands.
	slices.SortStableFunc(open, func(a, b models.Lease) int { return b.From.Compare(a.From) })
	held := map[models.CameraID]holding{}
	for _, lease := range open {
		if _, newer := held[lease.Camera]; newer {
			if err := f.leases.End(ctx, lease.ID, lease.Until); err != nil {
				return fmt.Errorf("end outdated lease: %w", err)
			}
			continue
		}
		held[lease.Camera] = holding{lease: lease}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.holdings, f.loaded, f.started = held, true, f.now()
	f.log.Info("leases read back", "open", len(held))
	return nil
}

// now is the server's time as leases have it: UTC, whole microseconds, which every database keeps exactly.
func (f *Fleet) now() time.Time { return f.cfg.Now().UTC().Truncate(time.Microsecond) }

// SetCameras tells the fleet all registered cameras. It is called at the start and after every change; the workers
// that are concerned hear of it at once.
func (f *Fleet) SetCameras(cameras []models.Camera) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	next := make(map[models.CameraID]models.Camera, len(cameras))
	for _, c := range cameras {
		next[c.ID] = c
		if old, known := f.cameras[c.ID]; known && old.Version == c.Version && old.URL == c.URL {
			continue
		}
		f.ward.forget(c.ID)
		if held, ok := f.holdings[c.ID]; ok {
			f.call(held.lease.Worker)
		}
	}
	for id := range f.cameras {
		if _, stays := next[id]; !stays {
			f.ward.forget(id)
			delete(f.idle, id)
		}
	}
	f.cameras, f.told = next, true
	f.post(now)
	f.turnSoon()
}

// SetRecordings tells the fleet all clips that people want now, and wakes the workers that are concerned. Who has made
// a clip of a recording already makes no second one, so they may be told for longer than they last.
func (f *Fleet) SetRecordings(recordings []models.Recording) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := f.recordings
	f.recordings = map[models.CameraID][]models.Recording{}
	for _, r := range recordings {
		f.recordings[r.Camera] = append(f.recordings[r.Camera], r)
	}
	for camera, held := range f.holdings {
		same := func(a, b models.Recording) bool { return a.ID == b.ID }
		if !slices.EqualFunc(before[camera], f.recordings[camera], same) {
			f.call(held.lease.Worker)
		}
	}
}

// Calls waits until the orders of some workers have changed and names them; it is for the link's hub alone.
func (f *Fleet) Calls(ctx context.Context) ([]string, error) {
	select {
	case <-f.calls:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	names := make([]string, 0, len(f.called))
	for name := range f.called {
		names = append(names, name)
	}
	clear(f.called)
	return names, nil
}

// call has a worker woken. The lock is held.
func (f *Fleet) call(worker string) {
	f.called[worker] = struct{}{}
	select {
	case f.calls <- struct{}{}:
	default:
	}
}

// turnSoon makes the next turn come at once.
func (f *Fleet) turnSoon() {
	select {
	case f.turns <- struct{}{}:
	default:
	}
}

// ready reports whether the fleet knows leases and cameras: without the one or the other it would take cameras away
// from workers that watch them. The lock is held.
func (f *Fleet) ready() bool { return f.loaded && f.told }

// turn is one round of deciding and doing. Only Run calls it.
func (f *Fleet) turn(ctx context.Context) {
	f.mu.Lock()
	ready := f.ready()
	f.mu.Unlock()
	if !ready {
		return
	}
	// 1. What is the matter?
	situation := f.situation()
	// 2. What is to be done?
	plan := makePlan(situation)
	// 3. Do it: first in the database, then in memory. What fails is tried again in the next turn.
	for _, e := range plan.ends {
		f.end(ctx, e)
	}
	for _, g := range plan.grants {
		f.grant(ctx, g)
	}
	for _, id := range plan.extend {
		f.extend(ctx, id, plan.until)
	}
	// 4. Tell everybody.
	f.mu.Lock()
	defer f.mu.Unlock()
	f.idle = plan.idle
	if plan.balance {
		f.levelled = situation.now
	}
	f.prune(situation.now)
	f.post(f.now())
}

// situation is what the plan is made from.
func (f *Fleet) situation() situation {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	for _, id := range f.ward.tick(now) {
		f.log.Warn("camera leaves quarantine and is tried again", "camera", id)
	}
	s := situation{
		now: now, duration: f.cfg.LeaseDuration, patience: f.started.Add(f.cfg.LeaseDuration),
		holdings: make(map[models.CameraID]holding, len(f.holdings)),
		earliest: make(map[models.CameraID]time.Time, len(f.ended)),
		rulings:  f.ward.rulings(),
		cameras:  f.camerasByID(),
	}
	for id, h := range f.holdings {
		s.holdings[id] = h
	}
	for id, at := range f.ended {
		s.earliest[id] = at
	}
	for _, m := range f.membersByName() {
		s.workers = append(s.workers, f.candidate(m, now))
	}
	if now.Sub(f.started) < settleTime {
		s.share = f.fairShare()
	} else {
		s.mayMove = now.Sub(f.levelled) >= levelEvery
	}
	return s
}

// fairShare is how many cameras a worker gets while others are still expected.
func (f *Fleet) fairShare() int {
	enabled := 0
	for _, c := range f.cameras {
		if !c.Disabled {
			enabled++
		}
	}
	workers := max(f.cfg.Workers, 1)
	if enabled == 0 || f.cfg.Workers == 0 {
		return 0
	}
	return (enabled + workers - 1) / workers
}
