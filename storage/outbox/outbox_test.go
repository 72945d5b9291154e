package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"footfall/models"
	"footfall/storage/outbox"
	"footfall/storage/sql"
	"footfall/storage/storetest"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(crashPath); path != "" {
		appendForEver(path)
	}
	goleak.VerifyTestMain(m)
}

func open(t *testing.T, path string, limits outbox.Limits) *outbox.Outbox {
	t.Helper()
	o, err := outbox.Open(t.Context(), path, limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	return o
}

// some is n facts, a crossing each, of one camera.
func some(t *testing.T, n int) []models.Fact {
	t.Helper()
	var facts []models.Fact
	for i := range n {
		at := storetest.Noon().Add(time.Duration(i) * time.Second)
		facts = append(facts, storetest.Crossing(t, "lobby", "door", models.In, at))
	}
	return facts
}

func ids(facts []models.Fact) []models.FactID {
	all := make([]models.FactID, 0, len(facts))
	for _, f := range facts {
		all = append(all, f.ID)
	}
	return all
}

func pending(t *testing.T, o *outbox.Outbox, limit int) []models.FactID {
	t.Helper()
	facts, err := o.Pending(t.Context(), limit)
	if err != nil {
		t.Fatal(err)
	}
	return ids(facts)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestInOrderUntilRemovedAndAcrossReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	facts := some(t, 7)
	want := ids(facts)
	o := open(t, path, outbox.Limits{})
	must(t, o.Append(t.Context(), facts[:4]...))
	must(t, o.Append(t.Context(), facts[4:]...))
	must(t, o.Append(t.Context(), facts[2])) // again: it is there already
	if got := pending(t, o, 3); !slices.Equal(got, want[:3]) {
		t.Errorf("pending %v, want %v", got, want[:3])
	}
	must(t, o.Remove(t.Context(), want[1], want[0], "unknown"))
	must(t, o.Close())

	o = open(t, path, outbox.Limits{})
	if got := pending(t, o, 100); !slices.Equal(got, want[2:]) {
		t.Errorf("after reopening %v, want %v", got, want[2:])
	}
	kept, err := o.Pending(t.Context(), 1)
	must(t, err)
	if got, want := fmt.Sprintf("%+v", *kept[0].Crossing), fmt.Sprintf("%+v", *facts[2].Crossing); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	must(t, o.Remove(t.Context(), want[2:]...))
	if s := o.Stats(); s != (outbox.Stats{}) {
		t.Errorf("an empty queue has %+v", s)
	}
}

func TestRefusals(t *testing.T) {
	o := open(t, filepath.Join(t.TempDir(), "outbox.db"), outbox.Limits{})
	good := some(t, 1)[0]
	if err := o.Append(t.Context(), good, models.Fact{ID: "no-camera"}); !errors.Is(err, models.ErrInvalid) {
		t.Errorf("a fact that no server would take: got %v, want invalid", err)
	}
	if n := o.Len(); n != 0 {
		t.Errorf("%d facts of a refused append are there", n)
	}
	must(t, o.Close())
	must(t, o.Close())
	if err := o.Append(t.Context(), good); !errors.Is(err, outbox.ErrClosed) {
		t.Errorf("append after close: got %v", err)
	}
	if _, err := o.Pending(t.Context(), 1); !errors.Is(err, outbox.ErrClosed) {
		t.Errorf("pending after close: got %v", err)
	}
	if err := o.Wait(t.Context()); !errors.Is(err, outbox.ErrClosed) {
		t.Errorf("wait after close: got %v", err)
	}
}

func TestOneProcessAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	open(t, path, outbox.Limits{})
	if _, err := outbox.Open(t.Context(), path, outbox.Limits{}); !errors.Is(err, sql.ErrInUse) {
		t.Errorf("opened twice: got %v", err)
	}
}

// Many cameras append at once while one reader drains: every fact comes out once, those of a camera in order.
func TestManyAppendOneDrains(t *testing.T) {
	const cameras, each = 8, 40
	o := open(t, filepath.Join(t.TempDir(), "outbox.db"), outbox.Limits{})
	var appending sync.WaitGroup
	for c := range cameras {
		facts := some(t, each)
		for i := range facts {
			facts[i].Camera = models.CameraID(fmt.Sprintf("camera%d", c))
		}
		appending.Go(func() {
			for _, f := range facts {
				if err := o.Append(context.Background(), f); err != nil {
					t.Error(err)
				}
			}
		})
	}
	last := make(map[models.CameraID]time.Time)
	for got := 0; got < cameras*each; {
		must(t, o.Wait(t.Context()))
		facts, err := o.Pending(t.Context(), 7)
		must(t, err)
		for _, f := range facts {
			if !f.Time().After(last[f.Camera]) {
				t.Fatalf("%s of camera %s came after %s", f.Time(), f.Camera, last[f.Camera])
			}
			last[f.Camera] = f.Time()
		}
		must(t, o.Remove(t.Context(), ids(facts)...))
		got += len(facts)
	}
	appending.Wait()
	if n := o.Len(); n != 0 {
		t.Errorf("%d facts too many", n)
	}
}

