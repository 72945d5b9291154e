package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"footfall/capture"
	"footfall/capture/frame"
	"footfall/models"
	"footfall/models/config"
	"footfall/vision/pipeline"
)

type countCmd struct {
	sourceFlags
	Lines    string         `required:"" help:"Lines file (YAML or JSON): lines: {door: [[0.1, 0.6], [0.9, 0.6]]}, and zones: {hall: [[0.1, 0.6], [0.5, 0.6], [0.5, 0.9]]}." placeholder:"FILE" type:"path"`
	Classes  []models.Class `help:"Count these beside people, each by itself, if the model knows them: suitcase,backpack,handbag,bicycle." placeholder:"CLASS,..."`
	Anchor   string         `help:"What crosses a line and is inside a zone: bottom_centre (the feet) or centre (for a camera that looks straight down)." default:"bottom_centre"`
	UTurn    *time.Duration `help:"Back over the same line within this time counts in the raw totals only (10s if not given); 0s = never." placeholder:"10s"`
	Steady   bool           `help:"Make the camera's own motion (drift, sag, shaking) good. --no-steady takes the camera for steady." default:"true" negatable:""`
	Annotate string         `help:"Write a video with boxes, lines, zones and counts." placeholder:"OUT.mp4" type:"path"`
	Events   string         `help:"Write every crossing as a line of JSON." placeholder:"OUT.jsonl" type:"path"`
}

// Help says what the short help of the flags cannot.
func (*countCmd) Help() string {
	return "Ctrl-C ends the count and prints the result so far. With a camera that is how a count ends " +
		"(exit code 0); with a file the result is marked as interrupted (exit code 130)."
}

// Run counts a source and prints the result.
func (cmd *countCmd) Run(ctx context.Context, c *console) (err error) {
	drawing, err := config.ReadDrawing(cmd.Lines)
	if err != nil {
		return err
	}
	if !models.Anchor(cmd.Anchor).Valid() {
		return models.Invalidf("--anchor", "%q is unknown; use bottom_centre or centre", cmd.Anchor)
	}
	if err := models.ValidateClasses(cmd.Classes); err != nil {
		return asFlag(err)
	}
	cfg, err := cmd.configure(cmd.overrides())
	if err != nil {
		return err
	}
	events, err := cmd.outputs()
	if err != nil {
		return err
	}
	rules := counting{drawing.Lines, drawing.Zones, cmd.Classes, models.Anchor(cmd.Anchor), cfg.Counting.UTurn}
	result, detector, err := cmd.count(ctx, c, cfg, rules)
	if err = errors.Join(err, events.finish(result)); err != nil {
		return err
	}
	report := newReport(cmd.shown(), detector, result)
	report.warn(c)
	if cmd.JSON {
		err = c.json(report)
	} else {
		report.print(c)
	}
	return errors.Join(err, result.whole())
}

func (cmd *countCmd) overrides() map[string]string {
	flags := cmd.sourceFlags.overrides()
	if cmd.UTurn != nil {
		flags["counting.u_turn"] = cmd.UTurn.String()
	}
	return flags
}

// count runs the source through the corridor. The detector is closed already when it returns; its name is still true.
func (cmd *countCmd) count(
	ctx context.Context, c *console, cfg config.Config, rules counting,
) (*counted, detector, error) {
	clock := &workClock{}
	source, found, err := cmd.prepare(ctx, cfg, clock, rules.classes)
	if err != nil {
		return nil, nil, err
	}
	defer source.Close()
	run := &countRun{
		source: source, detector: found, counting: rules, maxFPS: float64(cmd.FPS), clock: clock,
		steadier: cmd.steadier(cmd.Steady), bar: c.frames("counting", source.Info().Frames),
	}
	result, err := cmd.annotated(ctx, run)
	return result, found, errors.Join(err, found.Close())
}

// annotated runs and, if asked for, writes the video.
func (cmd *countCmd) annotated(ctx context.Context, run *countRun) (*counted, error) {
	if cmd.Annotate == "" {
		return run.count(ctx)
	}
	film := &film{file: cmd.Annotate, fps: cmp.Or(run.source.Info().FPS, capture.DefaultFPS), rules: run.counting}
	// A count that is interrupted is a result, and so is its video.
	finished := context.WithoutCancel(ctx)
	run.seen = func(f *frame.Frame, turn pipeline.Turn, totals totals) error {
		return film.show(finished, f, turn, totals)
	}
	result, err := run.count(ctx)
	if err = errors.Join(err, film.finish(err == nil)); err != nil {
		return nil, err
	}
	return result, nil
}
