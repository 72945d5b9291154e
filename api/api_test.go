package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"footfall/api"
	"footfall/models"
	"footfall/storage/outlet"
	"footfall/storage/seal"
	"footfall/storage/storetest"
)

func TestMain(m *testing.M) {
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	openapi3filter.RegisterBodyDecoder("application/vnd.apache.parquet", openapi3filter.FileBodyDecoder)
	goleak.VerifyTestMain(m)
}

// house is everything behind the API, in memory.
type house struct {
	cameras map[models.CameraID]models.Camera
	asked   api.CountQuery
	buckets []models.Bucket
	next    string
	notNow  error
	stage   stage
	inside  []models.ZoneInside
	hooks   *outlet.Store
	tried   []string
	trial   models.CameraTrial
	// lineTrial is what lines would have counted.
	lineTrial models.LineTrial
	tested    []models.Webhook
	mailed    []string
	answer    func(api.CountQuery) ([]models.Bucket, string, error)
	vault     vault
	fleet     []models.CameraID
}

func (h *house) Page(_ context.Context, day time.Time, weekly, html bool) (string, error) {
	return fmt.Sprint(day.Format(time.DateOnly), " ", weekly, " ", html), nil
}

func (h *house) Mail(_ context.Context, day time.Time, weekly bool) error {
	h.mailed = append(h.mailed, fmt.Sprint(day.Format(time.DateOnly), " ", weekly))
	return h.notNow
}

func (h *house) Test(_ context.Context, w models.Webhook) (models.WebhookTrial, error) {
	h.tested = append(h.tested, w)
	return models.WebhookTrial{Status: 503, Detail: "answered 503", Took: 7 * time.Millisecond}, nil
}

func (h *house) TryCamera(_ context.Context, url string, _ models.Transport) (models.CameraTrial, error) {
	h.tried = append(h.tried, url)
	return h.trial, h.notNow
}

func (h *house) TryLines(_ context.Context, camera models.CameraID, lines []models.Line) (models.LineTrial, error) {
	h.tried = append(h.tried, fmt.Sprint(camera, " ", lines))
	return h.lineTrial, h.notNow
}

func (h *house) Cameras(_ context.Context, after models.CameraID, limit int) ([]models.Camera, error) {
	var page []models.Camera
	for _, id := range []models.CameraID{"a", "b", "c", "d"} {
		if camera, there := h.cameras[id]; there && id > after && len(page) < limit {
			page = append(page, camera)
		}
	}
	return page, nil
}

func (h *house) Camera(_ context.Context, id models.CameraID) (models.Camera, error) {
	camera, there := h.cameras[id]
	if !there {
		return camera, models.ErrNotFound
	}
	return camera, nil
}

func (h *house) Add(_ context.Context, camera models.Camera) (models.Camera, error) {
	if _, there := h.cameras[camera.ID]; there {
		return camera, models.ErrConflict
	}
	camera.Version = 1
	h.cameras[camera.ID] = camera
	return camera, nil
}

func (h *house) Update(_ context.Context, camera models.Camera) (models.Camera, error) {
	if h.cameras[camera.ID].Declared {
		return camera, models.ErrReadOnly
	}
	camera.Version++
	h.cameras[camera.ID] = camera
	return camera, nil
}

func (h *house) Remove(_ context.Context, id models.CameraID) error {
	if _, there := h.cameras[id]; !there {
		return models.ErrNotFound
	}
	delete(h.cameras, id)
	return nil
}

func (h *house) Allowed(_ context.Context, url string) error {
	if strings.Contains(url, "169.254.") {
		return models.Invalidf("url", "link-local addresses are not allowed")
	}
	return nil
}

func (h *house) Know(classes []models.Class) error {
	for _, class := range classes {
		if class != "suitcase" && class != "backpack" {
			return models.Invalidf("classes", "the model knows nothing of %q", string(class))
		}
	}
	return nil
}

func (h *house) Status(id models.CameraID) models.CameraStatus {
	return models.CameraStatus{
		Camera: id, State: models.Offline, Reason: models.ReasonAuth, Detail: "the camera wants another password",
		Since: now(), Zones: h.inside,
	}
}

func (h *house) Buckets(_ context.Context, q api.CountQuery) ([]models.Bucket, string, error) {
	h.asked = q
	if h.answer != nil {
		return h.answer(q)
	}
	return h.buckets, h.next, nil
}

