package capture

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/models"
)

// acted is a Source that a test plays.
type acted struct {
	skip   func() error // blocks until there is a picture
	closed atomic.Bool
	shade  byte
}

func (a *acted) Skip() (time.Time, error) {
	if err := a.skip(); err != nil {
		return time.Time{}, err
	}
	return time.Now(), nil
}

// Fill makes a picture with detail that is never like the one before.
func (a *acted) Fill(into *frame.Frame) error {
	m := frame.NewMatWithSize(48, 64, gocv.MatTypeCV8UC3)
	defer frame.Close(&m)
	data, err := m.DataPtrUint8()
	if err != nil {
		return err
	}
	a.shade++
	for i := range data {
		data[i] = byte(i) ^ a.shade
	}
	m.CopyTo(&into.Mat)
	return nil
}

func (a *acted) Read(into *frame.Frame) error {
	if _, err := a.Skip(); err != nil {
		return err
	}
	return a.Fill(into)
}

func (a *acted) Info() SourceInfo { return SourceInfo{Live: true} }
func (a *acted) Close()           { a.closed.Store(true) }

// tenPerSecond gives a picture every 100 ms, n of them, and then what end gives.
func tenPerSecond(n int, end func() error) func() error {
	return func() error {
		if n == 0 {
			return end()
		}
		n--
		<-time.After(100 * time.Millisecond)
		return nil
	}
}

func forever() error { select {} }

// onStage runs a camera in a bubble of time with the sources that open gives; after the act it ends the camera and
// returns Run's error.
func onStage(t *testing.T, config CameraConfig, open opener, act func(w *watched)) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &watched{sights: make(sights, 1000)}
		config.ID, config.Log = "door", slog.New(w.sights)
		w.Camera = NewCamera(config)
		w.open = open
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		act(w)
		stop()
		err = <-done
	})
	return err
}

// after waits in the bubble's time, which costs none.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestACameraThatDeliversIsOnline(t *testing.T) {
	t.Parallel()
	source := &acted{skip: tenPerSecond(1000, forever)}
	open := func(context.Context, models.Reason, *attempt) (Source, error) { return source, nil }
	source.skip = tenPerSecond(50, func() error { return io.EOF })
	err := onStage(t, CameraConfig{}, open, func(w *watched) {
		if got := w.Status().State; got != models.Connecting {
			t.Errorf("before the first picture the camera is %s", got)
		}
		after(4 * time.Second)
		f, err := w.Slot().Take(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer f.Release()
		s := w.Status()
		if s.State != models.Online || s.FramesSeen != 40 || f.Seq != 40 || s.Width != 64 || s.Height != 48 {
			t.Errorf("after 4 s: %+v and frame %d", s, f.Seq)
		}
		if s.FramesDropped != 39 {
			t.Errorf("%d frames dropped of 40 of which one was taken", s.FramesDropped)
		}
		if s.FPS < 9.9 || s.FPS > 10.1 {
			t.Errorf("%v frames a second, want 10", s.FPS)
		}
	})
	if err != nil || !source.closed.Load() {
		t.Errorf("ended with %v, source closed: %v", err, source.closed.Load())
	}
}

