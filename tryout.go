package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"footfall/capture"
	"footfall/capture/frame"
	"footfall/models"
	"footfall/models/config"
)

// A camera that nobody knows yet is tried out in a process of its own: what comes of an address that somebody has typed
// goes through FFmpeg, and may bring down whoever looks at it.

// tryout is what is asked of that process.
type tryout struct {
	URL       string           `json:"url"`
	Transport models.Transport `json:"transport"`
}

type cameraTryCmd struct {
	Config string `help:"Configuration file." placeholder:"FILE" type:"path"`
}

// Run reads a tryout from standard input and prints a models.CameraTrial.
func (cmd *cameraTryCmd) Run(ctx context.Context, c *console) error {
	cfg, err := config.Load(config.Sources{File: cmd.Config, Environ: os.Environ()})
	if err != nil {
		return err
	}
	var job tryout
	if err := json.NewDecoder(io.LimitReader(os.Stdin, 1<<16)).Decode(&job); err != nil {
		return fmt.Errorf("read what to try: %w", err)
	}
	var trial models.CameraTrial
	result, err := probe(ctx, cfg, job.URL, job.Transport, func(f *frame.Frame) (err error) {
		trial.Still, err = stillOf(ctx, cfg, f)
		return err
	})
	if reason, detail, known := capture.Why(err); known {
		trial.Reason, trial.Detail = reason, detail
	} else if err != nil {
		return err
	}
	trial.Address, trial.Transport, trial.Authentication = result.Address, result.Transport, result.Authentication
	trial.Codec, trial.Width, trial.Height, trial.FPS = result.Codec, result.Width, result.Height, result.FPS
	trial.Answered, trial.FirstPicture = result.Latency, result.FirstFrame
	return c.json(trial)
}

// trials tries cameras out for the API.
type trials struct {
	args    []string // of the command, besides its own
	environ []string
	// longest is how long one may take: to be asked, to be opened, to send pictures, and for people to be looked for.
	longest time.Duration
	turn    chan struct{} // one at a time: OpenCV and the detector take a core
}

func (h *house) newTrials() trials {
	return trials{
		args: append([]string{"camera", "try"}, h.workerArgs...), environ: append(os.Environ(), h.inherited()...),
		longest: h.cfg.Capture.OpenTimeout + h.cfg.Capture.StallTimeout + 10*time.Second, turn: make(chan struct{}, 1),
	}
}

// TryCamera implements api.CameraTester.
func (t trials) TryCamera(ctx context.Context, url string, transport models.Transport) (models.CameraTrial, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*t.longest)
	defer cancel()
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return models.CameraTrial{}, fmt.Errorf("another camera is being tried out: %w", models.ErrUnavailable)
	}
	ctx, cancel = context.WithTimeout(ctx, t.longest)
	defer cancel()
	job, err := json.Marshal(tryout{url, transport}) // through standard input, where nobody else reads the password
	if err != nil {
		return models.CameraTrial{}, err
	}
	command := exec.CommandContext(ctx, ownProgram(), t.args...)
	command.Env, command.Stdin = t.environ, bytes.NewReader(job)
	command.WaitDelay = time.Second
	said, err := command.Output()
	var trial models.CameraTrial
	if err == nil {
		err = json.Unmarshal(said, &trial)
	}
	switch {
	case err == nil:
		return trial, nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return models.CameraTrial{
			Reason: models.ReasonStalled, Detail: fmt.Sprintf("no picture within %v", t.longest),
		}, nil
	case ctx.Err() != nil:
		return trial, ctx.Err()
	}
	// What it has said on its way out may hold the address.
	return trial, fmt.Errorf("the process that looked at the camera has failed: %w", err)
}
