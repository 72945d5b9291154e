package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tests, also where the system has none

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"footfall/api"
	"footfall/api/client"
	"footfall/models"
	"footfall/storage/counts"
	"footfall/storage/registry"
	"footfall/storage/storetest"
)

// openBook is a server over real stores, at a moment of a Tuesday, with a mall that has been watched for some time.
func openBook(t *testing.T) *door {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	db := storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db"))
	clock := storetest.NewClock(storetest.Noon())
	places, err := registry.New(ctx, db, registry.NewKey(), registry.Clock(clock.Now))
	if err != nil {
		t.Fatal(err)
	}
	store, err := counts.New(ctx, db, counts.Clock(clock.Now))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []models.CameraID{"lobby", "street"} {
		if _, err := places.Add(ctx, storetest.Lobby(id)); err != nil {
			t.Fatal(err)
		}
	}
	fillBook(t, store)
	clock.Set(bookNow())
	log := slog.New(slog.DiscardHandler)
	h := &house{cameras: map[models.CameraID]models.Camera{}}
	feed := api.NewFeed(log)
	server, err := api.New(ctx, api.Options{
		Entrance: boss(), Journal: silent{}, Limits: unlimited(),
		Listen: "127.0.0.1:0", Registry: h, Addresses: h, Statuses: h, Counts: h, Fleet: h, Feed: feed,
		Places: places, Book: store, SmallCount: 5,
		Ready:   func(context.Context) error { return nil },
		Metrics: prometheus.NewRegistry(), Now: bookNow, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	running, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- server.Run(running) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("server: %v", err)
		}
	})
	return &door{house: h, server: server, feed: feed}
}

// bookNow is the morning after what fillBook has filled.
func bookNow() time.Time { return storetest.Noon().Add(20 * time.Hour) }

// fillBook counts ten minutes: 20 came in, 8 left, 40 walked by, two stayed for a while.
func fillBook(t *testing.T, s *counts.Store) {
	t.Helper()
	storetest.Watch(t, s, "lobby", "street")
	var facts []models.Fact
	for i := range 20 {
		at := storetest.Noon().Add(time.Duration(i) * 30 * time.Second)
		facts = append(facts, storetest.Crossing(t, "lobby", "door", models.In, at),
			storetest.Crossing(t, "street", "door", models.In, at), storetest.Crossing(t, "street", "door", models.Out, at))
		if i < 8 {
			facts = append(facts, storetest.Crossing(t, "lobby", "door", models.Out, at))
		}
		if i%2 == 0 {
			facts = append(facts, storetest.Watched(t, "lobby", at, time.Minute), storetest.Watched(t, "street", at, time.Minute))
		}
	}
	facts = append(facts, storetest.Stay(t, "lobby", "desk", storetest.Noon(), 3, 30*time.Second))
	receipt, err := s.Ingest(context.WithoutCancel(t.Context()), facts)
	if err != nil || len(receipt.Accepted) != len(facts) {
		t.Fatalf("%+v, %v", receipt, err)
	}
}

const (
	mall  = `{"id":"mall","zone":"Europe/Berlin","hours":[{"days":["tue"],"open":["09:00-20:00"]}]}`
	floor = `{"id":"floor","site":"mall","capacity":10,"doors":[{"camera":"lobby","line":"door"}],` +
		`"passing":[{"camera":"street","line":"door"}],"zones":[{"camera":"lobby","zone":"desk"}]}`
)

// made sends a request that must be answered with a status.
func (d *door) made(t *testing.T, status int, method, path, body string) string {
	t.Helper()
	got, _, text := d.ask(t, method, path, body)
	if got != status {
		t.Fatalf("%s %s: answered %d %s, want %d", method, path, got, text, status)
	}
	return text
}

