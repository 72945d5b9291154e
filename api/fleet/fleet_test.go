package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"footfall/api/link"
	"footfall/models"
)

func TestJourneyOfACamera(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{}, "a")
	d.turn(t.Context())
	d.wantStatus("a", models.Waiting, "")
	w := d.worker("w1", "1")
	lease := only(t, w.settle())
	d.wantStatus("a", models.Waiting, "")
	w.beat(models.CameraStatus{Camera: "a", State: models.Online, Since: noon})
	d.wantStatus("a", models.Online, "")
	if got := d.Status("a").Worker; got != "w1" {
		t.Errorf("camera a is watched by %q, want w1", got)
	}
	// A long day: the lease moves ahead of the facts.
	for range 60 {
		d.pass(time.Second)
		if got := only(t, w.beat(models.CameraStatus{Camera: "a", State: models.Online})); got.ID != lease.ID {
			t.Fatalf("the lease changed to %s for no reason", got.ID)
		}
		d.wantFact("of this moment", lease, d.now(), "accepted")
	}
	d.SetCameras([]models.Camera{{ID: "a", Version: 2, Disabled: true}})
	if got := w.beat(); len(got) != 0 {
		t.Errorf("a disabled camera is still assigned: %v", got)
	}
	d.wantStatus("a", models.Disabled, "")
	d.pass(time.Second)
	d.wantFact("from after it was disabled", lease, d.now(), "refused")
}

func TestSilentWorkerLosesItsCamerasToOthers(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{}, "a")
	w1, w2 := d.worker("w1", "1"), d.worker("w2", "1")
	first := only(t, w1.settle())
	w2.settle()
	for range 14 {
		d.pass(time.Second)
		w2.beat()
	}
	d.wantStatus("a", models.Offline, models.ReasonWorkerLost)
	if len(w2.holds) != 0 {
		t.Fatal("the camera was given away before its lease had run out")
	}
	d.wantFact("while w1 is cut off", first, d.now(), "accepted")
	for range 3 {
		d.pass(time.Second)
		w2.beat()
	}
	second := only(t, w2.holds)
	handover := second.From
	d.wantFact("of w1, just before the hand-over", first, handover.Add(-time.Microsecond), "accepted")
	d.wantFact("of w1, after the hand-over", first, handover, "refused")
	d.wantFact("of w2, after the hand-over", second, handover, "accepted")
	// w1 is back, and is told.
	if got := w1.beat(); len(got) != 0 {
		t.Errorf("w1 is told to watch %v, which w2 has", got)
	}
}

func TestLeaseOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	for _, serverToo := range []bool{false, true} {
		t.Run(fmt.Sprintf("server restarted %v", serverToo), func(t *testing.T) {
			t.Parallel()
			d := newDepot(t, Config{}, "a")
			w := d.worker("w1", "1")
			lease := only(t, w.settle())
			d.pass(time.Hour) // nobody hears w1
			during := d.now().Add(-30 * time.Minute)
			if serverToo {
				d.start(Config{}, "a")
			}
			d.turn(t.Context())
			d.wantFact("from the outage, before w1 is heard", lease, during, "later")
			if got := only(t, w.beat()); got.ID != lease.ID || !got.From.Equal(lease.From) {
				t.Errorf("w1 has lease %v, want %v to go on", got, lease)
			}
			d.wantFact("from the outage", lease, during, "accepted")
			d.wantFact("of this moment", lease, d.now(), "accepted")
		})
	}
}

func TestRestartedWorkerBeginsAnew(t *testing.T) {
	t.Parallel()
	for _, serverToo := range []bool{false, true} {
		t.Run(fmt.Sprintf("server restarted %v", serverToo), func(t *testing.T) {
			t.Parallel()
			d := newDepot(t, Config{}, "a")
			old := d.worker("w1", "1")
			first := only(t, old.settle())
			died := noon.Add(20 * time.Second)
			d.pass(time.Hour)
			if serverToo {
				d.start(Config{}, "a")
			}
			back := d.now()
			second := only(t, d.worker("w1", "2").settle())
			if second.ID == first.ID || second.From.Before(back) {
				t.Errorf("the new process works under %v, which is not new", second)
			}
			d.wantFact("that the dead process had left in the outbox", first, died, "accepted")
			d.wantFact("of the new process", second, back.Add(time.Second), "accepted")
			d.wantFact("of a process that should be dead", first, back.Add(time.Second), "refused")
			if serverToo {
				return // whom it has never seen, it cannot know to be old
			}
			if _, err := old.tryBeat(); !errors.Is(err, link.ErrSuperseded) {
				t.Errorf("beat of the old process: %v, want ErrSuperseded", err)
			}
		})
	}
}

