package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"footfall/api"
	"footfall/api/access"
	"footfall/models"
	"footfall/storage/accounts"
	"footfall/storage/audit"
	"footfall/storage/counts"
	"footfall/storage/outlet"
	"footfall/storage/registry"
	"footfall/storage/seal"
	"footfall/storage/storetest"
)

// matrix is who may do what, written down a second time and by hand: what the server does must be this. A row is a
// route, who may, and where: V viewer, M manager, A auditor, D admin, C a viewer with clean pictures, R who may read
// counts without small ones, W a worker's token, X an administrator who must set a password first; "all" is whoever is
// signed in, "open" everybody. camera, site and area are named by the path; "listed" is narrowed, and refused when the
// query names something foreign; "named" is named by the body; "whole" is only for those who reach everywhere; "own" is
// nobody else's.
const matrix = `
GET /                                            | open |
GET /healthz                                     | open |
GET /readyz                                      | open |
GET /metrics                                     | D    | whole
GET /preview                                     | open |
GET /api/docs                                    | open |
GET /api/docs/                                   | open |
GET /api/docs/initializer.js                     | open |
GET /api/docs/swagger-ui.css                     | open |
GET /api/docs/swagger-ui-bundle.js               | open |
GET /api/v1/openapi.yaml                         | open |
POST /api/v1/session                             | open |
GET /api/v1/session/ways                         | open |
GET /api/v1/session/provider                     | open |
GET /api/v1/session/provider/callback            | open |
GET /api/v1/session                              | all+X | own
DELETE /api/v1/session                           | all+X | own
PUT /api/v1/session/password                     | all+X | own
POST /api/v1/session/totp                        | all  | own
PUT /api/v1/session/totp                         | all  | own
POST /api/v1/session/totp/remove                 | all  | own
GET /api/v1/sessions                             | all  | own
DELETE /api/v1/sessions/:id                      | all  | own
GET /api/v1/users                                | D    | whole
POST /api/v1/users                               | D    | whole
GET /api/v1/users/:id                            | D    | whole
PATCH /api/v1/users/:id                          | D    | whole
DELETE /api/v1/users/:id                         | D    | whole
POST /api/v1/users/:id/reset                     | D    | whole
GET /api/v1/tokens                               | D    | whole
POST /api/v1/tokens                              | D    | whole
DELETE /api/v1/tokens/:id                        | D    | whole
GET /api/v1/counts                               | MAD  | listed camera
GET /api/v1/counts.csv                           | MAD  | listed camera
GET /api/v1/counts.parquet                       | MAD  | listed camera
GET /api/v1/zones/counts                         | MAD  | listed camera
GET /api/v1/cameras                              | VCMAD | listed
POST /api/v1/cameras                             | D    | named {"id":"CAMERA","url":"rtsp://10.0.0.7/"}
POST /api/v1/camera-trials                       | D    | whole
GET /api/v1/cameras/:id                          | VCMAD | camera
PATCH /api/v1/cameras/:id                        | D    | camera
DELETE /api/v1/cameras/:id                       | D    | camera
GET /api/v1/cameras/:id/lines                    | VCMAD | camera
PUT /api/v1/cameras/:id/lines                    | D    | camera
POST /api/v1/cameras/:id/line-trials             | D    | camera
GET /api/v1/cameras/:id/lines/:line/versions     | VCMAD | camera
GET /api/v1/cameras/:id/zones                    | VCMAD | camera
PUT /api/v1/cameras/:id/zones                    | D    | camera
OPTIONS /api/v1/cameras/:id/whep                 | VCD  | camera
POST /api/v1/cameras/:id/whep                    | VCD  | camera
POST /api/v1/cameras/:id/whep?clean=true         | C    | camera
OPTIONS /api/v1/cameras/:id/whep/:session        | VCD  | camera
PATCH /api/v1/cameras/:id/whep/:session          | VCD  | camera
DELETE /api/v1/cameras/:id/whep/:session         | VCD  | camera
GET /api/v1/cameras/:id/preview.mjpeg            | VCD  | camera
GET /api/v1/cameras/:id/preview.mjpeg?clean=true | C    | camera
GET /api/v1/cameras/:id/snapshot.jpg             | VCD  | camera
GET /api/v1/cameras/:id/snapshot.jpg?clean=true  | C    | camera
GET /api/v1/cameras/:id/snapshot.jpg?bare=true&clean=true | C | camera
GET /api/v1/cameras/:id/snapshot.jpg?clean=TRUE  | C    | camera
GET /api/v1/cameras/:id/snapshot.jpg?clean=false&clean=true | C | camera
GET /api/v1/events                               | VCMAD | listed camera area
GET /api/v1/events?type=count                    | VCMD | listed camera area
GET /api/v1/events?type=crossing                 | VCMD | listed camera area
GET /api/v1/events?type=occupancy                | VCMD | listed camera area
GET /api/v1/events?type=camera                   | VCMAD | listed camera area
GET /api/v1/sites                                | VCMAD | listed
POST /api/v1/sites                               | D    | whole
GET /api/v1/sites/:id                            | VCMAD | site
PUT /api/v1/sites/:id                            | D    | site
DELETE /api/v1/sites/:id                         | D    | site
GET /api/v1/sites/:id/counts                     | MAD  | site
GET /api/v1/sites/:id/counts?shared=true         | MADR | site
GET /api/v1/sites/:id/counts?shared=false        | MAD  | site
GET /api/v1/sites/:id/counts?shared=true&shared=false | MAD | site
GET /api/v1/areas                                | VCMAD | listed site
POST /api/v1/areas                               | D    | named {"id":"new","site":"SITE","doors":[{"camera":"CAMERA","line":"door"}]}
GET /api/v1/areas/:id                            | VCMAD | area
PUT /api/v1/areas/:id                            | D    | area {"id":"AREA","site":"SITE","doors":[],"zones":[{"camera":"CAMERA","zone":"desk"}]}
DELETE /api/v1/areas/:id                         | D    | area
GET /api/v1/areas/:id/counts                     | MAD  | area
GET /api/v1/areas/:id/counts?shared=true         | MADR | area
GET /api/v1/areas/:id/occupancy                  | VCMD | area
GET /api/v1/areas/:id/occupancy/history          | MAD  | area
GET /api/v1/areas/:id/occupancy/drift            | MAD  | area
GET /api/v1/areas/:id/corrections                | MAD  | area
POST /api/v1/areas/:id/corrections               | D    | area
GET /api/v1/reports/footfall                     | MAD  | listed site area
GET /api/v1/reports/footfall?shared=true         | MADR | listed site area
GET /api/v1/reports/peak                         | MAD  | listed site area
GET /api/v1/reports/balance                      | MAD  | listed site area
GET /api/v1/reports/dwell                        | MAD  | listed site area
GET /api/v1/reports/capture                      | MAD  | listed site area
GET /api/v1/reports/days                         | MAD  | listed site area
GET /api/v1/reports/days.csv                     | MAD  | listed site area
GET /api/v1/reports/profile                      | MAD  | listed site area
GET /api/v1/reports/compare                      | MAD  | listed site area
GET /api/v1/summaries/:day                       | MAD  | whole
POST /api/v1/summaries/:day/send                 | D    | whole
GET /api/v1/webhooks                             | D    | whole
POST /api/v1/webhooks                            | D    | whole
GET /api/v1/webhooks/:id                         | D    | whole
PATCH /api/v1/webhooks/:id                       | D    | whole
DELETE /api/v1/webhooks/:id                      | D    | whole
POST /api/v1/webhooks/:id/test                   | D    | whole
GET /api/v1/webhooks/:id/deliveries              | D    | whole
POST /api/v1/webhooks/:id/redeliver              | D    | whole
POST /api/v1/webhooks/:id/deliveries/:message/redeliver | D | whole
GET /api/v1/workers                              | D    | listed
GET /api/v1/data-protection                      | D    | whole
GET /api/v1/clips                                | AD   | listed camera
GET /api/v1/clips/key.pem                        | all  | own
GET /api/v1/clips/store                          | AD   | listed
GET /api/v1/clips/accuracy                       | AD   | listed camera
POST /api/v1/clips/bundle                        | AD   | clip {"clips":["CLIP"],"reason":"a quarrel"}
GET /api/v1/clips/:id                            | AD   | clip
GET /api/v1/clips/:id/video.mp4?reason=check     | AD   | clip
GET /api/v1/clips/:id/thumbnail.jpg?reason=check | AD   | clip
GET /api/v1/clips/:id/manifest.json?reason=check | AD   | clip
POST /api/v1/clips/:id/reveal                    | AD   | clip {"reason":"check"}
PUT /api/v1/clips/:id/hold                       | AD   | clip {"reason":"a quarrel"}
DELETE /api/v1/clips/:id/hold?reason=over        | AD   | clip
GET /api/v1/clips/:id/reviews                    | AD   | clip
POST /api/v1/clips/:id/reviews                   | AD   | clip {"line":"door","taps":[]}
POST /api/v1/cameras/:id/recordings              | AD   | camera
GET /api/v1/recordings                           | AD   | listed camera
GET /api/v1/audit                                | AD   | listed camera
GET /api/v1/audit/export.jsonl?reason=check      | AD   | whole
`

