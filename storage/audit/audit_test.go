package audit_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/audit"
	"footfall/storage/sql"
	"footfall/storage/storetest"
)

var databases storetest.Databases

func TestMain(m *testing.M) {
	if path := os.Getenv(crashPath); path != "" {
		appendForEver(path)
	}
	os.Exit(databases.Main(m))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, db *sql.DB, options ...audit.Option) *audit.Log {
	t.Helper()
	l, err := audit.New(t.Context(), db, options...)
	must(t, err)
	return l
}

func TestContract(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		clock := storetest.NewClock(storetest.Noon())
		storetest.Audit(t, open(t, storetest.Open(t, address), audit.Clock(clock.Now)), clock)
	})
}

// Not even we change or remove a record; who gets around that is found out.
func TestNothingChangesARecord(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		ctx := t.Context()
		db := storetest.Open(t, address)
		l := open(t, db)
		for i := range 5 {
			must(t, l.Append(ctx, storetest.Viewed(fmt.Sprint(i))))
		}
		run := func(text string) error {
			return db.Write(ctx, func(tx *sql.Tx) error { _, err := tx.ExecContext(ctx, text); return err })
		}
		for _, text := range []string{
			`update audit_log set actor = 'x' where seq = 2`, `delete from audit_log where seq = 5`, `delete from audit_log`,
		} {
			if err := run(text); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: got %v, want it refused", text, err)
			}
		}
		open := []string{"drop trigger audit_never_changes", "drop trigger audit_keeps_all"}
		if db.Dialect() == sql.PostgreSQL {
			if err := run("truncate audit_log"); err == nil {
				t.Error("the log was emptied")
			}
			open = []string{"drop trigger audit_never_changes on audit_log"}
		}
		for _, text := range append(open,
			`update audit_log set body = replace(body, 'Ada', 'Eve') where seq = 2`,
			`delete from audit_log where seq in (4, 5)`) {
			must(t, run(text))
		}
		report, err := l.Check(ctx)
		must(t, err)
		said := fmt.Sprint(report.Findings)
		for _, want := range []string{"altered: line 3", "missing: entry 4", "missing: entry 5"} {
			if !strings.Contains(said, want) {
				t.Errorf("found %s, want %s", said, want)
			}
		}
	})
}

