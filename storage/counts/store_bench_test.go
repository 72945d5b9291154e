package counts_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/counts"
	"footfall/storage/sql"
	"footfall/storage/storetest"
)

// stock is a year of a thousand lines of twenty cameras, so many minutes altogether.
type stock struct {
	cameras, doors int
	from           time.Time
	minutes        int // of the year
	every          int // minutes between two crossings of a line
}

// stocked is a stock of about that many stored minutes.
func stocked(minutes int) stock {
	s := stock{cameras: 20, doors: 50, from: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), minutes: 366 * 24 * 60}
	s.every = max(1, s.cameras*s.doors*s.minutes/max(1, minutes-s.cameras*s.minutes))
	return s
}

func (s stock) stored() int { return s.cameras*s.minutes + s.cameras*s.doors*s.minutes/s.every }

// fill writes the stock as the ingest would leave it, a camera at a time.
func (s stock) fill(b *testing.B, db *sql.DB) {
	b.Helper()
	first := s.from.Unix() / 60
	numbers := func(name string, n int) string {
		return fmt.Sprintf("with recursive %s(n) as (select 0 union all select n + 1 from %[1]s where n < %d) ", name, n-1)
	}
	if db.Dialect() == sql.PostgreSQL {
		numbers = func(name string, n int) string {
			return fmt.Sprintf("with %s(n) as (select generate_series(0, %d)) ", name, n-1)
		}
		for number := first / 43_200; number <= (first+int64(s.minutes))/43_200; number++ {
			for _, table := range []string{"line_buckets", "coverage_buckets", "zone_buckets"} {
				write(b, db, fmt.Sprintf(`create table if not exists %[1]s_%[2]d partition of %[1]s
					for values from (%[3]d) to (%[4]d)`,
					table, number, number*43_200, (number+1)*43_200))
			}
		}
	}
	for camera := range s.cameras {
		var statements []string
		statements = append(statements, fmt.Sprintf(`insert into watched_cameras (id, camera) values (%d, 'camera%d')`,
			camera+1, camera), numbers("m", s.minutes)+fmt.Sprintf(
			`insert into coverage_buckets select %d, 1, %d + n, 60000000000, 0, 1 from m`, camera+1, first))
		for _, span := range []int{15, 30, 60} {
			statements = append(statements, numbers("m", s.minutes/span)+fmt.Sprintf(
				`insert into coverage_buckets select %d, %d, %d + n * %[2]d, %d, 0, 1 from m`,
				camera+1, span, first, span*60_000_000_000))
		}
		for door := range s.doors {
			id := camera*s.doors + door + 1
			statements = append(statements, fmt.Sprintf(`insert into series values (%d, 'camera%d', 'door%d', 'person', '')`,
				id, camera, door), numbers("m", s.minutes/s.every)+fmt.Sprintf(
				`insert into line_buckets select %d, 1, %d + n * %d, 1, 0, 1, 0, 1 from m`, id, first, s.every))
			for _, span := range []int{15, 30, 60} {
				statements = append(statements, fmt.Sprintf(`insert into line_buckets
					select series, %d, minute - minute %% %[1]d, sum("in"), 0, sum(raw_in), 0, 1 from line_buckets
					where series = %d and span = 1 group by series, minute - minute %% %[1]d`, span, id))
			}
		}
		write(b, db, statements...)
	}
}

// awaitQuiet waits until the file that FOOTFALL_BENCH_QUIET names is there, if it names one: to fill the store takes long and
// may share the machine, to ask it may not.
func awaitQuiet(b *testing.B) {
	b.Helper()
	file := os.Getenv("FOOTFALL_BENCH_QUIET")
	if file == "" {
		return
	}
	fmt.Fprintln(os.Stderr, b.Name()+" is filled and waits for", file)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for range tick.C {
		if _, err := os.Stat(file); err == nil {
			return
		}
	}
}

