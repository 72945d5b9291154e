package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"footfall/api"
	"footfall/models"
)

// sse is a reader of /events over a real connection, which may be cut.
type sse struct {
	t      *testing.T
	url    string
	client *http.Client
	lastID string // as browsers keep it: of the last complete block, whether or not it held data
}

func (d *door) reader(t *testing.T, query string, dial func(net.Conn) net.Conn) *sse {
	t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil && dial != nil {
			c = dial(c)
		}
		return c, err
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &sse{t: t, url: d.server.URL() + "/api/v1/events" + query, client: &http.Client{Transport: transport}}
}

type event struct{ kind, data string }

// connect reads until the connection ends or heard says that it is enough; blocks without data are told as "".
func (s *sse) connect(heard func(event) bool) {
	s.t.Helper()
	ctx, stop := context.WithCancel(s.t.Context())
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if s.lastID != "" {
		request.Header.Set("Last-Event-ID", s.lastID)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return // cut before the answer
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(answer.Body)
		s.t.Fatalf("%s: %d %s", s.url, answer.StatusCode, body)
	}
	var e event
	id := s.lastID
	for lines := bufio.NewReader(answer.Body); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return // what is not complete is not told
		}
		field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch field {
		case "event":
			e.kind = value
		case "data":
			e.data = value
		case "id":
			id = value
		case "retry":
			if value != "2000" {
				s.t.Errorf("retry: %s", value)
			}
		default:
			if line != "\n" {
				break
			}
			s.lastID = id
			if heard(e) {
				return
			}
			e = event{}
		}
	}
}

// flaky is a connection that ends after some bytes.
type flaky struct {
	net.Conn
	left int
}

func (f *flaky) Read(to []byte) (int, error) {
	if f.left <= 0 {
		return 0, errors.Join(errors.New("the cable is out"), f.Close())
	}
	n, err := f.Conn.Read(to[:min(len(to), f.left)])
	f.left -= n
	return n, err
}

// A reader that is cut at random bytes, hundreds of times, ends with exactly what happened: nothing twice, nothing
// missing, in order.
func TestEventsAreResumedWithoutLossOrRepetition(t *testing.T) {
	t.Parallel()
	d := open(t)
	const people = 4000
	random := rand.New(rand.NewPCG(1, 2))
	reader := d.reader(t, "?type=crossing&type=count", func(c net.Conn) net.Conn {
		return &flaky{c, 150 + random.IntN(12000)}
	})
	var all sync.WaitGroup
	happen := func() {
		for i := range people {
			direction := models.In
			if i%3 == 0 {
				direction = models.Out
			}
			d.feed.Crossing("a", models.Crossing{Line: "door", Direction: direction, Time: now().Add(time.Duration(i) * time.Second)})
			d.feed.Camera(d.Status("a")) // not asked for
		}
		last := bucket()
		last.In = people
		d.feed.Count(last)
	}
	for reader.lastID == "" { // until it knows where it begins
		reader.connect(func(event) bool { return true })
	}
	all.Go(happen)
	totals, next, cuts, done := map[api.CrossingDirection]int{}, 0, 0, false
	for ; !done; cuts++ {
		reader.connect(func(e event) bool {
			switch e.kind {
			case "crossing":
				var c api.Crossing
				if err := json.Unmarshal([]byte(e.data), &c); err != nil {
					t.Fatalf("%v in %s", err, e.data)
				}
				if at := int(c.Time.Sub(now()) / time.Second); at != next {
					t.Fatalf("crossing %d was told where %d was next (%d cuts)", at, next, cuts)
				}
				next++
				totals[c.Direction]++
			case "count":
				done = true
			case "camera", "reset":
				t.Fatalf("told of %s: %s", e.kind, e.data)
			}
			return done
		})
	}
	all.Wait()
	if want := (people + 2) / 3; totals["out"] != want || totals["in"] != people-want {
		t.Errorf("heard %v, want %d out of %d", totals, want, people)
	}
	if cuts < 50 {
		t.Errorf("only %d cuts: this proves little", cuts)
	}
	t.Logf("%d crossings over %d connections", people, cuts)
}

