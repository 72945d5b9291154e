package audit

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

//go:embed migrations
var migrations embed.FS

// Entry is one thing that somebody did; see models.AuditEntry.
type Entry = models.AuditEntry

// The bounds of an entry, in bytes. What is longer is cut: a log that refused an entry because somebody typed too much
// would have a hole.
const (
	maxWord    = 200
	maxText    = 2000
	maxDetails = 16 << 10
)

// Log is the log in a database. It is safe for any number of goroutines.
type Log struct {
	db  *sql.DB
	now func() time.Time
}

// Option changes how a Log works.
type Option func(*Log)

// Clock makes the log take its time from a clock.
func Clock(now func() time.Time) Option { return func(l *Log) { l.now = now } }

// New is the log in db, whose tables it brings up to date. The caller closes db.
func New(ctx context.Context, db *sql.DB, options ...Option) (*Log, error) {
	if err := db.Migrate(ctx, "audit", migrations); err != nil {
		return nil, err
	}
	l := &Log{db: db, now: time.Now}
	for _, option := range options {
		option(l)
	}
	return l, nil
}

// Append writes an entry down. When it returns nil the entry is on disk, behind all that were appended before.
func (l *Log) Append(ctx context.Context, e Entry) error {
	e, err := l.fit(e)
	if err != nil {
		return fmt.Errorf("write %s to the audit log: %w", e.Action, err)
	}
	if err := l.db.Write(ctx, func(tx *sql.Tx) error { return appendTo(ctx, tx, e) }); err != nil {
		return fmt.Errorf("write %s to the audit log: %w", e.Action, err)
	}
	return nil
}

// fit makes an entry one that can be stored.
func (l *Log) fit(e Entry) (Entry, error) {
	if e.Time.IsZero() {
		e.Time = l.now()
	}
	e.Time = e.Time.UTC()
	who := &e.Actor
	for _, word := range []*string{&who.Kind, &who.ID, &who.Name, &e.Action, &e.Object, &e.Site, &e.Address} {
		*word = text(*word, maxWord)
	}
	e.Camera = models.CameraID(text(string(e.Camera), maxWord))
	e.Reason = text(e.Reason, maxText)
	switch e.Outcome {
	case "":
		e.Outcome = models.AuditDone
	case models.AuditDone, models.AuditDenied, models.AuditFailed:
	default:
		return e, models.Invalidf("outcome", "%q is unknown; use done, denied or failed", e.Outcome)
	}
	switch {
	case e.Action == "":
		return e, models.Invalidf("action", "is missing")
	case len(e.Details) == 0:
		e.Details = nil
		return e, nil
	case !json.Valid(e.Details):
		return e, models.Invalidf("details", "are not JSON")
	case len(e.Details) > maxDetails:
		e.Details = json.RawMessage(fmt.Sprintf(`{"left_out_bytes":%d}`, len(e.Details)))
	}
	e.Details = json.RawMessage(strings.ToValidUTF8(string(e.Details), "\uFFFD"))
	return e, nil
}

// text is what of a string can be stored: PostgreSQL takes no zero bytes and no broken UTF-8.
func text(s string, most int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= most {
		return s
	}
	const more = "..."
	return strings.ToValidUTF8(s[:most-len(more)], "") + more
}

// appendTo is Append within a transaction.
func appendTo(ctx context.Context, tx *sql.Tx, e Entry) error {
	r := models.AuditRecord{AuditEntry: e}
	err := tx.QueryRowContext(ctx, `select seq + 1, hash from audit_state`).Scan(&r.Seq, &r.Prev)
	if err != nil {
		return err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	hash := hashOf(body)
	_, err = tx.ExecContext(ctx, `insert into audit_log
			(seq, time_ns, actor, action, object, camera, site, outcome, body, hash)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		r.Seq, e.Time.UnixNano(), e.Actor.ID, e.Action, e.Object, e.Camera, e.Site, e.Outcome, string(body), hash)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `update audit_state set seq = $1, hash = $2`, r.Seq, hash)
	return err
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// read is the record that a row holds.
func read(body, hash string) (models.AuditRecord, error) {
	var r models.AuditRecord
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		return r, fmt.Errorf("a record of the audit log cannot be read: %w", err)
	}
	r.Hash = hash
	return r, nil
}
