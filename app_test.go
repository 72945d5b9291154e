package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"footfall/api/web"
	"footfall/capture/simulator"
)

// The web app in a browser, against the real service. What is done there is written in api/web/test, a file for each of
// these tests, with playwright.

// app skips a test of the web app where it was not built, or where there is no browser.
func app(t testing.TB) {
	t.Helper()
	app, err := web.New()
	if err == nil && !app.Built() {
		err = os.ErrNotExist
	}
	if err == nil {
		_, err = exec.LookPath("chromium")
	}
	if err == nil {
		_, err = os.Stat(filepath.Join("api", "web", "node_modules", "playwright-core"))
	}
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the web app cannot be tested: %v; make web", err)
		}
		t.Skipf("the web app cannot be tested: %v; make web", err)
	}
}

// guest is an administrator whom the scripts sign in.
func (s *service) guest() []string {
	return []string{"FOOTFALL_USER=guest", "FOOTFALL_PASSWORD=" + s.newcomer("guest", "admin")}
}

// browse runs a file of api/web/test against the service. It is told more as NAME=VALUE.
func (s *service) browse(script string, more ...string) {
	s.t.Helper()
	ctx, stop := context.WithTimeout(s.t.Context(), 5*time.Minute)
	defer stop()
	command := exec.CommandContext(ctx, "node", filepath.Join("test", script))
	command.Dir = filepath.Join("api", "web")
	command.Env = append(append(os.Environ(), "FOOTFALL_URL="+s.url), more...)
	command.WaitDelay = 5 * time.Second // a browser that outlives its script must not hold the test up
	said, err := command.CombinedOutput()
	if err != nil {
		s.t.Errorf("%s: %v\n%s", script, err, said)
	} else if len(said) > 0 {
		s.t.Logf("%s: %s", script, said)
	}
}

// Every page and all that opens on them, in both languages, light and dark, at four sizes: nothing sticks out, and axe
// finds nothing.
func TestTheAppIsForEverybody(t *testing.T) {
	t.Parallel()
	app(t)
	s := prepare(t, mall)
	s.fill(time.Now())
	s.start()
	s.browse("pages.mjs", s.guest()...)
	s.browse("dialogues.mjs", "FOOTFALL_USER=second", "FOOTFALL_PASSWORD="+s.newcomer("second", "admin"))
}

// A manager looks at counts: they are what the API says, gaps are gaps, links and exports hold what is shown.
func TestTheAppShowsCounts(t *testing.T) {
	t.Parallel()
	app(t)
	s := prepare(t, mall)
	s.fill(time.Now())
	s.start()
	s.browse("counts.mjs", s.guest()...)
}

// People see the rooms that their roles open, and no others.
func TestTheAppShowsRoles(t *testing.T) {
	t.Parallel()
	app(t)
	s := serve(t, mall)
	for role, rooms := range map[string]string{
		"viewer": "Live", "manager": "Counts", "auditor": "Counts Audit", "admin": "Live Counts Audit Set-up",
	} {
		first := map[string]string{"viewer": "live", "manager": "counts", "auditor": "audit/clips", "admin": "live"}[role]
		s.browse("roles.mjs", "FOOTFALL_USER=the-"+role, "FOOTFALL_PASSWORD="+s.newcomer("the-"+role, role),
			"FOOTFALL_ROOMS="+rooms, "FOOTFALL_FIRST="+first)
	}
}

// An auditor watches a clip, counts, compares, checks it and holds it; the log says so.
func TestTheAppAudits(t *testing.T) {
	t.Parallel()
	app(t)
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace)})
	s := serve(t, "clips: {crossings_percent: 100, before: 2s, after: 1s, sample_count: 0}\n"+
		declared(map[string]string{"lobby": camera.URL()}))
	s.eventually("a clip is stored", func() bool {
		return len(s.listClips("?state=stored&trigger=crossing&line=middle")) > 0
	})
	s.browse("audit.mjs", "FOOTFALL_USER=the-auditor", "FOOTFALL_PASSWORD="+s.newcomer("the-auditor", "auditor"))
	s.browse("declared.mjs", s.guest()...)
}

// first is the administrator of a new service, with the password that is good for one time.
func (s *service) first() (name, once string) {
	s.t.Helper()
	said := regexp.MustCompile(`first administrator is (\S+), with the password (\S+) - `).FindStringSubmatch(s.log.String())
	if said == nil {
		s.t.Fatalf("no first password in %s", s.log)
	}
	return said[1], said[2]
}

// An administrator begins with nothing: adds a camera, draws a line, and sees the first number.
func TestTheAppFirstStart(t *testing.T) {
	t.Parallel()
	app(t)
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace), User: "viewer", Password: "hidden", Path: "stream1"})
	s := serve(t, "workers: {local: 1}\n")
	name, once := s.first()
	s.browse("first-start.mjs", "FOOTFALL_CAMERA="+camera.URL(), "FOOTFALL_ADMIN="+name, "FOOTFALL_ONCE="+once)
	if lines := s.camera("main-entrance").Lines; len(lines) != 1 {
		t.Errorf("lines %+v", lines)
	}
}

// A guard watches four cameras. One dies: it is said where and why, and stays an alarm until somebody takes note.
func TestTheAppWall(t *testing.T) {
	t.Parallel()
	app(t)
	s := serve(t, "workers: {local: 1}\ncapture: {stall_timeout: 2s}\n")
	cameras := map[string]*simulator.Camera{}
	for _, id := range []string{"north", "south", "east", "west"} {
		cameras[id] = wallCamera(t)
		s.change(http.MethodPost, "/api/v1/cameras", `{"id": "`+id+`", "name": "`+id+` door", "url": "`+cameras[id].URL()+`",
			"lines": [{"id": "middle", "points": [[0.5, 1], [0.5, 0]]}]}`, http.StatusCreated)
	}
	for id := range cameras {
		s.online(id)
	}
	// The script breaks and heals cameras by asking for /break/ID and /heal/ID.
	faults := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, what, _ := strings.Cut(r.URL.Path, "/")
		act, id, _ := strings.Cut(what, "/")
		var err error
		if act == "break" {
			err = cameras[id].Break(simulator.Refused) //nolint:contextcheck // taking a port waits for nothing
		} else {
			err = cameras[id].Heal() //nolint:contextcheck // taking a port waits for nothing
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))
	defer faults.Close()
	s.browse("wall.mjs", append(s.guest(), "FOOTFALL_FAULTS="+faults.URL)...)
}
