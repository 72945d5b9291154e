package models_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tables below, also where the system has none

	"footfall/models"
)

// Every calendar step ends after it begins and holds every moment in between, in the zones whose clocks change at
// midnight, too: Santiago has days without a 00:00, the Azores days with two.
func TestCalendarStepsTileTheYear(t *testing.T) {
	for _, zone := range []string{
		"UTC", "Europe/Berlin", "America/Santiago", "America/Havana", "Atlantic/Azores", "Africa/Cairo", "Asia/Beirut",
		"Asia/Kolkata", "Australia/Lord_Howe", "America/Asuncion",
	} {
		t.Run(zone, func(t *testing.T) {
			loc, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range []models.Step{models.Day, models.Week, models.Month} {
				start := step.Floor(time.Date(2023, 1, 1, 12, 0, 0, 0, loc), loc)
				for start.Year() < 2025 {
					next := step.Next(start, loc)
					if !next.After(start) {
						t.Fatalf("the %s after %s begins at %s", step, start, next)
					}
					for _, inside := range []time.Time{start, start.Add(30 * time.Minute), next.Add(-time.Minute)} {
						if got := step.Floor(inside, loc); !got.Equal(start) {
							t.Fatalf("%s lies in the %s of %s, want %s", inside, step, got, start)
						}
					}
					start = next
				}
			}
		})
	}
}

func TestDaysOfTheClockChange(t *testing.T) {
	for _, day := range []struct {
		zone   string
		date   string
		length time.Duration
	}{
		{"Europe/Berlin", "2024-03-31", 23 * time.Hour},
		{"Europe/Berlin", "2024-10-27", 25 * time.Hour},
		{"America/Santiago", "2024-09-08", 23 * time.Hour},
		{"America/Santiago", "2024-04-06", 25 * time.Hour},
		{"America/Havana", "2024-11-03", 25 * time.Hour},
		{"Atlantic/Azores", "2024-10-27", 25 * time.Hour},
		{"Australia/Lord_Howe", "2024-04-07", 24*time.Hour + 30*time.Minute},
		{"Asia/Kolkata", "2024-03-31", 24 * time.Hour},
	} {
		loc, err := time.LoadLocation(day.zone)
		if err != nil {
			t.Fatal(err)
		}
		noon, err := time.ParseInLocation("2006-01-02 15", day.date+" 12", loc)
		if err != nil {
			t.Fatal(err)
		}
		start := models.Day.Floor(noon, loc)
		if got := models.Day.Next(start, loc).Sub(start); got != day.length {
			t.Errorf("%s has a %s of %s, want %s", day.zone, day.date, got, day.length)
		}
	}
}
