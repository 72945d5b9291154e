package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"footfall/capture"
	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision/pipeline"
)

// countRun takes a source through the corridor from its first frame to its last.
type countRun struct {
	source   capture.Source
	detector detector
	counting counting
	steadier pipeline.Steadier[*frame.Frame] // nil: the camera is taken for steady
	maxFPS   float64
	clock    *workClock // the detector's too
	bar      *progress
	// seen is shown every frame that was read, with the turn of the last one that was analysed; nil sees nothing and
	// frames that need no analysis are skipped unread.
	seen func(f *frame.Frame, turn pipeline.Turn, totals totals) error
}

// detector finds people on frames: a network, or a file of somebody else's detections.
type detector interface {
	Detect(f *frame.Frame, into []models.Detection) ([]models.Detection, error)
	Name() (model, engine string)
	EngineWhy() string      // why it is not the fastest engine; empty when it is, or when nobody left the choice open
	Forward() time.Duration // CPU time in the network so far
	Close() error
}

// counted is the result of a countRun.
type counted struct {
	frames   int           // in the source
	analysed int           // of them
	dropped  int           // of them, because a live source did not wait
	video    time.Duration // of the source's own time
	wall     time.Duration
	decode   time.Duration // CPU time
	cost     pipeline.Cost
	forward  time.Duration
	totals   totals
	passages []models.Passage
	origin   time.Time
	fps      float64
	camera   cameraMotion
	// interrupted: a file was not read to its end. A camera has none, so a count of it is whole whenever it ends.
	interrupted bool
	announced   int // how many frames the source said it had; 0 when it did not say
}

// missing is how many frames of a file could not be read: it is cut off or damaged. Many containers only estimate how
// many they have, so a few are none.
func (c *counted) missing() int {
	missing := c.announced - c.frames
	if c.interrupted || missing <= max(2, c.announced/50) {
		return 0
	}
	return missing
}

// whole is nil when the count is of the whole source.
func (c *counted) whole() error {
	if !c.interrupted {
		return nil
	}
	return fmt.Errorf("%w: this is what the first %d frames show", errInterrupted, c.frames)
}

// count runs to the end of the source, or until ctx ends: what was counted until then is a result.
func (r *countRun) count(ctx context.Context) (*counted, error) {
	info := r.source.Info()
	t := &tally{countRun: r, pace: pipeline.NewPace(r.maxFPS), counted: counted{fps: info.FPS}}
	t.corridor = pipeline.NewCorridor[*frame.Frame](r.counting.following(t.sums.follow), r.clock.now)
	t.corridor.Steadier = r.steadier
	t.corridor.Zone(r.counting.zoning(t.sums.zone))
	t.sums.begin(r.counting)
	defer r.bar.done()
	started := time.Now()
	run := t.readAll
	if info.Live {
		run = t.readLive
	}
	if err := run(ctx); err != nil {
		return nil, err
	}
	t.passages = append(t.passages, t.corridor.Gap()...)
	if !info.Live {
		t.announced = info.Frames
	}
	t.wall = time.Since(started)
	t.cost, t.forward = t.corridor.Cost(), r.detector.Forward()
	t.sums.sum()
	t.totals = t.sums.total
	if t.frames > 0 && t.fps > 0 && !info.Live {
		t.video += time.Duration(float64(time.Second) / t.fps) // the last frame lasts too
	}
	return &t.counted, nil
}

// tally is the state of one run.
type tally struct {
	*countRun
	counted
	corridor *pipeline.Corridor[*frame.Frame]
	pace     *pipeline.Pace
	last     time.Time
	turn     pipeline.Turn
	sums     sums
	told     time.Time // what happened in zones is told up to here, to nobody: the totals are all that is printed
}

// readAll reads a file as fast as it can be analysed.
func (t *tally) readAll(ctx context.Context) error {
	pool := frame.NewPool(1)
	defer pool.Close()
	f, _ := pool.Take()
	defer f.Release()
	for ctx.Err() == nil {
		err := t.next(f)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	t.interrupted = true
	return nil
}

// next takes one frame of a file. One that nobody wants to see is decoded, but not converted.
func (t *tally) next(f *frame.Frame) error {
	started := t.clock.now()
	at, err := t.source.Skip()
	if err != nil {
		return err
	}
	wanted := t.pace.Due(at)
	if wanted || t.seen != nil {
		err = t.source.Fill(f)
	}
	t.decode += t.clock.now() - started
	if err != nil {
		return err
	}
	t.arrived(at)
	if !wanted && t.seen == nil {
		return nil
	}
	return t.look(f, wanted)
}

func (t *tally) arrived(at time.Time) {
	if t.frames == 0 {
		t.origin = at
	}
	t.frames++
	t.last = at
	t.video = at.Sub(t.origin)
	t.bar.add(1)
}

// look analyses a frame if it is wanted, and shows it to whoever sees.
func (t *tally) look(f *frame.Frame, wanted bool) error {
	if wanted {
		turn, err := t.corridor.Turn(f, t.detector)
		if err != nil {
			return fmt.Errorf("frame %d: %w", t.frames, err)
		}
		t.analysed++
		t.camera.add(turn, f)
		t.turn = turn
		if turn.At.Sub(t.told) > time.Minute {
			t.corridor.Stays(nil)
			t.told = turn.At
		}
		t.passages = append(t.passages, turn.Passages...)
	}
	if t.seen == nil {
		return nil
	}
	t.sums.sum()
	return t.seen(f, t.turn, t.sums.total)
}

// errStreamEnded ends a count of a camera in good order.
var errStreamEnded = errors.New("the camera ended the stream")

// readLive reads a camera at its own pace: it does not wait, so the newest frame is analysed and the rest is dropped.
func (t *tally) readLive(ctx context.Context) error {
	const pictures = 4 // one being read, one in the slot, one being analysed, one to spare
	pool, slot := frame.NewPool(pictures), capture.NewSlot()
	defer pool.Close()
	defer slot.Clear()
	group, ctx := errgroup.WithContext(ctx)
	received := 0
	group.Go(func() error {
		runtime.LockOSThread() // its clock is the cost of decoding
		defer runtime.UnlockOSThread()
		for ctx.Err() == nil {
			started := threadClock()
			err := t.fill(pool, slot)
			t.clock.leaveOut(threadClock() - started)
			if err != nil {
				return err
			}
			received++
		}
		return nil
	})
	group.Go(func() error { return t.drain(ctx, slot) })
	err := group.Wait()
	t.decode, t.dropped, t.frames = t.clock.leftOut(), received-t.frames, received
	if errors.Is(err, errStreamEnded) {
		return nil
	}
	return err
}

// fill puts the camera's next picture into the slot, or lets it go when every frame is in use.
func (t *tally) fill(pool *frame.Pool, slot *capture.Slot) error {
	f, free := pool.Take()
	var err error
	if free {
		err = t.source.Read(f)
	} else {
		_, err = t.source.Skip()
	}
	switch {
	case errors.Is(err, io.EOF):
		err = errStreamEnded
	case err == nil && free:
		slot.Put(f)
		return nil
	}
	if free {
		f.Release()
	}
	return err
}

// drain analyses the newest picture, again and again.
func (t *tally) drain(ctx context.Context, slot *capture.Slot) error {
	for {
		f, err := slot.Take(ctx)
		if err != nil {
			return nil //nolint:nilerr // the context's end is the end of the count
		}
		t.arrived(f.Stamp())
		err = t.look(f, t.pace.Due(f.Stamp()))
		f.Release()
		if err != nil {
			return err
		}
	}
}
