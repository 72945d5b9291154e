package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/models/config"
	"footfall/models/weights"
	"footfall/vision"
)

const (
	// freeCores is the part of a machine's cores that detectors may take before a stronger one is out of the question.
	// The rest is for decoding video, the server, and the hour when more people come.
	freeCores = 0.5
	// fullCores is the part from which cameras will wait for each other.
	fullCores = 0.9
	// everyFrame is the rate that a camera is taken to have when it does not say how many frames it wants analysed.
	everyFrame = 25.0
)

// suit is what detectors ask of this machine.
type suit struct {
	cores   int
	cameras int
	fps     float64        // of all cameras together
	steps   []weights.Step // the built-in models
	model   string         // the one that was measured
	spent   time.Duration  // by it, on a frame
}

// newSuit is the suit of these cameras, of which only those that are watched count.
func newSuit(cores int, cameras []models.Camera, steps []weights.Step, model string, spent time.Duration) suit {
	s := suit{cores: cores, steps: steps, model: model, spent: spent}
	for _, c := range cameras {
		if c.Disabled {
			continue
		}
		s.cameras++
		if c.MaxFPS > 0 {
			s.fps += c.MaxFPS
		} else {
			s.fps += everyFrame
		}
	}
	return s
}

// at is the place of a built-in model among the steps, -1 for others.
func (s suit) at(name string) int {
	return slices.IndexFunc(s.steps, func(step weights.Step) bool { return step.Name == name })
}

// needs is how many cores the cameras would keep busy with a built-in model.
func (s suit) needs(step int) float64 {
	return s.fps * s.spent.Seconds() * s.steps[step].Work / s.steps[s.at(s.model)].Work
}

// best is the strongest built-in model that leaves enough of the machine free; without cameras nobody knows, and it is
// the cheapest.
func (s suit) best() int {
	for step := len(s.steps) - 1; step > 0; step-- {
		if s.cameras > 0 && s.needs(step) <= freeCores*float64(s.cores) {
			return step
		}
	}
	return 0
}

// busy says how much of the machine a model takes: "0.3 of 8 cores".
func (s suit) busy(step int) string { return fmt.Sprintf("%.1f of %d cores", s.needs(step), s.cores) }

// advise tells the log what the present model costs, and which other would suit the machine better.
func (s suit) advise(log *slog.Logger) {
	now := s.at(s.model)
	if now < 0 || s.cameras == 0 {
		return
	}
	log = log.With("detector", s.model, "cameras", s.cameras, "frames a second", s.fps, "busy", s.busy(now))
	switch best := s.best(); {
	case best > now:
		log.Info("cores are free for a stronger detector, which sees smaller people",
			"suggestion", "detector.model: "+s.steps[best].Name, "busy with it", s.busy(best))
	case s.needs(now) > fullCores*float64(s.cores):
		suggestion := "max_fps: 10 at the cameras"
		if now > 0 {
			suggestion = "detector.model: " + s.steps[0].Name
		}
		log.Warn("the cameras ask for more than this machine has; frames will be left out", "suggestion", suggestion)
	default:
		log.Info("the detector suits the machine")
	}
}

// fit makes the detector and the machine suit each other: detector.model: auto becomes the model that is chosen, and
// any other is commented on.
func (h *house) fit(ctx context.Context) error {
	if h.localWorkers() == 0 {
		return nil
	}
	cameras, err := h.registry.All(ctx)
	if err != nil {
		return fmt.Errorf("read the cameras: %w", err)
	}
	found, err := shelf(h.cfg.Detector)
	if err != nil {
		return err
	}
	s := newSuit(h.cores, cameras, found.Steps(), h.detector.Model, h.spent)
	if h.cfg.Detector.Model != config.ModelAuto || s.at(h.detector.Model) < 0 {
		s.advise(h.log)
		return nil
	}
	best := s.best()
	h.cfg.Detector.Model = s.steps[best].Name
	h.log.Info("detector chosen for this machine", "detector", h.cfg.Detector.Model, "cameras", s.cameras,
		"frames a second", s.fps, "busy", s.busy(best))
	return nil
}

// trial is what a detector spends on a frame here, by the clock it was opened with: the least of a few, because
// whatever else runs can only add to it.
func trial(ctx context.Context, found vision.Detector) (least time.Duration, err error) {
	pool := frame.NewPool(1)
	defer pool.Close()
	picture, _ := pool.Take()
	defer picture.Release()
	if err := empty(ctx, picture); err != nil {
		return 0, err
	}
	for range 4 {
		before := found.Cost().Total()
		if _, err := found.Detect(picture, nil); err != nil {
			return 0, err
		}
		if spent := found.Cost().Total() - before; least == 0 || spent < least {
			least = spent
		}
	}
	return least, nil
}

// tryDetector opens the detector that the local workers will use, so that a bad one is refused here and now, instead of
// by every worker again and again. It measures it too.
func (h *house) tryDetector(ctx context.Context) (err error) {
	if h.localWorkers() == 0 {
		return nil
	}
	found, _, err := openDetector(ctx, h.cfg.Detector, cpuClock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	h.detector = found.Info()
	h.spent, err = trial(ctx, found)
	return err
}
