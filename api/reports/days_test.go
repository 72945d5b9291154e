package reports_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"footfall/api/reports"
	"footfall/models"
)

// shop is a subject with opening hours, a passing line and a zone, and what happened there.
func shop(t *testing.T) (reports.Subject, book, *time.Location) {
	t.Helper()
	s := area("Europe/Berlin", "door")
	s.Site.WeekStarts = "sun"
	s.Site.Hours = []models.DayHours{{Days: []models.Weekday{"sat"}, Open: []string{"09:30-11:00"}}}
	s.Passing = []models.LineRef{{Camera: "c", Line: "street"}}
	s.Zones = []models.ZoneRef{{Camera: "c", Zone: "desk"}}
	loc := s.Site.Location()
	b := book{quarters: map[string]map[int64][2]int64{"door": {}, "street": {}}, blind: map[int64]bool{}}
	put := func(line string, day time.Time, clock string, in, out int64) {
		at, err := time.ParseInLocation("2006-01-02 15:04", day.Format(time.DateOnly)+" "+clock, loc)
		if err != nil {
			t.Fatal(err)
		}
		b.quarters[line][at.Unix()/60] = [2]int64{in, out}
	}
	saturday := date(3, 28) // the day before the clocks change
	put("door", saturday, "09:15", 1, 0)
	put("door", saturday, "09:30", 3, 0)
	put("door", saturday, "10:00", 7, 2)
	put("door", saturday, "11:00", 5, 13)
	put("street", saturday, "10:00", 30, 20)
	put("door", saturday.AddDate(0, 0, -7), "10:00", 8, 8)
	put("door", saturday.AddDate(0, 0, -364), "10:45", 20, 20)
	put("door", date(3, 29), "01:45", 2, 0)
	put("door", date(3, 29), "03:00", 4, 1)
	b.zones = []models.ZoneBucket{{
		Start: models.Day.Floor(saturday.Add(12*time.Hour), loc), Stays: []int64{1, 1}, Dwell: 30 * time.Second,
	}}
	for at := date(3, 30).Unix() / 60; at < date(4, 1).Unix()/60; at += 15 {
		b.blind[at] = true
	}
	return s, b, loc
}

func TestDays(t *testing.T) {
	t.Parallel()
	s, b, loc := shop(t)
	r := reports.New(b, 5)
	ask := func(open bool) []string {
		q := reports.Question{From: date(3, 28), To: date(3, 31), Open: open}
		days, err := r.Days(t.Context(), s, q, reports.AllColumns())
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, d := range days {
			text := fmt.Sprintf("%s %d/%d of %v, %.2f %v, week %d year %d", d.Date.Format("02"), d.In, d.Out, d.Length,
				d.Coverage(), d.Flags(), d.LastWeek.In, d.LastYear.In)
			if d.Peak != nil {
				text += fmt.Sprintf(", peak %s %d", d.Peak.Start.In(loc).Format("15:04"), d.Peak.In)
			}
			if balance, ok := d.Balance(); ok {
				text += fmt.Sprintf(", balance %d", balance)
			}
			if d.Dwell != nil {
				text += fmt.Sprintf(", dwell %v", *d.Dwell)
			}
			if rate, ok := d.CaptureRate(); ok {
				text += fmt.Sprintf(", capture %.2f", rate)
			}
			said = append(said, text)
		}
		return said
	}
	for open, want := range map[bool][]string{
		false: {
			"28 16/15 of 24h0m0s, 1.00 [], week 8 year 20, peak 10:00 7, balance 1, dwell 15s, capture 0.32",
			"29 6/1 of 23h0m0s, 1.00 [], week 0 year 0, peak 03:00 4, balance 5",
			"30 0/0 of 24h0m0s, 0.08 [partial], week 0 year 0, balance 0", // two hours of it are before UTC's midnight
		},
		true: {
			"28 10/2 of 1h30m0s, 1.00 [], week 8 year 20, peak 10:00 7, balance 8, dwell 15s, capture 0.20",
			"29 0/0 of 0s, 0.00 [], week 0 year 0", "30 0/0 of 0s, 0.00 [], week 0 year 0",
		},
	} {
		if got := ask(open); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("open %v:\ngot\n%s\nwant\n%s", open, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	s, b, _ := shop(t)
	r := reports.New(b, 5)
	hours, err := r.Profile(t.Context(), s, reports.Question{From: date(3, 21), To: date(3, 31)})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, h := range hours {
		in, _, known := h.Average()
		if h.In > 0 || !known {
			said = append(said, fmt.Sprintf("%s %02d: %.1f of %d %v", h.Weekday, h.Hour, in, h.Days, known))
		}
	}
	// The Sunday of the change has no hour from 2; on Monday the 30th nobody watched after 2, but on the 23rd somebody did.
	want := "Sunday 01: 1.0 of 2 true, Sunday 03: 2.0 of 2 true, Saturday 09: 2.0 of 2 true, Saturday 10: 7.5 of 2 true, " +
		"Saturday 11: 2.5 of 2 true"
	if got := strings.Join(said, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(hours) != 7*24 || hours[0].Weekday != time.Sunday {
		t.Errorf("%d hours from %s on, want 168 from Sunday on", len(hours), hours[0].Weekday)
	}
	hours, err = r.Profile(t.Context(), s, reports.Question{From: date(3, 21), To: date(3, 31), Open: true})
	if err != nil || len(hours) != 2 || hours[0].Hour != 9 || hours[0].In != 3 {
		t.Errorf("inside opening hours: %+v, %v; want 9 and 10 o'clock on Saturday", hours, err)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	s, b, _ := shop(t)
	whole := models.Area{ID: "whole", Site: "site", Doors: []models.Door{{Camera: "c", Line: "door"}, {Camera: "c", Line: "inner"}}}
	yard := models.Area{ID: "yard", Site: "site", Doors: []models.Door{{Camera: "c", Line: "inner", Reversed: true}}}
	corner := models.Area{ID: "corner", Site: "site", Within: "whole", Doors: []models.Door{{Camera: "c", Line: "street"}}}
	b.quarters["inner"] = map[int64][2]int64{date(3, 28).Unix() / 60: {100, 0}}
	site := reports.OfSite(s.Site, []models.Area{whole, yard, corner})
	compared, err := reports.New(b, 5).Compare(t.Context(), []reports.Subject{site, reports.OfArea(s.Site, whole)},
		reports.Question{From: date(3, 28), To: date(3, 30)})
	if err != nil {
		t.Fatal(err)
	}
	if compared[0].In != 22 || compared[1].In != 122 || compared[0].Days != 2 || compared[0].Watched != 2 {
		t.Errorf("got %+v, want 22 for the site, whose inner door counts for none, and 122 for the area", compared)
	}
}

func TestRefusedQuestions(t *testing.T) {
	t.Parallel()
	r := reports.New(book{}, 5)
	for name, q := range map[string]reports.Question{
		"backwards": {From: date(3, 2), To: date(3, 2)}, "too long": {From: date(3, 2), To: date(3, 2).AddDate(11, 0, 0)},
		"no days": {},
	} {
		if _, err := r.Days(t.Context(), area("UTC", "a"), q, reports.Columns{}); err == nil {
			t.Errorf("%s: was not refused", name)
		}
	}
}
