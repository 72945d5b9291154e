package clips

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// Person is who somebody is to the book of who has seen what.
func Person(by models.AuditActor) string { return clean(by.Kind + " " + by.ID) }

// Reveal notes that a person was shown all that the system had counted in a clip.
func (x *Index) Reveal(ctx context.Context, clip models.ClipID, by models.AuditActor, now time.Time) error {
	err := x.db.Write(ctx, func(tx *sql.Tx) error { return reveal(ctx, tx, clip, "", by, now) })
	if err != nil {
		return fmt.Errorf("note that clip %s was shown: %w", clip, err)
	}
	return nil
}

func reveal(
	ctx context.Context, tx *sql.Tx, clip models.ClipID, line string, by models.AuditActor, now time.Time,
) error {
	_, err := tx.ExecContext(ctx, `insert into clip_reveals (clip, line, person, at_ns) values ($1, $2, $3, $4)
		on conflict do nothing`, clip, line, Person(by), now.UnixNano())
	return err
}

// Revealed says for which lines of a clip a person was shown what the system had counted; an empty line is all.
func (x *Index) Revealed(ctx context.Context, clip models.ClipID, by models.AuditActor) (lines []string, err error) {
	err = x.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select line from clip_reveals where clip = $1 and person = $2 order by line`,
			clip, Person(by))
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("clip %s: %w", clip, err)
	}
	return lines, nil
}

// AddReview keeps what a person counted, compared with the system's crossings. Whether the person was blind is noted
// with it, and from then on the person has seen the system's count.
func (x *Index) AddReview(ctx context.Context, r models.Review) (models.Review, error) {
	c, err := x.Clip(ctx, r.Clip)
	if err != nil {
		return r, err
	}
	if !slices.ContainsFunc(c.Lines, func(l models.Line) bool { return l.ID == r.Line }) {
		return r, models.Invalidf("line", "%q is none of the clip's", r.Line)
	}
	length := c.End.Sub(c.Start)
	for i, tap := range r.Taps {
		if tap.At < 0 || tap.At > length+time.Second || !tap.Direction.Valid() {
			return r, models.Invalidf(fmt.Sprintf("taps[%d]", i), "is not within the clip, or in no direction")
		}
	}
	r.Camera, r.At = c.Camera, r.At.UTC()
	r.Note = clean(r.Note)
	r.Sample = slices.ContainsFunc(c.Triggers, func(t models.ClipTrigger) bool {
		return t.Kind == models.TriggerSample
	})
	r.Comparison = models.Compare(c.Start, r.Line, c.Crossings, r.Taps)
	err = x.db.Write(ctx, func(tx *sql.Tx) error {
		// The lines of a clip are counted one after the other: who has seen one has not seen the others.
		err := tx.QueryRowContext(ctx, `select count(*) = 0 from clip_reveals
			where clip = $1 and person = $2 and (line = '' or line = $3)`, r.Clip, Person(r.By), r.Line).Scan(&r.Blind)
		if err != nil {
			return err
		}
		body, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `insert into clip_reviews
			(id, clip, camera, line, at_ns, person, sample, blind, body) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			r.ID, r.Clip, r.Camera, r.Line, r.At.UnixNano(), Person(r.By), r.Sample, r.Blind, clean(string(body)))
		if err != nil {
			return err
		}
		return reveal(ctx, tx, r.Clip, r.Line, r.By, r.At)
	})
	if err != nil {
		return r, fmt.Errorf("keep what was counted in clip %s: %w", r.Clip, err)
	}
	return r, nil
}

// Reviews are those that a query asks for, newest first.
func (x *Index) Reviews(ctx context.Context, q models.ReviewQuery) ([]models.Review, error) {
	var c conditions
	oneOf(&c, "camera = ?", q.Cameras)
	if q.Clip != "" {
		c.add("clip = ?", clean(string(q.Clip)))
	}
	if q.Line != "" {
		c.add("line = ?", clean(q.Line))
	}
	if !q.From.IsZero() {
		c.add("at_ns >= ?", q.From.UnixNano())
	}
	if !q.To.IsZero() {
		c.add("at_ns < ?", q.To.UnixNano())
	}
	if q.Fair {
		c.all = append(c.all, "sample = true", "blind = true")
	}
	limit := q.Limit
	if limit <= 0 {
		limit = maxLimit
	}
	var found []models.Review
	err := x.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select body from clip_reviews `+c.where()+
			` order by at_ns desc, id desc limit `+strconv.Itoa(limit), c.args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var body string
			var r models.Review
			if err := rows.Scan(&body); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(body), &r); err != nil {
				return err
			}
			found = append(found, r)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list what was counted in clips: %w", err)
	}
	return found, nil
}
