package counts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"footfall/models"
	"footfall/storage/sql"
)

// maxID bounds the ids that workers make; a UUID has 36 characters.
const maxID = 64

// Receipt says what became of each fact of a batch, and what the batch changed. Every fact is in exactly one of
// Accepted, Refused and Later.
type Receipt struct {
	// Accepted facts are in the database, since now or since earlier: the worker may forget them.
	Accepted []models.FactID
	// Refused facts never will be: the worker may forget them, too, after saying so.
	Refused []Refusal
	// Later facts lie after the end of a lease that may still be extended: the worker sends them again.
	Later []models.FactID

	// Changed are the minutes that this batch changed, as they are now. An empty Line means that the coverage of the
	// camera changed: it is that of each of its lines.
	Changed []models.Bucket
	// Crossings are the newly counted crossings, in the order of the batch.
	Crossings []Event
}

// Refusal is a fact that is not taken, and why.
type Refusal struct {
	ID     models.FactID
	Reason string
}

// Ingest takes a batch of facts in one transaction. A fact that is refused does not harm the others; an error means
// that nothing of the batch was taken (or that nobody can say), and that it is to be sent again.
func (s *Store) Ingest(ctx context.Context, facts []models.Fact) (Receipt, error) {
	var b *batch
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		var err error
		if b, err = openBatch(ctx, tx, facts); err != nil {
			return err
		}
		defer b.close()
		for _, f := range facts {
			if err := b.take(ctx, f); err != nil {
				return fmt.Errorf("fact %s: %w", f.ID, err)
			}
		}
		if err := s.makeRoom(ctx, tx, b.tally); err != nil {
			return err
		}
		return b.settle(ctx, s.now())
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("ingest %d facts: %w", len(facts), err)
	}
	s.roomMade(b.tally)
	return b.receipt, nil
}

// batch is one ingest under way.
type batch struct {
	tx       *sql.Tx
	all      *statements
	horizon  time.Time // facts from before it are refused
	revision int64     // of the buckets that this batch changes
	leases   map[models.LeaseID]*storedLease
	facts    *factTable
	tally    tally
	receipt  Receipt
}

func openBatch(ctx context.Context, tx *sql.Tx, facts []models.Fact) (*batch, error) {
	b := &batch{
		tx: tx, all: newStatements(tx), leases: make(map[models.LeaseID]*storedLease), tally: newTally(),
	}
	var horizon int64
	err := tx.QueryRowContext(ctx, `select revision + 1, horizon_ns from counts_state`).Scan(&b.revision, &horizon)
	if err != nil {
		return nil, err
	}
	b.horizon = sql.Instant(horizon)
	b.facts, err = openFactTable(ctx, b.all, facts)
	return b, err
}

func (b *batch) close() { b.all.close() }

// take decides about one fact and notes what it changes. Its error is the database's, never the fact's.
func (b *batch) take(ctx context.Context, f models.Fact) error {
	// 1. What no worker could have made.
	if err := validateFact(f); err != nil {
		b.refuse(f, err.Error())
		return nil
	}
	// 2. What is known already.
	if b.facts.has(f.ID) {
		b.receipt.Accepted = append(b.receipt.Accepted, f.ID)
		return nil
	}
	// 3. What may have been known once.
	if f.Time().Before(b.horizon) {
		b.refuse(f, fmt.Sprintf("is from before %s, so it cannot be told whether it was counted",
			b.horizon.Format(time.RFC3339)))
		return nil
	}
	// 4. What another worker answers for.
	lease, err := b.lease(ctx, f.Lease)
	if err != nil {
		return err
	}
	if verdict := judge(f, lease); verdict != "" {
		b.refuse(f, verdict)
		return nil
	}
	if !f.Time().Before(lease.Until) {
		b.receipt.Later = append(b.receipt.Later, f.ID)
		return nil
	}
	// 5. What counts.
	return b.count(ctx, f, lease)
}

