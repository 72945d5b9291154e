package main

import (
	"bytes"
	"encoding/json"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"

	"footfall/api"
	"footfall/capture/simulator"
)

// A camera is tried out before it is added: with a picture where there is one, and with what is wrong where not.
func TestACameraIsTriedOut(t *testing.T) {
	t.Parallel()
	camera := play(t, simulator.CameraOptions{
		Clip: clipOf(t, busyPlace), User: "viewer", Password: "t0psecret", Path: "stream1",
	})
	s := serve(t, "workers: {local: 0}\n")
	var shown strings.Builder
	try := func(url string) (trial api.CameraTrial) {
		t.Helper()
		body, err := json.Marshal(map[string]string{"url": url})
		if err != nil {
			t.Fatal(err)
		}
		answer := s.change(http.MethodPost, "/api/v1/camera-trials", string(body), http.StatusOK)
		shown.WriteString(answer)
		if err := json.Unmarshal([]byte(answer), &trial); err != nil {
			t.Fatal(err)
		}
		return trial
	}

	well := try(camera.URL())
	if !well.Pictures || well.Reason != nil || well.Still == nil || well.Fps == nil || *well.Fps < 1 {
		t.Fatalf("a camera that is well: %+v", well)
	}
	if well.Authentication == nil || *well.Authentication == api.None {
		t.Errorf("it asked for a password, and that is not said: %v", well.Authentication)
	}
	still, err := jpeg.Decode(bytes.NewReader(*well.Still))
	if err != nil {
		t.Fatal(err)
	}
	if size := still.Bounds().Size(); size.X != *well.Width || size.Y != *well.Height {
		t.Errorf("a still of %v of a picture of %d x %d", size, *well.Width, *well.Height)
	}

	wrong := strings.Replace(camera.URL(), "t0psecret", "t0psecret-too", 1)
	for url, reason := range map[string]api.CameraTrialReason{
		wrong: api.CameraTrialReasonAuthenticationFailed,
		strings.Replace(camera.URL(), "stream1", "nothing", 1): api.CameraTrialReasonStreamNotFound,
		"rtsp://viewer:t0psecret@127.0.0.1:1/":                 api.CameraTrialReasonUnreachable,
	} {
		trial := try(url)
		if trial.Pictures || trial.Reason == nil || *trial.Reason != reason || trial.Detail == nil || trial.Still != nil {
			t.Errorf("%s: %+v, want %s", url, trial, reason)
		}
	}
	for _, url := range []string{"http://127.0.0.1/", "rtsp://169.254.169.254/latest", "concat:/etc/passwd", ""} {
		body, _ := json.Marshal(map[string]string{"url": url})
		answer := s.change(http.MethodPost, "/api/v1/camera-trials", string(body), http.StatusBadRequest)
		if !strings.Contains(answer, `"field":"url"`) {
			t.Errorf("%s: %s", url, answer)
		}
	}
	if strings.Contains(shown.String()+s.log.String(), "t0psecret") {
		t.Error("a password is shown")
	}
	s.stop()
}
