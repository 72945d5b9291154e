package counts

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"footfall/models"
)

// zoneSeries is a class in a zone.
type zoneSeries struct {
	camera models.CameraID
	zone   string
	class  models.Class
}

// stayClasses is how many classes of dwell times there are: one more than models.DwellBounds.
const stayClasses = 10

// zoneSums are what a bucket of a zone adds up; of most, the greatest counts.
type zoneSums struct {
	entries, exits, most int64
	inside, dwell        int64 // nanoseconds
	stays                [stayClasses]int64
}

func (z *zoneSums) add(o zoneSums) {
	z.entries += o.entries
	z.exits += o.exits
	z.most = max(z.most, o.most)
	z.inside += o.inside
	z.dwell += o.dwell
	for i, n := range o.stays {
		z.stays[i] += n
	}
}

// columns are the sums in the order of the table.
func (z *zoneSums) columns() []any {
	all := []any{z.entries, z.exits, z.most, z.inside, z.dwell}
	for _, n := range z.stays {
		all = append(all, n)
	}
	return all
}

// into are the places to read the columns to.
func (z *zoneSums) into() []any {
	all := []any{&z.entries, &z.exits, &z.most, &z.inside, &z.dwell}
	for i := range z.stays {
		all = append(all, &z.stays[i])
	}
	return all
}

// zoneColumns are their names.
func zoneColumns() []string {
	names := []string{"entries", "exits", "most", "inside_ns", "dwell_ns"}
	for i := range stayClasses {
		names = append(names, fmt.Sprintf("stays_%d", i))
	}
	return names
}

// stay adds what was told of a zone.
func (t tally) stay(camera models.CameraID, p models.Presence) {
	at := place[zoneSeries]{zoneSeries{camera, p.Zone, p.Class}, minuteOf(p.Minute)}
	if t.zones[at] == nil {
		t.zones[at] = &zoneSums{}
	}
	told := zoneSums{
		entries: p.Entries, exits: p.Exits, most: p.Most, inside: int64(p.Inside), dwell: int64(p.Dwell),
	}
	copy(told.stays[:], p.Stays)
	t.zones[at].add(told)
}

// addZone is the statement that adds to one bucket of a zone.
func addZone() string {
	var values, updates []string
	for i, name := range zoneColumns() {
		values = append(values, fmt.Sprintf("$%d", i+5))
		update := fmt.Sprintf("%[1]s = c.%[1]s + excluded.%[1]s", name)
		if name == "most" {
			update = "most = case when c.most > excluded.most then c.most else excluded.most end"
		}
		updates = append(updates, update)
	}
	return fmt.Sprintf(`insert into zone_buckets as c (series, span, minute, revision, %s) values ($1, $2, $3, $4, %s)
		on conflict (series, span, minute) do update set revision = excluded.revision, %s`,
		strings.Join(zoneColumns(), ", "), strings.Join(values, ", "), strings.Join(updates, ", "))
}

func (s scribe) writeZones(ctx context.Context, t tally) error {
	if len(t.zones) == 0 {
		return nil
	}
	numbered := make(map[place[int64]]zoneSums)
	for at, told := range t.zones {
		id, err := s.giveZone(ctx, at.of)
		if err != nil {
			return err
		}
		numbered[place[int64]{id, at.minute}] = *told
	}
	text := addZone()
	for _, span := range spans() {
		sums := grouped(numbered, span, func(a, b zoneSums) zoneSums { a.add(b); return a })
		for _, at := range slices.SortedFunc(maps.Keys(sums), comparePlaces) {
			sum := sums[at]
			args := append([]any{at.of, span, at.minute, s.revision}, sum.columns()...)
			if err := s.exec(ctx, text, args...); err != nil {
				return err
			}
		}
	}
	return nil
}
