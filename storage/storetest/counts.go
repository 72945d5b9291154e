package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/counts"
)

// CountStore is what the suite Counts is about.
type CountStore interface {
	LeaseStore
	Ingest(ctx context.Context, facts []models.Fact) (counts.Receipt, error)
	Buckets(ctx context.Context, q counts.Query) (counts.Page, error)
	Events(ctx context.Context, q counts.EventQuery) (counts.EventPage, error)
	Prune(ctx context.Context, before time.Time) (int64, error)
}

// Counts is what every store of counts must do. It prunes, so it needs a store of its own.
func Counts(t *testing.T, s CountStore) {
	t.Run("a fact counts once", func(t *testing.T) { countOnce(t, s) })
	t.Run("a fact counts inside its lease", func(t *testing.T) { countInside(t, s) })
	t.Run("a lease ends no earlier than its facts", func(t *testing.T) { endAfterFacts(t, s) })
	t.Run("a U-turn leaves the clean totals in any order", func(t *testing.T) { uTurns(t, s) })
	t.Run("a minute has sixty seconds", func(t *testing.T) { coverageIsCapped(t, s) })
	t.Run("a change raises the revision", func(t *testing.T) { revisionsRise(t, s) })
	t.Run("single crossings can be listed", func(t *testing.T) { listEvents(t, s) })
	t.Run("what is pruned is not counted again", func(t *testing.T) { prunedStaysCounted(t, s) })
}

// Watch grants the lease of a camera, named like it, for a day around Noon.
func Watch(t testing.TB, s LeaseStore, cameras ...models.CameraID) {
	t.Helper()
	for _, c := range cameras {
		l := models.Lease{
			ID: models.LeaseID(c), Camera: c, Worker: "w",
			From: Noon().Add(-12 * time.Hour), Until: Noon().Add(12 * time.Hour),
		}
		if err := s.Grant(context.WithoutCancel(t.Context()), l); err != nil {
			t.Fatal(err)
		}
	}
}

// Minute is what is known about a line in the minute that begins at a moment, "in/out raw in/out observed".
func Minute(t testing.TB, s CountStore, camera models.CameraID, line string, at time.Time) string {
	t.Helper()
	return Show(oneBucket(t, s, camera, line, at))
}

// Show is a bucket without its place and revision.
func Show(b models.Bucket) string {
	return fmt.Sprintf("%d/%d raw %d/%d %s", b.In, b.Out, b.RawIn, b.RawOut, b.Observed)
}

func oneBucket(t testing.TB, s CountStore, camera models.CameraID, line string, at time.Time) models.Bucket {
	t.Helper()
	page, err := s.Buckets(t.Context(), counts.Query{
		Lines: []counts.LineRef{{Camera: camera, Line: line}}, Step: models.Minute,
		From: at.Truncate(time.Minute), To: at.Truncate(time.Minute).Add(time.Minute),
	})
	if err != nil || len(page.Buckets) != 1 {
		t.Fatalf("got %d buckets and %v, want one", len(page.Buckets), err)
	}
	return page.Buckets[0]
}

func ingest(t *testing.T, s CountStore, facts ...models.Fact) counts.Receipt {
	t.Helper()
	receipt, err := s.Ingest(t.Context(), facts)
	must(t, err)
	if n := len(receipt.Accepted) + len(receipt.Refused) + len(receipt.Later); n != len(facts) {
		t.Fatalf("the receipt speaks of %d facts, want %d", n, len(facts))
	}
	return receipt
}