func TestWait(t *testing.T) {
	o := open(t, filepath.Join(t.TempDir(), "outbox.db"), outbox.Limits{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := o.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("wait without facts: got %v", err)
	}
	facts := some(t, 1)
	must(t, o.Append(t.Context(), facts...))
	must(t, o.Wait(t.Context()))
	must(t, o.Remove(t.Context(), facts[0].ID))
	if err := o.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("wait after the last fact went: got %v", err)
	}
}

// When the disk may take no more, facts are held in memory, delivered from there, and written as soon as there is
// room; when memory is full, too, the newest are refused, and so is the claim that their minute was watched.
func TestFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	facts := some(t, 6)
	body := size(t, facts[:1])
	o := open(t, path, outbox.Limits{DiskBytes: 2*body + body/2, MemoryBytes: 2*body + body/2})
	must(t, o.Append(t.Context(), facts[:2]...))
	if err := o.Append(t.Context(), facts[2:4]...); !errors.Is(err, outbox.ErrHeld) {
		t.Fatalf("over the bound of the disk: got %v, want held", err)
	}
	if err := o.Append(t.Context(), facts[4]); !errors.Is(err, outbox.ErrFull) {
		t.Fatalf("over the bound of memory: got %v, want full", err)
	}
	if s := o.Stats(); s.Facts != 4 || s.Held != 2 || s.Refused != 1 || !errors.Is(s.Trouble, outbox.ErrFull) {
		t.Errorf("stats %+v, want 4 facts, 2 held, 1 refused and the reason", s)
	}
	if got, want := pending(t, o, 10), ids(facts[:4]); !slices.Equal(got, want) {
		t.Errorf("pending %v, want %v", got, want)
	}

	must(t, o.Remove(t.Context(), facts[0].ID, facts[2].ID)) // one of the disk's, one of memory's
	if s := o.Stats(); s.Facts != 2 || s.Held != 0 || s.Trouble != nil {
		t.Errorf("stats %+v, want 2 facts, none held", s)
	}
	watched := storetest.Watched(t, "lobby", storetest.Noon(), 50*time.Second)
	if err := o.Append(t.Context(), watched); !errors.Is(err, outbox.ErrFull) {
		t.Errorf("coverage of the minute that lost a crossing: got %v, want full", err)
	}
	must(t, o.Remove(t.Context(), facts[1].ID, facts[3].ID))
	elsewhere := storetest.Watched(t, "garage", storetest.Noon(), 50*time.Second)
	later := storetest.Watched(t, "lobby", storetest.Noon().Add(time.Minute), 50*time.Second)
	must(t, o.Append(t.Context(), elsewhere))
	must(t, o.Append(t.Context(), later))
	must(t, o.Close())

	o = open(t, path, outbox.Limits{})
	if got, want := pending(t, o, 10), ids([]models.Fact{elsewhere, later}); !slices.Equal(got, want) {
		t.Errorf("after reopening %v, want %v", got, want)
	}
}

// size is how many bytes facts take in a queue.
func size(t *testing.T, facts []models.Fact) int64 {
	t.Helper()
	o := open(t, filepath.Join(t.TempDir(), "outbox.db"), outbox.Limits{})
	must(t, o.Append(t.Context(), facts...))
	return o.Stats().Bytes
}

// A caller who gives up before his facts were looked at takes them back; a fact is either appended or it is not.
func TestGivingUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := open(t, filepath.Join(t.TempDir(), "outbox.db"), outbox.Limits{})
	for range 50 {
		before := o.Len()
		err := o.Append(ctx, some(t, 1)...)
		switch after := o.Len(); {
		case err == nil && after != before+1:
			t.Fatalf("appended, but there are %d after %d", after, before)
		case err != nil && (!errors.Is(err, context.Canceled) || after != before):
			t.Fatalf("not appended: %v, and there are %d after %d", err, after, before)
		}
	}
}

func TestForeignFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	must(t, os.WriteFile(path, []byte(strings.Repeat("not a database\n", 100)), 0o600))
	if _, err := outbox.Open(t.Context(), path, outbox.Limits{}); !errors.Is(err, sql.ErrForeign) {
		t.Errorf("got %v, want it refused as foreign", err)
	}
}
