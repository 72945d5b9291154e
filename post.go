package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"footfall/api/link"
	"footfall/capture"
	cut "footfall/capture/clip"
	"footfall/capture/frame"
	"footfall/models"
	"footfall/tracker/crossing"
	"footfall/tracker/zone"
	"footfall/vision"
	"footfall/vision/pipeline"
)

// orders are what one post watches, and how.
type orders struct {
	link.Assignment
	settings workerSettings
}

// sameCapture reports whether the camera can stay connected when the orders change from o to other.
func (o orders) sameCapture(other orders) bool {
	return o.Camera.URL == other.Camera.URL && o.Camera.Transport == other.Camera.Transport &&
		o.Camera.MaxFPS == other.Camera.MaxFPS
}

// post watches one camera under one lease. When its orders change it changes as little as it must: new lines start a
// new watch on the same connection, a new address connects anew. Two watches of one lease never run at once.
type post struct {
	duty     *duty
	log      *slog.Logger
	relieved chan struct{} // closed when the post is given up

	mu      sync.Mutex
	current orders
	changed chan struct{} // closed when current is out of date
	camera  *capture.Camera
	watch   *pipeline.Watch[*frame.Frame]
	unknown error // a class that is asked for but not known; the others are counted
	place   reference
	recent  pipeline.Recent // that a line can be tried on; it outlives the watches
	rate    rate

	recorder   *cut.Recorder // nil: no clips
	recordings []models.Recording

	studio      *vision.Studio
	wanted      []models.Wanted // of the studio
	wantedUntil time.Time
}

func newPost(d *duty, o orders) *post {
	return &post{
		duty: d, current: o, changed: make(chan struct{}), relieved: make(chan struct{}),
		log: d.log.With("camera", string(o.Camera.ID)),
	}
}

// relieve gives the post up; it is called once.
func (p *post) relieve() { close(p.relieved) }

// order changes the orders.
func (p *post) order(o orders) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = o
	close(p.changed)
	p.changed = make(chan struct{})
}

// orders are the present ones, and a channel that is closed when they are so no more.
func (p *post) orders() (orders, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current, p.changed
}

// run watches until ctx ends or the post is relieved. An error means that this process had better be replaced.
func (p *post) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer cancel()
		for ctx.Err() == nil {
			if err := p.connect(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	group.Go(func() error {
		select {
		case <-p.relieved:
			cancel()
		case <-ctx.Done():
		}
		return nil
	})
	return group.Wait()
}

var errMoved = errors.New("the camera has another address")

// connect holds one connection, with one watch after another on it, until ctx ends or the address changes.
func (p *post) connect(ctx context.Context) error {
	o, _ := p.orders()
	camera := capture.NewCamera(p.duty.captureConfig(o.Camera))
	p.mu.Lock()
	p.camera = camera
	p.mu.Unlock()
	p.recent.Forget()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return camera.Run(ctx) })
	group.Go(func() error {
		for ctx.Err() == nil {
			if err := p.look(ctx, camera, o); err != nil {
				return err
			}
		}
		return nil
	})
	if err := group.Wait(); !errors.Is(err, errMoved) {
		return err
	}
	return nil
}

// look watches with the present orders until they change.
func (p *post) look(ctx context.Context, camera *capture.Camera, connected orders) error {
	o, changed := p.orders()
	if !o.sameCapture(connected) {
		return errMoved
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	group, watching := errgroup.WithContext(watching)
	recorder, keep := p.newRecorder(o)
	studio := p.newStudio(o.Camera, keep)
	detectors, classes, unknown := p.duty.lane.besides(o.Camera.Classes)
	if unknown != nil {
		p.log.Warn("not everything that is asked for is counted", "error", unknown)
	}
	steadier, anew := p.place.of(o.Camera)
	if anew {
		p.recent.Anew()
	}
	rules := counting{o.Camera.Lines, o.Camera.Zones, classes, o.Camera.Anchor, o.settings.UTurn}
	watch := &pipeline.Watch[*frame.Frame]{
		Assignment: pipeline.Assignment{Camera: o.Camera, Lease: o.Lease.ID, ModelVersion: p.duty.modelVersion},
		Frames:     camera.Slot(), Detectors: detectors, Following: rules.following(func(*crossing.Counter) {}),
		Zoning:   rules.zoning(func(*zone.Counter) {}),
		Steadier: steadier,
		Journal:  overheard{p.duty.journal, recorder},
		NewID:    func() models.FactID { return models.FactID(newID()) }, Log: p.log,
	}
	watch.Audience = stage{studio, watch, &p.recent}
	p.mu.Lock()
	p.watch, p.unknown, p.rate = watch, unknown, rate{}
	p.mu.Unlock()
	group.Go(func() error { studio.Run(watching); return nil })
	if recorder != nil {
		group.Go(func() error { return recorder.Run(watching) })
	}
	group.Go(func() error {
		defer stop()
		return watch.Run(watching)
	})
	group.Go(func() error {
		select {
		case <-changed:
			stop()
		case <-watching.Done():
		}
		return nil
	})
	return group.Wait()
}

// status is how the camera is, as its capture and its watch know it.
func (p *post) status(now time.Time) models.CameraStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	status := models.CameraStatus{Camera: p.current.Camera.ID, State: models.Connecting, Since: now.UTC()}
	if p.camera != nil {
		status = p.camera.Status()
		status.Camera = p.current.Camera.ID
	}
	if p.watch == nil {
		return status
	}
	status.AnalysedFPS = p.rate.of(p.watch.Analysed(), now)
	if reason := p.watch.Failing(); reason != "" && status.State == models.Online {
		status.State, status.Reason, status.Detail = models.Degraded, models.ReasonDetector, oneLine(reason)
	}
	if status.State != models.Online {
		return status
	}
	status.Zones = p.watch.Inside()
	status = placed(status, p.watch.View())
	if p.unknown != nil && status.Reason == "" {
		status.Reason, status.Detail = models.ReasonClass, oneLine(p.unknown.Error())
	}
	return status
}

// rate makes a number a second of a number that grows.
type rate struct {
	at    time.Time
	count uint64
	value float64
}

// of is the rate lately; it is asked about once a second.
func (r *rate) of(count uint64, now time.Time) float64 {
	if r.at.IsZero() || count < r.count {
		r.at, r.count = now, count
		return r.value
	}
	if passed := now.Sub(r.at); passed >= 900*time.Millisecond {
		r.value = 0.5*r.value + 0.5*float64(count-r.count)/passed.Seconds()
		if r.value < 0.01 {
			r.value = 0
		}
		r.at, r.count = now, count
	}
	return round(r.value, 2)
}
