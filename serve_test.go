package main

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"footfall/api"
	"footfall/capture/simulator"
)

// change sends a request that must be answered with a status.
func (s *service) change(method, path, body string, want int) string {
	s.t.Helper()
	answer, status := s.request(method, path, body)
	if status != want {
		s.t.Fatalf("%s %s %s: %d, want %d: %s", method, path, body, status, want, answer)
	}
	return string(answer)
}

// A camera is added to a running service, gets other lines, is switched off and on, and is removed. What it has
// counted stays.
func TestTheLifeOfACamera(t *testing.T) {
	t.Parallel()
	camera := play(t, simulator.CameraOptions{
		Clip: clipOf(t, busyPlace), User: "viewer", Password: "hidden", Path: "stream1",
	})
	s := serve(t, "workers: {local: 1}\n")
	heard := s.listen()
	const path = "/api/v1/cameras/door"

	// 1. It is added and watched. Its password is never shown.
	added := s.change(http.MethodPost, "/api/v1/cameras", `{"id": "door", "url": "`+camera.URL()+`",
		"lines": [{"id": "x50", "points": [[0.5, 0.85], [0.5, 0.15]]}]}`, http.StatusCreated)
	s.change(http.MethodPost, "/api/v1/cameras", `{"id": "door", "url": "rtsp://other.invalid/"}`, http.StatusConflict)
	s.online("door")
	s.eventually("somebody has crossed", func() bool { return s.total("door") > 0 })
	listed, _ := s.request(http.MethodGet, "/api/v1/cameras", "")
	if all := added + string(listed) + s.log.String(); strings.Contains(all, "hidden") {
		t.Errorf("the password is shown: %s", all)
	}

	// 2. It gets other lines: the old one keeps its counts, the new ones count, the connection stays.
	before := s.camera("door")
	old := s.rows("door")["x50"]
	s.change(http.MethodPut, path+"/lines", `{"lines": [{"id": "x30", "points": [[0.3, 0.85], [0.3, 0.15]]},
		{"id": "x70", "points": [[0.7, 0.85], [0.7, 0.15]]}, {"id": "y45", "points": [[0.05, 0.45], [0.95, 0.45]]}]}`,
		http.StatusOK)
	s.change(http.MethodPut, path+"/lines", `{"lines": [{"id": "x30", "points": [[0.3, 0.85]]}]}`, http.StatusBadRequest)
	s.eventually("somebody has crossed a new line", func() bool {
		rows := s.rows("door")
		return rows["x30"].rawIn+rows["x30"].rawOut+rows["x70"].rawIn+rows["x70"].rawOut+rows["y45"].rawIn+
			rows["y45"].rawOut > 0
	})
	after := s.camera("door")
	if after.Status.Reconnects != before.Status.Reconnects || after.Status.Since != before.Status.Since ||
		after.Status.FramesSeen < before.Status.FramesSeen || camera.Stats().ReadersServed != 1 {
		t.Errorf("other lines disturbed the camera: %+v, then %+v", before.Status, after.Status)
	}
	if after.Version <= before.Version || len(after.Lines) != 3 {
		t.Errorf("version %d, then %d with lines %v", before.Version, after.Version, after.Lines)
	}
	if now := s.rows("door")["x50"]; now.rawIn < old.rawIn || now.rawOut < old.rawOut {
		t.Errorf("the line that is gone had %+v and has %+v", old, now)
	}

	// 3. Whoever listens hears of it all; metrics and CSV have it, too.
	s.eventually("crossings, counts and states were told", func() bool {
		crossings, counts, cameras := heard.heard()
		return len(crossings) > 1 && len(counts) > 1 && len(cameras) > 1
	})
	s.tellsOfDoor(heard)

	// 4. It is switched off and on again.
	s.change(http.MethodPatch, path, `{"disabled": true}`, http.StatusOK)
	s.eventually("it is switched off", func() bool {
		return s.camera("door").Status.State == "disabled" && camera.Stats().Readers == 0
	})
	s.change(http.MethodPatch, path, `{"disabled": false}`, http.StatusOK)
	s.online("door")

	// 5. It is removed. Its counts stay.
	total := s.total("door")
	s.change(http.MethodDelete, path, "", http.StatusNoContent)
	s.change(http.MethodGet, path, "", http.StatusNotFound)
	s.eventually("nobody watches it", func() bool { return camera.Stats().Readers == 0 })
	if left := s.total("door"); left < total {
		t.Errorf("%d crossings were left of %d", left, total)
	}
}