func TestChangedCameraReachesItsWorker(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{}, "a")
	w := d.worker("w1", "1")
	lease := only(t, w.settle())
	if _, err := d.Calls(t.Context()); err != nil { // of the first orders
		t.Fatal(err)
	}
	d.SetCameras([]models.Camera{{ID: "a", Version: 2, Lines: []models.Line{{ID: "door"}}}})
	called, err := d.Calls(t.Context())
	if err != nil || !slices.Equal(called, []string{"w1"}) {
		t.Fatalf("called %v (%v), want w1", called, err)
	}
	got := w.beat()
	if only(t, got).ID != lease.ID || got[0].Camera.Version != 2 || len(got[0].Camera.Lines) != 1 {
		t.Errorf("orders are %+v, want version 2 under lease %s", got, lease.ID)
	}
}

func TestWorkerLeaves(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{}, "a")
	w1, w2 := d.worker("w1", "1"), d.worker("w2", "1")
	first := only(t, w1.settle())
	w2.beat()
	_, err := d.Beat(t.Context(), link.Beat{Worker: "w1", Incarnation: "1", Leaving: true})
	if err != nil {
		t.Fatal(err)
	}
	second := only(t, w2.settle())
	if second.From.Before(first.From) || second.From.After(d.now()) {
		t.Errorf("w2 begins at %s, want at once", second.From)
	}
	if got := d.Workers(); len(got) != 1 || got[0].Name != "w2" {
		t.Errorf("workers are %v, want only w2", got)
	}
	if _, err := w1.tryBeat(); !errors.Is(err, link.ErrSuperseded) {
		t.Errorf("beat after the goodbye: %v, want ErrSuperseded", err)
	}
	// It may come back as a new process.
	if _, err := d.worker("w1", "2").tryBeat(); err != nil {
		t.Errorf("beat of the next process: %v", err)
	}
}

func TestPoisonGoesIntoQuarantine(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{}, "a", "b", "poison")
	w, crashes := d.worker("w1", "0"), 0
	for d.Status("poison").State != models.Quarantined {
		if d.now().Sub(noon) > 5*time.Minute {
			t.Fatal("poison was not found")
		}
		watched := w.settle()
		if slices.ContainsFunc(watched, func(a link.Assignment) bool { return a.Camera.ID == "poison" }) {
			d.Exited("w1", Faulted)
			crashes++
			w = d.worker("w1", fmt.Sprint(crashes))
		} else if len(watched) == 0 {
			t.Fatalf("w1 watches nothing after %d crashes", crashes)
		}
		d.pass(time.Second)
		d.turn(t.Context())
		if crashes == 3 && d.now().Sub(noon) < trialRound {
			d.wantStatus("poison", models.Waiting, "") // a and b are tried first
		}
	}
	d.wantStatus("a", models.Offline, models.ReasonWorkerLost) // until w1 is restarted
	if got := w.settle(); len(got) != 2 {
		t.Errorf("w1 watches %v, want a and b", got)
	}
	d.pass(quarantineTime)
	if got := w.settle(); len(got) != 3 {
		t.Errorf("w1 watches %v, want poison to be tried again", got)
	}
}

func TestChangeEndsQuarantine(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{}, "a")
	for n := range 3 {
		d.worker("w1", fmt.Sprint(n)).settle()
		d.Exited("w1", Faulted)
	}
	d.turn(t.Context())
	d.wantStatus("a", models.Quarantined, models.ReasonQuarantined)
	d.SetCameras([]models.Camera{{ID: "a", Version: 2}})
	only(t, d.worker("w1", "3").settle())
}

func TestExitedWorkerIsLostAtOnce(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{}, "a")
	w := d.worker("w1", "1")
	w.settle()
	w.beat(models.CameraStatus{Camera: "a", State: models.Online})
	d.Exited("w1", Killed)
	d.wantStatus("a", models.Offline, models.ReasonWorkerLost)
	if _, err := w.tryBeat(); !errors.Is(err, link.ErrSuperseded) {
		t.Errorf("last beat of a dead process: %v, want ErrSuperseded", err)
	}
	if got := d.Roster()[0]; got.State != WorkerExited || got.Crashes != 1 {
		t.Errorf("worker is %+v, want exited after 1 crash", got)
	}
}