func TestPlacesLife(t *testing.T) {
	d := openBook(t)
	d.made(t, 201, "POST", "/api/v1/sites", mall)
	text := d.made(t, 201, "POST", "/api/v1/areas", floor)
	if !strings.Contains(text, `"reset":"04:00"`) || !strings.Contains(text, `"version":1`) {
		t.Errorf("added %s", text)
	}
	d.made(t, 409, "POST", "/api/v1/areas", floor)
	d.made(t, 409, "DELETE", "/api/v1/sites/mall", "")
	changed := strings.Replace(floor, `"capacity":10`, `"capacity":20,"version":1`, 1)
	d.made(t, 200, "PUT", "/api/v1/areas/floor", changed)
	d.made(t, 409, "PUT", "/api/v1/areas/floor", changed)
	if text := d.made(t, 200, "GET", "/api/v1/areas?site=mall", ""); !strings.Contains(text, `"capacity":20`) {
		t.Errorf("listed %s", text)
	}
	if text := d.made(t, 200, "GET", "/api/v1/areas?site=other", ""); !strings.Contains(text, `"items":[]`) {
		t.Errorf("listed %s", text)
	}
	d.made(t, 200, "PUT", "/api/v1/sites/mall", `{"id":"mall","name":"City","zone":"UTC"}`)
	if text := d.made(t, 200, "GET", "/api/v1/sites/mall", ""); !strings.Contains(text, `"name":"City"`) {
		t.Errorf("changed to %s", text)
	}
	d.made(t, 204, "DELETE", "/api/v1/areas/floor", "")
	d.made(t, 404, "GET", "/api/v1/areas/floor", "")
	d.made(t, 204, "DELETE", "/api/v1/sites/mall", "")
	if text := d.made(t, 200, "GET", "/api/v1/cameras/lobby/lines/door/versions", ""); !strings.Contains(text, `"camera_version":1`) {
		t.Errorf("versions %s", text)
	}
	d.made(t, 404, "GET", "/api/v1/cameras/lobby/lines/hatch/versions", "")
}

// Every question of managers is answered, for a site and for an area, as a document and as a table.
func TestQuestions(t *testing.T) {
	d := openBook(t)
	d.made(t, 201, "POST", "/api/v1/sites", mall)
	d.made(t, 201, "POST", "/api/v1/areas", floor)
	span := "from=2026-03-10T00:00:00%2B01:00&to=2026-03-11T00:00:00%2B01:00"
	day := "from=2026-03-10&to=2026-03-11&area=floor"
	for path, wants := range map[string][]string{
		"/areas/floor/counts?step=1d&" + span:                        {`"coverage":0.006`, `"in":20,"observed_seconds":600,"out":8,"raw_in":20,"raw_out":8`, `"flags":["partial"]`},
		"/sites/mall/counts?step=1h&" + span:                         {`"in":20`, `"in":null`},
		"/areas/floor/counts?shared=true&step=1h&" + span:            {`"in":20,"observed_seconds":600,"out":8,"raw_in":null`},
		"/areas/floor/occupancy?at=2026-03-10T19:00:00Z":             {`"people":12`, `"fill":"full"`, `"kind":"reset"`},
		"/areas/floor/occupancy/history?step=1d&" + span:             {`"most":12`, `"last":12`},
		"/areas/floor/occupancy/drift?from=2026-03-10&to=2026-03-12": {`"date":"2026-03-10"`, `"people":12`, `"in":20`},
		"/zones/counts?step=1h&zone=desk&from=2026-03-10T12:00:00Z&to=2026-03-10T13:00:00Z": {
			`"entries":2`, `"average_dwell_seconds":30`, `"stays":[0,0,0,1,0,0,0,0,0,0]`,
		},
		"/reports/footfall?" + day:                        {`"in":20`, `"last_week_in":null`, `"last_year_in":null`},
		"/reports/peak?" + day:                            {`"peak_hour":"2026-03-10T13:00:00+01:00","peak_in":20`},
		"/reports/balance?" + day:                         {`"balance":12`},
		"/reports/dwell?" + day:                           {`"average_dwell_seconds":30`},
		"/reports/capture?" + day:                         {`"capture_rate":0.5`, `"passing":40`},
		"/reports/days?site=mall&" + day:                  {`"kind":"site"`, `"kind":"area"`, `"balance":12`},
		"/reports/days?open=true&" + day:                  {`"open_seconds":39600`},
		"/reports/profile?" + day:                         {`"average_in":20`, `"weekday":"tuesday"`, `"average_in":null`},
		"/reports/compare?site=mall&" + day:               {`"watched_days":1`, `"average_in":20`},
		"/reports/days?shared=true&" + day:                {`"in":20`, `"raw_in":null`, `"average_dwell_seconds":null`},
		"/reports/footfall?from=2027-01-01&to=2027-01-02": {`"in":null`, `"coverage":0`},
	} {
		text := d.made(t, 200, "GET", "/api/v1"+path, "")
		var document any
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for _, want := range wants {
			if !strings.Contains(sorted(document), want) && !strings.Contains(text, want) {
				t.Errorf("%s: answered %.1500s, want %s", path, text, want)
			}
		}
		if strings.Contains(path, "/occupancy?") {
			continue
		}
		_, header, table := d.ask(t, "GET", "/api/v1"+path, "", "Accept", "text/csv")
		if header.Get("Content-Type") != "text/csv; charset=utf-8" || strings.Count(table, "\n") < 2 {
			t.Errorf("%s: as a table %s %q", path, header.Get("Content-Type"), table)
		}
	}
	table := d.made(t, 200, "GET", "/api/v1/reports/days.csv?"+day, "")
	want := "area,floor,floor,2026-03-10,86400,20,8,20,8,600.000,0.0069,1,partial,,0.0000,,,0.0000,," +
		"2026-03-10T13:00:00+01:00,20,12,30.00,40,0.0069,0.5000\n"
	if !strings.HasSuffix(table, want) {
		t.Errorf("got %swant ...%s", table, want)
	}
}

