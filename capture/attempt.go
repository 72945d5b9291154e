package capture

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"footfall/models"
)

// attempt is one try to read a camera: one goroutine, one handle. Its goroutine may get stuck in C; whoever watches it
// only looks at the atomics and the channel.
type attempt struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when the goroutine has ended and the handle is closed

	// deadline is when C must be back, in nanoseconds of the clock that began with the attempt; 0 while the attempt
	// is in Go, where its context ends it.
	deadline atomic.Int64
	began    time.Time
	pictures atomic.Uint64
	err      error // why it ended; read after done
	overdue  bool  // it was left behind: set and read by the watcher
}

// begin starts an attempt.
func (c *Camera) begin(ctx context.Context, after models.Reason) *attempt {
	ctx, cancel := context.WithCancel(ctx)
	a := &attempt{cancel: cancel, done: make(chan struct{}), began: time.Now()}
	c.mu.Lock()
	c.attempt = a
	c.mu.Unlock()
	go func() {
		defer close(a.done)
		defer cancel()
		a.err = c.read(ctx, a, after)
		c.ended(a)
	}()
	return a
}

// inC says that the attempt goes into C and must be back within limit; backInGo, that it is.
func (a *attempt) inC(limit time.Duration) { a.deadline.Store(int64(time.Since(a.began) + limit)) }

func (a *attempt) backInGo() { a.deadline.Store(0) }

// late reports whether C is not back in time.
func (a *attempt) late() bool {
	deadline := a.deadline.Load()
	return deadline != 0 && time.Since(a.began) > time.Duration(deadline)
}

// worked reports whether the attempt gave pictures, and for long enough to call it a success.
func (a *attempt) worked(long time.Duration) bool {
	return a.pictures.Load() > 0 && time.Since(a.began) > long
}

// outcome is why the attempt ended. Only for attempts that were watched to their end.
func (a *attempt) outcome() *ReasonError {
	if a.overdue {
		return &ReasonError{
			Reason: models.ReasonStalled, Detail: "no picture, and reading does not come back; it was left behind",
		}
	}
	return asReason(a.err, models.ReasonStalled)
}

// watchEvery is how often the watch looks at the clock.
const watchEvery = 250 * time.Millisecond

// watch waits until the attempt has ended, is overdue, or ctx ends. It trusts nothing that C does.
func (c *Camera) watch(ctx context.Context, a *attempt) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-a.done:
			return
		case <-ctx.Done():
			a.cancel()
			return
		case <-ticker.C:
			if a.late() {
				c.abandon(a)
				return
			}
		}
	}
}

// abandon leaves an attempt behind: its pictures count no more, and it cleans up after itself when C comes back.
func (c *Camera) abandon(a *attempt) {
	a.cancel()
	a.overdue = true
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.attempt != a { // it has just ended
		a.overdue = false
		return
	}
	c.attempt = nil
	c.stuck++
	c.log.Warn("a read is stuck in C and was left behind", "stuck", c.stuck)
}

// ended is the last thing that an attempt does.
func (c *Camera) ended(a *attempt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.attempt == a {
		c.attempt = nil
		return
	}
	c.stuck--
	c.log.Info("a read that was left behind has come back", "stuck", c.stuck)
}

// openStream asks the camera first and opens it then.
func (c *Camera) openStream(ctx context.Context, after models.Reason, a *attempt) (Source, error) {
	silent := after == models.ReasonStalled || after == models.ReasonGarbage
	if silent {
		// OpenCV opens one stream at a time in the whole process, so a silent camera would hold up the others for
		// as long as it may wait. It gets in when a packet has come.
		came, err := packetsWithin(ctx, c.config.Address, c.config.Timeouts.Ask)
		if err != nil {
			return nil, err
		}
		if !came {
			return nil, &ReasonError{Reason: models.ReasonStalled, Detail: "the camera answers, but sends nothing"}
		}
	}
	target, err := Preflight(ctx, c.config.Address)
	if err != nil {
		return nil, err
	}
	limits := c.config.Timeouts
	limits.entered = func() { a.inC(limits.Open + c.config.Stall) }
	source, err := openStream(ctx, target, limits)
	a.backInGo()
	if err != nil {
		if stalled := asReason(err, ""); silent && stalled.Reason == models.ReasonStalled {
			return nil, garbage("") // packets came
		}
		return nil, err
	}
	return source, nil
}

// read is the life of an attempt: open, read until it fails, close.
func (c *Camera) read(ctx context.Context, a *attempt, after models.Reason) error {
	source, err := c.open(ctx, after, a)
	if err != nil {
		return err
	}
	defer source.Close()
	keyed, _ := source.(interface{ KeyFrame() bool })
	for {
		// A little longer than the time-out that is set on the handle: this is for when that fails.
		a.inC(c.config.Stall + c.config.Stall/4)
		at, err := source.Skip()
		a.backInGo()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		a.pictures.Add(1)
		key := keyed == nil || keyed.KeyFrame()
		if err := c.arrived(a, source, at, key); err != nil {
			return err
		}
	}
}

// errLeftBehind ends an attempt that came back too late.
var errLeftBehind = errors.New("left behind")

// arrived takes in a picture: it is counted, and when it is due it is put into a frame, judged and given to the slot.
func (c *Camera) arrived(a *attempt, source Source, at time.Time, key bool) error {
	wanted, err := c.count(a, at, key)
	if err != nil || !wanted {
		return err
	}
	f, free := c.pool.Take()
	if !free {
		c.mu.Lock()
		c.missed++
		c.mu.Unlock()
		return nil
	}
	if err := source.Fill(f); err != nil {
		f.Release()
		return fmt.Errorf("convert picture: %w", err)
	}
	if err := c.judge(a, f, at); err != nil {
		f.Release()
		return err
	}
	c.slot.Put(f)
	return nil
}
