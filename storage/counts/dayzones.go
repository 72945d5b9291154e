package counts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// dayZone is a time zone whose days are kept.
type dayZone struct {
	id       int64
	name     string
	ready    bool
	location *time.Location
}

// dayZones is those there are.
func dayZones(ctx context.Context, s *statements) ([]dayZone, error) {
	var zones []dayZone
	err := s.each(ctx, `select id, name, ready from day_zones order by id`, nil, func(row scanner) error {
		var z dayZone
		if err := row.Scan(&z.id, &z.name, &z.ready); err != nil {
			return err
		}
		var err error
		if z.location, err = time.LoadLocation(z.name); err != nil {
			return fmt.Errorf("zone %s: %w", z.name, err)
		}
		zones = append(zones, z)
		return nil
	})
	return zones, err
}

// KeepDays keeps the sums of days in the calendars of these IANA zones from now on, and adds up those before, so that
// long answers in days, weeks and months are fast there. Other zones get the same answers, more slowly. It goes series
// by series, and carries on where it was interrupted when it is called again.
func (s *Store) KeepDays(ctx context.Context, zones ...string) error {
	for _, name := range zones {
		if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
			return models.Invalidf("zone", "%q is no IANA time zone, such as Europe/Berlin or UTC", name)
		}
		if err := s.keepDays(ctx, name); err != nil {
			return fmt.Errorf("keep the days of %s: %w", name, err)
		}
	}
	return nil
}

func (s *Store) keepDays(ctx context.Context, name string) error {
	var zone dayZone
	var series, cameras []int64
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		all := newStatements(tx)
		defer all.close()
		err := all.exec(ctx, `insert into day_zones (name, ready) values ($1, false)
			on conflict (name) do nothing`, name)
		if err != nil {
			return err
		}
		zones, err := dayZones(ctx, all)
		if err != nil {
			return err
		}
		zone = zones[slices.IndexFunc(zones, func(z dayZone) bool { return z.name == name })]
		if zone.ready {
			return nil
		}
		// What comes into being after this is kept from its first minute on.
		if series, err = ids(ctx, all, `select id from series order by id`); err != nil {
			return err
		}
		cameras, err = ids(ctx, all, `select id from watched_cameras order by id`)
		return err
	})
	if err != nil || zone.ready {
		return err
	}
	for _, id := range series {
		if err := s.refill(ctx, zone, id, lineMonths(), lineSpan(id)); err != nil {
			return err
		}
	}
	for _, id := range cameras {
		if err := s.refill(ctx, zone, id, coverageMonths(), coverageSpan(id)); err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `update day_zones set ready = true where id = $1`, zone.id)
		return err
	})
}

func ids(ctx context.Context, s *statements, text string) ([]int64, error) {
	var all []int64
	err := s.each(ctx, text, nil, func(row scanner) error {
		var id int64
		if err := row.Scan(&id); err != nil {
			return err
		}
		all = append(all, id)
		return nil
	})
	return all, err
}

// quarters reads everything that is known about a series or a camera, quarter of an hour by quarter of an hour: days
// begin on one everywhere since 1972.
type quarters struct {
	text  string
	owner int64
}

func lineSpan(series int64) quarters {
	return quarters{`select minute, revision, "in", "out", raw_in, raw_out from line_buckets
		where series = $1 and span = 15 order by minute`, series}
}

func coverageSpan(camera int64) quarters {
	return quarters{`select minute, revision, observed_ns, moved_ns from coverage_buckets
		where camera = $1 and span = 15 order by minute`, camera}
}

// refill adds up the months of one series or camera anew, alone in its transaction: an ingest that comes between two of
// them adds to sums that are right.
func (s *Store) refill(ctx context.Context, zone dayZone, owner int64, table monthTable, from quarters) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		all := newStatements(tx)
		defer all.close()
		months := make(map[int64]month)
		sums := make([]int64, table.columns-1)
		into := []any{new(int64), new(int64)}
		for i := range sums {
			into = append(into, &sums[i])
		}
		err := all.each(ctx, from.text, []any{from.owner}, func(row scanner) error {
			if err := row.Scan(into...); err != nil {
				return err
			}
			minute, revision := *into[0].(*int64), *into[1].(*int64) //nolint:forcetypeassert // they were made above
			number, day := monthNumber(startOf(minute).In(zone.location))
			if months[number].values == nil {
				months[number] = newMonth(table.columns)
			}
			months[number].add(day, revision, sums...)
			return nil
		})
		if err != nil {
			return err
		}
		if err := all.exec(ctx, table.wipe, zone.id, owner); err != nil {
			return err
		}
		for number, m := range months {
			if err := all.exec(ctx, table.write, zone.id, owner, number, m.pack()); err != nil {
				return err
			}
		}
		return nil
	})
}
