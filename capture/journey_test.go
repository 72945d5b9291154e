package capture

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"footfall/capture/simulator"
	"footfall/models"
)

// patience is how long a journey waits for what must come before it fails.
const patience = 40 * time.Second

func mustURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// street is a drawn scene of 12 s, 320x240 at 10 frames a second, with noise.
func street(t *testing.T) *simulator.Clip {
	t.Helper()
	clip, err := clips.Scene(t.Context(), simulator.StreetScene())
	if err != nil {
		t.Fatal(err)
	}
	return clip
}

// startCamera runs a simulated camera until the test ends.
func startCamera(t *testing.T, options simulator.CameraOptions) *simulator.Camera {
	t.Helper()
	camera, err := simulator.NewCamera(options)
	if err != nil {
		t.Fatal(err)
	}
	run(t, camera.Run)
	return camera
}

// run runs a component until the test ends.
func run(t *testing.T, f func(context.Context) error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
}

// sight is what the log of a camera said: its state and why.
type sight struct {
	state  models.CameraState
	reason models.Reason
}

// sights is a log handler that passes on the changes of state. Every one is logged, and once.
type sights chan sight

func (s sights) Enabled(context.Context, slog.Level) bool { return true }
func (s sights) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s sights) WithGroup(string) slog.Handler            { return s }
func (s sights) Handle(_ context.Context, r slog.Record) error {
	switch r.Message {
	case "camera is online":
		s <- sight{state: models.Online}
	case "camera gives no counts":
		var seen sight
		r.Attrs(func(a slog.Attr) bool {
			switch v := a.Value.Any().(type) {
			case models.CameraState:
				seen.state = v
			case models.Reason:
				seen.reason = v
			}
			return true
		})
		s <- seen
	}
	return nil
}

// watched is a camera under test with somebody who takes its frames.
type watched struct {
	*Camera
	sights sights
	blind  atomic.Int64 // frames that were marked blind
	aspect chan float64 // every new aspect
}

func watch(t *testing.T, camera *simulator.Camera) *watched {
	return watchWaiting(t, camera, newBackoff())
}

func watchWaiting(t *testing.T, camera *simulator.Camera, waits backoff) *watched {
	t.Helper()
	w := &watched{sights: make(sights, 1000), aspect: make(chan float64, 100)}
	w.Camera = NewCamera(CameraConfig{
		ID: "door", Address: CameraAddress{URL: camera.URL(), Addresses: onThisMachine}, Log: slog.New(w.sights),
	})
	w.waits = waits
	run(t, w.Run)
	run(t, func(ctx context.Context) error {
		var aspect float64
		for {
			f, err := w.Slot().Take(ctx)
			if err != nil {
				return err
			}
			if f.Blind {
				w.blind.Add(1)
			}
			if f.Aspect() != aspect {
				aspect = f.Aspect()
				w.aspect <- aspect
			}
			f.Release()
		}
	})
	return w
}

// become waits until the camera is in this state for this reason, whatever it is in between.
func (w *watched) become(t *testing.T, state models.CameraState, reason models.Reason) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	var last sight
	for {
		select {
		case last = <-w.sights:
			if last == (sight{state, reason}) {
				return
			}
		case <-limit.C:
			t.Fatalf("the camera is %v, want %s %s; status %+v", last, state, reason, w.Status())
		}
	}
}

// All cameras at once: what takes time is waiting.
func TestFaultsOfACameraAreSeenAndHeal(t *testing.T) {
	t.Parallel()
	journeys := []struct {
		fault  simulator.Fault
		state  models.CameraState
		reason models.Reason
		blind  bool // frames go on, marked blind
	}{
		{simulator.Refused, models.Offline, models.ReasonUnreachable, false},
		{simulator.Hung, models.Offline, models.ReasonUnreachable, false},
		{simulator.Silent, models.Offline, models.ReasonStalled, false},
		{simulator.Garbage, models.Degraded, models.ReasonGarbage, false},
		{simulator.Frozen, models.Degraded, models.ReasonFrozen, true},
		{simulator.Black, models.Degraded, models.ReasonDark, true},
	}
	cameras, watchers := make([]*simulator.Camera, len(journeys)), make([]*watched, len(journeys))
	for i := range journeys {
		cameras[i] = startCamera(t, simulator.CameraOptions{Clip: street(t)})
		watchers[i] = watch(t, cameras[i])
	}
	for i, j := range journeys {
		watchers[i].become(t, models.Online, "")
		if watchers[i].blind.Load() != 0 {
			t.Errorf("%s: frames of a healthy camera are marked blind", j.fault)
		}
		if err := cameras[i].Break(j.fault); err != nil {
			t.Fatal(err)
		}
	}
	for i, j := range journeys {
		watchers[i].become(t, j.state, j.reason)
		if err := cameras[i].Heal(); err != nil {
			t.Fatal(err)
		}
	}
	for i, j := range journeys {
		watchers[i].become(t, models.Online, "")
		// A decoder may conceal garbage with a picture that stands still, which is rightly called blind in the end; whether
		// it does is up to the noise.
		if got := watchers[i].blind.Load() > 0; got != j.blind && j.fault != simulator.Garbage {
			t.Errorf("%s: frames were marked blind: %v, want %v", j.fault, got, j.blind)
		}
	}
}

