package reports_test

import (
	"strings"
	"testing"
	"time"

	"footfall/api/reports"
	"footfall/models"
)

// Two doors, 4 people in and 2 out in every quarter of an hour at the one, ten times as many at the other.
func busyWeeks(t *testing.T, from, to time.Time) book {
	t.Helper()
	b := book{quarters: map[string]map[int64][2]int64{"side": {}, "main": {}}, blind: map[int64]bool{}}
	for at := from; at.Before(to); at = at.Add(15 * time.Minute) {
		b.quarters["side"][at.Unix()/60] = [2]int64{4, 2}
		b.quarters["main"][at.Unix()/60] = [2]int64{40, 20}
	}
	return b
}

func TestWhatNobodyWatchedIsEstimated(t *testing.T) {
	t.Parallel()
	s := area("Europe/Berlin", "side", "main")
	loc := s.Site.Location()
	// The clocks change on 29 March, so that an hour of the week is another one of the world's time.
	day := time.Date(2026, 3, 31, 0, 0, 0, 0, loc)
	b := busyWeeks(t, day.AddDate(0, 0, -28), day.AddDate(0, 0, 2))
	for at := day.Add(10 * time.Hour); at.Before(day.Add(12 * time.Hour)); at = at.Add(15 * time.Minute) {
		b.blind[at.Unix()/60] = true
	}
	b.blind[day.Add(14*time.Hour).Unix()/60] = true
	// In one of the four weeks twice as many came at ten, in another nobody watched.
	for at := day.AddDate(0, 0, -7).Add(10 * time.Hour); at.Before(day.AddDate(0, 0, -7).Add(11 * time.Hour)); at = at.Add(15 * time.Minute) {
		b.quarters["side"][at.Unix()/60] = [2]int64{8, 4}
	}
	b.blind[day.AddDate(0, 0, -14).Add(10*time.Hour).Unix()/60] = true

	q := models.TotalQuery{
		Doors: s.Doors, From: day, To: day.AddDate(0, 0, 1), Step: models.Hour, Location: loc, FirstDay: s.Site.FirstDay(),
	}
	r := reports.New(b, 5)
	hours, err := r.Estimated(t.Context(), s, q, day.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	for hour, want := range map[int]models.Bucket{
		9:  {In: 176, Out: 88, RawIn: 176, Observed: time.Hour},
		10: {In: 181, Out: 91, Estimated: true}, // side: (32 + 16 + 16) / 3
		11: {In: 176, Out: 88, Estimated: true},
		14: {In: 176, Out: 88, RawIn: 132, Observed: 45 * time.Minute, Estimated: true},
	} {
		got := hours[hour]
		if got.In != want.In || got.Out != want.Out || got.RawIn != want.RawIn || got.Observed != want.Observed ||
			got.Estimated != want.Estimated {
			t.Errorf("%d o'clock: %+v, want %+v", hour, got, want)
		}
	}

	q.Step = models.Day
	days, err := r.Estimated(t.Context(), s, q, day.AddDate(0, 0, 1))
	if err != nil || len(days) != 1 || days[0].In != 24*176+5 || !days[0].Estimated || days[0].RawIn >= days[0].In {
		t.Errorf("the day: %+v, %v", days, err)
	}
	// At half past ten, half of that hour has been, and what comes later is not made up.
	q.Step = models.Hour
	hours, err = r.Estimated(t.Context(), s, q, day.Add(10*time.Hour+30*time.Minute))
	if err != nil || hours[10].In != 91 || hours[11].Estimated || hours[11].In != 0 {
		t.Errorf("at half past ten: %+v, %v", hours[10:12], err)
	}
}

func TestNothingIsMadeUpOutOfNothing(t *testing.T) {
	t.Parallel()
	s := area("UTC", "side")
	b := busyWeeks(t, date(3, 2), date(3, 4)) // nothing is known of the weeks before
	b.blind = map[int64]bool{}
	for at := date(1, 1); at.Before(date(3, 2)); at = at.Add(15 * time.Minute) {
		b.blind[at.Unix()/60] = true
	}
	b.blind[date(3, 3).Unix()/60] = true
	q := models.TotalQuery{Doors: s.Doors, From: date(3, 3), To: date(3, 4), Step: models.Hour, Location: time.UTC}
	hours, err := reports.New(b, 5).Estimated(t.Context(), s, q, date(3, 4))
	if err != nil || hours[0].Estimated || hours[0].In != 12 {
		t.Errorf("%+v, %v", hours[0], err)
	}
	for step, say := range map[models.Step]string{
		models.QuarterHour: "fill: what is usual is known by the hour: ask for a step of 1h or longer",
		models.Day:         "fill: at most 400 days are filled at once",
	} {
		q.Step, q.From = step, date(3, 4).AddDate(-2, 0, 0)
		if _, err := reports.New(b, 5).Estimated(t.Context(), s, q, date(3, 4)); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v, want %s", step, err, say)
		}
	}
}
