package counts

import (
	"context"
	stdsql "database/sql"
	"time"

	"footfall/models"
)

// monthCache is the packed months that a reader has at hand, and where their days go.
type monthCache struct {
	from, to int64           // the stretch that places is about
	places   map[int64][]int // by month: the bucket that each day goes into, -1 for none
	many     bool            // the months of all series are read at once, not of each by itself
	ahead    map[aheadKey]map[int64][]packedMonth
}

// aheadKey is what was read ahead: a table, from one month to another.
type aheadKey struct {
	table       string
	first, last int64
}

// packedMonth is a month of a series or camera as it is stored.
type packedMonth struct {
	number int64
	days   []byte
}

// dayPlaces are the buckets that the days of a month go into, those outside the stretch into none.
func (m *monthCache) dayPlaces(number int64, run []models.Bucket, s stretch, loc *time.Location) []int {
	if m.places == nil || m.from != s.from || m.to != s.to {
		m.from, m.to, m.places = s.from, s.to, make(map[int64][]int)
	}
	if known := m.places[number]; known != nil {
		return known
	}
	places := make([]int, daysOfMonth)
	for i := range places {
		places[i] = -1
		noon := time.Date(int(number/12), time.Month(number%12+1), i+1, 12, 0, 0, 0, loc)
		if int(noon.Month()) != int(number%12+1) {
			continue // a short month
		}
		start := models.Day.Floor(noon, loc)
		if minute := minuteOf(start); minute >= s.from && minute < s.to {
			places[i] = within(run, start)
		}
	}
	m.places[number] = places
	return places
}

// lines adds the kept days of a series to a run.
func (m *monthCache) lines(ctx context.Context, r *reader, id int64, run []models.Bucket, s stretch) error {
	return m.visit(ctx, r, lineMonths(), id, s, func(number int64, days month) {
		for i, at := range m.dayPlaces(number, run, s, r.location) {
			if day := days.day(i + 1); at >= 0 && day[4] > 0 {
				addTo(&run[at], totals{day[0], day[1], day[2], day[3]}, day[4])
			}
		}
	})
}

// coverage adds the kept days of a camera to its coverage of a run.
func (m *monthCache) coverage(
	ctx context.Context, r *reader, id int64, run []models.Bucket, s stretch, c coverage,
) error {
	return m.visit(ctx, r, coverageMonths(), id, s, func(number int64, days month) {
		for i, at := range m.dayPlaces(number, run, s, r.location) {
			if day := days.day(i + 1); at >= 0 && day[2] > 0 {
				c.put(at, watch{time.Duration(day[0]), time.Duration(day[1])}, day[2])
			}
		}
	})
}

// visit reads the months of a series or camera in a stretch.
func (m *monthCache) visit(
	ctx context.Context, r *reader, table monthTable, id int64, s stretch, tell func(int64, month),
) error {
	first, _ := monthNumber(startOf(s.from).In(r.location))
	last, _ := monthNumber(startOf(s.to - 1).In(r.location))
	days := newMonth(table.columns)
	if m.many {
		all, err := m.readAhead(ctx, r, table, first, last)
		if err != nil {
			return err
		}
		for _, packed := range all[id] {
			if err := days.unpack(packed.days); err != nil {
				return err
			}
			tell(packed.number, days)
		}
		return nil
	}
	return r.statements.each(ctx, table.one, []any{r.zone, id, first, last}, func(row scanner) error {
		var number int64
		var packed stdsql.RawBytes
		if err := row.Scan(&number, &packed); err != nil {
			return err
		}
		if err := days.unpack(packed); err != nil {
			return err
		}
		tell(number, days)
		return nil
	})
}

// readAhead is the months of everybody: a question about a thousand lines goes to the database once.
func (m *monthCache) readAhead(
	ctx context.Context, r *reader, table monthTable, first, last int64,
) (map[int64][]packedMonth, error) {
	key := aheadKey{table.all, first, last}
	if known := m.ahead[key]; known != nil {
		return known, nil
	}
	all := make(map[int64][]packedMonth)
	err := r.statements.each(ctx, table.all, []any{r.zone, first, last}, func(row scanner) error {
		var owner int64
		var packed packedMonth
		if err := row.Scan(&owner, &packed.number, &packed.days); err != nil {
			return err
		}
		all[owner] = append(all[owner], packed)
		return nil
	})
	if m.ahead == nil {
		m.ahead = make(map[aheadKey]map[int64][]packedMonth)
	}
	m.ahead[key] = all
	return all, err
}