// sorted is a document with its keys in order.
func sorted(document any) string {
	text, _ := json.Marshal(document)
	return string(text)
}

func TestCorrections(t *testing.T) {
	d := openBook(t)
	d.made(t, 201, "POST", "/api/v1/sites", mall)
	d.made(t, 201, "POST", "/api/v1/areas", floor)
	text := d.made(t, 201, "POST", "/api/v1/areas/floor/corrections",
		`{"at":"2026-03-10T12:20:00Z","people":3,"reason":"counted","author":"kim"}`)
	if !strings.Contains(text, `"reckoned":12`) {
		t.Errorf("kept %s, want 12 reckoned", text)
	}
	text = d.made(t, 200, "GET", "/api/v1/areas/floor/occupancy?at=2026-03-10T13:00:00Z", "")
	if !strings.Contains(text, `"people":3`) || !strings.Contains(text, `"kind":"correction"`) {
		t.Errorf("occupancy %s", text)
	}
	text = d.made(t, 200, "GET", "/api/v1/areas/floor/corrections?from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z", "")
	if !strings.Contains(text, `"author":"kim"`) {
		t.Errorf("listed %s", text)
	}
	text = d.made(t, 201, "POST", "/api/v1/areas/floor/corrections", `{"people":3,"reason":"counted"}`)
	if !strings.Contains(text, `"author":"kim"`) {
		t.Errorf("whose is %s?", text)
	}
	d.made(t, 400, "POST", "/api/v1/areas/floor/corrections", `{"people":-3,"reason":"counted","author":"kim"}`)
	d.made(t, 400, "POST", "/api/v1/areas/floor/corrections", `{"at":"2030-01-01T00:00:00Z","people":3,"reason":"r","author":"kim"}`)
	d.made(t, 404, "POST", "/api/v1/areas/attic/corrections", `{"people":3,"reason":"counted","author":"kim"}`)
}

