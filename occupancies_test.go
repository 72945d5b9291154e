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
)

// hall is one area whose number of people a test sets.
type hall struct {
	mu     sync.Mutex
	people int64
	told   []string
	alarms []models.Fill
	away   bool // the webhooks' store cannot be written
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
		o := newOccupancies(h, h, feed{h}, h, slog.New(slog.DiscardHandler))
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
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