func (h *house) Workers() []models.WorkerStatus {
	if h.fleet == nil {
		h.fleet = []models.CameraID{"a"}
	}
	return []models.WorkerStatus{{Name: "local-1", Online: true, Cameras: h.fleet, LastHeard: now()}}
}

func now() time.Time { return time.Date(2026, 3, 1, 12, 34, 56, 0, time.UTC) }

// door is a server over a house, with every answer checked against openapi.yaml.
type door struct {
	*house
	server *api.Server
	feed   *api.Feed
}

func open(t testing.TB) *door {
	t.Helper()
	hooks, err := outlet.New(t.Context(), storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db")), seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{cameras: map[models.CameraID]models.Camera{}, hooks: hooks}
	return h.open(t, boss())
}

// open is a door to the house through which somebody lets people in.
func (h *house) open(t testing.TB, entrance api.Entrance) *door {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	feed := api.NewFeed(log)
	server, err := api.New(t.Context(), api.Options{
		Listen: "127.0.0.1:0", AllowedHosts: []string{"counts.example"},
		Registry: h, Addresses: h, Detectors: h, Statuses: h, Counts: h, Fleet: h, Feed: feed,
		Webhooks: h.hooks, Tester: h, CameraTester: h, LineTester: h, Summaries: h,
		Clips: h.vault.index, ClipFiles: h.vault, Audit: h.vault.log, Evidence: h.vault.evidence,
		Previews: &h.stage, Entrance: entrance, Journal: silent{}, Limits: unlimited(), PreviewOrigins: []string{"https://wall.example"},
		ICE:     api.ICEServers{URLs: []string{"stun:s.example:3478", "turn:t.example:3478"}, User: "u", Password: "p"},
		Ready:   func(context.Context) error { return h.notNow },
		Metrics: prometheus.NewRegistry(), Now: now, Log: log, App: room{},
		KeepAlive: 100 * time.Millisecond, Patience: 500 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("server: %v", err)
		}
	})
	return &door{house: h, server: server, feed: feed}
}

// ask sends one request and checks that the answer is as described.
func (d *door) ask(t *testing.T, method, path, body string, header ...string) (int, http.Header, string) {
	t.Helper()
	r, w := d.sent(t, method, path, body, header...)
	asDescribed(t, r, w)
	return w.Code, w.Header(), w.Body.String()
}

// send sends one request.
func (d *door) send(t *testing.T, method, path, body string, header ...string) (int, http.Header, string) {
	t.Helper()
	_, w := d.sent(t, method, path, body, header...)
	return w.Code, w.Header(), w.Body.String()
}

func (d *door) sent(
	t *testing.T, method, path, body string, header ...string,
) (*http.Request, *httptest.ResponseRecorder) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	w := httptest.NewRecorder()
	d.server.Handler().ServeHTTP(w, r)
	return r, w
}

// describedRoutes is read once: it takes longer than a request.
var describedRoutes = sync.OnceValues(func() (routers.Router, error) {
	description, err := openapi3.NewLoader().LoadFromData(api.Description)
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(description)
})

func asDescribed(t *testing.T, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	router, err := describedRoutes()
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := router.FindRoute(r)
	if err != nil {
		return // not part of the described API
	}
	err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Options:                &openapi3filter.Options{ExcludeResponseBody: !strings.Contains(w.Header().Get("Content-Type"), "json")},
		Status:                 w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())),
	})
	if err != nil {
		t.Errorf("%s %s: the answer is not as described: %v", r.Method, r.URL, err)
	}
}

const lobby = `{"id":"a","name":"Lobby","url":"rtsp://user:secret@10.0.0.7/s1",` +
	`"lines":[{"id":"door","points":[[0.1,0.6],[0.9,0.6]]}]}`