// What cannot be given any more is said, once, and the reader goes on from there.
func TestEventsThatAreGone(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.feed.Count(bucket())
	late := d.reader(t, "?type=crossing", nil)
	late.connect(func(event) bool { return true }) // its place is known
	for range 20_000 {
		d.feed.Camera(d.Status("a"))
	}
	for name, test := range map[string]struct{ lastID, reason string }{
		"too late":            {late.lastID, "too_old"},
		"of another start":    {"abcdefgh-1", "restarted"},
		"of the future":       {strings.TrimRight(late.lastID, "0123456789") + "99999999", "restarted"},
		"not one of ours":     {"what?", "restarted"},
		"a number that is no": {strings.TrimRight(late.lastID, "0123456789") + "-5", "restarted"},
	} {
		reader := d.reader(t, "?type=crossing&camera="+strings.ReplaceAll(name, " ", "-"), nil)
		reader.lastID = test.lastID
		var heard []event
		reader.connect(func(e event) bool {
			if e.kind == "reset" {
				d.feed.Crossing(models.CameraID(strings.ReplaceAll(name, " ", "-")), models.Crossing{Line: "door", Direction: models.In})
			}
			if e.kind != "" {
				heard = append(heard, e)
			}
			return e.kind == "crossing"
		})
		if len(heard) != 2 || heard[0].kind != "reset" || !strings.Contains(heard[0].data, `"reason":"`+test.reason+`"`) ||
			!strings.Contains(heard[0].data, "/counts") {
			t.Errorf("%s: heard %v, want a reset (%s) and then the crossing", name, heard, test.reason)
		}
		reader.connect(func(e event) bool {
			if e.kind != "" {
				t.Errorf("%s: told of %v again", name, e)
			}
			return true
		})
	}
}

// A reader that asks for something rare keeps its place, because the signs of life carry it.
func TestSignsOfLifeCarryThePlace(t *testing.T) {
	t.Parallel()
	d := open(t)
	reader := d.reader(t, "?camera=nobody", nil)
	begun := ""
	reader.connect(func(event) bool {
		if begun == "" {
			begun = reader.lastID
			d.feed.Count(bucket())
		}
		return reader.lastID != begun
	})
	if reader.lastID == begun || !strings.HasSuffix(reader.lastID, "-1") {
		t.Errorf("begun at %s, then at %s", begun, reader.lastID)
	}
}

func TestEventFilters(t *testing.T) {
	t.Parallel()
	d := open(t)
	tell := func() {
		for _, camera := range []models.CameraID{"a", "b"} {
			for _, line := range []string{"door", "gate"} {
				b := bucket()
				b.Camera, b.Line = camera, line
				d.feed.Count(b)
				d.feed.Crossing(camera, models.Crossing{Line: line, Direction: models.In, Time: now()})
			}
			d.feed.Camera(d.Status(camera))
		}
		d.feed.Occupancy(models.Occupancy{Area: "floor", At: now()})
		d.feed.Occupancy(models.Occupancy{Area: "shop", At: now()})
	}
	for query, want := range map[string]string{
		"":                                    "12 events, 4 counts, 4 crossings, 2 cameras, 2 occupancies",
		"?camera=a":                           "5 events, 2 counts, 2 crossings, 1 cameras, 0 occupancies",
		"?camera=a&camera=b&type=camera":      "2 events, 0 counts, 0 crossings, 2 cameras, 0 occupancies",
		"?line=door":                          "6 events, 2 counts, 2 crossings, 2 cameras, 0 occupancies",
		"?line=door&type=count&camera=b":      "1 events, 1 counts, 0 crossings, 0 cameras, 0 occupancies",
		"?camera=nobody&type=crossing":        "0 events, 0 counts, 0 crossings, 0 cameras, 0 occupancies",
		"?type=count&type=crossing&line=none": "0 events, 0 counts, 0 crossings, 0 cameras, 0 occupancies",
		"?area=floor":                         "1 events, 0 counts, 0 crossings, 0 cameras, 1 occupancies",
		"?area=floor&camera=b":                "6 events, 2 counts, 2 crossings, 1 cameras, 1 occupancies",
		"?type=occupancy":                     "2 events, 0 counts, 0 crossings, 0 cameras, 2 occupancies",
	} {
		reader := d.reader(t, query, nil)
		heard := map[string]int{}
		told := false
		reader.connect(func(e event) bool {
			if !told {
				told = true
				tell()
				return false
			}
			if e.kind == "" { // a sign of life comes after all that was told before it, if its place is the newest
				return reader.lastID == d.newest(t)
			}
			heard[""]++
			heard[e.kind]++
			return false
		})
		got := fmt.Sprintf("%d events, %d counts, %d crossings, %d cameras, %d occupancies", heard[""], heard["count"],
			heard["crossing"], heard["camera"], heard["occupancy"])
		if got != want {
			t.Errorf("%q: heard %s, want %s", query, got, want)
		}
	}
}

