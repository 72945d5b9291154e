package counts_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
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
		random := rand.New(rand.NewPCG(1, 2))
		var acknowledged []models.Fact
		for range storetest.Kills(4) {
			acknowledged = append(acknowledged, killedAfter(t, address, 1+random.IntN(8), somewhen(random))...)
			checkAfterCrash(t, address, acknowledged)
			acknowledged = recent(acknowledged)
		}
		t.Logf("killed %d times", storetest.Kills(4))
	})
}

// The same when it is the database that is killed, under a server that was in the middle of a batch.
func TestDatabaseKilledInMidIngest(t *testing.T) {
	own := &storetest.Databases{}
	address := own.PostgreSQL(t)
	defer own.Stop(t)
	grantCrashLease(t, address)
	random := rand.New(rand.NewPCG(3, 4))
	var acknowledged []models.Fact
	for range storetest.Kills(2) {
		acknowledged = append(acknowledged, untilItFails(t, address, 1+random.IntN(8), func() {
			<-time.After(somewhen(random))
			own.Crash(t)
		})...)
		checkAfterCrash(t, address, acknowledged)
		acknowledged = recent(acknowledged)
	}
	t.Logf("killed %d times", storetest.Kills(2))
}

// recent is the facts that are still looked for after the next time: all of them, again and again, would take hours.
func recent(acknowledged []models.Fact) []models.Fact {
	return acknowledged[max(0, len(acknowledged)-500):]
}

// somewhen is a random part of the time that a batch takes.
func somewhen(random *rand.Rand) time.Duration {
	return time.Duration(random.IntN(5000)) * time.Microsecond
}

// untilItFails lets a child ingest, calls kill after so many batches, and returns the facts that were accepted until the
// child gave up.
func untilItFails(t *testing.T, address string, batches int, kill func()) []models.Fact {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashAddress+"="+address)
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
			break
		}
		acknowledged = append(acknowledged, facts...)
		if n == batches {
			kill()
		}
	}
	if err := child.Wait(); err == nil {
		t.Error("the child has not noticed that its database was killed")
	}
	return acknowledged
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

// killedAfter lets a child ingest, kills it some time after so many batches, and returns the facts that it said were accepted.
func killedAfter(t *testing.T, address string, batches int, after time.Duration) []models.Fact {
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
			<-time.After(after)
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
