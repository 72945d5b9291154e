package counts_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/uuid"

	"footfall/models"
	"footfall/storage/counts"
	"footfall/storage/sql"
	"footfall/storage/storetest"
)

// crashAddress tells the test binary to be the child of TestKilledInMidIngest, and on which database.
const crashAddress = "FOOTFALL_TEST_INGEST"

// ingestForEver ingests and says what was accepted, until it is killed.
func ingestForEver(address string) {
	ctx := context.Background()
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	db, err := sql.Open(ctx, address)
	if err != nil {
		fail(err)
	}
	s, err := counts.New(ctx, db)
	if err != nil {
		fail(err)
	}
	say := json.NewEncoder(os.Stdout)
	for i := 0; ; i++ {
		var facts []models.Fact
		for j := range 5 {
			facts = append(facts, models.Fact{
				ID: models.FactID(uuid.Must(uuid.NewV7()).String()), Camera: "crash", Lease: "crash",
				Crossing: &models.Crossing{
					Line: "door", Direction: models.In, Class: models.Person,
					Time: storetest.Noon().Add(time.Duration(i%3600) * time.Second).Add(time.Duration(j)),
				},
			})
		}
		receipt, err := s.Ingest(ctx, facts)
		if err != nil {
			fail(err)
		}
		if len(receipt.Accepted) != len(facts) {
			fail(fmt.Errorf("refused: %v", receipt))
		}
		if err := say.Encode(facts); err != nil {
			fail(err)
		}
	}
}

// A server that is killed while it ingests has kept all that it acknowledged, and the totals are those of the single
// crossings: no batch is there in part or twice.
func TestKilledInMidIngest(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		grantCrashLease(t, address)
		var acknowledged []models.Fact
		for round := range 4 {
			acknowledged = append(acknowledged, killedAfter(t, address, 5+7*round)...)
			checkAfterCrash(t, address, acknowledged)
		}
	})
}

func grantCrashLease(t *testing.T, address string) {
	t.Helper()
	db, err := sql.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	s, err := counts.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Watch(t, s, "crash")
}

// killedAfter lets a child ingest, kills it after so many batches, and returns the facts that it said were accepted.
func killedAfter(t *testing.T, address string, batches int) []models.Fact {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashAddress+"="+address)
	child.Stderr = os.Stderr
	said, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []models.Fact
	lines := bufio.NewScanner(said)
	for n := 1; lines.Scan(); n++ {
		var facts []models.Fact
		if err := json.Unmarshal(lines.Bytes(), &facts); err != nil {
			break // cut off by the kill: it was not said
		}
		acknowledged = append(acknowledged, facts...)
		if n == batches {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it was killed
	if len(acknowledged) < 5*batches {
		t.Fatalf("the child acknowledged %d facts, want %d at least", len(acknowledged), 5*batches)
	}
	return acknowledged
}

func checkAfterCrash(t *testing.T, address string, acknowledged []models.Fact) {
	t.Helper()
	db, err := sql.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	s, err := counts.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	before := crossingsAndTotal(t, s, acknowledged)
	if _, err := s.Ingest(t.Context(), acknowledged); err != nil { // the worker did not hear and sends again
		t.Fatal(err)
	}
	if after := crossingsAndTotal(t, s, acknowledged); after != before {
		t.Errorf("sending again changed the total from %d to %d", before, after)
	}
}

func crossingsAndTotal(t *testing.T, s *counts.Store, acknowledged []models.Fact) int64 {
	t.Helper()
	lines := []counts.LineRef{{Camera: "crash", Line: "door"}}
	from, to := storetest.Noon(), storetest.Noon().Add(2*time.Hour)
	events, err := s.Events(t.Context(), counts.EventQuery{Lines: lines, From: from, To: to, Limit: 50_000})
	if err != nil {
		t.Fatal(err)
	}
	there := make(map[models.FactID]bool)
	for _, e := range events.Events {
		there[e.ID] = true
	}
	for _, f := range acknowledged {
		if !there[f.ID] {
			t.Errorf("acknowledged fact %s is lost", f.ID)
		}
	}
	for _, step := range []models.Step{"", models.Minute, models.Hour} {
		page, err := s.Buckets(t.Context(), counts.Query{Lines: lines, From: from, To: to, Step: step})
		if err != nil {
			t.Fatal(err)
		}
		var total int64
		for _, b := range page.Buckets {
			total += b.RawIn
		}
		if total != int64(len(events.Events)) {
			t.Errorf("by %q the total is %d, but there are %d crossings", step, total, len(events.Events))
		}
	}
	return int64(len(events.Events))
}
