package counts

import (
	"context"
	stdsql "database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// daysOfMonth is how many days the longest month has.
const daysOfMonth = 31

// month is the days of one month in the calendar of a zone: some sums and, last, the revision of each. It is kept
// packed in one row, each number as a varint.
type month struct {
	columns int
	values  []int64
}

func newMonth(columns int) month { return month{columns, make([]int64, daysOfMonth*columns)} }

// day is the numbers of a day, counted from 1.
func (m month) day(day int) []int64 { return m.values[(day-1)*m.columns : day*m.columns] }

// add adds sums to a day, whose revision is the last that touched it.
func (m month) add(day int, revision int64, sums ...int64) {
	of := m.day(day)
	for i, n := range sums {
		of[i] += n
	}
	of[m.columns-1] = max(of[m.columns-1], revision)
}

func (m month) pack() []byte {
	packed := make([]byte, 0, 2*len(m.values))
	for _, n := range m.values {
		packed = binary.AppendVarint(packed, n)
	}
	return packed
}

// unpack reads a packed month into m.
func (m month) unpack(packed []byte) error {
	for i := range m.values {
		n, size := binary.Varint(packed)
		if size <= 0 {
			return fmt.Errorf("the days of a month are cut short at number %d; restore the database from a backup", i)
		}
		m.values[i], packed = n, packed[size:]
	}
	return nil
}

// monthNumber numbers months since the year 0, and says which day of it t is, by the clock of t.
func monthNumber(t time.Time) (number int64, day int) {
	y, mo, d := t.Date()
	return int64(y)*12 + int64(mo) - 1, d
}

// monthKey is a row of line_months or coverage_months; owner is a series or a camera.
type monthKey struct {
	zone, owner, month int64
}

// monthTable is one of the two tables of packed months.
type monthTable struct {
	columns        int // with the revision
	select_, write string
	wipe           string
	one, all       string // the months from one to another, of one owner or of everybody
}

func lineMonths() monthTable {
	return monthTable{
		5,
		`select days from line_months where zone = $1 and series = $2 and month = $3`,
		`insert into line_months (zone, series, month, days) values ($1, $2, $3, $4)
			on conflict (zone, series, month) do update set days = excluded.days`,
		`delete from line_months where zone = $1 and series = $2`,
		`select month, days from line_months where zone = $1 and series = $2 and month >= $3 and month <= $4`,
		`select series, month, days from line_months where zone = $1 and month >= $2 and month <= $3`,
	}
}

func coverageMonths() monthTable {
	return monthTable{
		3,
		`select days from coverage_months where zone = $1 and camera = $2 and month = $3`,
		`insert into coverage_months (zone, camera, month, days) values ($1, $2, $3, $4)
			on conflict (zone, camera, month) do update set days = excluded.days`,
		`delete from coverage_months where zone = $1 and camera = $2`,
		`select month, days from coverage_months where zone = $1 and camera = $2 and month >= $3 and month <= $4`,
		`select camera, month, days from coverage_months where zone = $1 and month >= $2 and month <= $3`,
	}
}

// dayDelta is what a batch adds to a day of a month.
type dayDelta struct {
	day  int
	sums []int64
}

// apply adds deltas to one kept month.
func (t monthTable) apply(ctx context.Context, s *statements, key monthKey, deltas []dayDelta, revision int64) error {
	m := newMonth(t.columns)
	var packed []byte
	switch err := s.row(ctx, t.select_, []any{key.zone, key.owner, key.month}, &packed); {
	case errors.Is(err, stdsql.ErrNoRows):
	case err != nil:
		return err
	default:
		if err := m.unpack(packed); err != nil {
			return err
		}
	}
	for _, d := range deltas {
		m.add(d.day, revision, d.sums...)
	}
	return s.exec(ctx, t.write, key.zone, key.owner, key.month, m.pack())
}

// monthDeltas collects what a batch adds to kept months.
type monthDeltas map[monthKey][]dayDelta

func (d monthDeltas) add(zone dayZone, owner, minute int64, sums ...int64) {
	number, day := monthNumber(startOf(minute).In(zone.location))
	key := monthKey{zone.id, owner, number}
	d[key] = append(d[key], dayDelta{day, sums})
}