func write(b *testing.B, db *sql.DB, statements ...string) {
	b.Helper()
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

// BenchmarkStore asks a store of FOOTFALL_BENCH_MINUTES stored minutes (twelve million by default), in both databases:
//
//	FOOTFALL_BENCH_MINUTES=100000000 go test -run '^$' -bench Store -benchtime 100x -timeout 2h ./storage/counts
func BenchmarkStore(b *testing.B) {
	minutes, err := strconv.Atoi(os.Getenv("FOOTFALL_BENCH_MINUTES"))
	if err != nil {
		minutes = 12_000_000
	}
	for name, address := range map[string]func() string{
		"sqlite":     func() string { return filepath.Join(b.TempDir(), "footfall.db") },
		"postgresql": func() string { return databases.PostgreSQL(b) },
	} {
		b.Run(name, func(b *testing.B) { benchStore(b, address(), stocked(minutes)) })
	}
}

func benchStore(b *testing.B, address string, stock stock) {
	db := storetest.Open(b, address)
	s, err := counts.New(b.Context(), db, counts.Clock(storetest.Noon)) // what is ingested comes in time
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	stock.fill(b, db)
	filled := time.Since(began)
	if db.Dialect() == sql.PostgreSQL {
		write(b, db, "analyze") //nolint:misspell // PostgreSQL spells it so
	}
	if err := s.KeepDays(b.Context(), "Europe/Berlin"); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d stored minutes of %d lines, written in %v, days in %v", stock.stored(), stock.cameras*stock.doors,
		filled.Round(time.Second), (time.Since(began) - filled).Round(time.Second))
	awaitQuiet(b)
	berlin := zone(b, "Europe/Berlin")
	random := rand.New(rand.NewPCG(1, 2))
	b.Run("one line, 30 days by the hour", func(b *testing.B) {
		var took []time.Duration
		for b.Loop() {
			from := stock.from.Add(time.Duration(random.IntN(330*24)) * time.Hour)
			line := counts.LineRef{
				Camera: models.CameraID(fmt.Sprintf("camera%d", random.IntN(stock.cameras))),
				Line:   fmt.Sprintf("door%d", random.IntN(stock.doors)),
			}
			at := time.Now()
			page, err := s.Buckets(b.Context(), counts.Query{
				Lines: []counts.LineRef{line}, Step: models.Hour, Location: berlin, From: from, To: from.AddDate(0, 0, 30),
			})
			if err != nil || len(page.Buckets) < 719 {
				b.Fatal(len(page.Buckets), err)
			}
			took = append(took, time.Since(at))
		}
		percentiles(b, took)
	})
	b.Run("1000 lines, a year by the day", func(b *testing.B) {
		var doors []models.Door
		for i := range stock.cameras * stock.doors {
			doors = append(doors, models.Door{
				Camera: models.CameraID(fmt.Sprintf("camera%d", i/stock.doors)), Line: fmt.Sprintf("door%d", i%stock.doors),
			})
		}
		var took []time.Duration
		for b.Loop() {
			at := time.Now()
			sums, err := s.Totals(b.Context(), models.TotalQuery{
				Doors: doors, Step: models.Day, Location: berlin,
				From: time.Date(2025, 1, 1, 0, 0, 0, 0, berlin), To: time.Date(2026, 1, 1, 0, 0, 0, 0, berlin),
			})
			if err != nil || len(sums) != 365 || sums[100].In == 0 {
				b.Fatal(len(sums), err)
			}
			took = append(took, time.Since(at))
		}
		percentiles(b, took)
	})
	b.Run("ingest", func(b *testing.B) { benchIngest(b, s) })
}

// benchIngest takes batches of 250 facts of fifty lines and says what a fact costs this process and the disk.
func benchIngest(b *testing.B, s *counts.Store) {
	if err := s.Grant(b.Context(), models.Lease{
		ID: "camera0", Camera: "camera0", Worker: "w", From: storetest.Noon().Add(-time.Hour), Until: storetest.Noon().Add(time.Hour),
	}); err != nil {
		b.Fatal(err)
	}
	const size = 250
	n := 0
	var cpu time.Duration
	for b.Loop() {
		b.StopTimer()
		facts := make([]models.Fact, 0, size)
		for range size {
			n++
			at := storetest.Noon().Add(time.Duration(n%3000) * time.Second)
			facts = append(facts, storetest.Crossing(b, "camera0", fmt.Sprintf("door%d", n%50), models.In, at))
		}
		before := used()
		b.StartTimer()
		if _, err := s.Ingest(b.Context(), facts); err != nil {
			b.Fatal(err)
		}
		cpu += used() - before
	}
	b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
	b.ReportMetric(cpu.Seconds()/float64(size*b.N)*1000, "core-s/1000facts")
}

// used is the processor time that this process has taken.
func used() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func percentiles(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
}
