package counts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"footfall/models"
	"footfall/storage/sql"
)

// ZoneBuckets answers what happened in zones.
func (s *Store) ZoneBuckets(ctx context.Context, z models.ZoneQuery) (models.ZonePage, error) {
	fail := func(err error) (models.ZonePage, error) { return models.ZonePage{}, fmt.Errorf("read zones: %w", err) }
	q := Query{
		Classes: z.Classes, From: z.From, To: z.To, Step: z.Step, Location: z.Location,
		Cursor: z.Cursor, Limit: z.Limit,
	}
	for _, zone := range z.Zones {
		q.Lines = append(q.Lines, LineRef{zone.Camera, zone.Zone}) // a zone has its place in the grid as a line has
	}
	q, err := q.normal()
	if err != nil {
		return fail(err)
	}
	g := grid{lines: q.series(), bounds: bounds(q.Step, q.From, q.To, q.Location)}
	at, err := g.find(q.Cursor)
	if err != nil {
		return fail(err)
	}
	var page models.ZonePage
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		r, err := openReader(ctx, tx, q, g.bounds)
		if err != nil {
			return err
		}
		defer r.close()
		page.Buckets, err = r.readZones(ctx, g, at, min(at+q.Limit, g.size()))
		return err
	})
	if err != nil {
		return fail(err)
	}
	if end := at + len(page.Buckets); end < g.size() {
		page.Next = g.cursor(end)
	}
	return page, nil
}

func (r *reader) readZones(ctx context.Context, g grid, at, end int) ([]models.ZoneBucket, error) {
	buckets := make([]models.ZoneBucket, 0, end-at)
	for at < end {
		line, first := g.position(at)
		last := min(first+end-at, g.steps())
		run := r.blank(g.lines[line], first, last)
		seen, err := r.coverage(ctx, run)
		if err != nil {
			return nil, err
		}
		seen.add(run)
		zones, err := r.fillZone(ctx, g.lines[line], run)
		if err != nil {
			return nil, err
		}
		buckets = append(buckets, zones...)
		at += len(run)
	}
	return buckets, nil
}

// fillZone makes the buckets of a zone over a run that has the coverage already.
func (r *reader) fillZone(ctx context.Context, of Series, run []models.Bucket) ([]models.ZoneBucket, error) {
	sums := make([]zoneSums, len(run))
	id, err := r.ofZone(ctx, zoneSeries{of.Camera, of.Line, of.Class})
	if err == nil && id != 0 {
		kept := r.zone
		r.zone = 0 // the days of zones are not kept
		err = r.each(run, func(s stretch) error {
			return r.ofZoneBuckets(ctx, id, s, func(start time.Time, z zoneSums, revision int64) {
				i := within(run, start)
				sums[i].add(z)
				run[i].Revision = max(run[i].Revision, revision)
			})
		})
		r.zone = kept
	}
	if err != nil {
		return nil, err
	}
	zones := make([]models.ZoneBucket, len(run))
	for i, b := range run {
		zones[i] = models.ZoneBucket{
			Camera: of.Camera, Zone: of.Line, Class: of.Class, Start: b.Start, End: b.End,
			Entries: sums[i].entries, Exits: sums[i].exits, Most: sums[i].most, Inside: time.Duration(sums[i].inside),
			Stays: slices.Clone(sums[i].stays[:]), Dwell: time.Duration(sums[i].dwell),
			Observed: b.Observed, Moved: b.Moved, Revision: b.Revision,
		}
	}
	return zones, nil
}

// sumZone is the statement that adds up the buckets of a zone.
func sumZone() string {
	var sums []string
	for _, name := range zoneColumns() {
		if name == "most" {
			sums = append(sums, "max(most)")
		} else {
			sums = append(sums, fmt.Sprintf("cast(sum(%s) as bigint)", name))
		}
	}
	return fmt.Sprintf(`select (minute + $4) / $5, max(revision), %s from zone_buckets
		where series = $1 and span = $6 and minute >= $2 and minute < $3 group by 1`, strings.Join(sums, ", "))
}

func (r *reader) ofZoneBuckets(
	ctx context.Context, id int64, s stretch, tell func(start time.Time, z zoneSums, revision int64),
) error {
	args := []any{id, s.from, s.to, s.ahead, s.group, s.span}
	return r.statements.each(ctx, sumZone(), args, func(row scanner) error {
		var number, revision int64
		var z zoneSums
		if err := row.Scan(append([]any{&number, &revision}, z.into()...)...); err != nil {
			return err
		}
		tell(s.start(number), z, revision)
		return nil
	})
}

// KnownZones are those that anything was ever told of, by camera and zone.
func (s *Store) KnownZones(ctx context.Context) ([]models.ZoneRef, error) {
	var zones []models.ZoneRef
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		all := newStatements(tx)
		defer all.close()
		return all.each(ctx, `select distinct camera, zone from zone_series order by camera, zone`, nil,
			func(row scanner) error {
				var z models.ZoneRef
				if err := row.Scan(&z.Camera, &z.Zone); err != nil {
					return err
				}
				zones = append(zones, z)
				return nil
			})
	})
	if err != nil {
		return nil, fmt.Errorf("list zones: %w", err)
	}
	return zones, nil
}