// row is a line of the matrix.
type row struct {
	method, path, query string
	who, where          string
	names               []string // of the query, of what is listed
	body                string
}

func rows(t *testing.T) (all []row) {
	t.Helper()
	for line := range strings.Lines(strings.TrimSpace(matrix)) {
		parts := strings.SplitN(strings.TrimSpace(line), "|", 3)
		if len(parts) != 3 {
			t.Fatalf("not a row: %s", line)
		}
		r := row{who: strings.TrimSpace(parts[1])}
		r.method, r.path, _ = strings.Cut(strings.TrimSpace(parts[0]), " ")
		r.path, r.query, _ = strings.Cut(r.path, "?")
		where := strings.TrimSpace(parts[2])
		if i := strings.Index(where, "{"); i >= 0 {
			where, r.body = strings.TrimSpace(where[:i]), where[i:]
		}
		words := strings.Fields(where)
		if len(words) > 0 {
			r.where, r.names = words[0], words[1:]
		}
		all = append(all, r)
	}
	return all
}

// everybody is who comes, by letter.
func everybody() map[string]models.Grants {
	role := func(r models.Role, more ...models.Permission) models.Grants {
		return models.Grants{Roles: []models.Role{r}, Permissions: more}
	}
	return map[string]models.Grants{
		"V": role(models.RoleViewer), "M": role(models.RoleManager), "A": role(models.RoleAuditor), "D": role(models.RoleAdmin),
		"C": role(models.RoleViewer, models.MayWatchClean), "R": {Permissions: []models.Permission{models.MayReadCounts}},
		"W": role(models.RoleAdmin), "X": role(models.RoleAdmin), "N": {},
	}
}

