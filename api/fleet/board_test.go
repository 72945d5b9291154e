package fleet

import (
	"context"
	"errors"
	"slices"
	"testing"

	"footfall/models"
)

func TestChangesAreToldOnceAndLatest(t *testing.T) {
	t.Parallel()
	d := newDepot(t, Config{}, "a", "b")
	ctx := t.Context()
	changes, revision, err := d.Changes(ctx, 0)
	if err != nil || len(changes) != 2 {
		t.Fatalf("at first: %v (%v), want all cameras", changes, err)
	}
	w := d.worker("w1", "1")
	w.settle()
	w.beat(models.CameraStatus{Camera: "a", State: models.Connecting}, models.CameraStatus{Camera: "b"})
	w.beat(models.CameraStatus{Camera: "a", State: models.Online, FPS: 1}, models.CameraStatus{Camera: "b"})
	changes, revision, err = d.Changes(ctx, revision)
	if err != nil || len(changes) != 2 {
		t.Fatalf("then: %v (%v), want one change for each camera", changes, err)
	}
	if a := changes[slices.IndexFunc(changes, func(c Change) bool { return c.Status.Camera == "a" })]; a.Status.State != models.Online {
		t.Errorf("camera a is told to be %s, want online", a.Status.State)
	}
	// Rates are no news; a removal is.
	w.beat(models.CameraStatus{Camera: "a", State: models.Online, FPS: 2}, models.CameraStatus{Camera: "b"})
	d.SetCameras([]models.Camera{{ID: "a", Version: 1}})
	changes, revision, err = d.Changes(ctx, revision)
	if err != nil || len(changes) != 1 || !changes[0].Removed || changes[0].Status.Camera != "b" {
		t.Fatalf("after the removal: %v (%v), want b removed", changes, err)
	}
	if got := d.Status("a").FPS; got != 2 {
		t.Errorf("camera a runs at %v frames a second, want 2", got)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := d.Changes(ended, revision); !errors.Is(err, context.Canceled) {
		t.Errorf("nothing new: %v, want to wait", err)
	}
}