func TestNoMorePicturesThanAskedFor(t *testing.T) {
	t.Parallel()
	source := &acted{skip: tenPerSecond(100, func() error { return io.EOF })}
	open := func(context.Context, models.Reason, *attempt) (Source, error) { return source, nil }
	err := onStage(t, CameraConfig{MaxFPS: 4}, open, func(w *watched) {
		after(9950 * time.Millisecond)
		s := w.Status()
		// 4 a second for 10 s; all but the last lie in nobody's hands.
		if s.FramesSeen != 99 || s.FramesDropped < 38 || s.FramesDropped > 40 {
			t.Errorf("saw %d and put %d into the slot, want 99 and about 40", s.FramesSeen, s.FramesDropped+1)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAnEmptyPoolDropsAndCounts(t *testing.T) {
	t.Parallel()
	source := &acted{skip: tenPerSecond(30, func() error { return io.EOF })}
	open := func(context.Context, models.Reason, *attempt) (Source, error) { return source, nil }
	err := onStage(t, CameraConfig{Pictures: 1}, open, func(w *watched) {
		after(150 * time.Millisecond)
		f, err := w.Slot().Take(context.Background()) // the only frame there is
		if err != nil {
			t.Fatal(err)
		}
		after(time.Second)
		if got := w.Status(); got.FramesSeen != 11 || got.FramesDropped != 10 {
			t.Errorf("saw %d, dropped %d; want 11 and 10", got.FramesSeen, got.FramesDropped)
		}
		f.Release()
		after(100 * time.Millisecond)
		f, err = w.Slot().Take(context.Background())
		if err != nil || f.Seq != 12 {
			t.Fatalf("frame %v after the drops, want number 12 (%v)", f, err)
		}
		f.Release()
	})
	if err != nil {
		t.Error(err)
	}
}

// The watch must not trust C: a read that does not come back is left behind, and the camera goes on with a new one.
func TestAStuckReadIsLeftBehind(t *testing.T) {
	t.Parallel()
	var loose atomic.Bool
	stuck := &acted{skip: tenPerSecond(20, func() error {
		for !loose.Load() {
			<-time.After(10 * time.Millisecond)
		}
		return nil
	})}
	healthy := &acted{skip: tenPerSecond(1000, func() error { return io.EOF })}
	tries := 0
	open := func(context.Context, models.Reason, *attempt) (Source, error) {
		if tries++; tries == 1 {
			return stuck, nil
		}
		return healthy, nil
	}
	var took time.Duration
	err := onStage(t, CameraConfig{}, open, func(w *watched) {
		after(2100 * time.Millisecond)
		began := time.Now()
		for w.Status().State == models.Online {
			after(50 * time.Millisecond)
		}
		took = time.Since(began)
		if s := w.Status(); s.State != models.Offline || s.Reason != models.ReasonStalled {
			t.Errorf("a stuck camera is %s, %s", s.State, s.Reason)
		}
		if w.stuckNow() != 1 || stuck.closed.Load() {
			t.Errorf("%d attempts count as stuck, source closed: %v", w.stuckNow(), stuck.closed.Load())
		}
		after(3 * time.Second)
		s := w.Status()
		if s.State != models.Online || s.Reconnects != 1 {
			t.Errorf("after the new attempt the camera is %+v", s)
		}
		loose.Store(true) // C comes back at last, with a picture of long ago
		after(50 * time.Millisecond)
		if w.stuckNow() != 0 || !stuck.closed.Load() {
			t.Errorf("%d attempts count as stuck, source closed: %v", w.stuckNow(), stuck.closed.Load())
		}
		if seen := w.Status().FramesSeen; seen > s.FramesSeen+1 {
			t.Errorf("the picture of a read that was left behind counts")
		}
	})
	if err != nil {
		t.Error(err)
	}
	if took > 10*time.Second {
		t.Errorf("a stuck read was seen after %v, want at most 10 s", took)
	}
}

func TestTooManyStuckReadsEndTheWatch(t *testing.T) {
	t.Parallel()
	var loose chan struct{}
	open := func(context.Context, models.Reason, *attempt) (Source, error) {
		return &acted{skip: func() error { <-loose; return io.EOF }}, nil
	}
	synctest.Test(t, func(t *testing.T) {
		loose = make(chan struct{})
		c := NewCamera(CameraConfig{ID: "door", MaxStuck: 2})
		c.open = open
		err := c.Run(context.Background())
		if !errors.Is(err, ErrStuck) || c.stuckNow() != 3 {
			t.Errorf("ended with %v and %d stuck, want ErrStuck and 3", err, c.stuckNow())
		}
		close(loose)
		synctest.Wait()
		if c.stuckNow() != 0 {
			t.Errorf("%d reads are stuck after all came back", c.stuckNow())
		}
	})
}

func TestAReadThatDoesNotComeBackAtTheEndIsReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		loose := make(chan struct{})
		c := NewCamera(CameraConfig{ID: "door"})
		c.open = func(context.Context, models.Reason, *attempt) (Source, error) {
			return &acted{skip: func() error { <-loose; return io.EOF }}, nil
		}
		ctx, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		began := time.Now()
		err := c.Run(ctx)
		if !errors.Is(err, ErrStuck) {
			t.Errorf("ended with %v, want ErrStuck", err)
		}
		if took := time.Since(began); took != 7*time.Second {
			t.Errorf("waited until %v, want the end of the context and 6 s of grace", took)
		}
		close(loose)
		synctest.Wait()
	})
}

func TestAttemptsComeSlowerAndSlower(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason    models.Reason
		atLeast   int // attempts in two minutes
		atMost    int
		shortest  time.Duration // between two attempts, after the first minute
		longest   time.Duration
		lastState models.CameraState
	}{
		{models.ReasonUnreachable, 16, 30, 6 * time.Second, 8 * time.Second, models.Offline},
		{models.ReasonAuth, 12, 17, 7500 * time.Millisecond, 10 * time.Second, models.Offline},
		{models.ReasonGarbage, 16, 30, 6 * time.Second, 8 * time.Second, models.Degraded},
	} {
		var tries []time.Time
		open := func(context.Context, models.Reason, *attempt) (Source, error) {
			tries = append(tries, time.Now())
			return nil, &ReasonError{Reason: c.reason, Detail: "no"}
		}
		err := onStage(t, CameraConfig{}, open, func(w *watched) {
			began := time.Now()
			after(2 * time.Minute)
			if s := w.Status(); s.State != c.lastState || s.Reason != c.reason || s.Detail != "no" ||
				s.Since.Sub(began) > time.Second {
				t.Errorf("%s: status %+v", c.reason, s)
			}
			if n := len(w.sights); n != 1 {
				t.Errorf("%s: %d lines in the log, want 1", c.reason, n)
			}
		})
		if err != nil || len(tries) < c.atLeast || len(tries) > c.atMost {
			t.Errorf("%s: %d attempts in two minutes (%v)", c.reason, len(tries), err)
		}
		for i := 1; i < len(tries); i++ {
			gap := tries[i].Sub(tries[i-1])
			if gap > c.longest || gap < c.shortest && tries[i].Sub(tries[0]) > time.Minute {
				t.Errorf("%s: attempt %d came after %v", c.reason, i+1, gap)
			}
		}
	}
}

