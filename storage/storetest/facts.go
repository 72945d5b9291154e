package storetest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"footfall/models"
)

// Noon is when most of the tests happen.
func Noon() time.Time { return time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC) }

// NewID is the id of a fact, as a worker makes it.
func NewID(t testing.TB) models.FactID {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return models.FactID(id.String())
}

// Crossing is somebody going over a line at a moment, under a lease that is named like its camera.
func Crossing(t testing.TB, camera models.CameraID, line string, d models.Direction, at time.Time) models.Fact {
	t.Helper()
	return models.Fact{ID: NewID(t), Camera: camera, Lease: models.LeaseID(camera), Crossing: &models.Crossing{
		Line: line, Direction: d, Class: models.Person, Time: at, ConfigVersion: 1, ModelVersion: "test",
	}}
}

// Back is the way back of a U-turn, some seconds after the way there.
func Back(t testing.TB, there models.Fact, after time.Duration) models.Fact {
	t.Helper()
	c := there.Crossing
	back := Crossing(t, there.Camera, c.Line, c.Direction.Opposite(), c.Time.Add(after))
	back.Crossing.Reverses = there.ID
	return back
}

// Watched is coverage that began at a moment and lasted so long, within a minute.
func Watched(t testing.TB, camera models.CameraID, from time.Time, observed time.Duration) models.Fact {
	t.Helper()
	return models.Fact{ID: NewID(t), Camera: camera, Lease: models.LeaseID(camera), Coverage: &models.Coverage{
		Minute: from.Truncate(time.Minute), From: from, Observed: observed, FramesSeen: 10,
	}}
}