// A reader that has an answer already gets no second one.
func TestETag(t *testing.T) {
	d := openBook(t)
	d.made(t, 201, "POST", "/api/v1/sites", mall)
	_, header, _ := d.ask(t, "GET", "/api/v1/sites", "")
	tag := header.Get("ETag")
	for given, want := range map[string]int{tag: 304, `"x", W/` + tag: 304, "*": 304, `"x"`: 200} {
		if status, _, body := d.ask304(t, "/api/v1/sites", given); status != want || (status == 304) != (body == "") {
			t.Errorf("If-None-Match %s: answered %d %q, want %d", given, status, body, want)
		}
	}
	d.made(t, 200, "PUT", "/api/v1/sites/mall", `{"id":"mall","zone":"UTC"}`)
	if status, _, _ := d.ask304(t, "/api/v1/sites", tag); status != 200 {
		t.Errorf("after a change: answered %d, want 200", status)
	}
}

func (d *door) ask304(t *testing.T, path, tag string) (int, http.Header, string) {
	t.Helper()
	return d.send(t, "GET", path, "", "If-None-Match", tag)
}

// Whatever is wrong with a request, whichever it is, the answer is 400 and names the field.
func TestBadInputIsNamed(t *testing.T) {
	d := openBook(t)
	d.made(t, 201, "POST", "/api/v1/sites", mall)
	d.made(t, 201, "POST", "/api/v1/areas", floor)
	for path, operations := range description(t).Paths.Map() {
		for method, operation := range operations.Operations() {
			url := "/api/v1" + strings.NewReplacer("{line}", "door", "{day}", "2026-03-10").Replace(path)
			url = strings.ReplaceAll(url, "{id}", map[bool]string{true: "mall", false: "floor"}[strings.HasPrefix(path, "/sites")])
			if further, _ := operation.Extensions["x-further-parameters"].(bool); method == http.MethodGet && !further {
				refusedWith(t, d, method, url+"?nonsense=1", "", "nonsense")
			}
			for _, p := range operation.Parameters {
				if wrong, any := wrongValue(p.Value); p.Value.In == openapi3.ParameterInQuery && any {
					refusedWith(t, d, method, url+"?"+p.Value.Name+"="+wrong, "", p.Value.Name)
				}
			}
			if body := operation.RequestBody; body != nil && body.Value.Content["application/json"] != nil {
				refusedWith(t, d, method, url, `{"nonsense":1}`, "")
				refusedWith(t, d, method, url, `[]`, "")
			}
		}
	}
	for path, field := range map[string]string{
		"/areas/floor/counts?from=2026-03-10T00:00:01Z":                                        "from",
		"/areas/floor/counts?from=2026-03-10T00:00:00Z&to=2026-03-10T00:00:00Z":                "to",
		"/areas/floor/counts?step=1m&from=2020-03-10T00:00:00Z":                                "step",
		"/areas/floor/counts?shared=true&step=1m":                                              "step",
		"/areas/floor/counts?fill=true&step=5m":                                                "fill",
		"/areas/floor/counts?shared=true&fill=true&step=1d":                                    "fill",
		"/areas/floor/counts?shared=true&step=1d&from=2026-03-10T00:00:00Z":                    "from",
		"/areas/floor/counts?shared=true&step=1d&class=dog":                                    "class",
		"/areas/floor/counts?shared=true&step=1d&as_of=2026-03-10T00:00:00Z":                   "as_of",
		"/areas/floor/occupancy/history?from=2020-03-10T00:00:00Z":                             "from",
		"/areas/floor/occupancy?at=1950-01-01T00:00:00Z":                                       "at",
		"/areas/floor/occupancy/drift?from=2026-03-10&to=2026-03-10":                           "to",
		"/reports/days?from=2026-03-10&to=2026-03-10":                                          "to",
		"/reports/days?from=1900-03-10&to=2026-03-10":                                          "from",
		"/reports/days?site=nowhere":                                                           "site",
		"/reports/days?area=nowhere":                                                           "area",
		"/zones/counts?tz=Mars":                                                                "tz",
		"/zones/counts?cursor=x":                                                               "cursor",
		"/counts?as_of=1950-01-01T00:00:00Z&from=2026-03-10T00:00:00Z&to=2026-03-10T01:00:00Z": "",
	} {
		if field != "" {
			refusedWith(t, d, "GET", "/api/v1"+path, "", field)
		}
	}
}