// guests lets in whom a request says it is, within the reach that it says.
type guests struct{ areas []models.Area }

func (g guests) Enter(_ context.Context, shown access.Shown) (access.Visit, error) {
	letter, reach, found := strings.Cut(shown.Bearer, "-")
	if !found || letter == "N" {
		return access.Visit{}, models.ErrSignIn
	}
	who := models.Principal{Kind: models.KindPerson, ID: letter, Name: letter, Grants: everybody()[letter]}
	if letter == "W" {
		who.Kind = models.KindWorker
	}
	switch reach {
	case "mall":
		who.Sites = []string{"mall"}
	case "lobby": // a camera of the mall, and nothing else
		who.Cameras = []models.CameraID{"lobby"}
	case "nowhere":
		who.Sites = []string{"vanished"}
	}
	return access.Visit{Who: who, Scope: access.ScopeOf(who.Grants, g.areas), MustChange: letter == "X"}, nil
}

func (guests) Hold(access.Visit, string, int, func()) (func(), error) { return func() {}, nil }

// openMall is a door to a mall with a lobby and a floor, beside a foreign site with its own.
func openMall(t *testing.T) (*door, []models.Area) {
	t.Helper()
	ctx, key := t.Context(), seal.NewKey()
	db := storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db"))
	places, err := registry.New(ctx, db, key)
	ok(t, err)
	store, err := counts.New(ctx, db)
	ok(t, err)
	hooks, err := outlet.New(ctx, db, key)
	ok(t, err)
	people, err := accounts.New(ctx, db, key)
	ok(t, err)
	record, err := audit.New(ctx, db)
	ok(t, err)
	signer, err := models.NewSigningKey()
	ok(t, err)
	for _, id := range []models.CameraID{"lobby", "foreign-camera"} {
		_, err := places.Add(ctx, storetest.Lobby(id))
		ok(t, err)
	}
	var areas []models.Area
	for site, camera := range map[string]models.CameraID{"mall": "lobby", "foreign-site": "foreign-camera"} {
		_, err := places.AddSite(ctx, models.Site{ID: site, Zone: "UTC"})
		ok(t, err)
		area := models.Area{ID: map[string]string{"mall": "floor", "foreign-site": "foreign-area"}[site], Site: site, Doors: []models.Door{{Camera: camera, Line: "door"}}}
		area, err = places.AddArea(ctx, area)
		ok(t, err)
		areas = append(areas, area)
	}
	log := slog.New(slog.DiscardHandler)
	desk, err := access.New(access.Options{
		Store: people, Places: places, Journal: silent{}, Key: []byte(strings.Repeat("k", 32)), Cost: access.Cost{MemoryKiB: 64, Passes: 1}, Now: now, Log: log,
	})
	ok(t, err)
	h := &house{cameras: map[models.CameraID]models.Camera{}, fleet: []models.CameraID{"lobby", "foreign-camera"}}
	h.answer = func(q api.CountQuery) (found []models.Bucket, _ string, _ error) {
		for _, id := range []models.CameraID{"lobby", "foreign-camera"} {
			if b := bucket(); len(q.Cameras) == 0 || slices.Contains(q.Cameras, id) {
				b.Camera = id
				found = append(found, b)
			}
		}
		return found, "", nil
	}
	feed := api.NewFeed(log)
	server, err := api.New(ctx, api.Options{
		Listen: "127.0.0.1:0", Registry: places, Addresses: h, Detectors: h, Statuses: h, Counts: h, Places: places, Book: store,
		Fleet: h, Feed: feed, Webhooks: hooks, Tester: h, CameraTester: h, LineTester: h, Summaries: h, Entrance: guests{areas}, Desk: desk, Journal: silent{}, Limits: unlimited(), Previews: &h.stage,
		Clips: archive{}, ClipFiles: archive{}, Audit: record, Evidence: api.Evidence{Signer: signer, Public: []byte("PEM")},
		Ready: func(context.Context) error { return nil }, Metrics: prometheus.NewRegistry(), Now: now, Log: log, KeepAlive: 100 * time.Millisecond,
	})
	ok(t, err)
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- server.Run(running) }()
	t.Cleanup(func() { cancel(); ok(t, <-done) })
	return &door{house: h, server: server, feed: feed}, areas
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// askedAs sends a request as somebody, and returns the status and the answer. A stream ends when it has begun.
func (d *door) askedAs(t *testing.T, method, path, body, as string) (int, string) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if strings.Contains(path, "/events") {
		cancel()
	}
	r := httptest.NewRequestWithContext(ctx, method, "http://localhost"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if strings.HasSuffix(path, "/whep") && method == http.MethodPost {
		r.Header.Set("Content-Type", "application/sdp")
	}
	if as != "N-" {
		r.Header.Set("Authorization", "Bearer "+as)
	}
	w := httptest.NewRecorder()
	d.server.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// may is what the matrix says: whether somebody with a reach may ask for something of the mall, or of elsewhere.
func (r row) may(letter, reach string, foreign bool) bool {
	in := strings.Contains(r.who, letter) && r.who != "open" && !strings.HasPrefix(r.who, "all")
	switch {
	case r.who == "open":
		return true
	case letter == "N", letter == "W", letter == "X" && r.who != "all+X":
		return false
	case strings.HasPrefix(r.who, "all"):
		return true
	case !in:
		return false
	case reach == "":
		return true
	}
	switch r.where {
	case "whole":
		return false
	case "camera", "clip":
		return !foreign && (reach == "mall" || reach == "lobby")
	case "site", "area":
		return !foreign && reach == "mall"
	case "named": // an area needs its site, a camera that is new itself
		return !foreign && (reach == "mall" || reach == "lobby" && strings.Contains(r.path, "cameras"))
	case "listed":
		counted := slices.Equal(r.names, []string{"camera"}) && r.path != "/api/v1/zones/counts" // none is no question
		return !foreign && (reach != "nowhere" || !counted)
	}
	return true
}

// Every route, as everybody, from every reach, to what is theirs and what is not: nothing is let through that should
// not be, and nothing kept that should.
func TestWhoMayDoWhat(t *testing.T) {
	d, _ := openMall(t)
	server, _ := d.server.Handler().(*echo.Echo)
	written := map[string]bool{}
	for _, r := range rows(t) {
		written[r.method+" "+r.path] = true
	}
	for _, route := range server.Routes() {
		if !written[route.Method+" "+route.Path] {
			t.Errorf("%s %s has no row in the matrix", route.Method, route.Path)
		}
		delete(written, route.Method+" "+route.Path)
	}
	for left := range written {
		t.Errorf("%s is in the matrix and nowhere else", left)
	}
	checks, in, leaks := 0, 0, 0
	for _, r := range rows(t) {
		for letter := range everybody() {
			for _, reach := range []string{"", "mall", "lobby", "nowhere"} {
				for _, foreign := range []bool{false, true} {
					if foreign && r.where == "listed" && len(r.names) == 0 {
						continue // there is nothing to name
					}
					if limited := reach != "" || foreign; limited && (r.who == "open" || reach != "mall" && !r.may(letter, "", false)) {
						continue // who may not from everywhere may not from here either: once is enough
					}
					got, body := d.attempt(t, r, letter, reach, foreign)
					signsIn := r.path == "/api/v1/session" && r.method == http.MethodPost // whose 401 is its own
					refused := got == http.StatusUnauthorized && !signsIn || got == http.StatusForbidden
					if checks++; !refused {
						in++
					}
					if want := r.may(letter, reach, foreign); want == refused {
						t.Errorf("%s %s?%s as %s from %q, foreign %v: %d %s, may: %v", r.method, r.path, r.query, letter, reach, foreign, got, body, want)
					}
					if reach != "" && !foreign && r.who != "open" && strings.Contains(body, "foreign-") {
						leaks++
						t.Errorf("%s %s as %s from %q tells of what is foreign: %s", r.method, r.path, letter, reach, body)
					}
				}
			}
		}
	}
	t.Logf("%d checks over %d rows: %d let in, %d refused, %d leaks", checks, len(rows(t)), in, checks-in, leaks)
}

// attempt asks for what a row says.
func (d *door) attempt(t *testing.T, r row, letter, reach string, foreign bool) (int, string) {
	camera, site, area, clip := "lobby", "mall", "floor", "clip-lobby"
	if foreign {
		camera, site, area, clip = "foreign-camera", "foreign-site", "foreign-area", "foreign-clip"
	}
	id := map[string]string{"camera": camera, "site": site, "area": area, "clip": clip}[r.where]
	if id == "" {
		id = "none"
	}
	if r.method == http.MethodDelete {
		defer d.rebuild(t)
	}
	path := strings.NewReplacer(":id", id, ":line", "door", ":session", "s1", ":day", "2026-03-01", ":message", "m").Replace(r.path)
	query := r.query
	if foreign && r.where == "listed" {
		for _, name := range r.names {
			query = strings.TrimPrefix(query+"&"+name+"="+map[string]string{"camera": camera, "site": site, "area": area}[name], "&")
		}
	}
	if query != "" {
		path += "?" + query
	}
	body := strings.NewReplacer("CAMERA", camera, "SITE", site, "AREA", area, "CLIP", clip).Replace(r.body)
	return d.askedAs(t, r.method, path, body, letter+"-"+reach)
}

// rebuild brings back what was removed.
func (d *door) rebuild(t *testing.T) {
	for path, bodies := range map[string][]string{
		"/api/v1/cameras": {`{"id":"lobby","url":"rtsp://10.0.0.7/"}`, `{"id":"foreign-camera","url":"rtsp://10.0.0.7/"}`},
		"/api/v1/sites":   {`{"id":"mall","zone":"UTC"}`, `{"id":"foreign-site","zone":"UTC"}`},
		"/api/v1/areas": {
			`{"id":"floor","site":"mall","doors":[{"camera":"lobby","line":"door"}]}`,
			`{"id":"foreign-area","site":"foreign-site","doors":[{"camera":"foreign-camera","line":"door"}]}`,
		},
	} {
		for _, body := range bodies {
			if status, said := d.askedAs(t, http.MethodPost, path, body, "D-"); status != 201 && status != 409 && status != 400 && status != 404 {
				t.Fatalf("%s: %d %s", path, status, said)
			}
		}
	}
}

// What happens is told to everybody who may hear of it, and to nobody else: every kind of event, here and elsewhere.
func TestWhoHearsWhat(t *testing.T) {
	t.Parallel()
	d, _ := openMall(t)
	tell := func() {
		for _, camera := range []models.CameraID{"lobby", "foreign-camera"} {
			b := bucket()
			b.Camera = camera
			d.feed.Count(b)
			d.feed.Crossing(camera, models.Crossing{Line: "door", Direction: models.In, Time: now()})
			d.feed.Camera(models.CameraStatus{Camera: camera, State: models.Online, Since: now()})
		}
		d.feed.Occupancy(models.Occupancy{Area: "floor", At: now()})
		d.feed.Occupancy(models.Occupancy{Area: "foreign-area", At: now()})
	}
	checks := 0
	for letter, hears := range map[string]string{
		"V": "camera count crossing occupancy", "M": "camera count crossing occupancy", "A": "camera", "D": "camera count crossing occupancy",
	} {
		for _, reach := range []string{"", "mall", "lobby", "nowhere"} {
			want := map[string]int{}
			for _, kind := range strings.Fields(hears) {
				here, there := reach != "nowhere", reach == ""
				if kind == "occupancy" {
					here = reach == "" || reach == "mall" // a camera alone brings no area
				}
				if here {
					want[kind+" here"]++
				}
				if there {
					want[kind+" there"]++
				}
			}
			got := d.heardAs(t, letter+"-"+reach, tell)
			if checks += 8; fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s from %q heard %v, want %v", letter, reach, got, want)
			}
		}
	}
	t.Logf("%d checks of topics", checks)
}