func TestCameraLife(t *testing.T) {
	d := open(t)
	status, header, body := d.ask(t, "POST", "/api/v1/cameras", lobby)
	if status != http.StatusCreated || header.Get("Location") != "/api/v1/cameras/a" {
		t.Fatalf("add: %d %v %s", status, header, body)
	}
	if strings.Contains(body, "secret") || !strings.Contains(body, "rtsp://***@10.0.0.7/s1") {
		t.Errorf("the answer shows the password: %s", body)
	}
	if got := d.cameras["a"]; got.URL != "rtsp://user:secret@10.0.0.7/s1" || got.Transport != models.TCP ||
		got.Anchor != models.BottomCentre || got.Lines[0].Points[1] != (models.Point{X: 0.9, Y: 0.6}) {
		t.Errorf("kept %+v", got)
	}
	if !strings.Contains(body, `"reason":"authentication_failed"`) {
		t.Errorf("the answer does not say how the camera is doing: %s", body)
	}
	status, _, body = d.ask(t, "PATCH", "/api/v1/cameras/a", `{"name":"Hall","version":1}`)
	if status != http.StatusOK || d.cameras["a"].Name != "Hall" || len(d.cameras["a"].Lines) != 1 {
		t.Fatalf("change: %d %s", status, body)
	}
	status, _, body = d.ask(t, "PATCH", "/api/v1/cameras/a", `{"name":"Lobby","version":1}`)
	if status != http.StatusConflict || d.cameras["a"].Name != "Hall" {
		t.Fatalf("change of an old version: %d %s", status, body)
	}
	status, _, body = d.ask(t, "PUT", "/api/v1/cameras/a/lines", `{"lines":[{"id":"x","points":[[0,0],[1,1]]}]}`)
	if status != http.StatusOK || d.cameras["a"].Lines[0].ID != "x" {
		t.Fatalf("set lines: %d %s", status, body)
	}
	status, _, body = d.ask(t, "PUT", "/api/v1/cameras/a/lines", `{"lines":{"y":[[0,0],[1,1]],"x":[[0,1],[1,0]]}}`)
	if lines := d.cameras["a"].Lines; status != http.StatusOK || len(lines) != 2 || lines[0].ID != "y" || lines[1].ID != "x" {
		t.Fatalf("set lines as a mapping: %d %s", status, body)
	}
	if _, _, body = d.ask(t, "GET", "/api/v1/cameras/a/lines", ""); !strings.Contains(body, `[[0,0],[1,1]]`) {
		t.Errorf("lines: %s", body)
	}
	if status, _, _ = d.ask(t, "DELETE", "/api/v1/cameras/a", ""); status != http.StatusNoContent {
		t.Fatalf("remove: %d", status)
	}
	if status, _, _ = d.ask(t, "GET", "/api/v1/cameras/a", ""); status != http.StatusNotFound {
		t.Fatalf("removed camera: %d", status)
	}
}

func TestZonesAndClasses(t *testing.T) {
	d := open(t)
	d.inside = []models.ZoneInside{{ID: "hall", Inside: map[models.Class]int64{models.Person: 3, "suitcase": 0}}}
	status, _, body := d.ask(t, "POST", "/api/v1/cameras", `{"id":"a","url":"rtsp://10.0.0.7/s1","classes":["suitcase"],`+
		`"zones":{"hall":[[0,0],[1,0],[1,1]]}}`)
	if status != http.StatusCreated || !strings.Contains(body, `"zones":[{"id":"hall","points":[[0,0],[1,0],[1,1]]}]`) ||
		!strings.Contains(body, `"classes":["suitcase"]`) ||
		!strings.Contains(body, `"zones":[{"id":"hall","inside":{"person":3,"suitcase":0}}]`) {
		t.Fatalf("add: %d %s", status, body)
	}
	status, _, body = d.ask(t, "PUT", "/api/v1/cameras/a/zones", `{"zones":[{"id":"till","name":"Till","points":[[0,0],[1,0],[1,1]]}]}`)
	if zones := d.cameras["a"].Zones; status != http.StatusOK || len(zones) != 1 || zones[0].Name != "Till" {
		t.Fatalf("set zones: %d %s", status, body)
	}
	if _, _, body = d.ask(t, "GET", "/api/v1/cameras/a/zones", ""); !strings.Contains(body, `"name":"Till"`) {
		t.Errorf("zones: %s", body)
	}
	status, _, body = d.ask(t, "PATCH", "/api/v1/cameras/a", `{"classes":["backpack","suitcase"],"version":2}`)
	if c := d.cameras["a"]; status != http.StatusOK || len(c.Classes) != 2 || len(c.Zones) != 1 {
		t.Fatalf("change: %d %s", status, body)
	}
	status, _, body = d.ask(t, "PATCH", "/api/v1/cameras/a", `{"classes":[],"zones":[]}`)
	if c := d.cameras["a"]; status != http.StatusOK || len(c.Classes) != 0 || len(c.Zones) != 0 {
		t.Fatalf("take away: %d %s", status, body)
	}
	// A model that knows less than the one before does not get in the way of other changes.
	camera := d.cameras["a"]
	camera.Classes = []models.Class{"bicycle"}
	d.cameras["a"] = camera
	if status, _, body = d.ask(t, "PATCH", "/api/v1/cameras/a", `{"disabled":true}`); status != http.StatusOK {
		t.Errorf("disable: %d %s", status, body)
	}
}