// newest is the id of the newest event, as one learns it who begins to read now.
func (d *door) newest(t *testing.T) string {
	t.Helper()
	reader := d.reader(t, "", nil)
	reader.connect(func(event) bool { return true })
	return reader.lastID
}

// What an event looks like on the wire.
func TestEventText(t *testing.T) {
	t.Parallel()
	d := open(t)
	var got []event
	d.reader(t, "", nil).connect(func(e event) bool {
		if len(got) == 0 {
			d.feed.Count(bucket())
			d.feed.Crossing("a", models.Crossing{Line: "door", Direction: models.In, Time: now()})
			d.feed.Camera(d.Status("a"))
		}
		if len(got) == 0 || e.kind != "" {
			got = append(got, e)
		}
		return len(got) == 4
	})
	if len(got) != 4 || got[1].kind != "count" || !strings.Contains(got[1].data, `"in":3`) ||
		got[2] != (event{"crossing", `{"camera":"a","direction":"in","line":"door","time":"2026-03-01T12:34:56Z"}`}) ||
		got[3].kind != "camera" || !strings.Contains(got[3].data, "authentication_failed") {
		t.Errorf("told %v", got)
	}
}

// A reader that does not read is cut off, holds nobody up, and is told what it missed when it comes back.
func TestSlowReaderHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	d := open(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.server.URL()+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	slow := d.reader(t, "", nil)
	slow.connect(func(event) bool { return true })
	answer, err := slow.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	gone := false
	for i := 0; i < 10_000_000 && !gone; i++ { // far more than the kernel's buffers and the ring hold
		d.feed.Count(bucket())
		gone = d.feed.Readers() == 0
	}
	if !gone {
		t.Fatal("the slow reader is still there")
	}
	kind := ""
	slow.connect(func(e event) bool {
		kind = e.kind
		return kind != ""
	})
	if kind != "reset" {
		t.Errorf("back again it was told of %q, want a reset", kind)
	}
}

// There is an end to how many may read; who is too many is told to come back.
func TestTooManyReaders(t *testing.T) {
	t.Parallel()
	d := open(t)
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/api/v1/events", nil)
			if err != nil {
				t.Error(err)
			}
			d.server.Handler().ServeHTTP(nowhere{http.Header{}}, request)
		})
	}
	for d.feed.Readers() < 1000 {
		select {
		case <-t.Context().Done():
			t.Fatal("not all are reading")
		case <-time.After(time.Millisecond):
		}
	}
	if status, _, body := d.ask(t, http.MethodGet, "/api/v1/events", ""); status != http.StatusServiceUnavailable {
		t.Errorf("one more: %d %s", status, body)
	}
	stop()
	all.Wait()
	if left := d.feed.Readers(); left != 0 {
		t.Errorf("%d readers are left", left)
	}
}

// nowhere takes an answer and forgets it.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header            { return n.header }
func (n nowhere) Write(data []byte) (int, error) { return len(data), nil }
func (n nowhere) WriteHeader(int)                {}
func (n nowhere) Flush()                         {}
