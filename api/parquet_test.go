package api_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"footfall/api"
	"footfall/models"
)

// exported is a row as a reader of the file sees it.
type exported struct {
	Camera          string    `parquet:"camera"`
	Line            string    `parquet:"line"`
	Start           time.Time `parquet:"start,timestamp(millisecond)"`
	End             time.Time `parquet:"end,timestamp(millisecond)"`
	In              *int64    `parquet:"in,optional"`
	RawOut          *int64    `parquet:"raw_out,optional"`
	ObservedSeconds float64   `parquet:"observed_seconds"`
	Coverage        float64   `parquet:"coverage"`
	Revision        int64     `parquet:"revision"`
	Class           string    `parquet:"class"`
	Carrying        *string   `parquet:"carrying,optional"`
	Flags           string    `parquet:"flags"`
}

// pages answers with n minutes, page by page; every seventh has no data.
func pages(n int) func(api.CountQuery) ([]models.Bucket, string, error) {
	return func(q api.CountQuery) ([]models.Bucket, string, error) {
		at, _ := strconv.Atoi(q.Cursor)
		var page []models.Bucket
		for ; at < n && len(page) < q.Limit; at++ {
			start := q.From.Add(time.Duration(at) * time.Minute)
			b := models.Bucket{Camera: "a", Line: "door", Start: start, End: start.Add(time.Minute), Revision: int64(at)}
			b.Class, b.Carrying = models.Person, "suitcase"
			if at%7 != 0 {
				b.In, b.RawIn, b.RawOut, b.Observed = int64(at), int64(at), 2, 30*time.Second
			}
			page = append(page, b)
		}
		if at == n {
			return page, "", nil
		}
		return page, strconv.Itoa(at), nil
	}
}

const export = "/api/v1/counts.parquet?step=1m&from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z&camera=a&tz=Europe/Berlin" +
	"&class=person&carrying=suitcase&as_of=2026-03-02T01:00:00Z"

func TestCountsAsParquet(t *testing.T) {
	t.Parallel()
	d := open(t)
	const n = 50_003 // two whole row groups and a part
	d.answer = pages(n)
	status, header, body := d.ask(t, "GET", export, "")
	if status != http.StatusOK || header.Get("Content-Type") != "application/vnd.apache.parquet" {
		t.Fatalf("%d %v", status, header)
	}
	file, err := parquet.OpenFile(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	if zone, _ := file.Lookup("tz"); zone != "Europe/Berlin" || len(file.RowGroups()) != 3 || file.NumRows() != n {
		t.Errorf("zone %s, %d row groups, %d rows", zone, len(file.RowGroups()), file.NumRows())
	}
	rows, err := parquet.Read[exported](strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		start := time.Date(2026, 3, 1, 0, i, 0, 0, time.UTC)
		if r.Camera != "a" || r.Line != "door" || !r.Start.Equal(start) || !r.End.Equal(start.Add(time.Minute)) || r.Revision != int64(i) ||
			(r.In == nil) != (i%7 == 0) || r.In != nil && (*r.In != int64(i) || *r.RawOut != 2 || r.Coverage != 0.5 || r.ObservedSeconds != 30) {
			t.Fatalf("row %d is %+v", i, r)
		}
		if r.Class != "person" || r.Carrying == nil || *r.Carrying != "suitcase" || r.Flags != "partial" {
			t.Fatalf("row %d is of %s, carrying %v, flags %q", i, r.Class, r.Carrying, r.Flags)
		}
	}
	if d.asked.Cameras[0] != "a" || d.asked.Location.String() != "Europe/Berlin" || d.asked.Classes[0] != models.Person ||
		d.asked.Carrying[0] != "suitcase" || d.asked.AsOf.IsZero() {
		t.Errorf("asked %+v", d.asked)
	}
}

func TestParquetRefusals(t *testing.T) {
	t.Parallel()
	d := open(t)
	for path, want := range map[string]string{
		"/api/v1/counts.parquet?step=2m":  `"field":"step"`,
		"/api/v1/counts.parquet?limit=10": "unknown parameter",
		"/api/v1/counts.parquet?step=1m&from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z": "longer step",
	} {
		if status, _, body := d.ask(t, "GET", path, ""); status != http.StatusBadRequest || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	// What breaks off is not taken for whole.
	whole := pages(20_000)
	d.answer = func(q api.CountQuery) ([]models.Bucket, string, error) {
		if q.Cursor == "10000" {
			return nil, "", errors.New("the database is gone")
		}
		return whole(q)
	}
	_, _, body := d.ask(t, "GET", export, "")
	if _, err := parquet.OpenFile(strings.NewReader(body), int64(len(body))); err == nil {
		t.Error("half an export can be read")
	}
}

// heavy counts what is written, and how much memory is in use meanwhile.
type heavy struct {
	header  http.Header
	written int
	most    uint64
}

func (h *heavy) Header() http.Header { return h.header }
func (h *heavy) WriteHeader(int)     {}
func (h *heavy) Write(p []byte) (int, error) {
	if h.written += len(p); len(p) > 1<<12 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		h.most = max(h.most, m.HeapAlloc)
	}
	return len(p), nil
}

// A long export needs no more memory than a short one.
func TestParquetIsStreamed(t *testing.T) {
	d := open(t)
	measure := func(rows int) uint64 {
		d.answer = pages(rows)
		runtime.GC()
		w := &heavy{header: http.Header{}}
		d.server.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost"+export, nil))
		if w.written == 0 {
			t.Fatal("nothing was written")
		}
		return w.most
	}
	measure(100_000)
	short, long := measure(100_000), measure(1_000_000)
	t.Logf("heap at most %d MB with 100,000 rows, %d MB with 1,000,000", short>>20, long>>20)
	if long > 3*short+(32<<20) {
		t.Errorf("ten times the rows took %d MB instead of %d MB", long>>20, short>>20)
	}
}
