package counts_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"footfall/models"
	"footfall/storage/counts"
	"footfall/storage/storetest"
)

// journey is a random set of facts of two cameras, and the totals that they must lead to, reckoned the slow way.
type journey struct {
	cameras []models.CameraID
	facts   []models.Fact
}

// lines are those of the journey, with one that nobody ever crosses.
func (j journey) lines() []counts.LineRef {
	var all []counts.LineRef
	for _, c := range j.cameras {
		for _, line := range []string{"door", "gate", "quiet"} {
			all = append(all, counts.LineRef{Camera: c, Line: line})
		}
	}
	return all
}

// drawJourney spreads facts over some hours around begin. The cameras' names are not used by another journey.
func drawJourney(t *rapid.T, tb testing.TB, name string, begin time.Time) journey {
	j := journey{cameras: []models.CameraID{models.CameraID(name + "-a"), models.CameraID(name + "-b")}}
	for range rapid.IntRange(1, 30).Draw(t, "facts") {
		camera := rapid.SampledFrom(j.cameras).Draw(t, "camera")
		at := begin.Add(time.Duration(rapid.IntRange(0, 5*3600*1000).Draw(t, "ms")) * time.Millisecond)
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			rest := at.Truncate(time.Minute).Add(time.Minute).Sub(at)
			j.facts = append(j.facts, storetest.Watched(tb, camera, at, rest/2))
		case 1:
			there := drawCrossing(t, tb, camera, at)
			after := time.Duration(rapid.IntRange(1, 90).Draw(t, "after")) * time.Second
			j.facts = append(j.facts, there, storetest.Back(tb, there, after))
		default:
			j.facts = append(j.facts, drawCrossing(t, tb, camera, at))
		}
	}
	return j
}

func drawCrossing(t *rapid.T, tb testing.TB, camera models.CameraID, at time.Time) models.Fact {
	line := rapid.SampledFrom([]string{"door", "gate"}).Draw(t, "line")
	direction := rapid.SampledFrom([]models.Direction{models.In, models.Out}).Draw(t, "direction")
	return storetest.Crossing(tb, camera, line, direction, at)
}

// expect is the bucket that the facts of the journey lead to, the definition word by word.
func (j journey) expect(b models.Bucket) models.Bucket {
	undone := make(map[models.FactID]bool)
	for _, f := range j.facts {
		if f.Crossing != nil && f.Crossing.Reverses != "" {
			undone[f.ID], undone[f.Crossing.Reverses] = true, true
		}
	}
	want := models.Bucket{Camera: b.Camera, Line: b.Line, Class: models.Person, Start: b.Start, End: b.End}
	minutes := make(map[time.Time]time.Duration)
	for _, f := range j.facts {
		if f.Camera != b.Camera || f.Time().Before(b.Start) || !f.Time().Before(b.End) {
			continue
		}
		if f.Coverage != nil {
			minutes[f.Coverage.Minute] = min(time.Minute, minutes[f.Coverage.Minute]+f.Coverage.Observed)
			continue
		}
		if f.Crossing.Line != b.Line {
			continue
		}
		raw, clean := &want.RawIn, &want.In
		if f.Crossing.Direction == models.Out {
			raw, clean = &want.RawOut, &want.Out
		}
		*raw++
		if !undone[f.ID] {
			*clean++
		}
	}
	for _, observed := range minutes {
		want.Observed += observed
	}
	return want
}

func grantAll(tb testing.TB, s *counts.Store, j journey, begin time.Time) {
	tb.Helper()
	for _, c := range j.cameras {
		err := s.Grant(context.Background(), models.Lease{
			ID: models.LeaseID(c), Camera: c, Worker: "w", From: begin, Until: begin.Add(10 * time.Hour),
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// all reads an answer to its last page.
func all(tb testing.TB, s *counts.Store, q counts.Query) []models.Bucket {
	tb.Helper()
	var buckets []models.Bucket
	for {
		page, err := s.Buckets(context.Background(), q)
		if err != nil {
			tb.Fatal(err)
		}
		buckets = append(buckets, page.Buckets...)
		if q.Cursor = page.Next; page.Next == "" {
			return buckets
		}
	}
}

// Any order, any duplication and any batching of the same facts gives the same buckets, in every step and in every
// zone, and buckets of every step cover the interval without gap or overlap.
func TestSameFactsSameBuckets(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		s := open(t, address)
		if err := s.KeepDays(t.Context(), "Europe/Berlin", "America/Santiago", "Asia/Kathmandu"); err != nil {
			t.Fatal(err)
		}
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			begin := rapid.SampledFrom(clockChanges()).Draw(rt, "around").Add(-2 * time.Hour)
			j := drawJourney(rt, t, fmt.Sprintf("run%d", run), begin)
			grantAll(t, s, j, begin)
			deliver(rt, t, s, j.facts)

			zone := rapid.SampledFrom(zones(t)).Draw(rt, "zone")
			from := begin.Add(time.Duration(rapid.IntRange(-90, 90).Draw(rt, "from")) * time.Minute)
			to := from.Add(time.Duration(rapid.IntRange(1, 8*60).Draw(rt, "length")) * time.Minute)
			for _, step := range steps() {
				limit := rapid.IntRange(5, 60).Draw(rt, "limit")
				if step == models.Minute || step == models.FiveMinutes {
					limit *= 20 // or the test turns pages all day
				}
				buckets := all(t, s, counts.Query{
					Lines: j.lines(), From: from, To: to, Step: step, Location: zone, Limit: limit,
				})
				checkTiling(rt, j, buckets, from, to)
				for _, b := range buckets {
					revision := b.Revision
					b.Revision = 0
					if want := j.expect(b); b != want {
						rt.Fatalf("step %s in %s:\ngot  %+v\nwant %+v", step, zone, b, want)
					}
					if (revision > 0) != b.HasData() {
						rt.Fatalf("step %s: revision %d of %+v", step, revision, b)
					}
				}
			}
		})
	})
}

