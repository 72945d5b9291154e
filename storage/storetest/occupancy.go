package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"footfall/models"
)

// OccupancyStore is what the suite Occupancy is about.
type OccupancyStore interface {
	CountStore
	Occupancy(ctx context.Context, site models.Site, area models.Area, at time.Time) (models.Occupancy, error)
	OccupancySteps(
		ctx context.Context, site models.Site, area models.Area, from, to time.Time, step models.Step,
	) ([]models.OccupancyStep, error)
	Drifts(ctx context.Context, site models.Site, area models.Area, from, to time.Time) ([]models.Drift, error)
	Correct(ctx context.Context, site models.Site, area models.Area, c models.Correction) (models.Correction, error)
	Corrections(ctx context.Context, area string, from, to time.Time, limit int) ([]models.Correction, error)
}

// Occupancy is what every store must reckon about who is inside. The store goes by the clock.
func Occupancy(t *testing.T, s OccupancyStore, clock *Clock) {
	t.Run("a day inside", func(t *testing.T) { dayInside(t, s, clock) })
	t.Run("corrections that nobody could stand for are refused", func(t *testing.T) { badCorrections(t, s, clock) })
}

func dayInside(t *testing.T, s OccupancyStore, clock *Clock) {
	ctx := t.Context()
	site := Mall("inside")
	site.Hours = []models.DayHours{{Days: []models.Weekday{"tue"}, Open: []string{"09:00-20:00"}}} // Noon is a Tuesday
	site = site.WithDefaults()
	area := models.Area{
		ID: "inside", Site: "inside", Capacity: 4, WarnAt: 0.75,
		Doors: []models.Door{{Camera: "inside-a", Line: "door"}, {Camera: "inside-b", Line: "gate", Reversed: true}},
	}.WithDefaults()
	Watch(t, s, "inside-a", "inside-b")
	now := func(after time.Duration) string {
		o, err := s.Occupancy(ctx, site, area, Noon().Add(after))
		must(t, err)
		people := "nobody knows"
		if o.People != nil {
			people = fmt.Sprint(*o.People)
		}
		return fmt.Sprintf("%s %s from %s %v", people, o.Fill, o.Base.Kind, o.Flags())
	}
	want(t, now(0), "nobody knows  from reset [partial]")
	at := func(camera models.CameraID, line string, d models.Direction, minutes int) models.Fact {
		return Crossing(t, camera, line, d, Noon().Add(time.Duration(minutes)*time.Minute))
	}
	in := at("inside-a", "door", models.In, 0)
	ingest(t, s, in, at("inside-a", "door", models.In, 1), at("inside-b", "gate", models.Out, 2),
		Back(t, at("inside-a", "door", models.In, 3), time.Second)) // half a U-turn: somebody did go out
	want(t, now(4*time.Minute), "2 free from reset [partial]")
	ingest(t, s, at("inside-b", "gate", models.Out, 4))
	want(t, now(4*time.Minute+time.Second), "3 nearly_full from reset [partial]")

	clock.Set(Noon().Add(10 * time.Minute))
	c, err := s.Correct(ctx, site, area, models.Correction{
		At: Noon().Add(5*time.Minute + 20*time.Second), People: 7, Reason: "counted by hand", Author: "kim",
	})
	must(t, err)
	if c.ID == "" || c.Reckoned == nil || *c.Reckoned != 3 || !c.Recorded.Equal(clock.Now()) {
		t.Errorf("recorded %+v, want 3 reckoned", c)
	}
	want(t, now(5*time.Minute), "3 nearly_full from reset [partial]")
	want(t, now(5*time.Minute+30*time.Second), "7 full from correction []")
	ingest(t, s, at("inside-a", "door", models.Out, 5), at("inside-a", "door", models.Out, 6)) // the first is before
	want(t, now(7*time.Minute), "6 full from correction [partial]")
	for range 8 {
		ingest(t, s, at("inside-a", "door", models.Out, 8))
	}
	want(t, now(9*time.Minute), "-2 free from correction [partial negative]")

	found, err := s.Corrections(ctx, "inside", Noon(), Noon().Add(time.Hour), 10)
	must(t, err)
	if len(found) != 1 || found[0].Reason != "counted by hand" || found[0].Author != "kim" || *found[0].Reckoned != 3 {
		t.Errorf("listed %+v", found)
	}
	occupancySteps(t, s, site, area)
	drifts, err := s.Drifts(ctx, site, area, Noon().Add(-24*time.Hour), Noon().Add(24*time.Hour))
	must(t, err)
	if len(drifts) != 1 || drifts[0].Day != "2026-03-10" || *drifts[0].People != -2 || drifts[0].In != 0 {
		t.Errorf("drifts %+v, want -2 on the one open day", drifts)
	}
	want(t, now(20*time.Hour), "nobody knows  from reset [partial]") // the next morning
}

func occupancySteps(t *testing.T, s OccupancyStore, site models.Site, area models.Area) {
	t.Helper()
	ingest(t, s, Watched(t, "inside-a", Noon().Add(6*time.Minute), time.Minute))
	from, to := Noon().Add(-time.Minute), Noon().Add(16*time.Hour)
	steps, err := s.OccupancySteps(t.Context(), site, area, from, to, models.Hour)
	must(t, err)
	first, second, last := steps[0], steps[1], steps[len(steps)-1]
	if first.Known || second.Last != -2 || second.Most != 6 || second.Least != -2 || second.Corrections != 1 ||
		!second.Known {
		t.Errorf("got %+v, then %+v", first, second)
	}
	if last.Last != 0 || last.Known || steps[len(steps)-1].Resets != 1 {
		t.Errorf("after the reset: %+v", last)
	}
	var invalid *models.InvalidError
	_, err = s.OccupancySteps(t.Context(), site, area, Noon(), Noon().AddDate(0, 3, 0), models.Hour)
	if !errors.As(err, &invalid) {
		t.Errorf("three months by the minute: got %v, want it refused", err)
	}
}

func badCorrections(t *testing.T, s OccupancyStore, clock *Clock) {
	clock.Set(Noon())
	for field, spoil := range map[string]func(*models.Correction){
		"people": func(c *models.Correction) { c.People = -1 }, "reason": func(c *models.Correction) { c.Reason = "" },
		"author": func(c *models.Correction) { c.Author = "k\x00" },
		"at":     func(c *models.Correction) { c.At = Noon().Add(time.Second) },
	} {
		c := models.Correction{At: Noon(), People: 1, Reason: "r", Author: "a"}
		spoil(&c)
		_, err := s.Correct(t.Context(), Mall("m"), models.Area{ID: "bad", Site: "m"}, c)
		refusedField(t, field, err)
	}
}
