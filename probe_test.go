package main

import (
	"strings"
	"testing"

	"footfall/capture/simulator"
)

func TestCameraProbe(t *testing.T) {
	t.Parallel()
	for name, camera := range map[string]struct {
		options simulator.CameraOptions
		login   string
	}{
		"open":   {simulator.CameraOptions{}, "none"},
		"basic":  {simulator.CameraOptions{User: "viewer", Password: "secret", Login: simulator.BasicLogin}, "basic"},
		"digest": {simulator.CameraOptions{User: "viewer", Password: "secret", Login: simulator.DigestLogin}, "digest"},
		"TLS":    {simulator.CameraOptions{TLS: true}, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			camera.options.Clip = scene(t)
			simulated := play(t, camera.options)
			checkProbe(t, simulated, camera.login)
		})
	}
}

// checkProbe probes a camera in both ways of printing.
func checkProbe(t *testing.T, camera *simulator.Camera, login string) {
	t.Helper()
	got := footfall(t, "camera", "probe", camera.URL(), "--json")
	probed := decode[struct {
		Address, Transport, Authentication, Codec string
		Width, Height, Frames                     int
		FPS                                       float64
		LatencyNS                                 int64 `json:"latency_ns"`
		FirstFrameNS                              int64 `json:"first_frame_ns"`
	}](t, got)
	if probed.Transport != "tcp" || probed.Authentication != login || probed.Codec != "H264" ||
		probed.Width != 320 || probed.Height != 240 || probed.Frames < 2 || probed.FPS <= 0 ||
		!strings.Contains(camera.Address(), "://"+probed.Address+"/") {
		t.Errorf("%+v of %s", probed, camera.Address())
	}
	if probed.LatencyNS <= 0 || probed.FirstFrameNS < probed.LatencyNS {
		t.Errorf("answered after %d ns, first picture after %d ns", probed.LatencyNS, probed.FirstFrameNS)
	}
	told := footfall(t, "camera", "probe", camera.URL())
	if told.code != 0 || told.stderr != "" || !strings.Contains(told.stdout, "\nlogin       "+login+"\n") ||
		!strings.Contains(told.stdout, "\nvideo       H264, 320 x 240, ") ||
		strings.Contains(told.stdout, "after 0.0 ms") || !strings.HasSuffix(told.stdout, " ms\n") {
		t.Errorf("%+v", told)
	}
	for _, o := range []outcome{got, told} {
		if strings.Contains(o.stdout, "secret") || strings.Contains(o.stdout, "viewer") {
			t.Errorf("shows the password: %s", o.stdout)
		}
	}
}
