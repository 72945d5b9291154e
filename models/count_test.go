package models_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"footfall/models"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

func TestStepsFollowTheCalendar(t *testing.T) {
	berlin, sydney := zone(t, "Europe/Berlin"), zone(t, "Australia/Sydney")
	for _, test := range []struct {
		step        models.Step
		in          *time.Location
		at          string
		floor, next string
	}{
		{models.Minute, time.UTC, "2026-03-01T12:34:56Z", "2026-03-01T12:34:00Z", "2026-03-01T12:35:00Z"},
		{models.FiveMinutes, berlin, "2026-03-01T12:34:56Z", "2026-03-01T12:30:00Z", "2026-03-01T12:35:00Z"},
		{models.QuarterHour, time.UTC, "2026-03-01T12:34:56Z", "2026-03-01T12:30:00Z", "2026-03-01T12:45:00Z"},
		{models.Hour, sydney, "2026-03-01T12:34:56Z", "2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z"},
		{models.Day, berlin, "2026-03-01T23:30:00Z", "2026-03-01T23:00:00Z", "2026-03-02T23:00:00Z"},
		{models.Day, berlin, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},    // 23 hours
		{models.Day, berlin, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},    // 25 hours
		{models.Hour, berlin, "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},   // 02:30, first time
		{models.Hour, berlin, "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"},   // 02:30, second time
		{models.Week, time.UTC, "2026-03-01T12:00:00Z", "2026-02-23T00:00:00Z", "2026-03-02T00:00:00Z"}, // a Sunday
		{models.Week, time.UTC, "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"}, // a Monday
		{models.Month, berlin, "2026-03-15T12:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		floor := test.step.Floor(at, test.in)
		next := test.step.Next(floor, test.in)
		if floor.UTC().Format(time.RFC3339) != test.floor || next.UTC().Format(time.RFC3339) != test.next {
			t.Errorf("%s at %s in %s: from %s to %s, want %s to %s",
				test.step, test.at, test.in, floor.UTC(), next.UTC(), test.floor, test.next)
		}
	}
}

// Every moment lies in exactly the step that its floor begins.
func TestStepsCoverTheTime(t *testing.T) {
	zones := []*time.Location{time.UTC, zone(t, "Europe/Berlin"), zone(t, "Asia/Kathmandu"), zone(t, "Australia/Lord_Howe")}
	steps := []models.Step{
		models.Minute, models.FiveMinutes, models.QuarterHour, models.Hour, models.Day, models.Week, models.Month,
	}
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(1_600_000_000, 1_900_000_000).Draw(t, "at"), 0)
		step := rapid.SampledFrom(steps).Draw(t, "step")
		in := rapid.SampledFrom(zones).Draw(t, "zone")
		floor := step.Floor(at, in)
		next := step.Next(floor, in)
		if floor.After(at) || !next.After(at) {
			t.Fatalf("%s in %s: [%s, %s) does not hold %s", step, in, floor, next, at.In(in))
		}
		if again := step.Floor(floor, in); !again.Equal(floor) {
			t.Fatalf("%s in %s: the floor of %s is %s", step, in, floor, again)
		}
	})
}