// Whatever is done to an export is found, and nothing is found on one that nobody touched.
func TestChangesOfAnExport(t *testing.T) {
	t.Parallel()
	l := open(t, storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db")))
	key, err := models.NewSigningKey()
	must(t, err)
	for i := range 40 {
		must(t, l.Append(t.Context(), storetest.Viewed(fmt.Sprint(i))))
	}
	var whole, part bytes.Buffer
	must(t, l.Export(t.Context(), &whole, time.Time{}, time.Time{}, key))
	must(t, l.Append(t.Context(), storetest.Viewed("later")))
	must(t, l.Export(t.Context(), &part, time.Time{}, time.Time{}, key))
	random := rand.New(rand.NewPCG(7, 7))
	changed, rounds := 0, storetest.Changes(3000)
	for round := range rounds {
		text, what := spoil(random, whole.Bytes(), part.Bytes())
		if bytes.Equal(text, whole.Bytes()) {
			continue
		}
		changed++
		report, err := audit.Verify(bytes.NewReader(text), key.Public())
		must(t, err)
		if len(report.Findings) == 0 {
			t.Fatalf("round %d: %s was not found", round, what)
		}
	}
	if changed < rounds*8/10 {
		t.Errorf("only %d changes of %d changed anything", changed, rounds)
	}
	report, err := audit.Verify(bytes.NewReader(whole.Bytes()), key.Public())
	must(t, err)
	if len(report.Findings) > 0 || report.Entries != 40 {
		t.Errorf("on an untouched one: %+v", report)
	}
}

// spoil changes a text in one way; other is an export of the same log, of another time.
func spoil(random *rand.Rand, text, other []byte) (spoilt []byte, what string) {
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines = slices.Clone(lines[:len(lines)-1])
	others := bytes.SplitAfter(other, []byte("\n"))
	i, j := random.IntN(len(lines)), random.IntN(len(lines))
	at := random.IntN(len(text))
	switch random.IntN(7) {
	case 0:
		spoilt = bytes.Clone(text)
		spoilt[at] ^= 1 << random.IntN(8)
		return spoilt, fmt.Sprintf("a bit of byte %d", at)
	case 1:
		return text[:at], fmt.Sprintf("a cut at byte %d", at)
	case 2:
		lines[i], lines[j] = lines[j], lines[i]
		what = fmt.Sprintf("lines %d and %d swapped", i+1, j+1)
	case 3:
		lines = slices.Delete(lines, i, i+1)
		what = fmt.Sprintf("line %d removed", i+1)
	case 4:
		lines = slices.Insert(lines, j, lines[i])
		what = fmt.Sprintf("line %d replayed before line %d", i+1, j+1)
	case 5:
		lines[i] = lines[j]
		what = fmt.Sprintf("line %d in place of line %d", j+1, i+1)
	default:
		from := random.IntN(len(others) - 1)
		lines[i] = others[from]
		what = fmt.Sprintf("line %d of another export in place of line %d", from+1, i+1)
	}
	return bytes.Join(lines, nil), what
}

// A forger who knows how hashes are made, but has not the key, is found by the header.
func TestRewrittenLog(t *testing.T) {
	t.Parallel()
	key, err := models.NewSigningKey()
	must(t, err)
	forger, err := models.NewSigningKey()
	must(t, err)
	export := func(signer models.Signer, actions ...string) string {
		l := open(t, storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db")))
		for _, action := range actions {
			must(t, l.Append(t.Context(), audit.Entry{Action: action}))
		}
		var b strings.Builder
		must(t, l.Export(t.Context(), &b, time.Time{}, time.Time{}, signer))
		return b.String()
	}
	honest := export(key, "clip.view", "clip.remove")
	header, _, _ := strings.Cut(honest, "\n")
	_, forged, _ := strings.Cut(export(forger, "clip.view", "clip.praise"), "\n")
	for name, text := range map[string]string{
		"signed by the forger": export(forger, "clip.view", "clip.praise"), "under the old header": header + "\n" + forged,
	} {
		report, err := audit.Verify(strings.NewReader(text), key.Public())
		must(t, err)
		if len(report.Findings) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
}

// crashPath tells the test binary to be the child of TestKilledInMidAppend, and on which file.
const crashPath = "FOOTFALL_TEST_AUDIT"

func appendForEver(path string) {
	ctx := context.Background()
	db, err := sql.Open(ctx, path)
	if err == nil {
		var l *audit.Log
		if l, err = audit.New(ctx, db); err == nil {
			for err == nil {
				if err = l.Append(ctx, storetest.Viewed("x")); err == nil {
					_, err = fmt.Fprintln(os.Stdout, "appended")
				}
			}
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// A server that is killed while it writes has written what it said, and the chain goes on.
func TestKilledInMidAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "footfall.db")
	said := int64(0)
	random := rand.New(rand.NewPCG(1, 2))
	for range storetest.Kills(3) {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), crashPath+"="+path)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		must(t, err)
		must(t, child.Start())
		enough := 1 + random.IntN(30)
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); said++ {
			if n++; n == enough {
				must(t, child.Process.Kill())
			}
		}
		_ = child.Wait() // it was killed
		db, err := sql.Open(t.Context(), path)
		must(t, err)
		report, err := open(t, db).Check(t.Context())
		must(t, err)
		if len(report.Findings) > 0 || report.Entries < said {
			t.Errorf("it said %d, there are %d: %v", said, report.Entries, report.Findings)
		}
		must(t, db.Close())
	}
}
