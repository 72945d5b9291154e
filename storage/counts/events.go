package counts

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// Event is one crossing as the database keeps it until it is pruned.
type Event struct {
	ID     models.FactID
	Camera models.CameraID
	models.Crossing
	// Clean: it is in the clean totals. Of a U-turn, neither way is.
	Clean bool
}

// EventQuery asks for the single crossings of some lines in [From, To).
type EventQuery struct {
	Lines    []LineRef
	From, To time.Time
	Cursor   string // the Next of the page before, empty for the first
	Limit    int    // the most crossings on a page; 0 is 1000, and more than 50000 is 50000
}

// EventPage is a part of an answer, ordered by time.
type EventPage struct {
	Events []Event
	Next   string // the cursor of the page after, empty when this is the last
}

// eventMark is where a page of crossings begins: after this one.
type eventMark struct {
	Time int64         `json:"t"` // nanoseconds since 1970
	ID   models.FactID `json:"i"`
}

// Events lists single crossings, for an audit.
func (s *Store) Events(ctx context.Context, q EventQuery) (EventPage, error) {
	page, err := s.events(ctx, q)
	if err != nil {
		return EventPage{}, fmt.Errorf("read crossings: %w", err)
	}
	return page, nil
}

func (s *Store) events(ctx context.Context, q EventQuery) (EventPage, error) {
	if !storable(q.From) || !storable(q.To) || !q.From.Before(q.To) {
		return EventPage{}, models.Invalidf("to", "must be later than from, both between the years 1970 and 2200")
	}
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	q.Limit = min(q.Limit, maxLimit)
	after := eventMark{Time: q.From.UnixNano()} // the empty id sorts before every other
	if q.Cursor != "" {
		if err := decodeCursor(q.Cursor, &after); err != nil {
			return EventPage{}, err
		}
	}
	q.Lines = slices.Clone(q.Lines)
	slices.SortFunc(q.Lines, LineRef.compare)
	q.Lines = slices.Compact(q.Lines)
	var page EventPage
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		for lines := range slices.Chunk(q.Lines, linesAtOnce) {
			text, args := eventStatement(q, lines, after)
			found, err := readEvents(ctx, tx, text, args)
			if err != nil {
				return err
			}
			page.Events = append(page.Events, found...)
		}
		return nil
	})
	if err != nil {
		return EventPage{}, err
	}
	if len(q.Lines) > linesAtOnce {
		slices.SortFunc(page.Events, func(a, b Event) int {
			return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID))
		})
	}
	if len(page.Events) > q.Limit {
		page.Events = slices.Clip(page.Events[:q.Limit])
		last := page.Events[q.Limit-1]
		page.Next = encodeCursor(eventMark{last.Time.UnixNano(), last.ID})
	}
	return page, nil
}

// linesAtOnce bounds the lines in one statement; SQLite allows five hundred parts of a union.
const linesAtOnce = 200

// eventStatement asks each line in its own index, so that a busy neighbour does not slow a quiet line down. One event
// more than asked for tells whether there is a next page.
func eventStatement(q EventQuery, lines []LineRef, after eventMark) (text string, args []any) {
	args = []any{after.Time, after.ID, q.To.UnixNano(), q.Limit + 1}
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteString(" union all ")
		}
		fmt.Fprintf(&b, `select * from (
			select id, camera, line, direction, class, time_ns, config_version, model_version,
			coalesce(reverses, '') as reverses, clean, coalesce(carrying, '') as carrying from facts
			where camera = $%d and line = $%d and time_ns >= $1 and (time_ns > $1 or id > $2) and time_ns < $3
			order by time_ns, id limit $4) as line_%d`, len(args)+1, len(args)+2, i)
		args = append(args, line.Camera, line.Line)
	}
	return b.String() + " order by time_ns, id limit $4", args
}

func readEvents(ctx context.Context, tx *sql.Tx, text string, args []any) ([]Event, error) {
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var events []Event
	for rows.Next() {
		var e Event
		var ns int64
		var carrying string
		err := rows.Scan(&e.ID, &e.Camera, &e.Line, &e.Direction, &e.Class, &ns, &e.ConfigVersion, &e.ModelVersion,
			&e.Reverses, &e.Clean, &carrying)
		if err != nil {
			return nil, err
		}
		e.Time, e.Carrying = sql.Instant(ns), splitClasses(carrying)
		events = append(events, e)
	}
	return events, rows.Err()
}
