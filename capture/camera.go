package capture

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"footfall/capture/frame"
	"footfall/models"
)

// ErrStuck is when calls do not come back from OpenCV. Only the end of the process frees them.
var ErrStuck = errors.New("reads are stuck in OpenCV; the process must be restarted")

// CameraConfig says what a Camera watches and how patient it is. Zero durations and numbers mean the defaults.
type CameraConfig struct {
	ID      models.CameraID
	Address CameraAddress
	// MaxFPS is the most pictures a second that are put into the slot; the rest is decoded, as it must be, and left.
	// 0 means all.
	MaxFPS float64
	// Stall is how long no picture may come before the camera is offline; default 5 s.
	Stall time.Duration
	// Timeouts are those of the calls into C. Read is always Stall.
	Timeouts Timeouts
	// MaxStuck is how many attempts may be stuck in C at once before Run gives up with ErrStuck; default 2.
	MaxStuck int
	// Grace is how long Run waits for C when it is told to end; default Stall and a second.
	Grace time.Duration
	// Pictures is how many frames the camera's pool has; default 4: one being read, one in the slot, one being
	// analysed, one to spare.
	Pictures int
	Log      *slog.Logger
}

func (c CameraConfig) withDefaults() CameraConfig {
	if c.Stall <= 0 {
		c.Stall = 5 * time.Second
	}
	c.Timeouts = c.Timeouts.withDefaults()
	c.Timeouts.Read = c.Stall
	c.Address.Timeout = c.Timeouts.Ask
	if c.MaxStuck <= 0 {
		c.MaxStuck = 2
	}
	if c.Grace <= 0 {
		c.Grace = c.Stall + time.Second
	}
	if c.Pictures <= 0 {
		c.Pictures = 4
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Camera is the stable owner of a camera: attempts to read it come and go, its slot, pool and status stay.
type Camera struct {
	config CameraConfig
	log    *slog.Logger
	slot   *Slot
	pool   *frame.Pool
	open   opener  // how an attempt gets its source; tests have their own
	waits  backoff // as it is at the start

	mu       sync.Mutex // guards what follows; never held during a call into C that may wait
	status   models.CameraStatus
	health   health
	rate     rate
	seq      uint64
	missed   uint64    // pictures that were due while the pool was empty
	due      time.Time // when the next picture is wanted
	previous time.Time // when the last picture came, wanted or not
	steady   bool      // it came soon after the one before
	key      bool      // a key frame came since the last look at a picture
	attempt  *attempt  // whose pictures count; nil between attempts
	stuck    int       // attempts that were left behind and are still in C
}

// opener opens the camera. after is why the last attempt ended, "" before the first.
type opener func(ctx context.Context, after models.Reason, watched *attempt) (Source, error)

// NewCamera makes a camera; Run watches it.
func NewCamera(config CameraConfig) *Camera {
	config = config.withDefaults()
	c := &Camera{
		config: config, log: config.Log.With("camera", config.ID),
		slot: NewSlot(), waits: newBackoff(), pool: frame.NewPool(config.Pictures),
		status: models.CameraStatus{Camera: config.ID, State: models.Connecting, Since: time.Now().UTC()},
	}
	c.open = c.openStream
	return c
}

// Slot is where the newest frame lies.
func (c *Camera) Slot() *Slot { return c.slot }

// Status is the present of the camera. It never waits for C.
func (c *Camera) Status() models.CameraStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.status
	s.FPS = c.rate.perSecond(time.Now())
	s.FramesDropped = c.missed + c.slot.Dropped()
	return s
}

// Run watches the camera until ctx ends, whatever happens to the camera. It returns nil then, or ErrStuck when too
// many attempts are stuck in C, or one is when it is told to end. It is called once.
func (c *Camera) Run(ctx context.Context) error {
	defer c.pool.Close()
	defer c.slot.Clear()
	waits := c.waits
	var after models.Reason
	for {
		a := c.begin(ctx, after)
		c.watch(ctx, a)
		if ctx.Err() != nil {
			return c.end(a)
		}
		ended := a.outcome()
		after = ended.Reason
		c.failed(ended)
		if errors.Is(ended, ErrStuck) || c.stuckNow() > c.config.MaxStuck {
			return fmt.Errorf("watch camera %s: %w", c.config.ID, ErrStuck)
		}
		if a.worked(c.config.Stall) {
			waits.reset()
			if errors.Is(ended, errShapeChanged) {
				continue // nothing is wrong with the camera
			}
		}
		if !sleep(ctx, waits.after(ended.Reason)) {
			return c.end(nil)
		}
	}
}

// sleep waits, and is false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// end waits for C for the length of the grace, and tells of what it had to leave behind.
func (c *Camera) end(a *attempt) error {
	if a != nil {
		grace := time.NewTimer(c.config.Grace)
		defer grace.Stop()
		select {
		case <-a.done:
		case <-grace.C:
			c.abandon(a)
		}
	}
	if c.stuckNow() > 0 {
		return fmt.Errorf("end camera %s: %w", c.config.ID, ErrStuck)
	}
	return nil
}

func (c *Camera) stuckNow() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stuck
}

// failed shows why an attempt ended. A change of resolution is not a failure.
func (c *Camera) failed(ended *ReasonError) {
	if errors.Is(ended, errShapeChanged) {
		c.log.Info("picture changed its size", "detail", "opening again")
		return
	}
	state := models.Offline
	if ended.Reason == models.ReasonGarbage {
		state = models.Degraded
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rate.reset()
	c.show(state, ended.Reason, ended.Detail)
}

// show changes the state; the caller holds the lock. Only changes are logged, so a camera that stays away for a night
// is two lines.
func (c *Camera) show(state models.CameraState, reason models.Reason, detail string) {
	changed := c.status.State != state || c.status.Reason != reason
	if c.status.State != state {
		c.status.Since = time.Now().UTC()
	}
	c.status.State, c.status.Reason, c.status.Detail = state, reason, detail
	switch {
	case !changed:
	case state == models.Online:
		c.log.Info("camera is online", "width", c.status.Width, "height", c.status.Height)
	default:
		c.log.Warn("camera gives no counts", "state", state, "reason", reason, "detail", detail)
	}
}
