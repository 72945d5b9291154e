package main

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"

	"footfall/capture"
	"footfall/capture/frame"
	"footfall/models"
	"footfall/models/config"
	"footfall/vision"
	"footfall/vision/pipeline"
)

// sourceFlags are what it takes to count one source.
type sourceFlags struct {
	Source string `arg:"" help:"A video file, a folder of frames, or an rtsp:// or rtsps:// address."`
	lookFlags
	FPS        frameRate `name:"fps" help:"Analyse at most N frames per second of video; 0 = all." placeholder:"N"`
	Detections string    `help:"Take the detections from this file (MOT: frame,id,x,y,w,h,...) instead of a model." placeholder:"MOT.txt" type:"path"`
}

// lookFlags are how people are found, and how the result is told.
type lookFlags struct {
	Config  string `help:"Configuration file, for the detector's settings." placeholder:"FILE" type:"path"`
	Model   string `help:"Name or file of the detector; the best that is there if not given." placeholder:"NAME|FILE"`
	Engine  string `help:"What runs it: auto, onnxruntime or opencv." placeholder:"ENGINE"`
	Threads int    `help:"Threads of the detector." placeholder:"N"`
	JSON    bool   `name:"json" help:"Print one JSON object."`
}

// frameRate is a number of frames a second; 0 is all of them.
type frameRate float64

// UnmarshalText reads a number of 0 or more.
func (r *frameRate) UnmarshalText(text []byte) error {
	number, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(number >= 0 && number <= 1000) {
		return errors.New(strconv.Quote(string(text)) + " is not a number of frames a second from 0 (all) to 1000")
	}
	*r = frameRate(number)
	return nil
}

// overrides are the flags that were given, as keys of the configuration.
func (s *lookFlags) overrides() map[string]string {
	flags := map[string]string{}
	put := func(key, value string) {
		if value != "" {
			flags[key] = value
		}
	}
	put("detector.model", s.Model)
	put("detector.engine", s.Engine)
	if s.Threads != 0 {
		put("detector.threads", itoa(s.Threads))
	}
	return flags
}

// configure is the configuration as the flags have changed it.
func (s *lookFlags) configure(flags map[string]string) (config.Config, error) {
	return configured(s.Config, flags)
}

// configured reads the configuration, changed by flags. What it refuses of a flag has the flag's name.
func configured(file string, flags map[string]string) (config.Config, error) {
	cfg, err := config.Load(config.Sources{File: file, Environ: os.Environ(), Flags: flags})
	if invalid := (*models.InvalidError)(nil); errors.As(err, &invalid) {
		if key, found := strings.CutPrefix(invalid.Field, "command line: "); found {
			_, name, _ := strings.Cut(key, ".")
			err = &models.InvalidError{Field: "--" + strings.ReplaceAll(name, "_", "-"), Reason: invalid.Reason}
		}
	}
	return cfg, err
}

// asFlag gives what is refused about classes the name that it has on the command line.
func asFlag(err error) error {
	if invalid := (*models.InvalidError)(nil); errors.As(err, &invalid) && invalid.Field == "classes" {
		return &models.InvalidError{Field: "--classes", Reason: invalid.Reason}
	}
	return err
}

// prepare opens the source and what finds people and other classes in it, whose cost clock measures. The caller closes
// both.
func (s *sourceFlags) prepare(ctx context.Context, cfg config.Config, clock *workClock, classes []models.Class) (
	capture.Source, detector, error,
) {
	switch {
	case s.Detections != "" && s.Model != "":
		return nil, nil, models.Invalidf("--detections", "is in place of a model; give only one of them")
	case s.Detections != "" && len(classes) > 0:
		return nil, nil, models.Invalidf("--classes", "a file of detections holds people only; give a model (--model)")
	}
	// Whoever runs this command may reach every address from here anyway.
	source, err := capture.Open(ctx, capture.Spec{
		Location: s.Source, Addresses: capture.AddressRules{Allow: cfg.Capture.AllowAddresses, AllowLoopback: true},
	})
	if err != nil {
		return nil, nil, err
	}
	found, err := s.open(ctx, source, cfg, clock, classes)
	if err != nil {
		source.Close()
		return nil, nil, err
	}
	return source, found, nil
}

func (s *sourceFlags) open(
	ctx context.Context, source capture.Source, cfg config.Config, clock *workClock, classes []models.Class,
) (detector, error) {
	if s.Detections != "" {
		info := source.Info()
		return openRecording(s.Detections, info.Width, info.Height)
	}
	opened, _, err := openDetector(ctx, cfg.Detector, clock.now)
	if err != nil {
		return nil, err
	}
	asked, err := opened.Besides(classes)
	if err != nil {
		return nil, errors.Join(asFlag(err), opened.Close())
	}
	return network{asked}, nil
}

// steadier makes the camera's own motion good, if that is wanted, and if there are pictures to see it on.
func (s *sourceFlags) steadier(wanted bool) pipeline.Steadier[*frame.Frame] {
	if !wanted || s.Detections != "" {
		return nil
	}
	return &vision.Steadier{}
}

// shown is the source as it may be printed.
func (s *sourceFlags) shown() string {
	if strings.Contains(s.Source, "://") {
		return models.RedactURL(s.Source)
	}
	return s.Source
}