func (b *batch) refuse(f models.Fact, reason string) {
	b.receipt.Refused = append(b.receipt.Refused, Refusal{ID: f.ID, Reason: reason})
}

func validateFact(f models.Fact) error {
	if len(f.ID) > maxID || len(f.Lease) > maxID {
		return models.Invalidf("fact", "has an id longer than %d characters", maxID)
	}
	if err := f.Validate(); err != nil {
		return err
	}
	if f.Clip != nil {
		return models.Invalidf("fact", "tells of a clip, in which nothing is counted that was not told of already")
	}
	c := f.Crossing
	if c == nil {
		c = &models.Crossing{}
	}
	words := []string{string(f.ID), string(f.Lease), string(c.Class), c.ModelVersion, string(c.Reverses)}
	if p := f.Presence; p != nil {
		words = append(words, string(p.Class))
	}
	switch {
	case !isText(words...):
		return models.Invalidf("fact", "has a word that is not text")
	case len(c.Reverses) > maxID || len(c.Class) > maxID || len(c.ModelVersion) > 4*maxID:
		return models.Invalidf("crossing", "has a word that is too long")
	case f.Presence != nil && (f.Presence.Class == "" || len(f.Presence.Class) > maxID):
		return models.Invalidf("presence class", "must have 1 to %d characters", maxID)
	case f.Presence != nil && max(f.Presence.Most, f.Presence.Entries, f.Presence.Exits) > maxPeople:
		return models.Invalidf("presence", "tells of more than %d people in a minute", maxPeople)
	case c.Reverses == f.ID:
		return models.Invalidf("crossing", "reverses itself")
	}
	return validateCarrying(c.Carrying)
}

// maxPeople is more than any picture shows; it bounds what one fact can add up to.
const maxPeople = 100_000

// validateCarrying refuses what was carried by nobody's reckoning: a list out of order, or words that are no classes.
func validateCarrying(carrying []models.Class) error {
	if len(carrying) > 16 || !slices.IsSorted(carrying) || len(slices.Compact(slices.Clone(carrying))) < len(carrying) {
		return models.Invalidf("crossing carrying", "must be at most 16 classes, each once and in alphabetical order")
	}
	if err := models.ValidateClasses(carrying); err != nil {
		return models.Invalidf("crossing carrying", "%s", err)
	}
	return nil
}

// isText reports whether every word can be stored: PostgreSQL takes no zero bytes and no broken UTF-8, and would
// refuse the whole batch for one.
func isText(words ...string) bool {
	for _, w := range words {
		if !utf8.ValidString(w) || strings.ContainsRune(w, 0) {
			return false
		}
	}
	return true
}

// judge says why the lease forbids the fact, or nothing. A fact beyond the end of a lease that has not been ended is
// no offence: the extension may be on its way.
func judge(f models.Fact, l *storedLease) string {
	switch {
	case l == nil:
		return fmt.Sprintf("its lease %s is unknown", f.Lease)
	case l.Camera != f.Camera:
		return fmt.Sprintf("its lease %s is of camera %s, not of %s", f.Lease, l.Camera, f.Camera)
	case f.Time().Before(l.From):
		return fmt.Sprintf("its time %s is before its lease, which began at %s",
			f.Time().Format(time.RFC3339Nano), l.From.Format(time.RFC3339Nano))
	case l.ended && !f.Time().Before(l.Until):
		return fmt.Sprintf("its time %s is after its lease, which ended at %s",
			f.Time().Format(time.RFC3339Nano), l.Until.Format(time.RFC3339Nano))
	}
	return ""
}

// lease is the lease with that id, nil when there is none.
func (b *batch) lease(ctx context.Context, id models.LeaseID) (*storedLease, error) {
	if l, ok := b.leases[id]; ok {
		return l, nil
	}
	l, err := leaseByID(ctx, b.tx, id)
	switch {
	case errors.Is(err, models.ErrNotFound):
		b.leases[id] = nil
		return nil, nil
	case err != nil:
		return nil, err
	}
	b.leases[id] = &l
	return &l, nil
}