func TestCamerasArePaged(t *testing.T) {
	d := open(t)
	for _, id := range []models.CameraID{"a", "b", "c"} {
		d.cameras[id] = models.Camera{ID: id}.WithDefaults()
	}
	var ids []string
	cursor := ""
	for range 3 {
		_, _, body := d.ask(t, "GET", "/api/v1/cameras?limit=2&cursor="+cursor, "")
		var page api.Cameras
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		for _, camera := range page.Items {
			ids = append(ids, camera.Id)
		}
		if page.NextCursor == nil {
			break
		}
		cursor = *page.NextCursor
	}
	if fmt.Sprint(ids) != "[a b c]" {
		t.Errorf("paged %v", ids)
	}
}

func TestRefusals(t *testing.T) {
	d := open(t)
	d.cameras["a"] = models.Camera{ID: "a", URL: "rtsp://10.0.0.7/"}.WithDefaults()
	d.cameras["b"] = models.Camera{ID: "b", URL: "rtsp://10.0.0.7/", Declared: true}.WithDefaults()
	before := d.cameras["a"]
	for name, test := range map[string]struct {
		method, path, body string
		status             int
		detail             string // what the answer must contain
		header             []string
	}{
		"http camera": {"POST", "/api/v1/cameras", `{"id":"x","url":"http://10.0.0.1/"}`, 400, "rtsp://HOST/PATH", nil},
		"file camera": {"POST", "/api/v1/cameras", `{"id":"x","url":"file:///etc/passwd"}`, 400, `scheme \"file\"`, nil},
		"no url":      {"POST", "/api/v1/cameras", `{"id":"x"}`, 400, "url", nil},
		"address":     {"POST", "/api/v1/cameras", `{"id":"x","url":"rtsp://169.254.169.254/"}`, 400, "link-local", nil},
		"bad id":      {"POST", "/api/v1/cameras", `{"id":"../x","url":"rtsp://h/"}`, 400, "is not an id", nil},
		"unknown key": {"POST", "/api/v1/cameras", `{"id":"x","url":"rtsp://h/","pasword":"y"}`, 400, "pasword", nil},
		"wrong type":  {"POST", "/api/v1/cameras", `{"id":"x","url":7}`, 400, `"field":"url"`, nil},
		"no JSON":     {"POST", "/api/v1/cameras", `{`, 400, "body", nil},
		"not JSON at all": {
			"POST", "/api/v1/cameras", `id=x`, 415, "application/json", []string{"Content-Type", "application/x-www-form-urlencoded"},
		},
		"there already": {"POST", "/api/v1/cameras", lobby, 409, "conflict", nil},
		"one point":     {"PUT", "/api/v1/cameras/a/lines", `{"lines":[{"id":"l","points":[[0,0]]}]}`, 400, "needs at least 2", nil},
		"outside":       {"PUT", "/api/v1/cameras/a/lines", `{"lines":[{"id":"l","points":[[0,0],[1.5,0]]}]}`, 400, "outside the picture", nil},
		"twice": {
			"PUT", "/api/v1/cameras/a/lines",
			`{"lines":[{"id":"l","points":[[0,0],[1,0]]},{"id":"l","points":[[0,0],[1,0]]}]}`, 400, "twice", nil,
		},
		"three numbers":         {"PUT", "/api/v1/cameras/a/lines", `{"lines":[{"id":"l","points":[[0,0,0],[1,0]]}]}`, 400, "a point is [x, y]", nil},
		"unknown key of a line": {"PUT", "/api/v1/cameras/a/lines", `{"lines":[{"id":"l","pionts":[[0,0],[1,0]]}]}`, 400, "pionts", nil},
		"lines of no form":      {"PUT", "/api/v1/cameras/a/lines", `{"lines":7}`, 400, "must be a list of lines", nil},
		"two points":            {"PUT", "/api/v1/cameras/a/zones", `{"zones":{"z":[[0,0],[1,0]]}}`, 400, "zone z: has 2 point(s)", nil},
		"a bow tie":             {"PUT", "/api/v1/cameras/a/zones", `{"zones":{"z":[[0,0],[1,1],[1,0],[0,1]]}}`, 400, "cross or touch", nil},
		"unknown key of a zone": {"PUT", "/api/v1/cameras/a/zones", `{"zones":[{"id":"z","pionts":[]}]}`, 400, "pionts", nil},
		"zones of no form":      {"PUT", "/api/v1/cameras/a/zones", `{"zones":7}`, 400, "must be a list of zones", nil},
		"people as a class":     {"PATCH", "/api/v1/cameras/a", `{"classes":["person"]}`, 400, "people are always counted", nil},
		"unknown class":         {"PATCH", "/api/v1/cameras/a", `{"classes":["dog"]}`, 400, `camera a: classes: the model knows nothing of \"dog\"`, nil},
		"new with such a class": {"POST", "/api/v1/cameras", `{"id":"x","url":"rtsp://h/","classes":["dog"]}`, 400, "camera x: classes", nil},
		"declared":              {"PATCH", "/api/v1/cameras/b", `{"name":"B"}`, 409, "read-only", nil},
		"no camera":             {"PATCH", "/api/v1/cameras/zz", `{}`, 404, "not found", nil},
		"no such path":          {"GET", "/api/v1/nothing", "", 404, "Not Found", nil},
		"wrong method":          {"POST", "/api/v1/counts", "{}", 405, "Method Not Allowed", nil},
		"unknown zone":          {"GET", "/api/v1/counts?tz=Mars/Base", "", 400, "IANA", nil},
		"unknown step":          {"GET", "/api/v1/counts?step=2h", "", 400, `"field":"step"`, nil},
		"no time":               {"GET", "/api/v1/counts?from=yesterday", "", 400, `"field":"from"`, nil},
		"half a minute":         {"GET", "/api/v1/counts?from=2026-03-01T00:00:30Z", "", 400, "full minute", nil},
		"backwards": {
			"GET", "/api/v1/counts?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "", 400, "is not after from", nil,
		},
		"too much": {
			"GET", "/api/v1/counts?step=1m&from=1990-01-01T00:00:00Z&to=2026-03-01T00:00:00Z", "", 400, "longer step", nil,
		},
		"unknown kind of event": {"GET", "/api/v1/events?type=weather", "", 400, `"field":"type"`, nil},
		"misspelt parameter":    {"GET", "/api/v1/counts?stepp=1h", "", 400, "unknown parameter", nil},
		"another host":          {"GET", "/api/v1/cameras", "", 421, "allowed_hosts", []string{"Host", "evil.example"}},
		"another site": {
			"DELETE", "/api/v1/cameras/a", "", 403, "another site", []string{"Origin", "http://evil.example"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			status, header, body := d.ask(t, test.method, test.path, test.body, test.header...)
			if status != test.status || !strings.Contains(body, test.detail) {
				t.Errorf("answered %d %s, want %d and %q", status, body, test.status, test.detail)
			}
			if kind := header.Get("Content-Type"); kind != "application/problem+json" {
				t.Errorf("content type %q", kind)
			}
		})
	}
	if fmt.Sprint(d.cameras["a"]) != fmt.Sprint(before) || len(d.cameras) != 2 {
		t.Error("a refused request changed something")
	}
}

