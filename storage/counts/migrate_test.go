package counts_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"footfall/models"
	"footfall/storage/counts"
	"footfall/storage/sql"
	"footfall/storage/storetest"
)

// earlier is the migrations up to a version, as an earlier program had them.
func earlier(t *testing.T, version int) fstest.MapFS {
	t.Helper()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	known := fstest.MapFS{}
	for _, file := range files {
		name := filepath.Base(file)
		if name[:5] > fmt.Sprintf("%05d", version) {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		known["migrations/"+name] = &fstest.MapFile{Data: text}
	}
	return known
}

// filled is what a program of each version wrote about the same three minutes of one door.
func filled(version int) []string {
	minute := storetest.Noon().Unix() / 60
	hour := minute - minute%60
	if version > 1 {
		return nil // TestBook fills the newest
	}
	var statements []string
	for _, b := range []struct{ span, minute, in, seconds int64 }{
		{1, minute, 2, 60},
		{1, minute + 1, 0, 30},
		{1, minute + 60, 1, 60},
		{15, minute, 2, 90},
		{15, minute + 60, 1, 60},
		{30, minute, 2, 90},
		{30, minute + 60, 1, 60},
		{60, hour, 2, 90},
		{60, hour + 60, 1, 60},
	} {
		statements = append(statements, fmt.Sprintf(`insert into line_counts values
			('old', 'door', %d, %d, %d, 0, %d, 0, 7)`, b.span, b.minute, b.in, b.in), fmt.Sprintf(
			`insert into camera_coverage values ('old', %d, %d, %d, 7)`, b.span, b.minute, b.seconds*1e9))
	}
	return append(statements, `update counts_state set revision = 7`, `insert into facts
		(id, camera, lease, time_ns, line, direction, class, config_version, model_version, clean)
		values ('known', 'old', 'old', 0, 'door', 'in', 'person', 1, 'x', true)`)
}

// Whatever version wrote the data, this one answers the same with them.
func TestMigrateWithDataIn(t *testing.T) {
	databases.Each(t, func(t *testing.T, address string) {
		t.Parallel()
		ctx := context.WithoutCancel(t.Context())
		db := storetest.Open(t, address)
		if err := db.Migrate(ctx, "counts", earlier(t, 1)); err != nil {
			t.Fatal(err)
		}
		err := db.Write(ctx, func(tx *sql.Tx) error {
			for _, statement := range filled(1) {
				if _, err := tx.ExecContext(ctx, statement); err != nil {
					return fmt.Errorf("%s: %w", statement, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s, err := counts.New(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		for step, want := range map[models.Step]string{
			models.Minute: "2 1m0s 7, 0 30s 7, 1 1m0s 7", models.Hour: "2 1m30s 7, 1 1m0s 7",
			models.Day: "3 2m30s 7", models.Month: "3 2m30s 7",
		} {
			page, err := s.Buckets(ctx, counts.Query{
				Lines: []counts.LineRef{{Camera: "old", Line: "door"}}, Step: step, Limit: 2000,
				From: storetest.Noon().Truncate(24 * time.Hour), To: storetest.Noon().Truncate(24 * time.Hour).Add(24 * time.Hour),
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range page.Buckets {
				if b.HasData() {
					got = append(got, fmt.Sprintf("%d %v %d", b.In, b.Observed, b.Revision))
				}
			}
			if text := strings.Join(got, ", "); text != want {
				t.Errorf("step %s: got %s, want %s", step, text, want)
			}
		}
		storetest.Watch(t, s, "old")
		known := storetest.Crossing(t, "old", "door", models.In, storetest.Noon())
		known.ID = "known"
		if _, err := s.Ingest(ctx, []models.Fact{known, storetest.Crossing(t, "old", "door", models.In, storetest.Noon())}); err != nil {
			t.Fatal(err)
		}
		page, err := s.Buckets(ctx, counts.Query{
			Lines: []counts.LineRef{{Camera: "old", Line: "door"}}, From: storetest.Noon(), To: storetest.Noon().Add(time.Minute),
		})
		if err != nil || page.Buckets[0].In != 3 {
			t.Errorf("after one more: got %+v and %v, want 3 in", page.Buckets, err)
		}
	})
}
