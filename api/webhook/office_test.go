package webhook_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"footfall/api"
	"footfall/api/webhook"
	"footfall/models"
	"footfall/storage/outlet"
	"footfall/storage/seal"
	"footfall/storage/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// book counts two lines of one camera by the minute, in memory.
type book struct {
	mu       sync.Mutex
	revision int64
	minutes  map[time.Time]models.Bucket // of the line door; gate has none
}

func (b *book) cross(at time.Time) models.Fact {
	b.mu.Lock()
	defer b.mu.Unlock()
	at = at.Truncate(time.Minute)
	m := b.minutes[at]
	b.revision++
	m.In++
	m.RawIn++
	m.Observed = time.Minute
	m.Revision = b.revision
	b.minutes[at] = m
	return models.Fact{Camera: "lobby", Crossing: &models.Crossing{Line: "door", Direction: models.In, Time: at}}
}

func (b *book) Rows(
	_ context.Context, from, to time.Time, step models.Step, in *time.Location,
) iter.Seq2[models.Bucket, error] {
	return func(yield func(models.Bucket, error) bool) {
		for _, line := range []string{"door", "gate"} {
			for at := from; at.Before(to); at = step.Next(at, in) {
				if !yield(b.row(line, at, step.Next(at, in)), nil) {
					return
				}
			}
		}
	}
}