func bucket() models.Bucket {
	return models.Bucket{
		Camera: "a", Line: "door", Start: now().Truncate(time.Hour), End: now().Truncate(time.Hour).Add(time.Hour),
		In: 3, Out: 1, RawIn: 4, RawOut: 2, Observed: 30 * time.Minute, Revision: 9,
	}
}

func TestCounts(t *testing.T) {
	d := open(t)
	gap := bucket()
	gap.In, gap.Out, gap.RawIn, gap.RawOut, gap.Observed, gap.Revision = 0, 0, 0, 0, 0, 0
	d.buckets, d.next = []models.Bucket{bucket(), gap}, "more"
	_, _, body := d.ask(t, "GET",
		"/api/v1/counts?from=2026-03-01T08:00:00%2B01:00&to=2026-03-01T20:00:00%2B01:00&step=1h&tz=Europe/Berlin&camera=a&line=door", "")
	var answer api.Counts
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	first := answer.Items[0]
	if *first.In != 3 || *first.Out != 1 || *first.RawIn != 4 || *first.RawOut != 2 || first.Coverage != 0.5 ||
		first.ObservedSeconds != 1800 || first.Revision != 9 || first.Start.Format(time.RFC3339) != "2026-03-01T13:00:00+01:00" {
		t.Errorf("answered %s", body)
	}
	if answer.Items[1].In != nil || !strings.Contains(body, `"in":null`) {
		t.Errorf("a gap was answered as a number: %s", body)
	}
	if answer.NextCursor == nil || *answer.NextCursor != "more" {
		t.Error("the cursor is missing")
	}
	if q := d.asked; q.Step != models.Hour || q.Location.String() != "Europe/Berlin" || q.Cameras[0] != "a" ||
		q.Lines[0] != "door" || q.To.Sub(q.From) != 12*time.Hour {
		t.Errorf("asked %+v", q)
	}
}

