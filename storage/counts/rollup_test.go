package counts_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/counts"
	"footfall/storage/storetest"
)

// diary is some facts, and what they add up to by the minute, reckoned the slow way.
type diary struct {
	facts   []models.Fact
	minutes map[counts.LineRef]map[int64]*models.Bucket // by the minute since 1970
	watched map[models.CameraID]map[int64]time.Duration

	lines   map[counts.LineRef]prefix
	cameras map[models.CameraID]prefix
}

// rollUps is how many random questions the test asks, each of two kinds: ten thousand answers from SQLite, a thousand
// from PostgreSQL, where every one is a journey. FOOTFALL_ROLLUPS asks for others.
func rollUps(address string) int {
	if n, err := strconv.Atoi(os.Getenv("FOOTFALL_ROLLUPS")); err == nil {
		return n
	}
	if strings.HasPrefix(address, "postgres:") {
		return 500
	}
	return 5000
}

// writeDiary is around every change of the clocks in a zone of the tests: two doors of two cameras, of which one is dead,
// with U-turns, late facts and facts that come twice.
func writeDiary(t *testing.T, s *counts.Store, random *rand.Rand) diary {
	t.Helper()
	d := diary{minutes: map[counts.LineRef]map[int64]*models.Bucket{}, watched: map[models.CameraID]map[int64]time.Duration{}}
	for _, camera := range []models.CameraID{"a", "b"} {
		lease := models.Lease{
			ID: models.LeaseID(camera), Camera: camera, Worker: "w",
			From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC),
		}
		if err := s.Grant(context.Background(), lease); err != nil {
			t.Fatal(err)
		}
		for _, around := range clockChanges() {
			for range 150 {
				d.write(t, camera, around.Add(time.Duration(random.Int64N(int64(39*time.Hour)))-20*time.Hour), random)
			}
		}
	}
	queue := slices.Concat(d.facts, d.facts[:len(d.facts)/3])
	random.Shuffle(len(queue), func(i, j int) { queue[i], queue[j] = queue[j], queue[i] })
	for batch := range slices.Chunk(queue, 200) {
		if _, err := s.Ingest(context.Background(), batch); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// write makes one thing happen.
func (d *diary) write(t *testing.T, camera models.CameraID, at time.Time, random *rand.Rand) {
	t.Helper()
	at = at.Truncate(time.Millisecond)
	minute := at.Unix() / 60
	if random.IntN(3) == 0 {
		left := time.Unix((minute+1)*60, 0).Sub(at)
		f := storetest.Watched(t, camera, at, left/2)
		d.facts = append(d.facts, f)
		if d.watched[camera] == nil {
			d.watched[camera] = map[int64]time.Duration{}
		}
		d.watched[camera][minute] = min(time.Minute, d.watched[camera][minute]+left/2)
		return
	}
	direction := []models.Direction{models.In, models.Out}[random.IntN(2)]
	there := storetest.Crossing(t, camera, "door", direction, at)
	d.facts = append(d.facts, there)
	turned := random.IntN(4) == 0
	d.cross(there, !turned)
	if turned {
		back := storetest.Back(t, there, time.Duration(1+random.IntN(90))*time.Second)
		d.facts = append(d.facts, back)
		d.cross(back, false)
	}
}

func (d *diary) cross(f models.Fact, clean bool) {
	ref := counts.LineRef{Camera: f.Camera, Line: "door"}
	if d.minutes[ref] == nil {
		d.minutes[ref] = map[int64]*models.Bucket{}
	}
	minute := f.Crossing.Time.Unix() / 60
	if d.minutes[ref][minute] == nil {
		d.minutes[ref][minute] = &models.Bucket{}
	}
	b := d.minutes[ref][minute]
	raw, in := &b.RawIn, &b.In
	if f.Crossing.Direction == models.Out {
		raw, in = &b.RawOut, &b.Out
	}
	*raw++
	if clean {
		*in++
	}
}

// prefix is the running sum of a diary's minutes, so that a test of ten thousand answers takes seconds.
type prefix struct {
	minutes []int64
	sums    []models.Bucket // up to the minute of the same place, it included
}

func sumUp[V any](minutes map[int64]V, add func(sum models.Bucket, v V) models.Bucket) prefix {
	p := prefix{minutes: slices.Sorted(maps.Keys(minutes))}
	var sum models.Bucket
	for _, minute := range p.minutes {
		sum = add(sum, minutes[minute])
		p.sums = append(p.sums, sum)
	}
	return p
}

func (p prefix) before(minute int64) models.Bucket {
	if i, _ := slices.BinarySearch(p.minutes, minute); i > 0 {
		return p.sums[i-1]
	}
	return models.Bucket{}
}

// index makes the running sums.
func (d *diary) index() {
	d.lines, d.cameras = map[counts.LineRef]prefix{}, map[models.CameraID]prefix{}
	for ref, minutes := range d.minutes {
		d.lines[ref] = sumUp(minutes, func(sum models.Bucket, m *models.Bucket) models.Bucket {
			sum.In, sum.Out, sum.RawIn, sum.RawOut = sum.In+m.In, sum.Out+m.Out, sum.RawIn+m.RawIn, sum.RawOut+m.RawOut
			return sum
		})
	}
	for camera, minutes := range d.watched {
		d.cameras[camera] = sumUp(minutes, func(sum models.Bucket, observed time.Duration) models.Bucket {
			sum.Observed += observed
			return sum
		})
	}
}

// sum is what a bucket must say.
func (d *diary) sum(b models.Bucket) models.Bucket {
	want := models.Bucket{Camera: b.Camera, Line: b.Line, Class: models.Person, Start: b.Start, End: b.End}
	from, to := b.Start.Unix()/60, b.End.Unix()/60
	line, camera := d.lines[counts.LineRef{Camera: b.Camera, Line: b.Line}], d.cameras[b.Camera]
	until, since := line.before(to), line.before(from)
	want.In, want.Out = until.In-since.In, until.Out-since.Out
	want.RawIn, want.RawOut = until.RawIn-since.RawIn, until.RawOut-since.RawOut
	want.Observed = camera.before(to).Observed - camera.before(from).Observed
	return want
}

// Every roll-up is the sum of its minutes, in any zone and step, on days of any length; a camera that is dead has no
// counts, and says that nobody watched.
func TestRollUpsAreTheSumOfTheirMinutes(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		s := open(t, address)
		if err := s.KeepDays(t.Context(), "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"); err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(1, 2))
		d := writeDiary(t, s, random)
		d.index()
		if err := s.KeepDays(t.Context(), "Asia/Kathmandu"); err != nil { // after the facts
			t.Fatal(err)
		}
		names := []string{"Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "America/St_Johns"}
		changes := clockChanges()
		for range rollUps(address) {
			loc := zone(t, names[random.IntN(len(names))])
			step := steps()[random.IntN(len(steps()))]
			from := changes[random.IntN(len(changes))].Add(time.Duration(random.IntN(60*60)-30*60) * time.Minute)
			length := time.Duration(1+random.IntN(30*60)) * time.Minute
			if step == models.Minute || step == models.FiveMinutes {
				length = min(length, 3*time.Hour)
			}
			q := counts.Query{
				Lines: []counts.LineRef{{Camera: "a", Line: "door"}, {Camera: "dead", Line: "door"}},
				From:  from, To: from.Add(length), Step: step, Location: loc, Limit: 10_000,
			}
			page, err := s.Buckets(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range page.Buckets {
				b.Revision = 0
				if want := d.sum(b); b != want {
					t.Fatalf("step %q in %s: got %+v, want %+v", step, loc, b, want)
				}
				if b.Camera == "dead" && (b.HasData() || b.Coverage() != 0 || len(b.Flags()) == 0) {
					t.Fatalf("a dead camera says %+v", b)
				}
			}
			d.compareTotals(t, s, q)
		}
	})
}

// compareTotals asks for the same with another door, added up.
func (d *diary) compareTotals(t *testing.T, s *counts.Store, q counts.Query) {
	t.Helper()
	sums, err := s.Totals(t.Context(), models.TotalQuery{
		Doors: []models.Door{{Camera: "a", Line: "door"}, {Camera: "b", Line: "door", Reversed: true}, {Camera: "dead", Line: "door"}},
		From:  q.From, To: q.To, Step: q.Step, Location: q.Location, FirstDay: time.Monday,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, sum := range sums {
		a := d.sum(models.Bucket{Camera: "a", Line: "door", Start: sum.Start, End: sum.End})
		b := d.sum(models.Bucket{Camera: "b", Line: "door", Start: sum.Start, End: sum.End})
		if sum.In != a.In+b.Out || sum.Out != a.Out+b.In || sum.RawIn != a.RawIn+b.RawOut || sum.RawOut != a.RawOut+b.RawIn {
			t.Fatalf("totals of step %q in %s: got %+v, want %+v and %+v", q.Step, q.Location, sum, a, b)
		}
		if sum.Coverage() > 0.67 {
			t.Fatalf("with one of three doors dead the coverage is %v", sum.Coverage())
		}
	}
}