func refusedWith(t *testing.T, d *door, method, url, body, field string) {
	t.Helper()
	status, header, text := d.send(t, method, url, body)
	if status != http.StatusBadRequest || header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s %s %s: answered %d %.300s, want 400", method, url, body, status, text)
		return
	}
	if field != "" && !strings.Contains(text, fmt.Sprintf(`"field":%q`, field)) {
		t.Errorf("%s %s: answered %s, want the field %s named", method, url, text, field)
	}
}

// wrongValue is a value that a parameter does not take, false when it takes any.
func wrongValue(p *openapi3.Parameter) (string, bool) {
	schema := p.Schema.Value
	switch {
	case schema.Type.Is("integer"):
		return "many", true
	case schema.Type.Is("boolean"):
		return "perhaps", true
	case schema.Format == "date-time" || schema.Format == "date":
		return "yesterday", true
	case len(schema.Enum) > 0:
		return "nonsense", true
	}
	return "", false
}

func description(t *testing.T) *openapi3.T {
	t.Helper()
	d, err := openapi3.NewLoader().LoadFromData(api.Description)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// What is served is described, and what is described is served.
func TestRoutesAreDescribed(t *testing.T) {
	d := open(t)
	router, ok := d.server.Handler().(*echo.Echo)
	if !ok {
		t.Fatal("the server is not Echo's any more")
	}
	var served, described []string
	for _, r := range router.Routes() {
		path, inside := strings.CutPrefix(r.Path, "/api/v1/")
		if inside && r.Path != "/api/v1/openapi.yaml" {
			served = append(served, r.Method+" /"+path)
		}
	}
	for path, operations := range description(t).Paths.Map() {
		for method := range operations.Operations() {
			described = append(described, method+" "+strings.NewReplacer("{", ":", "}", "").Replace(path))
		}
	}
	slices.Sort(served)
	slices.Sort(described)
	if !slices.Equal(served, described) {
		t.Errorf("served    %v\ndescribed %v", served, described)
	}
}

// A Go program asks over the network, and is told what is wrong.
func TestClient(t *testing.T) {
	d := openBook(t)
	ctx := t.Context()
	c, err := client.NewClientWithResponses(d.server.URL() + "/api/v1")
	if err != nil {
		t.Fatal(err)
	}
	site, err := c.AddSiteWithResponse(ctx, models.Site{ID: "mall", Zone: "Europe/Berlin"})
	if err != nil || site.JSON201 == nil || site.JSON201.Version != 1 {
		t.Fatalf("added %+v, %v", site, err)
	}
	area, err := c.AddAreaWithResponse(ctx, models.Area{
		ID: "floor", Site: "mall", Doors: []models.Door{{Camera: "lobby", Line: "door"}},
	})
	if err != nil || area.JSON201 == nil {
		t.Fatalf("added %+v, %v", area, err)
	}
	at := storetest.Noon().Add(time.Hour)
	inside, err := c.GetOccupancyWithResponse(ctx, "floor", &client.GetOccupancyParams{At: &at})
	if err != nil || inside.JSON200 == nil || inside.JSON200.People == nil || *inside.JSON200.People != 12 {
		t.Fatalf("occupancy %+v, %v", inside, err)
	}
	refused, err := c.AddSiteWithResponse(ctx, models.Site{ID: "moon", Zone: "Moon/Base"})
	if err != nil || refused.ApplicationproblemJSONDefault == nil || *refused.ApplicationproblemJSONDefault.Field != "zone" {
		t.Errorf("refused %+v, %v", refused, err)
	}
}
