package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"footfall/capture/simulator"
)

// walk does somebody's main way through the app without a mouse.
func (s *service) walk(way, name, once string, more ...string) {
	s.t.Helper()
	s.browse("by-keyboard.mjs", append(more, "FOOTFALL_WAY="+way, "FOOTFALL_PERSON="+name, "FOOTFALL_ONCE="+once)...)
}

// By keyboard alone: from nothing to a line that was drawn and counts; a clip that is watched and counted; the wall,
// with a camera that is blind.
func TestTheAppByKeyboard(t *testing.T) {
	t.Parallel()
	app(t)
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace)})
	s := serve(t, "workers: {local: 1}\nclips: {crossings_percent: 100, before: 2s, after: 1s, sample_count: 0}\n")
	name, once := s.first()
	s.walk("administrator", name, once, "FOOTFALL_CAMERA="+camera.URL())
	s.eventually("a clip is stored", func() bool {
		return len(s.listClips("?state=stored&trigger=crossing&line=door")) > 0
	})
	s.walk("auditor", "the-auditor", s.newcomer("the-auditor", "auditor"))
	s.change(http.MethodPost, "/api/v1/cameras",
		`{"id": "back", "name": "Back door", "url": "rtsp://127.0.0.1:9/nobody"}`, http.StatusCreated)
	s.walk("guard", "the-guard", s.newcomer("the-guard", "viewer"))
}

// By keyboard alone: counts of a line, as a table and a file; and once around every page.
func TestTheAppByKeyboardShowsCounts(t *testing.T) {
	t.Parallel()
	app(t)
	s := prepare(t, strings.Replace(mall, "cameras:\n", "  - {id: outlet, name: Outlet, zone: Europe/Berlin}\ncameras:\n", 1))
	s.fill(time.Now())
	s.start()
	s.walk("manager", "the-manager", s.newcomer("the-manager", "manager"))
	s.walk("everybody", "the-admin", s.newcomer("the-admin", "admin"))
}
