package report_test

import (
	"context"
	"encoding/csv"
	"iter"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tests, also where the system has none

	"go.uber.org/goleak"

	"footfall/api/report"
	"footfall/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// book counts one in a minute at the door from 9 to 18 o'clock, two from 12 to 13, and every other minute one out. A
// week earlier it was a third less. Nothing was watched when blind says so.
type book struct {
	zone  *time.Location
	blind func(camera models.CameraID, at time.Time) bool
}

func (k book) Rows(
	_ context.Context, from, to time.Time, step models.Step, in *time.Location,
) iter.Seq2[models.Bucket, error] {
	return func(yield func(models.Bucket, error) bool) {
		for _, line := range []struct {
			camera models.CameraID
			id     string
		}{{"court", "gate"}, {"lobby", "door"}} {
			for at := from; at.Before(to); {
				end := to
				if step != "" {
					end = step.Next(at, in)
				}
				if !yield(k.row(line.camera, line.id, at, end), nil) {
					return
				}
				at = end
			}
		}
	}
}

func (k book) row(camera models.CameraID, line string, from, to time.Time) models.Bucket {
	b := models.Bucket{Camera: camera, Line: line, Start: from.UTC(), End: to.UTC(), Revision: 7}
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		if k.blind != nil && k.blind(camera, at) {
			continue
		}
		b.Observed += time.Minute
		hour, minute := at.In(k.zone).Hour(), at.Minute()
		earlier := at.Before(time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC))
		if camera != "lobby" || hour < 9 || hour >= 18 || earlier && minute%3 == 0 {
			continue
		}
		b.In++
		if hour == 12 {
			b.In++
		}
		b.Out += int64(minute % 2)
	}
	b.RawIn, b.RawOut = b.In, b.Out
	return b
}

type registry struct{}

func (registry) All(context.Context) ([]models.Camera, error) {
	return []models.Camera{
		{ID: "court", Name: "Court <b>yard</b>", Lines: []models.Line{{ID: "gate"}}},
		{ID: "lobby", Name: "Lobby", Lines: []models.Line{{ID: "door", Name: "Main door"}}},
	}, nil
}

func build(t *testing.T, k book, p report.Period) report.Report {
	t.Helper()
	r, err := report.Build(t.Context(), k, registry{}, p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// outage is a gap of the lobby on the tenth of March.
func outage(zone *time.Location) func(models.CameraID, time.Time) bool {
	from := time.Date(2026, 3, 10, 10, 12, 0, 0, zone)
	return func(camera models.CameraID, at time.Time) bool {
		return camera == "lobby" && !at.Before(from) && at.Before(from.Add(148*time.Minute))
	}
}

func TestADay(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	r := build(t, book{zone: zone}, report.Day(time.Date(2026, 3, 10, 15, 0, 0, 0, zone), zone))
	door := r.Doors[1]
	if door.LineName != "Main door" || door.In != 600 || door.Out != 270 || door.Before != 400 || door.Coverage != 1 {
		t.Errorf("the door has %+v", door)
	}
	if change, can := door.Change(); change != 50 || !can {
		t.Errorf("changed by %d %%, %t", change, can)
	}
	if r.Peak.In != 120 || r.Peak.Start.In(zone).Hour() != 12 || len(r.Gaps) != 0 || len(r.Profile) != 24 || r.Total.In != 600 {
		t.Errorf("peak %+v, gaps %v, %d hours, total %+v", r.Peak, r.Gaps, len(r.Profile), r.Total)
	}
	html, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Tuesday, 10 March 2026", ">600<", "270 went out", "&#43;50 %", "most between 12:00 and 13:00", "Europe/Berlin",
		"Court &lt;b&gt;yard&lt;/b&gt;",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for _, unwanted := range []string{"<img", "http://", "https://", "<script", "of the time was watched", "<b>yard"} {
		if strings.Contains(html, unwanted) {
			t.Errorf("the page has %q", unwanted)
		}
	}
	table, err := r.CSV()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(table))).ReadAll()
	if err != nil || len(rows) != 49 || rows[0][0] != "camera" || rows[36][2] != "2026-03-10T11:00:00+01:00" || rows[36][4] != "60" {
		t.Errorf("%d rows, %v: %v", len(rows), err, rows[36])
	}
}

// What was not watched is said, is not compared, and is no zero.
func TestGaps(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	r := build(t, book{zone, outage(zone)}, report.Day(time.Date(2026, 3, 10, 15, 0, 0, 0, zone), zone))
	if _, can := r.Doors[1].Change(); can || len(r.Gaps) != 1 {
		t.Errorf("compared: %t; gaps %v", can, r.Gaps)
	}
	text := r.Text()
	for _, want := range []string{"94 % of the time was watched", "Lobby: 10:12 to 12:40 (2 h 28 min)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	nobody := build(t, book{zone, func(models.CameraID, time.Time) bool { return true }}, r.Period)
	html, err := nobody.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(html, "Nothing was watched") || strings.Contains(html, ">0<") || len(nobody.Gaps) != 2 {
		t.Errorf("gaps %v in a day that nobody watched: %s", nobody.Gaps, html)
	}
}

// A week that loses an hour, and the day of it, are compared with the same days by the calendar.
func TestAWeekWithASpringForward(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	week := report.Week(time.Date(2026, 3, 29, 15, 0, 0, 0, zone), zone)
	if got := week.To.Sub(week.From); got != 167*time.Hour {
		t.Fatalf("the week has %s", got)
	}
	r := build(t, book{zone: zone}, week)
	if len(r.Profile) != 7 || r.Total.In != 4200 || r.Total.Before != 4200 || r.Title() != "23 March to 29 March 2026" {
		t.Errorf("%d days of %q, total %+v", len(r.Profile), r.Title(), r.Total)
	}
	day := build(t, book{zone: zone}, report.Day(time.Date(2026, 3, 29, 15, 0, 0, 0, zone), zone))
	if len(day.Profile) != 23 || day.Total.In != 600 {
		t.Errorf("the day has %d hours and %d in", len(day.Profile), day.Total.In)
	}
}

// FOOTFALL_REPORT_PAGES names a folder to look at the pages in.
func TestPagesToLookAt(t *testing.T) {
	folder := os.Getenv("FOOTFALL_REPORT_PAGES")
	if folder == "" {
		folder = t.TempDir()
	}
	zone := berlin(t)
	noon := time.Date(2026, 3, 10, 12, 0, 0, 0, zone)
	for name, r := range map[string]report.Report{
		"day": build(t, book{zone: zone}, report.Day(noon, zone)), "gap": build(t, book{zone, outage(zone)}, report.Day(noon, zone)),
		"week":  build(t, book{zone, outage(zone)}, report.Week(noon, zone)),
		"blind": build(t, book{zone, func(models.CameraID, time.Time) bool { return true }}, report.Day(noon, zone)),
	} {
		html, err := r.HTML()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(folder+"/"+name+".html", []byte(html), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
