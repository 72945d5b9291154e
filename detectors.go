package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/models/config"
	"footfall/models/weights"
	"footfall/tracker/mot"
	"footfall/vision"
)

// shelf is where models are looked for on this machine.
func shelf(cfg config.Detector) (*weights.Shelf, error) {
	return weights.NewShelf(cfg.ModelsDir, os.Getenv("FOOTFALL_MODELS"))
}

// openDetector finds the configured model and starts an engine on it. version names the very weights, for facts.
func openDetector(ctx context.Context, cfg config.Detector, clock func() time.Duration) (
	detector vision.Detector, version string, err error,
) {
	models, err := shelf(cfg)
	if err != nil {
		return nil, "", err
	}
	name := cfg.Model
	if name == config.ModelAuto {
		name = ""
	}
	model, err := models.Find(ctx, name)
	if err != nil {
		return nil, "", err
	}
	detector, err = vision.Open(vision.Options{
		File: model.Path, Model: model.Data, Name: model.Name, Contract: model.Contract(),
		Engine: vision.EngineName(cfg.Engine), Library: cfg.ONNXRuntime, Threads: cfg.Threads, Clock: clock,
	})
	return detector, model.Version(), err
}

// network is a detector that looks.
type network struct{ vision.Detector }

func (n network) Name() (model, engine string) {
	info := n.Info()
	return info.Model, string(info.Engine)
}

func (n network) EngineWhy() string      { return n.Info().EngineWhy }
func (n network) Forward() time.Duration { return n.Cost().Forward }

// givenBoxes is the name of the engine where none runs.
const givenBoxes = "none"

// recording is a detector that reads what another one has found.
type recording struct {
	name   string
	frames map[int][]models.Detection
}

// openRecording reads detections in the format of the MOT Challenge, in pixels of a picture of width x height.
func openRecording(name string, width, height int) (*recording, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open detections: %w", err)
	}
	defer func() { _ = file.Close() }()
	frames, err := mot.Read(file, width, height)
	if err != nil {
		return nil, fmt.Errorf("read detections %s: %w", name, err)
	}
	return &recording{name: filepath.Base(name), frames: frames}, nil
}

func (r *recording) Detect(f *frame.Frame, into []models.Detection) ([]models.Detection, error) {
	return append(into, r.frames[int(f.Seq)]...), nil
}

func (r *recording) Name() (model, engine string) { return r.name, givenBoxes }
func (*recording) EngineWhy() string              { return "" }
func (*recording) Forward() time.Duration         { return 0 }
func (*recording) Close() error                   { return nil }
