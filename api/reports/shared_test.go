package reports_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tests, also where the system has none

	"pgregory.net/rapid"

	"footfall/api/reports"
	"footfall/models"
)

// book is a store in memory: the counts of quarters of an hour, by door.
type book struct {
	quarters map[string]map[int64][2]int64 // in and out, by the minute of their start
	blind    map[int64]bool                // quarters that nobody watched
	zones    []models.ZoneBucket
}

func (b book) Totals(_ context.Context, q models.TotalQuery) ([]models.Bucket, error) {
	loc := q.Location
	var buckets []models.Bucket
	for at := q.From; at.Before(q.To); {
		next := q.To
		if q.Step != "" {
			next = q.Step.Next(q.Step.Floor(at, loc), loc)
			for q.Step == models.Week && next.In(loc).Weekday() != q.FirstDay {
				next = models.Day.Next(next, loc)
			}
		}
		if next.After(q.To) {
			next = q.To
		}
		bucket := models.Bucket{Start: at.UTC(), End: next.UTC()}
		for t := at; t.Before(next); t = t.Add(15 * time.Minute) {
			minute := t.Unix() / 60
			if b.blind[minute] {
				continue
			}
			for _, d := range q.Doors {
				n := b.quarters[d.Line][minute]
				if d.Reversed {
					n[0], n[1] = n[1], n[0]
				}
				bucket.In, bucket.Out = bucket.In+n[0], bucket.Out+n[1]
			}
			bucket.Observed += 15 * time.Minute
		}
		bucket.RawIn, bucket.RawOut, bucket.Revision = bucket.In, bucket.Out, 7
		buckets = append(buckets, bucket)
		at = next
	}
	return buckets, nil
}

func (b book) ZoneBuckets(_ context.Context, q models.ZoneQuery) (models.ZonePage, error) {
	var page models.ZonePage
	for _, z := range b.zones {
		if !z.Start.Before(q.From) && z.Start.Before(q.To) {
			page.Buckets = append(page.Buckets, z)
		}
	}
	return page, nil
}

func date(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)
}

// area is an area of the doors, in a site without hours.
func area(zone string, doors ...string) reports.Subject {
	site := models.Site{ID: "site", Zone: zone}.WithDefaults()
	a := models.Area{ID: "area", Site: "site"}
	for _, d := range doors {
		a.Doors = append(a.Doors, models.Door{Camera: "c", Line: d})
	}
	return reports.OfArea(site, a)
}

// system is what an attacker has learnt: linear equations over the quarters of the doors, modulo a prime.
type system struct {
	rows  [][]int64
	width int
}

const prime = 1_000_003

// reduce takes out of a row what the attacker knows already; what is left is new. It is empty if nothing is.
func (s *system) reduce(row []int64) []int64 {
	row = slices.Clone(row)
	for _, known := range s.rows {
		pivot := slices.IndexFunc(known, func(n int64) bool { return n != 0 })
		if factor := row[pivot]; factor != 0 {
			for i := range row {
				row[i] = ((row[i]-factor*known[i])%prime + prime) % prime
			}
		}
	}
	return row
}

func (s *system) learn(row []int64) {
	row = s.reduce(row)
	pivot := slices.IndexFunc(row, func(n int64) bool { return n != 0 })
	if pivot < 0 {
		return
	}
	inverse := power(row[pivot], prime-2)
	for i := range row {
		row[i] = row[i] * inverse % prime
	}
	s.rows = append(s.rows, row)
}

func (s *system) knows(row []int64) bool {
	return !slices.ContainsFunc(s.reduce(row), func(n int64) bool { return n != 0 })
}

func power(base, exponent int64) int64 {
	result := int64(1)
	for ; exponent > 0; exponent /= 2 {
		if exponent%2 == 1 {
			result = result * base % prime
		}
		base = base * base % prime
	}
	return result
}

// No combination of answers, about any areas and intervals, determines a small count.
func TestSubtractionRevealsNoSmallCount(t *testing.T) {
	t.Parallel()
	const k = 5
	rapid.Check(t, func(rt *rapid.T) {
		zone := rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "Asia/Kathmandu"}).Draw(rt, "zone")
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		from := date(3, 29) // 23 hours in Berlin
		b := drawBook(rt, loc, from)
		r := reports.New(b, k)
		begin := models.Day.Floor(from.Add(12*time.Hour), loc)
		perDoor := int(date(3, 31).Add(48*time.Hour).Sub(from) / (15 * time.Minute))
		known := system{width: 2 * perDoor}
		doors := map[string]int{"a": 0, "b": perDoor}
		row := func(lines []string, start, end time.Time) []int64 {
			all := make([]int64, known.width)
			for _, line := range lines {
				for at := start; at.Before(end); at = at.Add(15 * time.Minute) {
					if !b.blind[at.Unix()/60] {
						all[doors[line]+int(at.Sub(begin)/(15*time.Minute))]++
					}
				}
			}
			return all
		}
		for _, lines := range [][]string{{"a"}, {"b"}, {"a", "b"}} {
			for _, step := range []models.Step{models.QuarterHour, models.Hour, models.Day, models.Month} {
				for days := 1; days <= 2; days++ {
					q := reports.Question{From: from, To: from.AddDate(0, 0, days), At: date(6, 1), Shared: true}
					buckets, err := r.SharedBuckets(t.Context(), area(zone, lines...), q, step)
					if err != nil {
						rt.Fatal(err)
					}
					for _, answer := range buckets {
						if answer.InKnown && !answer.Suppressed {
							known.learn(row(lines, answer.Start, answer.End))
						}
					}
				}
			}
		}
		for line := range doors {
			for _, step := range []models.Step{models.QuarterHour, models.Hour, models.Day} {
				truth, _ := b.Totals(t.Context(), models.TotalQuery{
					Doors: []models.Door{{Camera: "c", Line: line}}, Step: step, Location: loc,
					From: begin, To: models.Day.Floor(from.Add(60*time.Hour), loc),
				})
				for _, cell := range truth {
					if cell.HasData() && cell.In < k && known.knows(row([]string{line}, cell.Start, cell.End)) {
						rt.Fatalf("the %s from %s at door %s was found out: %d", step, cell.Start.In(loc), line, cell.In)
					}
				}
			}
		}
	})
}

