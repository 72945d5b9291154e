package main

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"footfall/api"
	"footfall/capture/simulator"
	"footfall/models/config"
)

// A camera that shows a clip at its own pace is counted like the file: the network, the clock of arrival, the worker,
// the outbox, the link and the database on the way neither lose nor invent anybody. Every line agrees within one; on a
// machine so busy that frames are dropped, within one and the dropped share of its crossings.
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
	camera := play(t, simulator.CameraOptions{Clip: clip, Once: true, OnDemand: true})
	s := serve(t, fmt.Sprintf("workers: {local: 1}\ncameras:\n  - {id: pets, url: %q, lines: %s}\n",
		camera.URL(), declaration))
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

	var status api.CameraStatus
	s.eventually("the camera has shown the whole clip", func() bool {
		status = s.camera("pets").Status
		return status.FramesSeen >= int64(clip.Frames()) && status.State == api.CameraStatusStateOffline
	})
	s.drained()
	live := s.rows("pets")
	s.stop()
	observed, length := s.read("pets", want.Lines[0].ID).observed(), clip.Duration()
	t.Logf("frames seen %d, dropped %d, observed %s of %.1f s", status.FramesSeen, status.FramesDropped,
		observed, want.VideoSeconds)
	lost := float64(status.FramesDropped) / float64(status.FramesSeen)
	if lost > 0.5 {
		t.Errorf("half of the frames were dropped: nothing else may run beside this test")
	}
	for _, line := range want.Lines {
		got, within := live[line.ID], 1+int64(math.Ceil(lost*float64(line.RawIn+line.RawOut)))
		t.Logf("%-5s file in %d out %d raw %d %d, camera in %d out %d raw %d %d", line.ID,
			line.In, line.Out, line.RawIn, line.RawOut, got.in, got.out, got.rawIn, got.rawOut)
		for what, pair := range map[string][2]int64{
			"in": {line.In, got.in}, "out": {line.Out, got.out},
			"raw_in": {line.RawIn, got.rawIn}, "raw_out": {line.RawOut, got.rawOut},
		} {
			if d := pair[0] - pair[1]; d < -within || d > within {
				t.Errorf("line %s, %s: the file has %d, the camera %d", line.ID, what, pair[0], pair[1])
			}
		}
	}
	if observed > length || observed < length*9/10 {
		t.Errorf("observed %s of a clip of %s", observed, length)
	}
}
