package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"footfall/api/link"
	"footfall/capture"
	"footfall/capture/frame"
	"footfall/models"
	"footfall/models/config"
	"footfall/vision"
	"footfall/vision/pipeline"
)

// duty is what a worker watches: one post a camera. The link hands it its orders and asks how the cameras are; Run
// makes the posts agree with the orders.
type duty struct {
	cfg          config.Config
	lane         *lane
	journal      pipeline.Journal
	modelVersion string
	showing      showing
	spool        *clipSpool // nil: no clips
	log          *slog.Logger

	mu       sync.Mutex
	ordered  map[models.LeaseID]link.Assignment
	settings workerSettings
	posts    map[models.LeaseID]*post
	changed  chan struct{}
}

func newDuty(
	cfg config.Config, l *lane, j pipeline.Journal, modelVersion string, s showing, spool *clipSpool, log *slog.Logger,
) *duty {
	return &duty{
		cfg: cfg, lane: l, journal: j, modelVersion: modelVersion, showing: s, spool: spool, log: log,
		settings: workerSettings{UTurn: cfg.Counting.UTurn},
		posts:    map[models.LeaseID]*post{}, changed: make(chan struct{}, 1),
	}
}

// Statuses is how the cameras are.
func (d *duty) Statuses() []models.CameraStatus {
	d.mu.Lock()
	defer d.mu.Unlock()
	statuses := make([]models.CameraStatus, 0, len(d.posts))
	for _, p := range d.posts {
		statuses = append(statuses, p.status(time.Now()))
	}
	return statuses
}

// Assign takes orders; Run carries them out.
func (d *duty) Assign(assignments []link.Assignment, settings json.RawMessage) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ordered = make(map[models.LeaseID]link.Assignment, len(assignments))
	for _, a := range assignments {
		a.Lease.Until = time.Time{} // it moves on all the time and means nothing to the watching
		d.ordered[a.Lease.ID] = a
	}
	if settings != nil {
		if err := json.Unmarshal(settings, &d.settings); err != nil {
			d.log.Error("the server's settings cannot be read and are not used", "error", err)
		}
	}
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// Run watches what is ordered until ctx ends, and ends with an error when this process had better be replaced.
func (d *duty) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-d.changed:
				d.arrange(ctx, group)
			}
		}
	})
	return group.Wait()
}

// arrange ends the posts that are not ordered any more, changes those whose orders have changed, and mans the new.
func (d *duty) arrange(ctx context.Context, group *errgroup.Group) {
	d.mu.Lock()
	ordered, settings := d.ordered, d.settings
	posts := maps.Clone(d.posts)
	d.mu.Unlock()

	for id, p := range posts {
		a, still := ordered[id]
		if !still {
			p.relieve()
			d.drop(id)
			continue
		}
		p.record(a.Recordings)
		a.Recordings = nil // what is to be recorded is no reason to watch anew
		if now, _ := p.orders(); !reflect.DeepEqual(now, orders{a, settings}) {
			p.order(orders{a, settings})
		}
	}
	for id, a := range ordered {
		if d.manned(id) {
			continue
		}
		recordings := a.Recordings
		a.Recordings = nil
		p := newPost(d, orders{a, settings})
		p.record(recordings)
		d.mu.Lock()
		d.posts[id] = p
		d.mu.Unlock()
		group.Go(func() error { return p.run(ctx) })
	}
}

func (d *duty) manned(id models.LeaseID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.posts[id] != nil
}

func (d *duty) drop(id models.LeaseID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.posts, id)
}

// lane lends the one detector of this process to one camera at a time, in the order of asking: with one thread a
// detector, more of them would only take each other's time.
type lane struct {
	detector vision.Detector
	free     chan pipeline.Detector[*frame.Frame]
}

func newLane(detector vision.Detector) *lane {
	l := &lane{detector: detector, free: make(chan pipeline.Detector[*frame.Frame], 1)}
	l.free <- detector
	return l
}

// besides is the lane for a camera that asks for other classes besides people, and those of them that the model knows.
// An error says which it does not; they are looked for by nobody.
func (l *lane) besides(classes []models.Class) (pipeline.Lender[*frame.Frame], []models.Class, error) {
	info := l.detector.Info()
	unknown := info.Knows(classes)
	known := slices.DeleteFunc(slices.Clone(classes), func(c models.Class) bool {
		return info.Knows([]models.Class{c}) != nil
	})
	detector, err := l.detector.Besides(known)
	if err != nil {
		return l, nil, err
	}
	return askedLane{l, detector}, known, unknown
}

// askedLane lends the lane's detector, asked for the classes of one camera.
type askedLane struct {
	*lane
	asked pipeline.Detector[*frame.Frame]
}

func (l askedLane) Borrow(ctx context.Context) (pipeline.Detector[*frame.Frame], error) {
	if _, err := l.lane.Borrow(ctx); err != nil {
		return nil, err
	}
	return l.asked, nil
}

func (l askedLane) Return(pipeline.Detector[*frame.Frame]) { l.lane.Return(l.detector) }

func (l *lane) Borrow(ctx context.Context) (pipeline.Detector[*frame.Frame], error) {
	select {
	case detector := <-l.free:
		return detector, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *lane) Return(detector pipeline.Detector[*frame.Frame]) { l.free <- detector }

// captureConfig is how a camera is opened.
func (d *duty) captureConfig(c models.Camera) capture.CameraConfig {
	return capture.CameraConfig{
		ID: c.ID, MaxFPS: c.MaxFPS, Stall: d.cfg.Capture.StallTimeout,
		Address: capture.CameraAddress{
			URL: c.URL, Transport: c.Transport,
			Addresses: capture.AddressRules{
				Allow: d.cfg.Capture.AllowAddresses, AllowLoopback: d.cfg.LoopbackCameras(),
			},
		},
		Timeouts: capture.Timeouts{Open: d.cfg.Capture.OpenTimeout},
		Pictures: 6, // two more than counting needs: one that is drawn on, and one that waits for it
		Log:      d.log,
	}
}
