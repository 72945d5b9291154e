package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/audit"
)

// AuditLog is what the suite Audit is about.
type AuditLog interface {
	Append(ctx context.Context, e audit.Entry) error
	List(ctx context.Context, q models.AuditQuery) ([]models.AuditRecord, error)
	Export(ctx context.Context, w io.Writer, from, to time.Time, signer models.Signer) error
	Check(ctx context.Context) (audit.Report, error)
	Prune(ctx context.Context, before time.Time) (int64, error)
}

// Audit is what every audit log must do. It needs an empty one for itself, which takes its time from the clock.
func Audit(t *testing.T, l AuditLog, clock *Clock) {
	t.Run("an entry comes back as it was", func(t *testing.T) { auditRoundTrip(t, l, clock) })
	t.Run("entries are found by what they are", func(t *testing.T) { auditFilters(t, l, clock) })
	t.Run("those who write at once make one chain", func(t *testing.T) { auditTogether(t, l) })
	t.Run("an export is checked with the public key", func(t *testing.T) { auditExport(t, l) })
	t.Run("the oldest stretch goes whole and leaves an anchor", func(t *testing.T) { auditPrune(t, l, clock) })
}

// Viewed is an entry of somebody who looked at a clip.
func Viewed(clip string) audit.Entry {
	return audit.Entry{
		Actor:  models.AuditActor{Kind: "person", ID: "u-7", Name: "Ada Auditor"},
		Action: "clip.view", Object: clip, Camera: "lobby", Site: "mall", Reason: "monthly check",
		Address: "192.0.2.7", Details: json.RawMessage(`{"bytes": 12, "words": "<a> & b"}`),
	}
}

