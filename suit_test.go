package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"footfall/models"
	"footfall/models/weights"
)

// builtInSteps are two models of which the second does twice the work.
func builtInSteps() []weights.Step {
	return []weights.Step{{Name: "small", Work: 1}, {Name: "large", Work: 2}}
}

func TestWhichDetectorSuitsAMachine(t *testing.T) {
	t.Parallel()
	tenFrames, everyFrameOf, off := models.Camera{MaxFPS: 10}, models.Camera{}, models.Camera{Disabled: true}
	for _, test := range []struct {
		name    string
		cores   int
		cameras []models.Camera
		model   string // that was measured, at 10 ms a frame
		best    string
		says    string
	}{
		{"no cameras yet", 8, nil, "small", "small", ""},
		{"none that is watched", 8, []models.Camera{off}, "small", "small", ""},
		{
			"room for the large one", 8,
			[]models.Camera{tenFrames, tenFrames},
			"small", "large",
			`level=INFO msg="cores are free for a stronger detector, which sees smaller people" detector=small cameras=2 ` +
				`"frames a second"=20 busy="0.2 of 8 cores" suggestion="detector.model: large" "busy with it"="0.4 of 8 cores"`,
		},
		{"exactly half of the cores", 1, []models.Camera{everyFrameOf}, "small", "large", "stronger"},
		{"more than half", 1, []models.Camera{everyFrameOf, {MaxFPS: 1}}, "small", "small", "suits the machine"},
		{"the large one already", 8, []models.Camera{tenFrames}, "large", "large", "suits the machine"},
		{
			"too much for the large one", 1,
			[]models.Camera{everyFrameOf, everyFrameOf, everyFrameOf, everyFrameOf},
			"large",
			"small", `suggestion="detector.model: small"`,
		},
		{
			"too much for any", 1,
			[]models.Camera{everyFrameOf, everyFrameOf, everyFrameOf, everyFrameOf},
			"small", "small",
			`level=WARN msg="the cameras ask for more than this machine has; frames will be left out" detector=small ` +
				`cameras=4 "frames a second"=100 busy="1.0 of 1 cores" suggestion="max_fps: 10 at the cameras"`,
		},
		{"a model of somebody else", 8, []models.Camera{tenFrames}, "yolox-nano", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSuit(test.cores, test.cameras, builtInSteps(), test.model, 10*time.Millisecond)
			if s.at(test.model) >= 0 {
				if best := s.steps[s.best()].Name; best != test.best {
					t.Errorf("the best is %s, want %s", best, test.best)
				}
			}
			var said bytes.Buffer
			s.advise(slog.New(slog.NewTextHandler(&said, nil)))
			if !strings.Contains(said.String(), test.says) || (test.says == "") != (said.Len() == 0) {
				t.Errorf("says %swant %s", said.String(), test.says)
			}
		})
	}
}

// One slow camera leaves any machine free: auto takes the strongest built-in model for it and its workers open that
// one, and somebody who configured nothing is told of it.
func TestServeSuitsItsDetectorToTheMachine(t *testing.T) {
	t.Parallel()
	const camera = "workers: {local: 1}\ncameras: [{id: door, url: \"rtsp://127.0.0.1:9/\", max_fps: 1}]\n"
	for configured, says := range map[string][]string{
		"":                          {`suggestion="detector.model: footfall-accurate"`, "footfall-fast@"},
		"detector: {model: auto}\n": {`msg="detector chosen for this machine" detector=footfall-accurate`, "footfall-accurate@"},
	} {
		s := serve(t, camera+configured)
		for _, want := range says {
			s.eventually("the log has "+want, func() bool { return strings.Contains(s.log.String(), want) })
		}
		s.stop()
	}
}