// count stores a fact that is new and right.
func (b *batch) count(ctx context.Context, f models.Fact, l *storedLease) error {
	reach := f.Time().Add(1)
	var err error
	switch {
	case f.Coverage != nil:
		b.tally.observe(f.Camera, minuteOf(f.Coverage.Minute), *f.Coverage)
		reach = f.Coverage.From.Add(f.Coverage.Observed)
		b.facts.add(f, false)
	case f.Presence != nil:
		b.tally.stay(f.Camera, *f.Presence)
		b.facts.add(f, false)
	default:
		err = b.countCrossing(ctx, f)
	}
	if err != nil {
		return err
	}
	if reach.After(l.Until) {
		reach = l.Until
	}
	if reach.After(l.counted) {
		l.counted = reach
	}
	b.receipt.Accepted = append(b.receipt.Accepted, f.ID)
	return nil
}

// countCrossing stores a crossing. The two halves of a U-turn find each other whichever comes first: the way back
// is never in the clean totals, the way there is not from the moment when both are known.
func (b *batch) countCrossing(ctx context.Context, f models.Fact) error {
	c := f.Crossing
	event := Event{ID: f.ID, Camera: f.Camera, Crossing: *c}
	if c.Reverses == "" {
		event.Clean = !b.facts.undone(f)
	} else {
		there, found, err := b.facts.undo(ctx, f)
		if err != nil {
			return err
		}
		if found {
			for _, of := range seriesOf(f.Camera, there) {
				b.tally.undo(of, minuteOf(there.Time), there.Direction)
			}
			b.unclean(c.Reverses)
		}
	}
	for _, of := range seriesOf(f.Camera, *c) {
		b.tally.cross(of, minuteOf(c.Time), c.Direction, event.Clean)
	}
	b.receipt.Crossings = append(b.receipt.Crossings, event)
	b.facts.add(f, event.Clean)
	return nil
}

// seriesOf are the series that a crossing is counted in: its class, and each thing that was carried.
func seriesOf(camera models.CameraID, c models.Crossing) []Series {
	of := Series{LineRef: LineRef{camera, c.Line}, Class: c.Class}
	if of.Class == "" {
		of.Class = models.Person // a worker from before there were others
	}
	all := []Series{of}
	for _, thing := range c.Carrying {
		of.Carrying = thing
		all = append(all, of)
	}
	return all
}

// unclean corrects the receipt when both ways of a U-turn came in one batch.
func (b *batch) unclean(id models.FactID) {
	for i := range b.receipt.Crossings {
		if b.receipt.Crossings[i].ID == id {
			b.receipt.Crossings[i].Clean = false
		}
	}
}

// settle writes what the batch has changed.
func (b *batch) settle(ctx context.Context, now time.Time) error {
	if err := b.facts.flush(ctx); err != nil {
		return err
	}
	if b.tally.empty() {
		return nil
	}
	if err := b.all.exec(ctx, `update counts_state set revision = $1`, b.revision); err != nil {
		return err
	}
	for id, l := range b.leases {
		if l == nil {
			continue
		}
		err := b.all.exec(ctx, `update leases set counted_ns = $2 where id = $1 and counted_ns < $2`,
			id, l.counted.UnixNano())
		if err != nil {
			return err
		}
	}
	zones, err := dayZones(ctx, b.all)
	if err != nil {
		return err
	}
	changed, err := scribe{newNumbers(b.all), b.revision, now, zones, make(map[place[int64]]watch)}.write(ctx, b.tally)
	slices.SortFunc(changed, func(x, y models.Bucket) int {
		return cmp.Or(x.Start.Compare(y.Start), LineRef{x.Camera, x.Line}.compare(LineRef{y.Camera, y.Line}),
			cmp.Compare(x.Class, y.Class))
	})
	b.receipt.Changed = changed
	return err
}