func want(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func countOnce(t *testing.T, s CountStore) {
	Watch(t, s, "once")
	in := Crossing(t, "once", "door", models.In, Noon().Add(time.Second))
	watched := Watched(t, "once", Noon(), 40*time.Second)
	first := ingest(t, s, in, watched, in) // twice in one batch, too
	if len(first.Accepted) != 3 || len(first.Crossings) != 1 {
		t.Errorf("got %d accepted and %d crossings, want 3 and 1", len(first.Accepted), len(first.Crossings))
	}
	if len(first.Changed) != 2 || first.Changed[0].Line != "" || first.Changed[1].Observed != 40*time.Second {
		t.Errorf("changed: %+v, want the camera's coverage and the line's minute with it", first.Changed)
	}
	again := ingest(t, s, watched, in)
	if len(again.Accepted) != 2 || len(again.Changed) != 0 || len(again.Crossings) != 0 {
		t.Errorf("sent again: %+v, want both accepted and nothing changed", again)
	}
	other := in
	other.Crossing = &models.Crossing{Line: "door", Direction: models.Out, Time: Noon().Add(time.Minute)}
	if again := ingest(t, s, other); len(again.Accepted) != 1 || len(again.Changed) != 0 {
		t.Errorf("a known id with other words: %+v, want it acknowledged and nothing changed", again)
	}
	want(t, Minute(t, s, "once", "door", Noon()), "1/0 raw 1/0 40s")
}

func countInside(t *testing.T, s CountStore) {
	ctx := t.Context()
	at := func(offset time.Duration) models.Fact {
		f := Crossing(t, "inside", "door", models.In, Noon().Add(offset))
		f.Lease = "inside-1"
		return f
	}
	must(t, s.Grant(ctx, lease("inside-1", "inside", 0, 10*time.Second)))
	before, first, last, after := at(-1), at(0), at(10*time.Second-1), at(10*time.Second)
	unknown, foreign, broken, zero := at(time.Second), at(time.Second), at(time.Second), at(time.Second)
	zero.Crossing.ModelVersion = "nano\x00"
	unknown.Lease, foreign.Camera, broken.Crossing.Direction = "nobody's", "other", "up"

	r := ingest(t, s, before, first, unknown, foreign, last, broken, zero, after)
	if want := []models.FactID{first.ID, last.ID}; !slices.Equal(r.Accepted, want) {
		t.Errorf("accepted %v, want %v", r.Accepted, want)
	}
	if want := []models.FactID{after.ID}; !slices.Equal(r.Later, want) {
		t.Errorf("later %v, want %v", r.Later, want)
	}
	for i, reason := range []string{
		"before its lease", "is unknown", "is of camera inside", `"up" is neither`, "not text",
	} {
		if i >= len(r.Refused) || !strings.Contains(r.Refused[i].Reason, reason) {
			t.Errorf("refused %v, want number %d to say %q", r.Refused, i+1, reason)
		}
	}
	want(t, Minute(t, s, "inside", "door", Noon()), "2/0 raw 2/0 0s")

	must(t, s.Extend(ctx, "inside-1", Noon().Add(20*time.Second)))
	if r := ingest(t, s, after); len(r.Accepted) != 1 {
		t.Errorf("after the extension: %+v, want it accepted", r)
	}
	must(t, s.End(ctx, "inside-1", Noon().Add(15*time.Second)))
	if r := ingest(t, s, at(15*time.Second), at(15*time.Second-1)); len(r.Refused) != 1 || len(r.Accepted) != 1 {
		t.Errorf("after the end: %+v, want one refused and one accepted", r)
	}
	if r := ingest(t, s, after); len(r.Accepted) != 1 {
		t.Errorf("known from before the end: %+v, want it acknowledged", r)
	}
}

func endAfterFacts(t *testing.T, s CountStore) {
	ctx := t.Context()
	must(t, s.Grant(ctx, lease("reach", "reach", 0, time.Minute)))
	ingest(t, s, Crossing(t, "reach", "door", models.In, Noon().Add(30*time.Second)))
	must(t, s.End(ctx, "reach", Noon().Add(10*time.Second)))
	if err := s.Grant(ctx, lease("reach-2", "reach", 10*time.Second, time.Minute)); err == nil {
		t.Error("the moment of a counted crossing was given to somebody else")
	}
	must(t, s.Grant(ctx, lease("reach-3", "reach", 30*time.Second+1, time.Minute)))
}

func uTurns(t *testing.T, s CountStore) {
	for name, order := range map[string][]int{"there-first": {0, 1, 2}, "back-first": {1, 2, 0}, "between": {1, 0, 2}} {
		for _, together := range []bool{true, false} {
			camera := models.CameraID(fmt.Sprintf("uturn-%s-%v", name, together))
			Watch(t, s, camera)
			there := Crossing(t, camera, "door", models.In, Noon().Add(59*time.Second))
			back := Back(t, there, 2*time.Second)  // in the next minute
			twice := Back(t, there, 3*time.Second) // a worker's mistake: undone once is undone
			facts := []models.Fact{there, back, twice}
			if together {
				r := ingest(t, s, facts[order[0]], facts[order[1]], facts[order[2]])
				for _, e := range r.Crossings {
					if e.Clean {
						t.Errorf("%s: the receipt calls %s clean", camera, e.ID)
					}
				}
			} else {
				for _, i := range order {
					ingest(t, s, facts[i])
				}
			}
			want(t, Minute(t, s, camera, "door", Noon()), "0/0 raw 1/0 0s")
			want(t, Minute(t, s, camera, "door", Noon().Add(time.Minute)), "0/0 raw 0/2 0s")
		}
	}
	Watch(t, s, "uturn-elsewhere")
	there := Crossing(t, "uturn-elsewhere", "door", models.In, Noon())
	wrong := Back(t, there, time.Second)
	wrong.Crossing.Line = "gate"
	ingest(t, s, there, wrong)
	want(t, Minute(t, s, "uturn-elsewhere", "door", Noon()), "1/0 raw 1/0 0s") // another line undoes nothing
	want(t, Minute(t, s, "uturn-elsewhere", "gate", Noon()), "0/0 raw 0/1 0s")
}

func coverageIsCapped(t *testing.T, s CountStore) {
	Watch(t, s, "capped")
	ingest(t, s, Watched(t, "capped", Noon(), 25*time.Second))
	ingest(t, s, Watched(t, "capped", Noon().Add(30*time.Second), 30*time.Second))
	want(t, Minute(t, s, "capped", "door", Noon()), "0/0 raw 0/0 55s")
	ingest(t, s, Watched(t, "capped", Noon().Add(time.Second), 25*time.Second))
	want(t, Minute(t, s, "capped", "door", Noon()), "0/0 raw 0/0 1m0s")
	if r := ingest(t, s, Watched(t, "capped", Noon().Add(2*time.Second), time.Second)); len(r.Changed) != 0 {
		t.Errorf("a full minute changed: %+v", r.Changed)
	}
}

func revisionsRise(t *testing.T, s CountStore) {
	Watch(t, s, "revised")
	there := Crossing(t, "revised", "door", models.In, Noon())
	previous := oneBucket(t, s, "revised", "door", Noon()).Revision
	if previous != 0 {
		t.Errorf("a bucket without data has revision %d, want 0", previous)
	}
	for i, f := range []models.Fact{there, Watched(t, "revised", Noon(), time.Second), Back(t, there, 70*time.Second)} {
		r := ingest(t, s, f)
		now := oneBucket(t, s, "revised", "door", Noon()).Revision
		if now <= previous {
			t.Errorf("after change %d the revision is %d, before it was %d", i+1, now, previous)
		}
		told := func(b models.Bucket) bool { return b.Start.Equal(Noon()) && b.Revision == now }
		if !slices.ContainsFunc(r.Changed, told) {
			t.Errorf("change %d: the receipt does not name revision %d: %+v", i+1, now, r.Changed)
		}
		previous = now
	}
}

func listEvents(t *testing.T, s CountStore) {
	Watch(t, s, "listed")
	there := Crossing(t, "listed", "door", models.In, Noon())
	facts := []models.Fact{
		there, Back(t, there, 5*time.Second), Crossing(t, "listed", "gate", models.Out, Noon().Add(2*time.Second)),
		Crossing(t, "listed", "gate", models.In, Noon().Add(2*time.Second)), // at the same moment
		Crossing(t, "listed", "gate", models.In, Noon().Add(time.Minute)),   // To is not part of it
	}
	ingest(t, s, facts...)
	query := counts.EventQuery{
		Lines: []counts.LineRef{{Camera: "listed", Line: "gate"}, {Camera: "listed", Line: "door"}},
		From:  Noon(), To: Noon().Add(time.Minute), Limit: 2,
	}
	var got []string
	for {
		page, err := s.Events(t.Context(), query)
		must(t, err)
		for _, e := range page.Events {
			got = append(got, fmt.Sprintf("%s %s %v %v", e.Line, e.Direction, e.Time.Sub(Noon()), e.Clean))
		}
		if query.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	want(t, strings.Join(got, ", "), "door in 0s false, gate out 2s true, gate in 2s true, door out 5s false")
	if _, err := s.Events(t.Context(), counts.EventQuery{From: Noon(), To: Noon()}); err == nil {
		t.Error("an empty interval was not refused")
	}
}

func prunedStaysCounted(t *testing.T, s CountStore) {
	ctx := t.Context()
	Watch(t, s, "pruned")
	old := Crossing(t, "pruned", "door", models.In, Noon().Add(-time.Hour))
	young := Crossing(t, "pruned", "door", models.In, Noon())
	ingest(t, s, old, young)
	must(t, s.Grant(ctx, lease("pruned-lease", "pruned-too", -2*time.Hour, -time.Hour)))
	must(t, s.End(ctx, "pruned-lease", Noon().Add(-time.Hour)))

	n, err := s.Prune(ctx, Noon().Add(-time.Minute))
	must(t, err)
	if n != 1 {
		t.Errorf("pruned %d facts, want 1", n)
	}
	r := ingest(t, s, old, young)
	if len(r.Refused) != 1 || !strings.Contains(r.Refused[0].Reason, "counted") || len(r.Accepted) != 1 {
		t.Errorf("after pruning: %+v, want the old one refused and the young one known", r)
	}
	want(t, Minute(t, s, "pruned", "door", Noon().Add(-time.Hour)), "1/0 raw 1/0 0s")
	want(t, Minute(t, s, "pruned", "door", Noon()), "1/0 raw 1/0 0s")
	if err := s.Extend(ctx, "pruned-lease", Noon()); err == nil {
		t.Error("an old lease was not pruned")
	}
	_, err = s.Prune(ctx, Noon().Add(-time.Hour*24)) // an earlier moment opens no door
	must(t, err)
	if r := ingest(t, s, old); len(r.Refused) != 1 {
		t.Errorf("after pruning less: %+v, want it refused", r)
	}
}
