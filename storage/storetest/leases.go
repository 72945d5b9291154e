package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"footfall/models"
)

// LeaseStore is what the suite Leases is about.
type LeaseStore interface {
	Grant(ctx context.Context, lease models.Lease) error
	Extend(ctx context.Context, id models.LeaseID, until time.Time) error
	End(ctx context.Context, id models.LeaseID, at time.Time) error
	OpenLeases(ctx context.Context) ([]models.Lease, error)
}

// Leases is what every store of leases must do.
func Leases(t *testing.T, s LeaseStore) {
	t.Run("intervals of one camera never overlap", func(t *testing.T) { leasesNeverOverlap(t, s) })
	t.Run("of many who ask at once, one gets the camera", func(t *testing.T) { leaseRace(t, s) })
	t.Run("a lease moves on and ends", func(t *testing.T) { leaseLife(t, s) })
	t.Run("what is no lease is refused", func(t *testing.T) { leaseRefusals(t, s) })
}

func lease(id, camera string, from, until time.Duration) models.Lease {
	return models.Lease{
		ID: models.LeaseID(id), Camera: models.CameraID(camera), Worker: "w-" + id,
		From: Noon().Add(from), Until: Noon().Add(until),
	}
}

func leasesNeverOverlap(t *testing.T, s LeaseStore) {
	ctx := t.Context()
	must(t, s.Grant(ctx, lease("o1", "overlap", 10*time.Minute, 20*time.Minute)))
	for name, l := range map[string]models.Lease{
		"the same interval":         lease("o2", "overlap", 10*time.Minute, 20*time.Minute),
		"around it":                 lease("o2", "overlap", 0, time.Hour),
		"inside it":                 lease("o2", "overlap", 12*time.Minute, 13*time.Minute),
		"its last nanosecond":       lease("o2", "overlap", 20*time.Minute-1, time.Hour),
		"its first nanosecond":      lease("o2", "overlap", 0, 10*time.Minute+1),
		"an id that is taken":       lease("o1", "elsewhere", 10*time.Minute, 20*time.Minute),
		"the same id, another time": lease("o1", "overlap", 30*time.Minute, 40*time.Minute),
	} {
		if err := s.Grant(ctx, l); !errors.Is(err, models.ErrConflict) {
			t.Errorf("%s: got %v, want a conflict", name, err)
		}
	}
	must(t, s.Grant(ctx, lease("o1", "overlap", 10*time.Minute, 20*time.Minute))) // asked again: it is his already
	must(t, s.Grant(ctx, lease("o0", "overlap", 0, 10*time.Minute)))
	must(t, s.Grant(ctx, lease("o3", "overlap", 20*time.Minute, 30*time.Minute)))
	must(t, s.Grant(ctx, lease("other", "overlap-not", 0, time.Hour)))
	if err := s.Extend(ctx, "o0", Noon().Add(11*time.Minute)); !errors.Is(err, models.ErrConflict) {
		t.Errorf("extended into the next lease: got %v, want a conflict", err)
	}
	if err := s.Extend(ctx, "o1", Noon().Add(21*time.Minute)); !errors.Is(err, models.ErrConflict) {
		t.Errorf("extended after a successor was granted: got %v, want a conflict", err)
	}
}

func leaseRace(t *testing.T, s LeaseStore) {
	const askers = 8
	results := make([]error, askers)
	var all sync.WaitGroup
	for i := range askers {
		all.Go(func() {
			results[i] = s.Grant(context.WithoutCancel(t.Context()), lease(fmt.Sprint("race", i), "race", 0, time.Hour))
		})
	}
	all.Wait()
	granted := 0
	for _, err := range results {
		switch {
		case err == nil:
			granted++
		case !errors.Is(err, models.ErrConflict):
			t.Error(err)
		}
	}
	if granted != 1 {
		t.Errorf("%d of %d got the camera, want 1", granted, askers)
	}
}

func leaseLife(t *testing.T, s LeaseStore) {
	ctx := t.Context()
	l := lease("life", "life", 0, time.Minute)
	must(t, s.Grant(ctx, l))
	must(t, s.Extend(ctx, l.ID, Noon().Add(3*time.Minute)))
	must(t, s.Extend(ctx, l.ID, Noon().Add(2*time.Minute))) // late news must not shorten it
	if got := openLease(t, s, l.ID); got == nil || !got.Until.Equal(Noon().Add(3*time.Minute)) ||
		!got.From.Equal(l.From) || got.Worker != l.Worker || got.Camera != l.Camera {
		t.Errorf("open lease is %+v, want it until 12:03", got)
	}
	must(t, s.End(ctx, l.ID, Noon().Add(2*time.Minute)))
	must(t, s.End(ctx, l.ID, Noon().Add(time.Minute))) // ended is ended
	if err := s.Grant(ctx, l); !errors.Is(err, models.ErrConflict) {
		t.Errorf("grant an ended lease again: got %v, want a conflict", err)
	}
	if got := openLease(t, s, l.ID); got != nil {
		t.Errorf("an ended lease is open: %+v", got)
	}
	if err := s.Extend(ctx, l.ID, Noon().Add(time.Hour)); !errors.Is(err, models.ErrConflict) {
		t.Errorf("extend an ended lease: got %v, want a conflict", err)
	}
	must(t, s.Grant(ctx, lease("life-next", "life", 2*time.Minute, time.Hour)))
}

func leaseRefusals(t *testing.T, s LeaseStore) {
	ctx := t.Context()
	for name, l := range map[string]models.Lease{
		"no time at all": lease("r", "refused", 0, 0),
		"backwards":      lease("r", "refused", time.Minute, 0),
		"no id":          lease("", "refused", 0, time.Minute),
		"no camera":      lease("r", "", 0, time.Minute),
		"no beginning":   {ID: "r", Camera: "refused", Until: Noon()},
	} {
		if err := s.Grant(ctx, l); !errors.Is(err, models.ErrInvalid) {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
	if err := s.Extend(ctx, "nobody's", Noon()); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("extend an unknown lease: got %v, want not found", err)
	}
	if err := s.End(ctx, "nobody's", Noon()); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("end an unknown lease: got %v, want not found", err)
	}
}

// openLease is the open lease with that id, nil when it is not open.
func openLease(t *testing.T, s LeaseStore, id models.LeaseID) *models.Lease {
	t.Helper()
	open, err := s.OpenLeases(t.Context())
	must(t, err)
	for _, l := range open {
		if l.ID == id {
			return &l
		}
	}
	return nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