func (b *book) row(line string, from, to time.Time) models.Bucket {
	b.mu.Lock()
	defer b.mu.Unlock()
	row := models.Bucket{Camera: "lobby", Line: line, Start: from.UTC(), End: to.UTC()}
	for at := from; at.Before(to) && line == "door"; at = at.Add(time.Minute) {
		m := b.minutes[at.UTC()]
		row.In, row.RawIn, row.Observed = row.In+m.In, row.RawIn+m.RawIn, row.Observed+m.Observed
		row.Revision = max(row.Revision, m.Revision)
	}
	return row
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// desk is an office on a real database, and the programs that it tells.
type desk struct {
	*webhook.Office
	t     *testing.T
	store *outlet.Store
	book  *book
	clock *clock
	rules rules
}

type rules struct{ refuse func(netip.Addr) error }

func (r rules) Check(a netip.Addr) error {
	if r.refuse == nil {
		return nil
	}
	return r.refuse(a)
}

func open(t *testing.T) *desk {
	t.Helper()
	store, err := outlet.New(t.Context(), storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db")), seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, store: store, book: &book{minutes: map[time.Time]models.Bucket{}}, clock: &clock{at: storetest.Noon()}}
	d.begin()
	return d
}

// begin makes a new office, as a start of the server does.
func (d *desk) begin() {
	d.t.Helper()
	office, err := webhook.New(d.t.Context(), webhook.Options{
		Store: d.store, Book: d.book, Addresses: d.rules, Timeout: 200 * time.Millisecond, GiveUpAfter: 72 * time.Hour,
		UTurn: 10 * time.Second, Version: "test", Now: d.clock.now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.Office = office
}

func (d *desk) subscribe(id models.WebhookID, url string, events ...models.WebhookEvent) models.Webhook {
	d.t.Helper()
	w := models.Webhook{ID: id, URL: url, Secret: storetest.Hook("").Secret, Events: events}
	w, err := d.store.AddWebhook(d.t.Context(), w, d.clock.now())
	d.must(err)
	return w
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// turn makes and sends messages n times.
func (d *desk) turn(n int) {
	d.t.Helper()
	for range n {
		d.must(d.PlanOnce(d.t.Context()))
		d.must(d.SendOnce(d.t.Context()))
	}
}

// receiver is somebody's program that keeps what it is told, and checks the signature as docs/api.md says.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	answer   func(n int) int // the status of the nth request, from 1; nil: 204
	requests int
	ids      []string             // of messages that were taken, in order, repetitions included
	rows     map[string]api.Count // the latest revision of each
	types    map[string]int
	bad      []string
}

func receive(t *testing.T, answer func(n int) int) *receiver {
	t.Helper()
	r := &receiver{answer: answer, rows: map[string]api.Count{}, types: map[string]int{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(func() {
		r.Close()
		for _, text := range r.bad {
			t.Error(text)
		}
	})
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests++
	status := http.StatusNoContent
	if r.answer != nil {
		status = cmp.Or(r.answer(r.requests), status)
	}
	if status == cut {
		panic(http.ErrAbortHandler)
	}
	if status < 300 {
		r.take(request.Header, body)
	}
	w.WriteHeader(status)
}

// cut answers nothing.
const cut = 999

func (r *receiver) take(h http.Header, body []byte) {
	seconds, _ := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	key, err := models.SecretKey(storetest.Hook("").Secret)
	if err != nil || h.Get("webhook-signature") != webhook.Sign(key, h.Get("webhook-id"), time.Unix(seconds, 0), body) ||
		h.Get("User-Agent") != "footfall/test" || h.Get("Content-Type") != "application/json" {
		r.bad = append(r.bad, fmt.Sprintf("header %v", h))
	}
	var m struct {
		Type string
		Data struct{ Items []api.Count }
	}
	if err := json.Unmarshal(body, &m); err != nil {
		r.bad = append(r.bad, fmt.Sprintf("%v in %s", err, body))
	}
	r.ids = append(r.ids, h.Get("webhook-id"))
	r.types[m.Type]++
	for _, row := range m.Data.Items {
		key := fmt.Sprint(row.Line, row.Start, row.End)
		if have, known := r.rows[key]; !known || row.Revision > have.Revision {
			r.rows[key] = row
		}
	}
}

// The example of the specification (https://github.com/standard-webhooks/standard-webhooks, libraries' tests).
func TestSignatureIsTheStandards(t *testing.T) {
	t.Parallel()
	key, err := models.SecretKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := webhook.Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signed %s, want %s", got, want)
	}
}

// People cross, facts come late and twice, the other side fails in every way, the server is started anew: in the end the
// other side has every interval as the book has it, and nothing came out of order.
func TestWhatIsToldIsWhatWasCounted(t *testing.T) {
	t.Parallel()
	random, theirs := rand.New(rand.NewPCG(3, 4)), rand.New(rand.NewPCG(5, 6))
	r := receive(t, func(int) int {
		return []int{0, 0, 0, 503, 404, cut, 429}[theirs.IntN(7)]
	})
	d := open(t)
	begun := d.clock.now()
	d.subscribe("till", r.URL+"/in?token=x", models.CountedMinute, models.CountedQuarter, models.CountedHour)
	for minute := range 90 {
		for range random.IntN(4) {
			at := d.clock.now().Add(-time.Duration(random.IntN(3600)) * time.Second)
			if random.IntN(3) > 0 || at.Before(begun) {
				at = d.clock.now()
			}
			d.must(d.Note(t.Context(), []models.Fact{d.book.cross(at)}, nil))
		}
		if minute%25 == 24 {
			d.begin()
		}
		d.turn(1 + random.IntN(3))
		d.clock.move(time.Minute)
	}
	r.mu.Lock()
	r.answer = nil
	r.mu.Unlock()
	d.clock.move(time.Hour) // past every wait
	for left := int64(1); left > 0; {
		d.turn(1)
		standing, err := d.store.Standing(t.Context(), "till")
		d.must(err)
		left = standing.Pending
	}
	for _, step := range []models.Step{models.Minute, models.QuarterHour, models.Hour} {
		for at := begun; at.Before(begun.Add(90 * time.Minute)); at = step.Next(at, time.UTC) {
			for _, line := range []string{"door", "gate"} {
				want := d.book.row(line, at, step.Next(at, time.UTC))
				got, told := r.rows[fmt.Sprint(line, want.Start, want.End)]
				if !told || got.Revision != want.Revision || (got.In == nil) != !want.HasData() || got.In != nil && *got.In != want.In {
					t.Errorf("%s of %s at %s: told %+v, counted %+v", step, line, at.Format("15:04"), got, want)
				}
			}
		}
	}
	if !slices.IsSorted(r.ids) { // they are UUIDv7, made in order
		t.Error("messages came out of order")
	}
	if n := len(slices.Compact(slices.Clone(r.ids))); n != len(r.ids) {
		t.Errorf("%d messages came more than once, although each was taken", len(r.ids)-n)
	}
	standing, err := d.store.Standing(t.Context(), "till")
	d.must(err)
	if standing.Pending != 0 || standing.Dead != 0 {
		t.Errorf("left over: %+v", standing)
	}
	t.Logf("%d requests, %d messages taken: %v", r.requests, len(r.ids), r.types)
}

// How full areas are is told those who want it and have not named cameras.
func TestAreasThatFillUp(t *testing.T) {
	t.Parallel()
	d := open(t)
	r, other := receive(t, nil), receive(t, nil)
	d.subscribe("guard", r.URL, models.AreaFilled)
	d.subscribe("till", other.URL, models.CameraChanged)
	people := int64(10)
	d.must(d.Area(t.Context(), models.Occupancy{Area: "hall", At: d.clock.now(), People: &people, Fill: models.FillFull, Capacity: 10}))
	d.turn(3)
	if r.types["area.fill"] != 1 || len(other.ids) != 0 {
		t.Errorf("told %v and %v", r.types, other.types)
	}
}

// A webhook that hangs holds up nobody but itself.
func TestAHangingWebhookHoldsUpItselfOnly(t *testing.T) {
	t.Parallel()
	d := open(t)
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		select {
		case <-release:
		case <-request.Context().Done():
		}
	}))
	defer hanging.Close()
	defer close(release)
	r := receive(t, nil)
	d.subscribe("hangs", hanging.URL, models.CameraChanged)
	d.subscribe("works", r.URL, models.CameraChanged)
	for _, state := range []models.CameraState{models.Connecting, models.Online, models.Online, models.Offline} {
		d.must(d.Camera(t.Context(), models.CameraStatus{Camera: "lobby", State: state, Since: d.clock.now()}))
	}
	d.turn(3)
	if len(r.ids) != 3 || r.types["camera.state"] != 3 { // online was told once
		t.Errorf("told %v", r.types)
	}
	waiting, err := d.store.Deliveries(t.Context(), "hangs", models.DeliveryPending, 0, 10)
	d.must(err)
	if len(waiting) != 3 || waiting[0].Attempts != 1 || waiting[0].Detail != "no answer in time" {
		t.Errorf("waiting %+v", waiting)
	}
	// One that is stopped while it is sent was not tried.
	d.clock.move(time.Minute)
	ctx, stop := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, stop)
	if err := d.SendOnce(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	waiting, err = d.store.Deliveries(t.Context(), "hangs", models.DeliveryPending, 0, 10)
	d.must(err)
	if waiting[0].Attempts > 2 {
		t.Errorf("%d attempts", waiting[0].Attempts)
	}
}

// Redirects are not followed, answers are not read to the end, and nothing is connected to that the rules refuse.
func TestWhatIsNotConnectedTo(t *testing.T) {
	t.Parallel()
	d := open(t)
	inside := receive(t, nil)
	moved := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusTemporaryRedirect))
	defer moved.Close()
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		for {
			if _, err := io.WriteString(w, strings.Repeat("tea\n\x1b[31m", 1000)); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	trial := func(url string) models.WebhookTrial {
		w := storetest.Hook("x")
		w.URL = url
		result, err := d.Test(t.Context(), w)
		d.must(err)
		return result
	}
	if got := trial(moved.URL); got.Taken || got.Status != 307 || !strings.Contains(got.Detail, "redirects are not followed") {
		t.Errorf("moved: %+v", got)
	}
	if got := trial(endless.URL); got.Status != http.StatusTeapot || len(got.Detail) > 300 || strings.ContainsAny(got.Detail, "\n\x1b") {
		t.Errorf("endless: %+v", got)
	}
	if got := trial(inside.URL); !got.Taken || got.Status != 204 || got.Detail != "" || inside.types["test"] != 1 {
		t.Errorf("allowed: %+v", got)
	}
	d.rules.refuse = func(a netip.Addr) error {
		if a.Unmap().IsLoopback() {
			return errors.New("address " + a.String() + " is not allowed")
		}
		return nil
	}
	d.begin()
	_, port, _ := strings.Cut(strings.TrimPrefix(inside.URL, "http://"), ":")
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1"} {
		got := trial("http://" + host + ":" + port + "/?token=t0psecret")
		if got.Taken || strings.Contains(got.Detail, "t0psecret") || host != "127.1" && !strings.Contains(got.Detail, "not allowed") {
			t.Errorf("%s: %+v", host, got)
		}
	}
	if inside.requests != 1 {
		t.Errorf("%d requests came through", inside.requests)
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	const giveUp = 72 * time.Hour
	for _, test := range []struct {
		status  int
		asked   time.Duration
		attempt int
		want    string
		wait    time.Duration
	}{
		{200, 0, 1, "taken", 0},
		{202, 0, 90, "taken", 0},
		{410, 0, 1, "refused", 0},
		{400, 0, 1, "dead", 0},
		{413, 0, 1, "dead", 0},
		{422, 0, 1, "dead", 0},
		{401, 0, 1, "retried", 5 * time.Second},
		{404, 0, 2, "retried", 20 * time.Second},
		{301, 0, 1, "retried", 5 * time.Second},
		{500, 0, 3, "retried", 80 * time.Second},
		{0, 0, 10, "retried", time.Hour},
		{0, 0, 70, "retried", time.Hour},
		{0, 0, 80, "dead", 0},
		{429, 10 * time.Minute, 1, "retried", 10 * time.Minute},
		{503, 1000 * time.Hour, 1, "retried", time.Hour},
	} {
		got, wait := webhook.Judge(test.status, test.asked, test.attempt, giveUp)
		if got != test.want || wait < test.wait || wait > test.wait*6/5+1 {
			t.Errorf("%d at attempt %d: %s, again after %s; want %s after %s", test.status, test.attempt, got, wait, test.want, test.wait)
		}
	}
}

// A message that is given up stands aside for the next; one that says "gone" ends it all until it is enabled again.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	d := open(t)
	r := receive(t, func(n int) int { return []int{400, 0, 410}[min(n, 3)-1] })
	d.subscribe("till", r.URL, models.CameraChanged)
	for _, state := range []models.CameraState{models.Connecting, models.Online, models.Offline, models.Online} {
		d.must(d.Camera(t.Context(), models.CameraStatus{Camera: "lobby", State: state, Since: d.clock.now()}))
	}
	for range 6 {
		d.turn(1)
		d.clock.move(time.Hour)
	}
	w, err := d.store.Webhook(t.Context(), "till")
	d.must(err)
	standing, err := d.store.Standing(t.Context(), "till")
	d.must(err)
	if r.requests != 3 || !w.Refused || standing.Dead != 2 || standing.Pending != 1 {
		t.Errorf("%d requests, refused %t, %+v", r.requests, w.Refused, standing)
	}
	seen := map[string]int64{}
	d.Attempts(func(id, result string, n int64) { seen[id+" "+result] += n })
	if fmt.Sprint(seen) != "map[till dead:1 till refused:1 till taken:1]" {
		t.Errorf("attempts %v", seen)
	}
}

// Run does all of it by itself and stops when it is told to.
func TestRun(t *testing.T) {
	t.Parallel()
	d := open(t)
	told := make(chan struct{}, 10)
	r := receive(t, func(int) int {
		told <- struct{}{}
		return 0
	})
	d.subscribe("till", r.URL, models.CameraChanged)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	d.must(d.Camera(t.Context(), models.CameraStatus{Camera: "lobby", State: models.Online}))
	<-told
	stop()
	d.must(<-done)
}