func auditRoundTrip(t *testing.T, l AuditLog, clock *Clock) {
	ctx := t.Context()
	must(t, l.Append(ctx, Viewed("first")))
	odd := Viewed("od\x00d \xff")
	odd.Reason, odd.Outcome = strings.Repeat("x", 1<<16), models.AuditDenied
	odd.Details = json.RawMessage(`"` + strings.Repeat("y", 1<<16) + `"`)
	odd.Time = Noon().Add(time.Nanosecond).In(time.FixedZone("", 3600))
	must(t, l.Append(ctx, odd))
	for _, bad := range []audit.Entry{
		{}, {Action: "a.b", Outcome: "maybe"}, {Action: "a.b", Details: json.RawMessage("{")},
	} {
		if err := l.Append(ctx, bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	found, err := l.List(ctx, models.AuditQuery{})
	must(t, err)
	if len(found) != 2 {
		t.Fatalf("%d records, want 2", len(found))
	}
	first, second := found[1], found[0]
	expected := Viewed("first")
	expected.Time, expected.Outcome = clock.Now().UTC(), models.AuditDone
	got, err := json.Marshal(first.AuditEntry)
	must(t, err)
	wanted, err := json.Marshal(expected)
	must(t, err)
	want(t, string(got), string(wanted))
	if first.Seq != 1 || first.Prev != strings.Repeat("0", 64) || second.Seq != 2 || second.Prev != first.Hash {
		t.Errorf("no chain: %d %s, %d %s", first.Seq, first.Prev, second.Seq, second.Prev)
	}
	if !second.Time.Equal(odd.Time) || len(second.Reason) > 2000 || second.Object != "od\uFFFDd \uFFFD" ||
		string(second.Details) != `{"left_out_bytes":65538}` {
		t.Errorf("what could not be stored as it was became %+v", second.AuditEntry)
	}
}

func auditFilters(t *testing.T, l AuditLog, clock *Clock) {
	ctx := t.Context()
	start := clock.Now()
	for i, e := range []audit.Entry{
		{Actor: models.AuditActor{ID: "a"}, Action: "clip.view", Object: "x", Camera: "gate"},
		{Actor: models.AuditActor{ID: "b"}, Action: "clip.hold", Object: "x", Camera: "garage"},
		{Actor: models.AuditActor{ID: "a"}, Action: "clipper.start", Site: "mill", Outcome: models.AuditFailed},
		{Actor: models.AuditActor{ID: "a"}, Action: "clip.view", Object: "z", Camera: "garage"},
	} {
		e.Time = start.Add(time.Duration(i+1) * time.Second)
		e.Reason = fmt.Sprint(i)
		must(t, l.Append(ctx, e))
	}
	for name, test := range map[string]struct {
		query models.AuditQuery
		want  string
	}{
		"actor":   {models.AuditQuery{Actor: "a"}, "3 2 0"},
		"action":  {models.AuditQuery{Action: "clip.hold"}, "1"},
		"prefix":  {models.AuditQuery{Action: "clip.", From: start.Add(time.Second)}, "3 1 0"},
		"object":  {models.AuditQuery{Object: "x"}, "1 0"},
		"cameras": {models.AuditQuery{Cameras: []models.CameraID{"gate", "garage"}}, "3 1 0"},
		"site":    {models.AuditQuery{Site: "mill"}, "2"},
		"outcome": {models.AuditQuery{Outcome: models.AuditFailed}, "2"},
		"time":    {models.AuditQuery{From: start.Add(2 * time.Second), To: start.Add(4 * time.Second)}, "2 1"},
		"all":     {models.AuditQuery{Actor: "a", Action: "clip.view", Object: "z"}, "3"},
		"limit":   {models.AuditQuery{Actor: "a", Limit: 2}, "3 2"},
		"nothing": {models.AuditQuery{Actor: "nobody"}, ""},
	} {
		found, err := l.List(ctx, test.query)
		must(t, err)
		want(t, name+" "+reasons(found), name+" "+test.want)
	}
	page, err := l.List(ctx, models.AuditQuery{Actor: "a", Limit: 2})
	must(t, err)
	page, err = l.List(ctx, models.AuditQuery{Actor: "a", Limit: 2, Before: page[1].Seq})
	must(t, err)
	want(t, reasons(page), "0")
	clock.Set(clock.Now().Add(time.Minute))
}

func reasons(found []models.AuditRecord) string {
	var said []string
	for _, r := range found {
		said = append(said, r.Reason)
	}
	return strings.Join(said, " ")
}

func auditTogether(t *testing.T, l AuditLog) {
	const writers, each = 6, 10
	before, err := l.Check(t.Context())
	must(t, err)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				if err := l.Append(context.Background(), Viewed(fmt.Sprint(w, "-", i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	after, err := l.Check(t.Context())
	must(t, err)
	if len(after.Findings) > 0 || after.Entries != before.Entries+writers*each {
		t.Errorf("%d entries after %d: %v", after.Entries, before.Entries, after.Findings)
	}
}

func auditExport(t *testing.T, l AuditLog) {
	key, err := models.NewSigningKey()
	must(t, err)
	other, err := models.NewSigningKey()
	must(t, err)
	export := func(from, to time.Time, signer models.Signer) []byte {
		var b bytes.Buffer
		must(t, l.Export(t.Context(), &b, from, to, signer))
		return b.Bytes()
	}
	check := func(text []byte, key models.Verifier, want int64, findings string) {
		t.Helper()
		report, err := audit.Verify(bytes.NewReader(text), key)
		must(t, err)
		if fmt.Sprint(report.Findings) != findings || report.Entries != want {
			t.Errorf("%d entries and %v, want %d and %v", report.Entries, report.Findings, want, findings)
		}
	}
	whole, err := l.Check(t.Context())
	must(t, err)
	check(export(time.Time{}, time.Time{}, key), key.Public(), whole.Entries, "[]")
	unsigned := "[unsigned: header: the signature is missing, of another key, or of another header]"
	check(export(time.Time{}, time.Time{}, key), other.Public(), whole.Entries, unsigned)
	check(export(time.Time{}, time.Time{}, nil), key.Public(), whole.Entries, unsigned)
	from := Noon().Add(2 * time.Second) // see auditFilters
	check(export(from, from.Add(2*time.Second), key), key.Public(), 2, "[]")
	check(export(from.Add(time.Hour), time.Time{}, key), key.Public(), 0, "[]")
	check(export(time.Time{}, Noon().Add(-time.Hour), key), key.Public(), 0, "[]")
}

func auditPrune(t *testing.T, l AuditLog, clock *Clock) {
	ctx := t.Context()
	before, err := l.Check(ctx)
	must(t, err)
	n, err := l.Prune(ctx, Noon().Add(-time.Hour))
	must(t, err)
	if n != 0 {
		t.Errorf("%d records are older than all there are", n)
	}
	late := clock.Now().Add(24 * time.Hour)
	clock.Set(late)
	for i := range 3 {
		e := Viewed(fmt.Sprint("late-", i))
		must(t, l.Append(ctx, e))
	}
	n, err = l.Prune(ctx, late)
	must(t, err)
	if n != before.Entries {
		t.Errorf("%d records were removed, want %d", n, before.Entries)
	}
	report, err := l.Check(ctx)
	must(t, err)
	if len(report.Findings) > 0 || report.First != before.Entries+1 || report.Entries != 4 {
		t.Errorf("after pruning: %+v", report)
	}
	said, err := l.List(ctx, models.AuditQuery{Action: "audit.prune"})
	must(t, err)
	if len(said) != 1 || !strings.Contains(string(said[0].Details), fmt.Sprintf(`"last":%d`, before.Entries)) {
		t.Errorf("the log says of it: %v", said)
	}
	n, err = l.Prune(ctx, late.Add(time.Hour)) // everything
	must(t, err)
	report, err = l.Check(ctx)
	must(t, err)
	if n != 4 || len(report.Findings) > 0 || report.Entries != 1 {
		t.Errorf("after pruning all %d: %+v", n, report)
	}
}