// Pictures that get through garbage by chance do not make a camera healthy.
func TestASinglePictureIsNotACamera(t *testing.T) {
	t.Parallel()
	open := func(context.Context, models.Reason, *attempt) (Source, error) {
		return &acted{skip: tenPerSecond(1, func() error {
			<-time.After(3 * time.Second)
			return garbage("")
		})}, nil
	}
	err := onStage(t, CameraConfig{}, open, func(w *watched) {
		after(time.Minute)
		for len(w.sights) > 0 {
			if s := <-w.sights; s.state == models.Online {
				t.Error("one picture among garbage made the camera online")
			}
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTheRateFallsWhenPicturesStop(t *testing.T) {
	t.Parallel()
	var r rate
	now := time.Unix(1000, 0)
	for range 100 {
		now = now.Add(50 * time.Millisecond)
		r.add(now)
	}
	for _, c := range []struct {
		later     time.Duration
		low, high float64
	}{{0, 19.9, 20.1}, {time.Second, 15, 17}, {4 * time.Second, 2, 5}, {6 * time.Second, 0, 0}} {
		if got := r.perSecond(now.Add(c.later)); got < c.low || got > c.high {
			t.Errorf("%v after the last picture: %v, want %v to %v", c.later, got, c.low, c.high)
		}
	}
}