func steps() []models.Step {
	return []models.Step{
		"", models.Minute, models.FiveMinutes, models.QuarterHour, models.Hour, models.Day, models.Week, models.Month,
	}
}

// deliver ingests the facts as an unreliable network would: shuffled, in batches of any size, some of them twice.
func deliver(t *rapid.T, tb testing.TB, s *counts.Store, facts []models.Fact) {
	twice := facts[:rapid.IntRange(0, len(facts)).Draw(t, "twice")]
	queue := rapid.Permutation(slices.Concat(facts, twice)).Draw(t, "order")
	for len(queue) > 0 {
		n := rapid.IntRange(1, len(queue)).Draw(t, "batch")
		receipt, err := s.Ingest(context.Background(), queue[:n])
		if err != nil {
			tb.Fatal(err)
		}
		if len(receipt.Accepted) != n {
			t.Fatalf("accepted %d of %d: %+v", len(receipt.Accepted), n, receipt)
		}
		queue = queue[n:]
	}
}

// checkTiling makes sure that every line's buckets follow each other from the beginning to the end of the interval.
func checkTiling(t *rapid.T, j journey, buckets []models.Bucket, from, to time.Time) {
	lines := j.lines()
	slices.SortFunc(lines, func(a, b counts.LineRef) int {
		return slices.Compare([]string{string(a.Camera), a.Line}, []string{string(b.Camera), b.Line})
	})
	rest := buckets
	for _, line := range lines {
		at := from
		for at.Before(to) {
			if len(rest) == 0 || (counts.LineRef{Camera: rest[0].Camera, Line: rest[0].Line}) != line ||
				!rest[0].Start.Equal(at) || !rest[0].End.After(at) {
				t.Fatalf("at %s of %v the next buckets are %+v", at, line, rest[:min(len(rest), 1)])
			}
			at, rest = rest[0].End, rest[1:]
		}
		if !at.Equal(to) {
			t.Fatalf("the buckets of %v end at %s, want %s", line, at, to)
		}
	}
	if len(rest) > 0 {
		t.Fatalf("%d buckets too many", len(rest))
	}
}

// Many workers deliver at once, each fact comes from two of them, and readers read meanwhile.
func TestDeliveredAtOnce(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		s := open(t, address)
		j := journey{cameras: []models.CameraID{"crowd-a", "crowd-b"}}
		for i := range 60 {
			at := storetest.Noon().Add(time.Duration(i) * time.Minute)
			there := storetest.Crossing(t, j.cameras[i%2], "door", models.In, at)
			stays := storetest.Crossing(t, j.cameras[i%2], "gate", models.Out, at)
			watched := storetest.Watched(t, j.cameras[i%2], at, 40*time.Second)
			j.facts = append(j.facts, there, storetest.Back(t, there, time.Minute), stays, watched)
		}
		grantAll(t, s, j, storetest.Noon())
		query := counts.Query{
			Lines: j.lines(), From: storetest.Noon(), To: storetest.Noon().Add(6 * time.Hour), Step: models.QuarterHour,
		}
		var workers sync.WaitGroup
		for w := range 4 {
			mine := slices.Clone(j.facts)
			if w%2 == 0 {
				slices.Reverse(mine)
			}
			workers.Go(func() {
				for batch := range slices.Chunk(mine, 3+w) {
					if _, err := s.Ingest(context.Background(), batch); err != nil {
						t.Error(err)
					}
					if _, err := s.Buckets(context.Background(), query); err != nil {
						t.Error(err)
					}
				}
			})
		}
		workers.Wait()
		for _, b := range all(t, s, query) {
			b.Revision = 0
			if want := j.expect(b); b != want {
				t.Errorf("got  %+v\nwant %+v", b, want)
			}
		}
	})
}