// newestAs is newest as one who hears everything.
func (d *door) newestAs(t *testing.T) string {
	t.Helper()
	reader := d.reader(t, "", nil)
	reader.client.Transport = bearing{"D-", reader.client.Transport}
	reader.connect(func(event) bool { return true })
	return reader.lastID
}

// Whoever may change what is theirs cannot take in what is not by naming it there, or by spelling a path otherwise.
func TestNothingForeignIsTakenIn(t *testing.T) {
	t.Parallel()
	d, _ := openMall(t)
	for _, test := range []struct {
		method, path, body string
		want               int
	}{
		{"PUT", "/api/v1/areas/floor", `{"id":"floor","site":"mall","doors":[{"camera":"foreign-camera","line":"door"}]}`, 403},
		{"PUT", "/api/v1/areas/floor", `{"id":"floor","site":"mall","doors":[],"passing":[{"camera":"foreign-camera","line":"door"}]}`, 403},
		{"PUT", "/api/v1/areas/floor", `{"id":"floor","site":"mall","doors":[],"zones":[{"camera":"foreign-camera","zone":"desk"}]}`, 403},
		{"PUT", "/api/v1/areas/floor", `{"id":"floor","site":"foreign-site","doors":[]}`, 403},
		{"PUT", "/api/v1/areas/floor", `{"id":"floor","site":"mall","Site":"foreign-site","doors":[]}`, 400},
		{"PUT", "/api/v1/areas/floor", `{"id":"floor","site":"mall","doors":[{"camera":"lobby","line":"door"}]}`, 200},
		{"POST", "/api/v1/areas", `{"id":"x","site":"foreign-site","doors":[]}`, 403},
		{"POST", "/api/v1/cameras", `{"id":"new","url":"rtsp://10.0.0.7/"}`, 403},
		{"GET", "/api/v1/cameras/foreign%2Dcamera", "", 403},
		{"GET", "/api/v1/cameras/lobby%2F..%2Fforeign-camera", "", 403},
		{"GET", "/api/v1/cameras/lobby/../foreign-camera", "", 404},
		{"GET", "/api/v1//cameras/foreign-camera", "", 404},
		{"GET", "/api/v1/cameras/foreign-camera/", "", 404},
		{"GET", "/API/v1/cameras/foreign-camera", "", 404},
		{"GET", "/api/v1/counts?camera=lobby&camera=foreign-camera", "", 403},
		{"GET", "/api/v1/reports/days?site=mall&area=foreign-area", "", 403},
		{"HEAD", "/api/v1/cameras/foreign-camera", "", 405},
	} {
		if got, said := d.askedAs(t, test.method, test.path, test.body, "D-mall"); got != test.want {
			t.Errorf("%s %s %s: %d %s, want %d", test.method, test.path, test.body, got, said, test.want)
		}
	}
}

// heardAs is what somebody hears of what is told, by kind and place.
func (d *door) heardAs(t *testing.T, as string, tell func()) map[string]int {
	t.Helper()
	reader := d.reader(t, "", nil)
	reader.client.Transport = bearing{as, reader.client.Transport}
	heard, told := map[string]int{}, false
	reader.connect(func(e event) bool {
		if !told {
			told = true
			tell()
			return false
		}
		if e.kind == "" {
			return reader.lastID == d.newestAs(t)
		}
		place := " here"
		if strings.Contains(e.data, "foreign") {
			place = " there"
		}
		heard[e.kind+place]++
		return false
	})
	return heard
}

// bearing shows a token with every request.
type bearing struct {
	token string
	next  http.RoundTripper
}

func (b bearing) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(r)
}