// drawBook is two days of two doors, some quiet, some busy, some blind.
func drawBook(rt *rapid.T, loc *time.Location, from time.Time) book {
	b := book{quarters: map[string]map[int64][2]int64{"a": {}, "b": {}}, blind: map[int64]bool{}}
	begin := models.Day.Floor(from.Add(12*time.Hour), loc)
	for line := range b.quarters {
		busy := rapid.IntRange(0, 9).Draw(rt, "busy "+line)
		some := rapid.SliceOfN(rapid.IntRange(0, busy), 200, 200).Draw(rt, "counts "+line)
		for i, n := range some {
			if rapid.Bool().Draw(rt, "nobody") {
				n = 0
			}
			b.quarters[line][begin.Unix()/60+int64(i)*15] = [2]int64{int64(n), int64(busy)}
		}
	}
	for range rapid.IntRange(0, 20).Draw(rt, "blind") {
		b.blind[begin.Unix()/60+int64(rapid.IntRange(0, 191).Draw(rt, "at"))*15] = true
	}
	return b
}

// What is left of a published cell when its published parts are taken away is at least k, of at least two parts; a sum
// of suppressed cells is flagged.
func TestSuppressedPartsHideEachOther(t *testing.T) {
	t.Parallel()
	const k = 5
	rapid.Check(t, func(rt *rapid.T) {
		b := drawBook(rt, time.UTC, date(3, 3))
		r := reports.New(b, k)
		ask := func(step models.Step) []reports.SharedBucket {
			q := reports.Question{From: date(3, 3), To: date(3, 4), At: date(6, 1), Shared: true}
			buckets, err := r.SharedBuckets(t.Context(), area("UTC", "a"), q, step)
			if err != nil {
				rt.Fatal(err)
			}
			return buckets
		}
		for outer, inner := range map[models.Step]models.Step{models.Day: models.Hour, models.Hour: models.QuarterHour} {
			parts := ask(inner)
			for _, whole := range ask(outer) {
				var shown, hidden int64
				for _, part := range parts {
					if part.Start.Before(whole.Start) || !part.Start.Before(whole.End) {
						continue
					}
					if part.InKnown {
						shown += part.In
						if part.In < k {
							rt.Fatalf("%d is shown at %s", part.In, part.Start)
						}
					} else if part.Suppressed {
						hidden++
					}
				}
				if whole.InKnown && hidden > 0 && (hidden < 2 || whole.In-shown < k) {
					rt.Fatalf("%s: %d of %d are hidden in %d parts", whole.Start, whole.In-shown, whole.In, hidden)
				}
				if !whole.InKnown && shown > 0 {
					rt.Fatalf("%s is hidden, but %d of it are shown", whole.Start, shown)
				}
			}
		}
	})
}

func TestSharedAnswersWait(t *testing.T) {
	t.Parallel()
	b := book{quarters: map[string]map[int64][2]int64{"a": {date(3, 3).Unix() / 60: {9, 2}}}}
	r := reports.New(b, 5)
	ask := func(at time.Time, step models.Step) string {
		q := reports.Question{From: date(3, 3), To: date(3, 5), At: at, Shared: true}
		buckets, err := r.SharedBuckets(t.Context(), area("UTC", "a"), q, step)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, s := range buckets {
			text += fmt.Sprintf("%d %v/%v %v; ", s.In, s.InKnown, s.OutKnown, s.Flags())
		}
		return text
	}
	for _, test := range []struct {
		at   time.Time
		step models.Step
		want string
	}{
		{date(3, 4).Add(2 * time.Hour), models.Day, "0 false/false []; 0 false/false []; "},
		{date(3, 4).Add(4 * time.Hour), models.Day, "9 true/false [suppressed]; 0 false/false []; "},
		{date(6, 1), models.Day, "9 true/false [suppressed]; 0 false/false [suppressed]; "},
		{date(6, 1), models.Month, "9 true/false [suppressed]; "},
	} {
		if got := ask(test.at, test.step); got != test.want {
			t.Errorf("%s at %s: got %s, want %s", test.step, test.at, got, test.want)
		}
	}
	if _, err := r.SharedBuckets(t.Context(), area("UTC", "a"), reports.Question{From: date(3, 3), To: date(3, 4)}, models.Minute); err == nil {
		t.Error("minutes were shared")
	}
}
