package counts_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/counts"
	"footfall/storage/sql"
	"footfall/storage/storetest"
)

// BenchmarkYear reads a year of 50 lines of 10 cameras, watched all the time, with a crossing in every third minute,
// in steps of a day and a month. Minutes are filled in as the ingest would leave them.
func BenchmarkYear(b *testing.B) {
	const cameras, doors = 10, 5
	from := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	db := storetest.Open(b, filepath.Join(b.TempDir(), "footfall.db"))
	s, err := counts.New(b.Context(), db)
	if err != nil {
		b.Fatal(err)
	}
	var lines []counts.LineRef
	for c := range cameras {
		for d := range doors {
			lines = append(lines, counts.LineRef{
				Camera: models.CameraID(fmt.Sprintf("camera%d", c)), Line: fmt.Sprintf("door%d", d),
			})
		}
	}
	fillYear(b, db, cameras, doors, from)
	if err := s.KeepDays(b.Context(), "Europe/Berlin"); err != nil {
		b.Fatal(err)
	}
	for _, test := range []struct {
		step models.Step
		zone string
	}{{models.Day, "Europe/Berlin"}, {models.Day, "Asia/Kolkata"}, {models.Month, "Europe/Berlin"}} {
		b.Run(fmt.Sprintf("%s %s", test.step, test.zone), func(b *testing.B) {
			loc := zone(b, test.zone)
			buckets := 0
			for b.Loop() {
				page, err := s.Buckets(b.Context(), counts.Query{
					Lines: lines, Step: test.step, Location: loc, Limit: 50_000,
					From: time.Date(2025, 1, 1, 0, 0, 0, 0, loc), To: time.Date(2026, 1, 1, 0, 0, 0, 0, loc),
				})
				if err != nil || page.Next != "" {
					b.Fatal(err, page.Next)
				}
				buckets = len(page.Buckets)
			}
			b.ReportMetric(float64(buckets), "buckets/op")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/float64(buckets)*1e6, "us/bucket")
		})
	}
}

// fillYear writes a year of buckets of every span.
func fillYear(b *testing.B, db *sql.DB, cameras, doors int, from time.Time) {
	b.Helper()
	first := from.Add(-24*time.Hour).Unix() / 60
	minutes := 367 * 24 * 60
	count := `with recursive c(n) as (select 0 union all select n + 1 from c where n < %d - 1) `
	statements := []string{
		fmt.Sprintf(`create temp table minutes as `+count+`select %d + n as minute from c`, minutes, first),
		fmt.Sprintf(`insert into watched_cameras (camera) `+count+`select 'camera' || n as camera from c`, cameras),
		fmt.Sprintf(`create temp table doors as `+count+`select 'door' || n as door from c`, doors),
		`insert into series (camera, line, class, carrying) select camera, door, 'person', '' from watched_cameras, doors`,
		`insert into coverage_buckets select id, 1, minute, 60000000000, 0, 1 from watched_cameras, minutes`,
		`insert into line_buckets select id, 1, minute, 1, 0, 1, 0, 1 from series, minutes where minute % 3 = 0`,
	}
	for _, span := range []int{15, 30, 60} {
		statements = append(statements, fmt.Sprintf(`insert into coverage_buckets
			select camera, %[1]d, minute - minute %% %[1]d, sum(observed_ns), 0, 1 from coverage_buckets where span = 1
			group by 1, 3`, span), fmt.Sprintf(`insert into line_buckets
			select series, %[1]d, minute - minute %% %[1]d, sum("in"), 0, sum(raw_in), 0, 1 from line_buckets
			where span = 1 group by 1, 3`, span))
	}
	err := db.Write(context.Background(), func(tx *sql.Tx) error {
		for _, statement := range statements {
			if _, err := tx.ExecContext(context.Background(), statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkIngest takes batches of facts as workers send them, each on disk before the next.
func BenchmarkIngest(b *testing.B) {
	for _, size := range []int{1, 10, 100, 250} {
		b.Run(fmt.Sprintf("%d facts", size), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "footfall.db"))
			storetest.Watch(b, s, "bench")
			n := 0
			for b.Loop() {
				b.StopTimer()
				facts := make([]models.Fact, 0, size)
				for range size {
					n++
					at := storetest.Noon().Add(time.Duration(n%3600) * time.Second)
					facts = append(facts, storetest.Crossing(b, "bench", "door", models.In, at))
				}
				b.StartTimer()
				if _, err := s.Ingest(b.Context(), facts); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
		})
	}
}