// tellsOfDoor checks what events, metrics and CSV say about the camera door.
func (s *service) tellsOfDoor(heard *events) {
	s.t.Helper()
	crossings, counts, cameras := heard.heard()
	for _, c := range crossings {
		if c.Camera != "door" || c.Line == "" || c.Time.Before(s.began) {
			s.t.Errorf("crossing %+v", c)
		}
	}
	for _, c := range counts {
		if c.Camera != "door" || c.End.Sub(c.Start) != time.Minute {
			s.t.Errorf("count %+v", c)
		}
	}
	online := false
	for _, c := range cameras {
		online = online || c.State == api.CameraStatusStateOnline
	}
	if !online {
		s.t.Errorf("nobody was told that the camera is online: %+v", cameras)
	}
	metrics, _ := s.request(http.MethodGet, "/metrics", "")
	for _, want := range []string{
		`footfall_camera_state{camera="door",reason="",state="online"} 1`,
		`footfall_camera_reconnects_total{camera="door"} 0`, `footfall_worker_up{worker="local-1"} 1`,
		`footfall_camera_frames_seen_total{camera="door"} `, `footfall_facts_total{result="accepted"} `,
	} {
		if !strings.Contains(string(metrics), want) {
			s.t.Errorf("metrics without %s:\n%s", want, metrics)
		}
	}
	table, _ := s.request(http.MethodGet, "/api/v1/counts.csv?"+url.Values{"camera": {"door"}}.Encode(), "")
	rows, err := csv.NewReader(strings.NewReader(string(table))).ReadAll()
	if err != nil || len(rows) < 2 || rows[0][0] != "camera" || rows[1][0] != "door" {
		s.t.Errorf("CSV: %v\n%s", err, table)
	}
}

// Two servers on one folder or one port would count everything twice, or answer with halves.
func TestASecondServerIsRefused(t *testing.T) {
	t.Parallel()
	s := serve(t, declared(nil))
	address := strings.TrimPrefix(s.url, "http://")
	for name, args := range map[string][]string{
		"same port":   {"serve", "--listen", address, "--data", t.TempDir()},
		"same folder": {"serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(s.folder, "data")},
	} {
		got := footfall(t, args...)
		if got.code != exitFailed || strings.Count(got.stderr, "\n") != 1 || got.stdout != "" {
			t.Errorf("%s: exit code %d, want %d and one line:\n%s%s", name, got.code, exitFailed, got.stdout, got.stderr)
		}
		t.Logf("%s: %s", name, strings.TrimSpace(got.stderr))
	}
	if status := s.status("/readyz"); status != http.StatusOK {
		t.Errorf("the first one is disturbed: %d", status)
	}
}

// A detector that does not work is refused before anything is made, not by every worker again and again.
func TestABadModelIsRefusedByServe(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	bad := filepath.Join(folder, "bad.onnx")
	if err := os.WriteFile(bad, []byte("Once upon a time\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(folder, "data")
	for _, model := range []string{bad, "nonsense"} {
		result := footfall(t, "serve", "--model", model, "--data", data, "--listen", "127.0.0.1:0")
		if result.code == 0 || strings.Count(result.stderr, "\n") != 1 || !strings.Contains(result.stderr, model) {
			t.Errorf("%s: exit code %d, said %q", model, result.code, result.stderr)
		}
		if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a data folder was made (%v)", model, err)
		}
	}
}
