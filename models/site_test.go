package models_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tests, also where the system has none

	"footfall/models"
)

func TestOpeningHours(t *testing.T) {
	site := models.Site{
		ID: "bar", Zone: "Europe/Berlin",
		Hours: []models.DayHours{
			{Days: []models.Weekday{"mon", "tue"}, Open: []string{"14:00-18:00", "09:00-12:30"}},
			{Days: []models.Weekday{"saturday"}, Open: []string{"20:00-02:30"}},
			{Days: []models.Weekday{"sun"}, Open: []string{"02:00-04:00"}},
		},
		Exceptions: []models.Exception{{Date: "2026-03-10", Open: nil}, {Date: "2026-03-12", Open: []string{"00:00-24:00"}}},
	}
	if err := site.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, from, to, want string }{
		{"two spans a day", "2026-03-09 00:00", "2026-03-10 00:00", "09 09:00-09 12:30, 09 14:00-09 18:00"},
		{"cut at both ends", "2026-03-09 10:00", "2026-03-09 15:00", "09 10:00-09 12:30, 09 14:00-09 15:00"},
		{"closed by exception, and by weekday", "2026-03-10 00:00", "2026-03-12 00:00", ""},
		{"opened by exception", "2026-03-11 12:00", "2026-03-13 12:00", "12 00:00-13 00:00"},
		// On 2026-03-29 the clocks go from 02:00 to 03:00: Saturday's end is skipped, Sunday's hours are one.
		{"into summer", "2026-03-28 12:00", "2026-03-29 12:00", "28 20:00-29 04:00"},
		// On 2026-10-25 the hour from 02:00 comes twice.
		{"into winter", "2026-10-24 12:00", "2026-10-25 12:00", "24 20:00-25 04:00"},
		{"asked from inside", "2026-03-29 01:00", "2026-03-29 01:30", "29 01:00-29 01:30"},
	} {
		t.Run(test.name, func(t *testing.T) {
			loc := site.Location()
			got := ""
			for i, span := range site.Open(local(t, test.from, loc), local(t, test.to, loc)) {
				if i > 0 {
					got += ", "
				}
				got += span.From.In(loc).Format("02 15:04") + "-" + span.To.In(loc).Format("02 15:04")
			}
			if got != test.want {
				t.Errorf("open %q, want %q", got, test.want)
			}
		})
	}
	closing, ok := site.Closing(local(t, "2026-03-09 08:00", site.Location()))
	if !ok || closing.In(site.Location()).Format("15:04") != "18:00" {
		t.Errorf("closes at %v (%v), want 18:00", closing, ok)
	}
	if _, ok := site.Closing(local(t, "2026-03-11 08:00", site.Location())); ok {
		t.Error("a closed day has a closing time")
	}
}

func local(t *testing.T, text string, loc *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestResets(t *testing.T) {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	area := models.Area{ID: "a", Site: "s", Reset: "02:30"}
	resets := area.Resets(local(t, "2026-03-28 00:00", loc), local(t, "2026-03-30 12:00", loc), loc)
	got := ""
	for _, at := range resets {
		got += at.In(loc).Format("02 15:04; ")
	}
	if want := "28 02:30; 29 03:00; 30 02:30; "; got != want { // on the 29th there is no 02:30
		t.Errorf("resets at %q, want %q", got, want)
	}
	if at, ok := area.LastReset(local(t, "2026-03-28 02:00", loc), loc); !ok || at.In(loc).Format("02 15:04") != "27 02:30" {
		t.Errorf("before today's reset the last was at %v", at)
	}
	area.Reset = models.ResetNever
	if _, ok := area.LastReset(resets[0], loc); ok {
		t.Error("an area that is never reset was")
	}
}

func TestFill(t *testing.T) {
	area := models.Area{Capacity: 10, WarnAt: 0.8}
	for people, want := range map[int64]models.Fill{
		-3: models.FillFree, 7: models.FillFree, 8: models.FillNearly, 10: models.FillFull, 99: models.FillFull,
	} {
		if got := area.Fill(people); got != want {
			t.Errorf("with %d people it is %s, want %s", people, got, want)
		}
	}
	if got := (models.Area{}).Fill(7); got != models.FillUnknown {
		t.Errorf("without a capacity it is %s", got)
	}
}
