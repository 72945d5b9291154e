package counts_test

import (
	"errors"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/counts"
	"footfall/storage/storetest"
)

// zones are those of the tests: whole, half and quarter hours from UTC, changes at night, at midnight and by half
// an hour.
func zones(t testing.TB) []*time.Location {
	t.Helper()
	var all []*time.Location
	for _, name := range []string{
		"UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/Santiago", "Atlantic/Azores",
		"Australia/Lord_Howe", "America/St_Johns",
	} {
		all = append(all, zone(t, name))
	}
	return all
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// clockChanges are moments near which calendars are difficult.
func clockChanges() []time.Time {
	return []time.Time{
		storetest.Noon(),
		time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC),   // Berlin and the Azores: summer
		time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC),  // Berlin and the Azores: winter
		time.Date(2026, 4, 5, 3, 0, 0, 0, time.UTC),    // Santiago: 25 hours
		time.Date(2026, 9, 6, 4, 0, 0, 0, time.UTC),    // Santiago: no midnight
		time.Date(2026, 4, 4, 15, 0, 0, 0, time.UTC),   // Lord Howe: half an hour twice
		time.Date(2026, 10, 3, 15, 30, 0, 0, time.UTC), // Lord Howe: half an hour missing
		time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC), // another year
	}
}

func TestCalendarOfAnAnswer(t *testing.T) {
	s := open(t, t.TempDir()+"/footfall.db")
	for _, test := range []struct {
		name     string
		zone     string
		step     models.Step
		from, to string // in the zone
		want     []time.Duration
	}{
		{"a spring day", "Europe/Berlin", models.Day, "2026-03-28 00:00", "2026-03-31 00:00", hours(24, 23, 24)},
		{"an autumn day", "Europe/Berlin", models.Day, "2026-10-24 00:00", "2026-10-27 00:00", hours(24, 25, 24)},
		{"no midnight", "America/Santiago", models.Day, "2026-09-05 00:00", "2026-09-08 00:00", hours(24, 23, 24)},
		{"spring hours", "Europe/Berlin", models.Hour, "2026-03-29 00:00", "2026-03-29 05:00", hours(1, 1, 1, 1)},
		{"autumn hours", "Europe/Berlin", models.Hour, "2026-10-25 01:00", "2026-10-25 04:00", hours(1, 1, 1, 1)},
		{"half an hour", "Australia/Lord_Howe", models.Hour, "2026-10-04 01:00", "2026-10-04 04:00", hours(1, .5, 1)},
		{"ISO weeks", "UTC", models.Week, "2026-01-01 00:00", "2026-01-13 00:00", hours(4*24, 7*24, 24)},
		{"months", "Europe/Berlin", models.Month, "2026-02-01 00:00", "2026-05-01 00:00", hours(672, 743, 720)},
		{"cut at both ends", "UTC", models.Hour, "2026-01-01 10:20", "2026-01-01 12:10", hours(2./3, 1, 1./6)},
		{"quarters", "Asia/Kathmandu", models.QuarterHour, "2026-01-01 10:00", "2026-01-01 10:40", hours(.25, .25, 1./6)},
		{"one for all", "UTC", "", "2026-01-01 10:07", "2026-02-02 12:11", hours(32*24 + 2 + 4./60)},
	} {
		t.Run(test.name, func(t *testing.T) {
			loc := zone(t, test.zone)
			page, err := s.Buckets(t.Context(), counts.Query{
				Lines: []counts.LineRef{{Camera: "c", Line: "l"}}, Step: test.step, Location: loc,
				From: local(t, test.from, loc), To: local(t, test.to, loc),
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []time.Duration
			for _, b := range page.Buckets {
				got = append(got, b.End.Sub(b.Start))
			}
			if len(got) != len(test.want) {
				t.Fatalf("got %v, want %v", got, test.want)
			}
			for i := range got {
				if got[i].Round(time.Second) != test.want[i].Round(time.Second) {
					t.Errorf("got %v, want %v", got, test.want)
				}
			}
		})
	}
}

func hours(n ...float64) []time.Duration {
	var all []time.Duration
	for _, h := range n {
		all = append(all, time.Duration(h*float64(time.Hour)))
	}
	return all
}

func local(t *testing.T, text string, loc *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestRefusedQueries(t *testing.T) {
	s := open(t, t.TempDir()+"/footfall.db")
	good := counts.Query{
		Lines: []counts.LineRef{{Camera: "c", Line: "l"}}, Step: models.Hour,
		From: storetest.Noon(), To: storetest.Noon().Add(time.Hour),
	}
	for field, spoil := range map[string]func(*counts.Query){
		"from":   func(q *counts.Query) { q.From = q.From.Add(time.Second) },
		"to":     func(q *counts.Query) { q.To = q.To.Add(time.Nanosecond) },
		"to ":    func(q *counts.Query) { q.To = q.From },
		"from ":  func(q *counts.Query) { q.From = time.Time{} },
		"step":   func(q *counts.Query) { q.Step = "2h" },
		"step ":  func(q *counts.Query) { q.Step, q.To = models.Minute, q.From.AddDate(3, 0, 0) },
		"cursor": func(q *counts.Query) { q.Cursor = "nonsense" },
	} {
		q := good
		spoil(&q)
		_, err := s.Buckets(t.Context(), q)
		var invalid *models.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != field && invalid.Field+" " != field {
			t.Errorf("%s: got %v, want it named as invalid", field, err)
		}
	}
	if page, err := s.Buckets(t.Context(), good); err != nil || len(page.Buckets) != 1 {
		t.Errorf("the good query: got %v and %v", page, err)
	}
}

// A line that is added or removed between two pages neither hides nor repeats another.
func TestPagesWhileLinesChange(t *testing.T) {
	s := open(t, t.TempDir()+"/footfall.db")
	ref := func(line string) counts.LineRef { return counts.LineRef{Camera: "c", Line: line} }
	q := counts.Query{
		Lines: []counts.LineRef{ref("d"), ref("b")}, Step: models.Minute, Limit: 3,
		From: storetest.Noon(), To: storetest.Noon().Add(2 * time.Minute),
	}
	page, err := s.Buckets(t.Context(), q)
	if err != nil || len(page.Buckets) != 3 || page.Buckets[2].Line != "d" {
		t.Fatalf("first page: %+v, %v", page, err)
	}
	q.Lines, q.Cursor = []counts.LineRef{ref("a"), ref("c"), ref("d"), ref("e")}, page.Next
	page, err = s.Buckets(t.Context(), q)
	if err != nil || len(page.Buckets) != 3 || page.Buckets[0].Line != "d" || page.Buckets[1].Line != "e" {
		t.Fatalf("second page: %+v, %v", page, err)
	}
	if !page.Buckets[0].Start.Equal(storetest.Noon().Add(time.Minute)) || page.Next != "" {
		t.Errorf("second page: %+v, want the second minute of d, then e, and no more", page)
	}
}