func TestACameraThatChangesItsPasswordIsWatchedAgainWhenItIsRight(t *testing.T) {
	t.Parallel()
	camera := startCamera(t, simulator.CameraOptions{Clip: street(t), User: "admin", Password: "right"})
	w := watch(t, camera)
	w.become(t, models.Online, "")
	camera.RequirePassword("admin", "other")
	w.become(t, models.Offline, models.ReasonAuth)
	camera.RequirePassword("admin", "right")
	w.become(t, models.Online, "")
	if got := w.Status(); got.Reconnects != 1 || got.Detail != "" || got.Reason != "" {
		t.Errorf("status after coming back: %+v, want 1 reconnect and no reason", got)
	}
}

func TestAChangeOfResolutionIsSurvived(t *testing.T) {
	t.Parallel()
	clip := street(t)
	narrow, err := simulator.StreetScene().Encode(t.Context(), simulator.EncodeOptions{Width: 160, Height: 200})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := narrow.Close(); err != nil {
			t.Error(err)
		}
	})
	camera := startCamera(t, simulator.CameraOptions{Clip: clip})
	w := watch(t, camera)
	aspect := func(want float64) {
		t.Helper()
		select {
		case got := <-w.aspect:
			if got != want {
				t.Fatalf("aspect %v, want %v", got, want)
			}
		case <-time.After(patience):
			t.Fatalf("no frame of aspect %v", want)
		}
	}
	aspect(320.0 / 240)
	if err := camera.SwitchTo(narrow); err != nil {
		t.Fatal(err)
	}
	aspect(160.0 / 200)
	if err := camera.Heal(); err != nil {
		t.Fatal(err)
	}
	aspect(320.0 / 240)
	for {
		select {
		case s := <-w.sights:
			if s.state != models.Online {
				t.Errorf("a change of resolution made the camera %v", s)
			}
			continue
		default:
		}
		break
	}
}

// resources is what a process must not collect.
func resources(t *testing.T) (threads, files int) {
	t.Helper()
	count := func(dir string) int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Skipf("no %s here: %v", dir, err)
		}
		return len(entries)
	}
	return count("/proc/self/task"), count("/proc/self/fd")
}

// Not parallel: it counts what belongs to the whole process.
func TestReconnectingCollectsNothing(t *testing.T) {
	camera := startCamera(t, simulator.CameraOptions{Clip: street(t)})
	const soon = 10 * time.Millisecond
	w := watchWaiting(t, camera, backoff{shortest: soon, longest: soon, password: soon, next: soon})
	w.become(t, models.Online, "")
	again := func(times int) {
		for range times {
			camera.Drop()
			w.become(t, models.Offline, models.ReasonEnded)
			w.become(t, models.Online, "")
		}
	}
	again(2) // warm up
	threads, files := resources(t)
	goroutines := runtime.NumGoroutine()
	again(4)
	nowThreads, nowFiles := resources(t)
	// Go keeps threads that had waited in C, a few more or less; a leak would be at least one a reconnect.
	if nowThreads-threads >= 4 || nowFiles-files >= 4 || runtime.NumGoroutine()-goroutines >= 4 {
		t.Errorf("after 4 reconnects: threads %d, were %d; files %d, were %d; goroutines %d, were %d",
			nowThreads, threads, nowFiles, files, runtime.NumGoroutine(), goroutines)
	}
}
