package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"footfall/models"
	"footfall/models/config"
)

// hall is one area whose number of people a test sets.
type hall struct {
	mu     sync.Mutex
	people int64
	told   []string
	alarms []models.Fill
	away   bool // the webhooks' store cannot be written
	filmed []int64
}

// Full implements capacityAlarms.
func (h *hall) Full(_ context.Context, a models.Area, people int64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.filmed = append(h.filmed, people)
	return nil
}

func (h *hall) fill(people int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.people = people
}

func (h *hall) heard() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return fmt.Sprint(h.told)
}

func (h *hall) Sites(context.Context) ([]models.Site, error) {
	return []models.Site{{ID: "s", Zone: "UTC"}}, nil
}

func (h *hall) Areas(context.Context, string) ([]models.Area, error) {
	return []models.Area{{ID: "hall", Site: "s", Capacity: 10, Doors: []models.Door{{Camera: "c", Line: "door"}}}}, nil
}

func (h *hall) Occupancy(_ context.Context, _ models.Site, a models.Area, _ time.Time) (models.Occupancy, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	people := h.people
	return models.Occupancy{Area: a.ID, People: &people, Fill: a.Fill(people)}, nil
}

func (h *hall) tell(o models.Occupancy) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, fmt.Sprint(*o.People, " ", o.Fill))
}

// feed makes the hall a feed, too.
type feed struct{ *hall }

func (f feed) Occupancy(o models.Occupancy) { f.tell(o) }

func (h *hall) Area(_ context.Context, o models.Occupancy) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.away {
		return errors.New("the disk is full")
	}
	h.alarms = append(h.alarms, o.Fill)
	return nil
}

// What changes at a door is told at once, what changes by the clock within a minute, and nothing is told twice.
func TestOccupancyIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &hall{}
		o := newOccupancies(h, h, feed{h}, h, h, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- o.Run(ctx) }()
		told := func(after time.Duration, want string) {
			t.Helper()
			<-time.After(after) // the bubble's own time
			synctest.Wait()
			if got := h.heard(); got != want {
				t.Errorf("told %s, want %s", got, want)
			}
		}
		h.fill(3)
		o.changed("c", "window")
		told(2*time.Second, "[]")
		o.changed("c", "door")
		o.changed("c", "door")
		told(2*time.Second, "[3 free]")
		h.fill(9)
		told(2*time.Second, "[3 free]")
		told(time.Minute, "[3 free 9 nearly_full]")
		h.fill(10)
		o.changed("c", "door")
		told(2*time.Second, "[3 free 9 nearly_full 10 full]")
		told(3*time.Minute, "[3 free 9 nearly_full 10 full]")
		// An alarm that could not be written down is not forgotten.
		h.mu.Lock()
		h.people, h.away = 2, true
		h.mu.Unlock()
		told(2*time.Minute, "[3 free 9 nearly_full 10 full]")
		h.mu.Lock()
		h.away = false
		h.mu.Unlock()
		told(time.Minute, "[3 free 9 nearly_full 10 full 2 free]")
		if want := []models.Fill{models.FillNearly, models.FillFull, models.FillFree}; !slices.Equal(h.alarms, want) {
			t.Errorf("alarms %v, want %v", h.alarms, want)
		}
		if want := []int64{10}; !slices.Equal(h.filmed, want) {
			t.Errorf("filmed at %v people, want %v", h.filmed, want)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// An area that is full when the server starts has not become so: it is filmed when it empties and fills again.
func TestAFullAreaIsFilmedWhenItFills(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &hall{people: 12}
		o := newOccupancies(h, h, feed{h}, h, h, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- o.Run(ctx) }()
		for _, people := range []int64{13, 9, 10, 11, 8, 10} {
			synctest.Wait()
			h.fill(people)
			o.changed("c", "door")
			<-time.After(2 * time.Second)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if want := []int64{10, 10}; !slices.Equal(h.filmed, want) {
			t.Errorf("filmed at %v people, want %v", h.filmed, want)
		}
	})
}

// filmWishes is where recordings are asked for.
type filmWishes struct{ asked []models.Recording }

func (s *filmWishes) AddRecording(_ context.Context, r models.Recording) error {
	s.asked = append(s.asked, r)
	return r.Validate()
}

// Each camera of the doors is filmed once, around the moment, and not again for a while.
func TestDoorsAreFilmed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	s := &filmWishes{}
	d := &doorFilms{
		recordings: s, now: func() time.Time { return now }, last: map[string]time.Time{},
		clips: config.Clips{Enabled: true, CapacityAlarms: true, Before: 10 * time.Second, After: 5 * time.Second},
	}
	area := models.Area{ID: "shop", Capacity: 120, Doors: []models.Door{
		{Camera: "front", Line: "left"}, {Camera: "front", Line: "right"}, {Camera: "back", Line: "door"},
	}}
	for _, minute := range []int{0, 1, 4, 5} {
		now = time.Date(2026, 3, 10, 12, minute, 0, 0, time.UTC)
		if err := d.Full(t.Context(), area, 120); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, r := range s.asked {
		got = append(got, fmt.Sprint(r.Camera, r.From.Format(" 04:05-"), r.To.Format("04:05 "), r.Kind, ": ", r.Reason))
	}
	const why = " capacity: area shop is full: 120 people, room for 120"
	want := []string{"front 59:50-00:05" + why, "back 59:50-00:05" + why, "front 04:50-05:05" + why, "back 04:50-05:05" + why}
	if !slices.Equal(got, want) {
		t.Errorf("asked for %q", got)
	}
	d.clips.CapacityAlarms = false
	if err := d.Full(t.Context(), models.Area{ID: "other", Doors: area.Doors}, 3); err != nil || len(s.asked) != 4 {
		t.Errorf("it is switched off, and %d are asked for (%v)", len(s.asked), err)
	}
}
