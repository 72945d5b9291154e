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

// BenchmarkYear reads a year of 50 lines of 50 cameras, watched all the time, with a crossing in every third minute,
// in steps of an hour, a day and a month. Minutes are filled in as the ingest would leave them.
func BenchmarkYear(b *testing.B) {
	const cameras = 50
	from := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	db := storetest.Open(b, filepath.Join(b.TempDir(), "footfall.db"))
	s, err := counts.New(b.Context(), db)
	if err != nil {
		b.Fatal(err)
	}
	var lines []counts.LineRef
	for c := range cameras {
		lines = append(lines, counts.LineRef{Camera: models.CameraID(fmt.Sprintf("camera%02d", c)), Line: "door"})
	}
	fillYear(b, db, cameras, from)
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
func fillYear(b *testing.B, db *sql.DB, cameras int, from time.Time) {
	b.Helper()
	first := from.Add(-24*time.Hour).Unix() / 60
	minutes := 367 * 24 * 60
	err := db.Write(context.Background(), func(tx *sql.Tx) error {
		for _, statement := range []string{
			`create temp table years as with recursive m(n) as (select 0 union all select n + 1 from m where n < %[2]d - 1)
				select %[1]d + n as minute from m`,
			`create temp table doors as with recursive c(n) as (select 0 union all select n + 1 from c where n < %[3]d - 1)
				select format('camera%%02d', n) as camera from c`,
			`insert into camera_coverage select camera, 1, minute, 60000000000, 1 from doors, years`,
			`insert into line_counts select camera, 'door', 1, minute, 1, 0, 1, 0, 1 from doors, years where minute %% 3 = 0`,
			`insert into camera_coverage select camera, 15, minute - minute %% 15, sum(observed_ns), max(revision)
				from camera_coverage where span = 1 group by 1, 3`,
			`insert into camera_coverage select camera, 60, minute - minute %% 60, sum(observed_ns), max(revision)
				from camera_coverage where span = 1 group by 1, 3`,
			`insert into line_counts select camera, line, 15, minute - minute %% 15, sum("in"), sum("out"), sum(raw_in),
				sum(raw_out), max(revision) from line_counts where span = 1 group by 1, 2, 4`,
			`insert into line_counts select camera, line, 60, minute - minute %% 60, sum("in"), sum("out"), sum(raw_in),
				sum(raw_out), max(revision) from line_counts where span = 1 group by 1, 2, 4`,
		} {
			text := fmt.Sprintf(statement+" /* %[1]d %[2]d %[3]d */", first, minutes, cameras)
			if _, err := tx.ExecContext(context.Background(), text); err != nil {
				return fmt.Errorf("%s: %w", text, err)
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