func TestCountsDefaultToToday(t *testing.T) {
	d := open(t)
	d.ask(t, "GET", "/api/v1/counts?tz=Asia/Tokyo", "")
	if from, to := d.asked.From.UTC(), d.asked.To.UTC(); from != time.Date(2026, 2, 28, 15, 0, 0, 0, time.UTC) ||
		to != time.Date(2026, 3, 1, 12, 35, 0, 0, time.UTC) {
		t.Errorf("asked from %s to %s", from, to)
	}
}

func TestCountsAsCSV(t *testing.T) {
	d := open(t)
	gap := models.Bucket{Camera: "a", Line: "door", Start: bucket().End, End: bucket().End.Add(time.Hour)}
	d.buckets = []models.Bucket{bucket(), gap}
	want := "camera,line,start,end,in,out,raw_in,raw_out,observed_seconds,coverage,revision,class,carrying,flags\n" +
		"a,door,2026-03-01T12:00:00Z,2026-03-01T13:00:00Z,3,1,4,2,1800.000,0.5000,9,,,partial\n" +
		"a,door,2026-03-01T13:00:00Z,2026-03-01T14:00:00Z,,,,,0.000,0.0000,0,,,partial\n"
	_, _, byPath := d.ask(t, "GET", "/api/v1/counts.csv?step=1h", "")
	_, _, byHeader := d.ask(t, "GET", "/api/v1/counts?step=1h", "", "Accept", "text/csv")
	if byPath != want || byHeader != want {
		t.Errorf("CSV by path:\n%sby header:\n%swant:\n%s", byPath, byHeader, want)
	}
}

func TestHealth(t *testing.T) {
	d := open(t)
	if status, _, _ := d.ask(t, "GET", "/healthz", ""); status != http.StatusOK {
		t.Errorf("healthz: %d", status)
	}
	if status, _, _ := d.ask(t, "GET", "/readyz", ""); status != http.StatusOK {
		t.Errorf("readyz: %d", status)
	}
	d.notNow = errors.New("the database is gone")
	if status, _, body := d.ask(t, "GET", "/readyz", ""); status != 503 || !strings.Contains(body, "database") {
		t.Errorf("readyz: %d %s", status, body)
	}
	for _, path := range []string{"/metrics", "/api/docs", "/api/docs/swagger-ui-bundle.js", "/api/v1/openapi.yaml", "/api/v1/workers"} {
		if status, _, body := d.ask(t, "GET", path, ""); status != http.StatusOK || (len(body) == 0 && path != "/metrics") {
			t.Errorf("%s: %d with %d bytes", path, status, len(body))
		}
	}
}

func TestPortInUse(t *testing.T) {
	d := open(t)
	taken := strings.TrimPrefix(d.server.URL(), "http://")
	_, err := api.New(t.Context(), api.Options{Listen: taken, Log: slog.New(slog.DiscardHandler), Feed: d.feed})
	want := "listen on " + taken + ": address already in use; stop who has it, or choose another with server.listen (--listen)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
