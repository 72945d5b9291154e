package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/counts"
)

// BookStore is what the suite Book is about.
type BookStore interface {
	CountStore
	ZoneBuckets(ctx context.Context, q models.ZoneQuery) (models.ZonePage, error)
	Totals(ctx context.Context, q models.TotalQuery) ([]models.Bucket, error)
	KeepDays(ctx context.Context, zones ...string) error
}

// Clock is a time that a test moves.
type Clock struct{ at time.Time }

// NewClock is a clock that stands.
func NewClock(at time.Time) *Clock { return &Clock{at} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time { return c.at }

// Set sets the clock.
func (c *Clock) Set(at time.Time) { c.at = at }

// Book is what every store must tell beside the plain counts of people. The store goes by the clock.
func Book(t *testing.T, s BookStore, clock *Clock) {
	t.Run("classes are counted by themselves", func(t *testing.T) { classes(t, s) })
	t.Run("a zone adds up", func(t *testing.T) { zones(t, s) })
	t.Run("a turned camera is flagged", func(t *testing.T) { moved(t, s) })
	t.Run("what was published can be asked", func(t *testing.T) { published(t, s, clock) })
	t.Run("doors add up", func(t *testing.T) { doors(t, s) })
	t.Run("kept days change no answer", func(t *testing.T) { keptDays(t, s) })
}

func classes(t *testing.T, s BookStore) {
	Watch(t, s, "classes")
	at := func(after time.Duration, class models.Class, carrying ...models.Class) models.Fact {
		f := Crossing(t, "classes", "door", models.In, Noon().Add(after))
		f.Crossing.Class, f.Crossing.Carrying = class, carrying
		return f
	}
	there := at(1, models.Person, "backpack", "suitcase")
	ingest(t, s, at(0, models.Person), there, at(2, models.Person, "suitcase"), at(3, "wheelchair"),
		Back(t, there, time.Second))
	q := counts.Query{
		Lines: []counts.LineRef{{Camera: "classes", Line: "door"}}, From: Noon(), To: Noon().Add(time.Minute),
	}
	ask := func(of []models.Class, carrying ...models.Class) string {
		q.Classes, q.Carrying = of, carrying
		page, err := s.Buckets(t.Context(), q)
		must(t, err)
		text := ""
		for _, b := range page.Buckets {
			text += fmt.Sprintf("%s+%s %d/%d raw %d/%d; ", b.Class, b.Carrying, b.In, b.Out, b.RawIn, b.RawOut)
		}
		return text
	}
	want(t, ask(nil), "person+ 2/0 raw 3/1; ")
	want(t, ask([]models.Class{"wheelchair", models.Person}), "person+ 2/0 raw 3/1; wheelchair+ 1/0 raw 1/0; ")
	want(t, ask(nil, "suitcase", "backpack"), "person+backpack 0/0 raw 1/0; person+suitcase 1/0 raw 2/0; ")
	want(t, ask([]models.Class{"tank"}), "tank+ 0/0 raw 0/0; ")

	page, err := s.Events(t.Context(), counts.EventQuery{Lines: q.Lines, From: q.From, To: q.To})
	must(t, err)
	want(t, fmt.Sprint(page.Events[1].Carrying), "[backpack suitcase]")
	disorder := at(4, models.Person, "suitcase", "backpack")
	if r := ingest(t, s, disorder); len(r.Refused) != 1 {
		t.Errorf("a list out of order: %+v, want it refused", r)
	}
}

// Stay is what happened in a zone of a camera for ten seconds of a minute: two came, one left after a stay.
func Stay(
	t testing.TB, camera models.CameraID, zone string, from time.Time, most int64, stay time.Duration,
) models.Fact {
	t.Helper()
	p := models.Presence{
		Zone: zone, Class: models.Person, Minute: from.Truncate(time.Minute), From: from,
		Entries: 2, Exits: 1, Most: most,
		Inside: 20 * time.Second, Stays: make([]int64, len(models.DwellBounds())+1), Dwell: stay,
		ConfigVersion: 1, ModelVersion: "test",
	}
	p.Stays[models.DwellClass(stay)] = 1
	return models.Fact{ID: NewID(t), Camera: camera, Lease: models.LeaseID(camera), Presence: &p}
}

func zones(t *testing.T, s BookStore) {
	Watch(t, s, "zones")
	first := Stay(t, "zones", "desk", Noon(), 3, 4*time.Second)
	ingest(t, s, first, Stay(t, "zones", "desk", Noon().Add(10*time.Second), 2, time.Hour))
	ingest(t, s, first, Stay(t, "zones", "desk", Noon().Add(time.Minute), 5, time.Minute),
		Watched(t, "zones", Noon(), 40*time.Second))
	q := models.ZoneQuery{
		Zones: []models.ZoneRef{{Camera: "zones", Zone: "sofa"}, {Camera: "zones", Zone: "desk"}},
		From:  Noon(), To: Noon().Add(2 * time.Minute), Step: models.Minute, Limit: 3,
	}
	text := ""
	for {
		page, err := s.ZoneBuckets(t.Context(), q)
		must(t, err)
		for _, b := range page.Buckets {
			inside, _ := b.AverageInside()
			dwell, _ := b.AverageDwell()
			text += fmt.Sprintf("%s %d/%d most %d inside %.1f dwell %v %v; ",
				b.Zone, b.Entries, b.Exits, b.Most, inside, dwell, b.HasData())
		}
		if q.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	want(t, text, "desk 4/2 most 3 inside 1.0 dwell 30m2s true; desk 2/1 most 5 inside 0.0 dwell 1m0s true; "+
		"sofa 0/0 most 0 inside 0.0 dwell 0s true; sofa 0/0 most 0 inside 0.0 dwell 0s false; ")
	q.Zones, q.Step, q.Cursor = q.Zones[1:], models.Hour, ""
	page, err := s.ZoneBuckets(t.Context(), q)
	must(t, err)
	b := page.Buckets[0]
	want(t, fmt.Sprint(b.Entries, b.Most, b.Stays, b.Ended()), "6 5 [1 0 0 0 1 0 0 0 0 1] 3")
}

func moved(t *testing.T, s BookStore) {
	Watch(t, s, "moved")
	turned := Watched(t, "moved", Noon().Add(time.Minute), 30*time.Second)
	turned.Coverage.Moved = true
	ingest(t, s, Watched(t, "moved", Noon(), time.Minute), turned,
		Watched(t, "moved", Noon().Add(90*time.Second), 30*time.Second))
	for i, flags := range []string{"[]", "[camera_moved]", "[partial]"} {
		b := oneBucket(t, s, "moved", "door", Noon().Add(time.Duration(i)*time.Minute))
		want(t, fmt.Sprint(b.Flags()), flags)
	}
}

// published asks what was known at three moments: before, between and after facts that came late.
func published(t *testing.T, s BookStore, clock *Clock) {
	Watch(t, s, "published")
	there := Crossing(t, "published", "door", models.In, Noon())
	clock.Set(Noon().Add(30 * time.Second))
	ingest(t, s, there, Watched(t, "published", Noon(), 30*time.Second))
	clock.Set(Noon().Add(time.Hour))
	ingest(t, s, Back(t, there, 70*time.Second), Watched(t, "published", Noon().Add(30*time.Second), 20*time.Second))
	clock.Set(Noon().Add(2 * time.Hour))
	ingest(t, s, Crossing(t, "published", "door", models.Out, Noon().Add(time.Second)))
	ask := func(step models.Step, after time.Duration) string {
		page, err := s.Buckets(t.Context(), counts.Query{
			Lines: []counts.LineRef{{Camera: "published", Line: "door"}}, Step: step,
			From: Noon().Truncate(24 * time.Hour), To: Noon().Truncate(24 * time.Hour).Add(24 * time.Hour),
			AsOf: Noon().Add(after), Limit: 2000,
		})
		must(t, err)
		var sum models.Bucket
		for _, b := range page.Buckets {
			sum.In, sum.Out, sum.RawIn, sum.RawOut = sum.In+b.In, sum.Out+b.Out, sum.RawIn+b.RawIn, sum.RawOut+b.RawOut
			sum.Observed += b.Observed
			sum.Revision = max(sum.Revision, b.Revision)
		}
		text := fmt.Sprintf("%d/%d raw %d/%d %v", sum.In, sum.Out, sum.RawIn, sum.RawOut, sum.Observed)
		return fmt.Sprintf("%s at %d", text, sum.Revision)
	}
	revision := oneBucket(t, s, "published", "door", Noon()).Revision
	for _, step := range []models.Step{models.Minute, models.Hour, models.Day, models.Month, ""} {
		for after, was := range map[time.Duration]string{
			time.Minute:     "0/0 raw 0/0 0s at 0", // not settled yet
			6 * time.Minute: fmt.Sprintf("1/0 raw 1/0 30s at %d", revision-2),
			time.Hour:       fmt.Sprintf("0/0 raw 1/1 50s at %d", revision-1),
			3 * time.Hour:   fmt.Sprintf("0/1 raw 1/2 50s at %d", revision),
		} {
			if got := ask(step, after); got != was {
				t.Errorf("step %q, as of %v later: got %s, want %s", step, after, got, was)
			}
		}
	}
}

func doors(t *testing.T, s BookStore) {
	Watch(t, s, "front")
	Watch(t, s, "back")
	at := Noon()
	ingest(t, s, Crossing(t, "front", "door", models.In, at), Crossing(t, "front", "door", models.In, at.Add(1)),
		Crossing(t, "back", "gate", models.In, at), Watched(t, "front", at, time.Minute))
	q := models.TotalQuery{
		Doors: []models.Door{{Camera: "front", Line: "door"}, {Camera: "back", Line: "gate", Reversed: true}},
		From:  at, To: at.Add(2 * time.Minute), Step: models.Minute,
	}
	buckets, err := s.Totals(t.Context(), q)
	must(t, err)
	b := buckets[0]
	want(t, fmt.Sprintf("%d/%d %v %v", b.In, b.Out, b.Coverage(), b.Flags()), "2/1 0.5 [partial]")
	if buckets[1].HasData() || buckets[1].Revision != 0 {
		t.Errorf("the second minute: got %+v, want no data", buckets[1])
	}
	q.Doors = nil
	buckets, err = s.Totals(t.Context(), q)
	must(t, err)
	if buckets[0].HasData() || len(buckets) != 2 {
		t.Errorf("without doors: got %+v, want no data", buckets)
	}
	q.To = at.AddDate(1, 0, 0)
	if _, err := s.Totals(t.Context(), q); err == nil {
		t.Error("a year of minutes in one piece was not refused")
	}
}

// keptDays asks for days in a zone before and after they are kept, and after more has come.
func keptDays(t *testing.T, s BookStore) {
	zone, err := time.LoadLocation("America/St_Johns")
	must(t, err)
	Watch(t, s, "days")
	ask := func() string {
		page, err := s.Buckets(t.Context(), counts.Query{
			Lines: []counts.LineRef{{Camera: "days", Line: "door"}}, Step: models.Day, Location: zone,
			From: Noon().Add(-50 * time.Hour), To: Noon().Add(50 * time.Hour),
		})
		must(t, err)
		text := ""
		for _, b := range page.Buckets {
			text += fmt.Sprintf("%d/%d %v %d; ", b.RawIn, b.RawOut, b.Observed, b.Revision)
		}
		return text
	}
	ingest(t, s, Crossing(t, "days", "door", models.In, Noon()), Watched(t, "days", Noon(), time.Minute))
	before := ask()
	must(t, s.KeepDays(t.Context(), "America/St_Johns", "America/St_Johns"))
	want(t, ask(), before)
	ingest(t, s, Crossing(t, "days", "door", models.Out, Noon().Add(time.Minute)))
	if after := ask(); after == before {
		t.Errorf("got %s again after another crossing", after)
	}
	if err := s.KeepDays(t.Context(), "Mars/Base"); err == nil {
		t.Error("a zone that does not exist was kept")
	}
}
