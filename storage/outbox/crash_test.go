package outbox_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"footfall/models"
	"footfall/storage/outbox"
	"footfall/storage/storetest"
)

// crashPath tells the test binary to be the child of TestKilledInMidAppend, and on which file.
const crashPath = "FOOTFALL_TEST_APPEND"

// appendForEver appends from several goroutines and says what Append returned for, until it is killed.
func appendForEver(path string) {
	ctx := context.Background()
	o, err := outbox.Open(ctx, path, outbox.Limits{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var saying sync.Mutex
	var cameras sync.WaitGroup
	for range 4 {
		cameras.Go(func() {
			for {
				id := models.FactID(uuid.Must(uuid.NewV7()).String())
				err := o.Append(ctx, models.Fact{ID: id, Camera: "lobby", Lease: "l", Crossing: &models.Crossing{
					Line: "door", Direction: models.In, Time: storetest.Noon(),
				}})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				saying.Lock()
				_, _ = fmt.Fprintln(os.Stdout, id)
				saying.Unlock()
			}
		})
	}
	cameras.Wait()
}

// A worker that is killed while it appends has kept every fact that Append returned for, and none of them twice.
func TestKilledInMidAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	var said []models.FactID
	random := rand.New(rand.NewPCG(1, 2))
	for round := range storetest.Kills(5) {
		said = append(said, killedAfter(t, path, 1+random.IntN(50))...)
		o, err := outbox.Open(t.Context(), path, outbox.Limits{})
		must(t, err)
		there := make(map[models.FactID]int)
		for _, id := range pending(t, o, 1<<20) {
			there[id]++
		}
		for _, id := range said {
			if there[id] != 1 {
				t.Errorf("round %d: fact %s is there %d times, want once", round, id, there[id])
			}
		}
		if o.Len() != len(there) {
			t.Errorf("round %d: %d facts by count, %d by looking", round, o.Len(), len(there))
		}
		if len(said) > 2000 { // what was delivered goes, so that a thousand rounds take minutes
			must(t, o.Remove(t.Context(), pending(t, o, 1<<20)...))
			said = nil
		}
		must(t, o.Close())
	}
}

// killedAfter lets a child append, kills it after so many facts, and returns those that it said were appended.
func killedAfter(t *testing.T, path string, facts int) []models.FactID {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashPath+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	var said []models.FactID
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if len(lines.Text()) < len(uuid.Nil.String()) {
			break // cut off by the kill: it was not said
		}
		said = append(said, models.FactID(lines.Text()))
		if len(said) == facts {
			must(t, child.Process.Kill())
		}
	}
	_ = child.Wait() // it was killed
	if len(said) < facts {
		t.Fatalf("the child appended %d facts, want %d at least", len(said), facts)
	}
	return said
}

// A power cut may leave any part of the file's log. Whatever is left, the queue opens, and holds the first so many of
// the facts: never one without those before it.
func TestTornFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	o := open(t, path, outbox.Limits{})
	facts := some(t, 20)
	for _, f := range facts {
		must(t, o.Append(t.Context(), f))
	}
	want := ids(facts)
	log, err := os.ReadFile(path + "-wal")
	must(t, err)
	main, err := os.ReadFile(path)
	must(t, err)
	most := 0
	for cut := len(log); cut > 0; cut -= len(log)/37 + 1 {
		for _, garbled := range []bool{false, true} {
			n := openTorn(t, main, log, cut, garbled, want)
			most = max(most, n)
		}
	}
	if most != len(facts) {
		t.Errorf("of the whole file %d facts were found, want %d", most, len(facts))
	}
}

// openTorn opens a copy of a queue whose log ends at cut, or is garbled from there, and returns how many facts it has.
func openTorn(t *testing.T, main, log []byte, cut int, garbled bool, want []models.FactID) int {
	t.Helper()
	path := filepath.Join(t.TempDir(), "torn.db")
	left := slices.Clone(log[:cut])
	if garbled {
		for range len(log) - cut {
			left = append(left, 0xa5)
		}
	}
	must(t, os.WriteFile(path, main, 0o600))
	must(t, os.WriteFile(path+"-wal", left, 0o600))
	o, err := outbox.Open(t.Context(), path, outbox.Limits{})
	if err != nil {
		t.Fatalf("torn at %d: %v", cut, err)
	}
	got := pending(t, o, 100)
	if len(got) > len(want) || !slices.Equal(got, want[:len(got)]) {
		t.Errorf("torn at %d: %d facts that are not the first of the queue", cut, len(got))
	}
	extra := some(t, 1)[0]
	extra.Crossing.Time = storetest.Noon().Add(time.Hour)
	must(t, o.Append(t.Context(), extra))
	must(t, o.Close())
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a closed queue has left its log behind: %v", err)
	}
	return len(got)
}
