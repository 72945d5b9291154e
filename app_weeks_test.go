package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"footfall/storage/counts"
	"footfall/storage/sql"
)

// mall is a site with two doors. Nobody watches its cameras: what they have counted is in the store, see fill.
const mall = `workers: {local: 0}
sites:
  - id: mall
    name: City Mall
    zone: Europe/Berlin
    hours: [{days: [mon, tue, wed, thu, fri, sat], open: ["09:00-20:00"]}]
    areas:
      - {id: ground, name: Ground floor, capacity: 400, doors: [{camera: entrance, line: door}, {camera: garage, line: barrier}]}
      - {id: food, name: Food court, within: ground, capacity: 120, doors: [{camera: entrance, line: arch}]}
cameras:
  - {id: entrance, name: Main entrance, url: "rtsp://127.0.0.1:9/a", lines: {door: [[0.1, 0.6], [0.9, 0.6]], arch: [[0.5, 0.1], [0.5, 0.5]]}}
  - {id: garage, name: Garage, url: "rtsp://127.0.0.1:9/b", lines: {barrier: [[0.1, 0.6], [0.9, 0.6]]}}
`

// fill writes ten weeks until now into the store of a service that has not been started: busy from nine to eight, more
// so at noon, at five and on Saturdays. Yesterday from noon to three in the garage, and a week ago all day, nobody
// watched.
func (s *service) fill(now time.Time) {
	s.t.Helper()
	ctx := s.t.Context()
	folder := filepath.Join(s.folder, "data")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		s.t.Fatal(err)
	}
	db, err := sql.Open(ctx, filepath.Join(folder, "footfall.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := counts.New(ctx, db); err != nil {
		s.t.Fatal(err)
	}
	err = db.Write(ctx, func(tx *sql.Tx) error {
		for _, statement := range weeks(s.t, now) {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// weeks are the statements that fill the store, as the ingest would have left it.
func weeks(t testing.TB, now time.Time) []string {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	y, m, d := now.In(berlin).Date()
	minute := func(days, hour int) int64 { return time.Date(y, m, d-days, hour, 0, 0, 0, berlin).Unix() / 60 }
	first, end := minute(70, 0), now.Unix()/60
	statements := []string{
		`insert into watched_cameras (id, camera) values (1, 'entrance'), (2, 'garage')`,
		`insert into series (id, camera, line, class, carrying) values
			(1, 'entrance', 'door', 'person', ''), (2, 'garage', 'barrier', 'person', ''), (3, 'entrance', 'arch', 'person', '')`,
		fmt.Sprintf(`create temp table minutes as with recursive c(n) as (select %d union all select n + 1 from c
			where n < %d) select n as minute, (n - %d + 1440000) / 60 %% 24 as hour, (n - %[3]d + 1440000) / 1440 %% 7 as day
			from c`, first, end-1, minute(0, 0)),
		`create temp table busy as select minute,
			(minute * 7919 % 5) * (case when hour in (12, 13, 17, 18) then 3 else 2 end) * (2 + day % 3) / 4 as people
			from minutes where hour >= 9 and hour < 20`,
		`insert into coverage_buckets select id, 1, minute, 60000000000, 0, minute from watched_cameras, minutes`,
		// Everybody leaves half an hour later.
		`insert into line_buckets select s.id, 1, m.minute, coalesce(i.people, 0) / s.id, coalesce(o.people, 0) / s.id,
			coalesce(i.people, 0) / s.id, coalesce(o.people, 0) / s.id, m.minute
			from series s, minutes m left join busy i on i.minute = m.minute left join busy o on o.minute = m.minute - 30
			where coalesce(i.people, 0) + coalesce(o.people, 0) > 0`,
	}
	for _, gap := range [][2]int64{{minute(1, 12), minute(1, 15)}, {minute(7, 0), minute(6, 0)}} {
		statements = append(statements,
			fmt.Sprintf(`delete from coverage_buckets where camera = 2 and minute >= %d and minute < %d`, gap[0], gap[1]),
			fmt.Sprintf(`delete from line_buckets where series = 2 and minute >= %d and minute < %d`, gap[0], gap[1]))
	}
	for _, span := range []int{15, 30, 60} {
		statements = append(statements, fmt.Sprintf(`insert into coverage_buckets
			select camera, %[1]d, minute - minute %% %[1]d, sum(observed_ns), 0, max(revision) from coverage_buckets
			where span = 1 group by 1, 3`, span), fmt.Sprintf(`insert into line_buckets
			select series, %[1]d, minute - minute %% %[1]d, sum("in"), sum("out"), sum(raw_in), sum(raw_out), max(revision)
			from line_buckets where span = 1 group by 1, 3`, span))
	}
	return append(statements, `delete from day_zones`) // their days are added up when the service starts
}
