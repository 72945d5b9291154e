package main

import (
	"context"
	"errors"
	"fmt"

	"footfall/models/config"
	"footfall/tracker/crossing/score"
)

type evalCmd struct {
	sourceFlags
	Steady bool   `help:"Make the camera's own motion good, as count does. Not the default: truth is of lines that stand still on the picture."`
	Truth  string `required:"" help:"File with the lines and the crossings that really happened." placeholder:"FILE" type:"path"`
}

// matchWithin is how far apart, in seconds, a counted crossing and a true one may be.
const matchWithin = 2.0

// Run counts a source and scores the result.
func (cmd *evalCmd) Run(ctx context.Context, c *console) error {
	truth, err := config.ReadTruth(cmd.Truth)
	if err != nil {
		return err
	}
	cfg, err := cmd.configure(cmd.overrides())
	if err != nil {
		return err
	}
	clock := &workClock{}
	source, found, err := cmd.prepare(ctx, cfg, clock)
	if err != nil {
		return err
	}
	defer source.Close()
	run := &countRun{
		source: source, detector: found, maxFPS: float64(cmd.FPS), clock: clock,
		counting: counting{truth.Lines, truth.Anchor, cfg.Counting.UTurn},
		steadier: cmd.steadier(cmd.Steady),
		bar:      c.frames("counting", source.Info().Frames),
	}
	result, err := run.count(ctx)
	if err = errors.Join(err, found.Close()); err != nil {
		return err
	}
	if result.interrupted {
		return fmt.Errorf("%w: only what is counted to the end can be scored", errInterrupted)
	}
	report := evaluation{report: newReport(cmd.shown(), found, result)}
	report.compare(truth, result)
	report.warn(c)
	if cmd.JSON {
		return c.json(report)
	}
	report.print(c)
	return nil
}

// evaluation is what eval --json prints. The keys are a contract.
type evaluation struct {
	report
	Lines []scoredLine `json:"lines"` // in place of the report's
	Score score.Score  `json:"score"`
}

type scoredLine struct {
	lineReport
	Score score.Score `json:"score"`
}

// compare matches in seconds of the truth's own clock.
func (e *evaluation) compare(truth config.Truth, result *counted) {
	fps := truth.FPS
	if fps <= 0 {
		fps = result.fps
	}
	seconds := func(frame int) float64 { return float64(frame-1) / fps }
	within := score.Everything()
	if truth.Last > 0 {
		within = score.Range{First: seconds(truth.First), Last: seconds(truth.Last)}
	}
	var known, got []score.Event
	for _, t := range truth.Events {
		known = append(known, score.Event{
			Line: t.Line, Direction: t.Direction, At: seconds(t.Frame), Doubtful: !t.Sure,
		})
	}
	for _, p := range result.passages {
		got = append(got, score.Event{Line: p.Line, Direction: p.Direction, At: p.At.Sub(result.origin).Seconds()})
	}
	var lines []string
	for _, line := range truth.Lines {
		lines = append(lines, line.ID)
	}
	overall, byLine := score.Compare(lines, known, got, matchWithin, within)
	e.Score = overall
	for i, line := range byLine {
		e.Lines = append(e.Lines, scoredLine{e.report.Lines[i], line.Score})
	}
}

func (e evaluation) print(c *console) {
	width := len("together")
	for _, l := range e.Lines {
		width = max(width, len(l.ID))
	}
	c.say("%-*s %6s %6s %6s %6s %6s %10s %7s %6s %7s", width, "line", "truth", "got", "right", "wrong", "missed",
		"precision", "recall", "F1", "bias")
	row := func(name string, s score.Score) {
		c.say("%-*s %6d %6d %6d %6d %6d %10.3f %7.3f %6.3f %+6.1f%%", width, name, s.Truth, s.Got, s.TP, s.FP, s.FN,
			s.Precision, s.Recall, s.F1, 100*s.Bias)
	}
	for _, l := range e.Lines {
		row(l.ID, l.Score)
	}
	row("together", e.Score)
	c.say("")
	e.summary(c)
}
