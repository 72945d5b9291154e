package simulator

import (
	"slices"
	"strings"
	"testing"
)

// ffmpegFrames lets ffmpeg read a stream to its end and returns a checksum of each picture.
func ffmpegFrames(t *testing.T, url, transport string, more ...string) ([]string, error) {
	t.Helper()
	args := []string{"-nostdin", "-v", "error", "-rtsp_transport", transport, "-i", url, "-map", "0:v:0"}
	args = append(args, more...)
	out, err := command(t, "ffmpeg", append(args, "-fps_mode", "passthrough", "-f", "framemd5", "-")...)
	if err != nil {
		return nil, err
	}
	var sums []string
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "#") {
			fields := strings.Split(strings.TrimSpace(line), ",")
			sums = append(sums, strings.TrimSpace(fields[len(fields)-1]))
		}
	}
	return sums, nil
}

func smallStreet(t *testing.T) *Clip {
	t.Helper()
	scene := StreetScene()
	scene.Width, scene.Height = 96, 72
	clip, err := clips.Scene(within(t), scene)
	if err != nil {
		t.Fatal(err)
	}
	return clip
}

func TestFFmpegSeesEveryFrameOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, transport string
		options         CameraOptions
	}{
		{"tcp", "tcp", CameraOptions{}},
		// So small that the kernel could keep nearly all of it, for UDP may lose what a busy reader leaves lying about.
		{"udp", "udp", CameraOptions{Clip: smallStreet(t)}},
		{"rtsps", "tcp", CameraOptions{TLS: true}},
		{"basic", "tcp", CameraOptions{User: "admin", Password: "p@ss/wörd", Login: BasicLogin}},
		{"digest", "tcp", CameraOptions{User: "admin", Password: "p@ss/wörd", Login: DigestLogin}},
		{"path", "tcp", CameraOptions{Path: "/live/ch1/"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			clip := test.options.Clip
			if clip == nil {
				clip = street(t)
			}
			test.options.Clip, test.options.Once, test.options.OnDemand, test.options.Speed = clip, true, true, 4
			camera := startCamera(t, test.options)
			sums, err := ffmpegFrames(t, camera.URL(), test.transport)
			if err != nil {
				t.Fatal(err)
			}
			if len(sums) != clip.Frames() {
				t.Errorf("ffmpeg saw %d frames of %d", len(sums), clip.Frames())
			}
			if slices.Sort(sums); len(slices.Compact(sums)) != clip.Frames() {
				t.Error("some frames are the same, in spite of noise")
			}
		})
	}
}
