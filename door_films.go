package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"footfall/models"
	"footfall/models/config"
)

// doorFilms has the doors of an area filmed when it becomes full, so that one can see whether it was.
type doorFilms struct {
	recordings recordingBook
	clips      config.Clips
	now        func() time.Time

	mu   sync.Mutex
	last map[string]time.Time // when it was an area's turn
}

type recordingBook interface {
	AddRecording(ctx context.Context, r models.Recording) error
}

// doorFilmPause is how long an area that empties a little and fills again is not filmed once more.
const doorFilmPause = 5 * time.Minute

func (h *house) doorFilms() *doorFilms {
	return &doorFilms{recordings: h.clips, clips: h.cfg.Clips, now: time.Now, last: map[string]time.Time{}}
}

// Full implements capacityAlarms.
func (d *doorFilms) Full(ctx context.Context, area models.Area, people int64) error {
	if !d.clips.Enabled || !d.clips.CapacityAlarms || !d.turn(area.ID) {
		return nil
	}
	now := d.now().UTC()
	filmed := map[models.CameraID]bool{}
	for _, door := range area.Doors {
		if filmed[door.Camera] {
			continue
		}
		filmed[door.Camera] = true
		err := d.recordings.AddRecording(ctx, models.Recording{
			ID: newID(), Camera: door.Camera, Kind: models.TriggerCapacity, Made: now,
			From: now.Add(-d.clips.Before), To: now.Add(d.clips.After),
			Reason: fmt.Sprintf("area %s is full: %d people, room for %d", area.ID, people, area.Capacity),
			By:     models.AuditActor{Kind: "system", Name: "capacity"},
		})
		if err != nil {
			return fmt.Errorf("film the doors of area %s: %w", area.ID, err)
		}
	}
	return nil
}

// turn reports whether an area may be filmed now, and notes that it is.
func (d *doorFilms) turn(area string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	if last, before := d.last[area]; before && now.Sub(last) < doorFilmPause {
		return false
	}
	d.last[area] = now
	return true
}
