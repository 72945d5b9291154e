package main

import (
	"net/http"
	"strings"
	"testing"

	"footfall/api"
	"footfall/capture/simulator"
)

// Zones are drawn on a camera of a running service, looked at at once, and shown with who is inside; a class that the
// model does not know is refused.
func TestZonesOfARunningService(t *testing.T) {
	t.Parallel()
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace)})
	s := serve(t, "workers: {local: 1}\n")
	s.change(http.MethodPost, "/api/v1/cameras", `{"id": "place", "url": "`+camera.URL()+`"}`, http.StatusCreated)
	s.online("place")
	s.change(http.MethodPut, "/api/v1/cameras/place/zones",
		`{"zones": {"all": [[0, 0], [1, 0], [1, 1], [0, 1]], "sky": [[0, 0], [1, 0], [0.5, 0.05]]}}`, http.StatusOK)
	s.eventually("somebody is inside", func() bool {
		inside := insideOf(s.camera("place").Status)
		return inside["all"] > 0
	})
	if status := s.camera("place").Status; status.Reconnects != 0 || camera.Stats().ReadersServed != 1 {
		t.Errorf("new zones disturbed the camera: %+v", status)
	}
	s.eventually("the metrics know who is inside", func() bool {
		metrics, _ := s.request(http.MethodGet, "/metrics", "")
		return strings.Contains(string(metrics), `footfall_zone_inside{camera="place",class="person",zone="all"} `) &&
			strings.Contains(string(metrics), `footfall_zone_inside{camera="place",class="person",zone="sky"} 0`)
	})
	refused := s.change(http.MethodPatch, "/api/v1/cameras/place", `{"classes": ["suitcase"]}`, http.StatusBadRequest)
	if want := `camera place: classes: the model footfall-fast does not know \"suitcase\"; it knows nothing but person`; !strings.Contains(refused, want) {
		t.Errorf("refused with %s, want %s", refused, want)
	}
	s.change(http.MethodPut, "/api/v1/cameras/place/zones", `{"zones": []}`, http.StatusOK)
	s.eventually("there are no zones", func() bool { return s.camera("place").Status.Zones == nil })
}

// insideOf is how many people are inside each zone.
func insideOf(status api.CameraStatus) map[string]int64 {
	people := map[string]int64{}
	if status.Zones != nil {
		for _, zone := range *status.Zones {
			people[zone.Id] = zone.Inside["person"]
		}
	}
	return people
}

// A camera of the configuration file whose class the model does not know is refused when the server starts.
func TestServeRefusesUnknownClasses(t *testing.T) {
	t.Parallel()
	folder := folderOf(t, map[string]string{"footfall.yaml": `workers: {local: 1}
server: {listen: "127.0.0.1:0"}
cameras: [{id: lobby, url: "rtsp://camera.invalid/", classes: [suitcase]}]
`})
	got := footfallIn(t, folder, "serve", "--config", "footfall.yaml")
	want := `footfall: camera lobby: classes: the model footfall-fast does not know "suitcase"; it knows nothing but person; ` +
		`for others see footfall models list`
	if got.code == 0 || strings.TrimSpace(got.stderr) != want {
		t.Errorf("ends with %d and says\n%swant\n%s", got.code, got.stderr, want)
	}
}