func TestWrongClock(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{}, "a")
	w := d.worker("w1", "1")
	w.offset = -3 * time.Second
	if got := w.settle(); len(got) != 0 {
		t.Errorf("a worker with a wrong clock got %v", got)
	}
	d.wantStatus("a", models.Waiting, models.ReasonNoCapacity)
	want := "the clock of worker w1 is 3s behind the server's; synchronise both (NTP)"
	if got := d.Status("a").Detail; got != want {
		t.Errorf("detail %q, want %q", got, want)
	}
	if got := d.Roster()[0]; !got.ClockWrong || got.ClockOffset != w.offset {
		t.Errorf("worker is %+v, want a wrong clock", got)
	}
	w.offset = time.Second
	only(t, w.settle())
}

func TestBeatBeforeTheLeasesAreRead(t *testing.T) {
	t.Parallel()
	f := New(Config{}, newStore(t), slog.New(slog.DiscardHandler))
	_, err := f.Beat(t.Context(), link.Beat{Worker: "w1", Incarnation: "1"})
	if !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("beat: %v, want ErrUnavailable", err)
	}
}

func TestServerDecidesNothingBeforeItKnowsTheCameras(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{}, "a")
	w := d.worker("w1", "1")
	lease := only(t, w.settle())
	d.restart(Config{})
	d.turn(t.Context())
	if _, err := w.tryBeat(); !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("beat: %v, want ErrUnavailable, so that w1 goes on", err)
	}
	d.SetCameras([]models.Camera{{ID: "a", Version: 1}})
	if got := only(t, w.settle()); got.ID != lease.ID {
		t.Errorf("w1 has lease %s, want %s to go on", got.ID, lease.ID)
	}
}

func TestExpectedWorkersShare(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{Workers: 2}, "a", "b", "c", "d")
	if got := d.worker("w1", "1").settle(); len(got) != 2 {
		t.Errorf("w1 got %d cameras, want its half", len(got))
	}
	if got := d.worker("w2", "1").settle(); len(got) != 2 {
		t.Errorf("w2 got %d cameras, want its half", len(got))
	}
}

// brokenLeases fails as long as broken is set.
type brokenLeases struct {
	Leases
	broken bool
}

var errDisk = errors.New("disk full")

func (b *brokenLeases) Grant(ctx context.Context, l models.Lease) error {
	if b.broken {
		return errDisk
	}
	return b.Leases.Grant(ctx, l)
}

func (b *brokenLeases) End(ctx context.Context, id models.LeaseID, at time.Time) error {
	if b.broken {
		return errDisk
	}
	return b.Leases.End(ctx, id, at)
}

func TestNothingIsAssignedThatIsNotWrittenDown(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{}, "a")
	leases := &brokenLeases{Leases: d.store, broken: true}
	d.leases = leases
	w := d.worker("w1", "1")
	if got := w.settle(); len(got) != 0 {
		t.Fatalf("assigned without a lease in the database: %v", got)
	}
	leases.broken = false
	first := only(t, w.settle())
	leases.broken = true
	again := d.worker("w1", "2")
	if got := again.settle(); len(got) != 0 {
		t.Fatalf("a new lease although the old one has not ended: %v", got)
	}
	leases.broken = false
	if second := only(t, again.settle()); second.ID == first.ID {
		t.Error("the new process works under the old lease")
	}
}

func TestRunTakesItsTurns(t *testing.T) {
	t.Parallel()
	f := New(Config{}, newStore(t), slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	f.SetCameras([]models.Camera{{ID: "a", Version: 1}})
	beat := link.Beat{Worker: "w1", Incarnation: "1", Capacity: 1, Clock: &link.Clock{}}
	for {
		orders, err := f.Beat(t.Context(), beat)
		if err == nil && len(orders.Assignments) == 1 {
			break
		}
		if err == nil {
			_, err = f.Calls(t.Context())
		}
		if err != nil && !errors.Is(err, models.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestServerClockSetBack(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{}, "a")
	d.worker("w1", "1").settle()
	d.pass(time.Minute)
	ended := d.now()
	again := d.worker("w1", "2")
	again.beat()
	_, err := d.Beat(t.Context(), link.Beat{Worker: "w1", Incarnation: "2", Leaving: true})
	if err != nil {
		t.Fatal(err)
	}
	d.turn(t.Context())
	d.pass(-30 * time.Second)
	if lease := only(t, d.worker("w1", "3").settle()); lease.From.Before(ended) {
		t.Errorf("the new lease begins at %s, before the one before ended at %s", lease.From, ended)
	}
}
