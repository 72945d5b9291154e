package main

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"footfall/api"
	"footfall/capture/simulator"
	"footfall/models/config"
)

// A camera that shows a clip at its own pace is counted like the file: the network, the clock of arrival, the worker,
// the outbox, the link and the database on the way neither lose nor invent anybody. A showing of which frames were dropped,
// because the machine had no time, does not answer that; then the camera shows the clip again.
func TestCameraCountsLikeItsFile(t *testing.T) {
	t.Parallel()
	file := footage(t, "sequences/PETS09-S2L1.mp4")
	truth := footage(t, "truth/PETS09-S2L1.json")
	drawing, err := config.ReadDrawing(truth)
	if err != nil {
		t.Fatal(err)
	}
	declaration, err := json.Marshal(drawing.Lines)
	if err != nil {
		t.Fatal(err)
	}

	// The same pixels: encoding anew with losses changes what a detector is in doubt about.
	clip, err := simulator.Encode(t.Context(), file, simulator.EncodeOptions{Lossless: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = clip.Close() })
	counted := footfall(t, "count", file, "--lines", truth, "--json")
	var want struct {
		VideoSeconds float64 `json:"video_seconds"`
		Lines        []struct {
			ID      string
			In, Out int64
			RawIn   int64 `json:"raw_in"`
			RawOut  int64 `json:"raw_out"`
		}
	}
	if err := json.Unmarshal([]byte(counted.stdout), &want); err != nil {
		t.Fatalf("count: %v: %+v", err, counted)
	}

	const showings, mostDropped = 3, 8 // one in a hundred
	var live map[string]row
	for showing := 1; ; showing++ {
		shown := show(t, clip, string(declaration), want.Lines[0].ID)
		t.Logf("showing %d: frames seen %d, dropped %d, observed %s of %.1f s", showing, shown.status.FramesSeen,
			shown.status.FramesDropped, shown.observed, want.VideoSeconds)
		if length := clip.Duration(); shown.observed > length || shown.observed < length*9/10 {
			t.Errorf("observed %s of a clip of %s", shown.observed, length)
		}
		if live = shown.rows; shown.status.FramesDropped <= mostDropped {
			break
		}
		if showing == showings {
			t.Fatalf("%d showings, and in none were all but %d frames analysed", showings, mostDropped)
		}
	}
	for _, line := range want.Lines {
		got := live[line.ID]
		t.Logf("%-5s file in %d out %d raw %d %d, camera in %d out %d raw %d %d", line.ID,
			line.In, line.Out, line.RawIn, line.RawOut, got.in, got.out, got.rawIn, got.rawOut)
		for what, pair := range map[string][2]int64{
			"in": {line.In, got.in}, "out": {line.Out, got.out},
			"raw_in": {line.RawIn, got.rawIn}, "raw_out": {line.RawOut, got.rawOut},
		} {
			if d := pair[0] - pair[1]; d < -1 || d > 1 {
				t.Errorf("line %s, %s: the file has %d, the camera %d", line.ID, what, pair[0], pair[1])
			}
		}
	}
}

// screening is what became of a clip that a camera has shown once.
type screening struct {
	status   api.CameraStatus
	rows     map[string]row
	observed time.Duration
}

// show has a service count a camera that shows the clip once, at its pace.
func show(t *testing.T, clip *simulator.Clip, lines, line string) screening {
	t.Helper()
	camera := play(t, simulator.CameraOptions{Clip: clip, Once: true, OnDemand: true})
	s := serve(t, fmt.Sprintf("workers: {local: 1}\ncameras:\n  - {id: pets, url: %q, lines: %s}\n", camera.URL(), lines))
	var shown screening
	s.eventually("the camera has shown the whole clip", func() bool {
		shown.status = s.camera("pets").Status
		return shown.status.FramesSeen >= int64(clip.Frames()) && shown.status.State == api.CameraStatusStateOffline
	})
	s.stop() // what the last second and a half has shown is certain when no more comes
	s.start()
	shown.rows = s.rows("pets")
	s.stop()
	shown.observed = s.read("pets", line).observed()
	return shown
}
