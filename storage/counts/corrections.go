package counts

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"footfall/models"
	"footfall/storage/sql"
)

// Correct writes down how many people somebody found in an area, beside what had been reckoned.
func (s *Store) Correct(
	ctx context.Context, site models.Site, area models.Area, c models.Correction,
) (models.Correction, error) {
	fail := func(err error) (models.Correction, error) {
		return c, fmt.Errorf("correct the occupancy of area %s: %w", area.ID, err)
	}
	c.Area, c.Recorded = area.ID, s.now().UTC()
	switch {
	case !isText(c.Reason):
		return fail(models.Invalidf("reason", "is not text"))
	case !isText(c.Author):
		return fail(models.Invalidf("author", "is not text"))
	case c.At.After(c.Recorded):
		return fail(models.Invalidf("at", "%s lies in the future", c.At.Format(time.RFC3339)))
	case !storable(c.At):
		return fail(models.Invalidf("at", "must be a time after 1970"))
	}
	if err := c.Validate(); err != nil {
		return fail(err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fail(err)
	}
	c.ID = id.String()
	reckoned, err := s.Occupancy(ctx, site, area, c.At)
	if err != nil {
		return fail(err)
	}
	c.Reckoned = reckoned.People
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		var known stdsql.NullInt64
		if c.Reckoned != nil {
			known = stdsql.NullInt64{Int64: *c.Reckoned, Valid: true}
		}
		_, err := tx.ExecContext(ctx, `insert into corrections
			(id, area, at_ns, people, reckoned, reason, author, recorded_ns) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			c.ID, c.Area, c.At.UnixNano(), c.People, known, c.Reason, c.Author, c.Recorded.UnixNano())
		return err
	})
	if err != nil {
		return fail(err)
	}
	return c, nil
}

// Corrections lists those of an area whose moments lie in [from, to), oldest first, at most limit of them.
func (s *Store) Corrections(
	ctx context.Context, area string, from, to time.Time, limit int,
) ([]models.Correction, error) {
	var found []models.Correction
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		all := newStatements(tx)
		defer all.close()
		var err error
		found, err = readCorrections(ctx, all, selectCorrection+` where area = $1 and at_ns >= $2 and at_ns < $3
			order by at_ns, id limit $4`, area, from.UnixNano(), to.UnixNano(), limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the corrections of area %s: %w", area, err)
	}
	return found, nil
}

const selectCorrection = `select id, area, at_ns, people, reckoned, reason, author, recorded_ns from corrections`

func readCorrections(ctx context.Context, s *statements, text string, args ...any) ([]models.Correction, error) {
	var found []models.Correction
	err := s.each(ctx, text, args, func(row scanner) error {
		var c models.Correction
		var at, recorded int64
		var reckoned stdsql.NullInt64
		err := row.Scan(&c.ID, &c.Area, &at, &c.People, &reckoned, &c.Reason, &c.Author, &recorded)
		if err != nil {
			return err
		}
		c.At, c.Recorded = sql.Instant(at), sql.Instant(recorded)
		if reckoned.Valid {
			c.Reckoned = &reckoned.Int64
		}
		found = append(found, c)
		return nil
	})
	return found, err
}

// lastCorrection is the latest correction of an area at or before a moment, nil when there is none.
func (s *Store) lastCorrection(ctx context.Context, area string, at time.Time) (*models.Correction, error) {
	var last *models.Correction
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		all := newStatements(tx)
		defer all.close()
		found, err := readCorrections(ctx, all, selectCorrection+` where area = $1 and at_ns <= $2
			order by at_ns desc, recorded_ns desc limit 1`, area, at.UnixNano())
		if len(found) > 0 {
			last = &found[0]
		}
		return err
	})
	return last, err
}
