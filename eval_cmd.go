package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"footfall/models/config"
	"footfall/tracker/crossing/score"
)

type evalCmd struct {
	Sources []string `arg:"" optional:"" name:"source" help:"Video files, folders of frames, or rtsp:// or rtsps:// addresses."`
	Truth   []string `help:"File with the lines and the crossings that really happened, or a folder of such files. May be repeated." placeholder:"FILE|DIR" type:"path" sep:"none"`
	Clips   []string `help:"Every video of this folder that has a truth, beside it or where --truth says. May be repeated." placeholder:"DIR" type:"path" sep:"none"`
	lookFlags
	FPS        []frameRate `name:"fps" help:"Analyse at most N frames per second of video; 0 = all. Several make several rows: 0,5." placeholder:"N,..."`
	Detections string      `help:"Take the detections from this file (MOT: frame,id,x,y,w,h,...) instead of a model; for several clips, a folder of files named like the clips." placeholder:"MOT.txt|DIR" type:"path"`
	Steady     bool        `help:"Make the camera's own motion good, as count does. Not the default: truth is of lines that stand still on the picture."`
	Errors     bool        `help:"List every crossing that was counted wrongly or missed."`
}

// matchWithin is how far apart, in seconds, a counted crossing and a true one may be.
const matchWithin = 2.0

// Help says what the short help of the flags cannot.
func (*evalCmd) Help() string {
	return "One source with one truth file gives its lines. Several give a table with a row for every clip: a truth " +
		"file belongs to the clip that it names, or that is named like it."
}

// Run counts one source and scores the result, or many.
func (cmd *evalCmd) Run(ctx context.Context, c *console) error {
	if !cmd.isSingle() {
		return cmd.runMany(ctx, c)
	}
	truth, err := config.ReadTruth(cmd.Truth[0])
	if err != nil {
		return err
	}
	var rate frameRate
	if len(cmd.FPS) > 0 {
		rate = cmd.FPS[0]
	}
	report, err := cmd.evaluate(ctx, c, clip{source: cmd.Sources[0], detections: cmd.Detections, truth: truth}, rate)
	if err != nil {
		return err
	}
	report.warn(c)
	if cmd.JSON {
		return c.json(report)
	}
	report.print(c)
	printErrors(c, report.Errors)
	return nil
}

// isSingle: one source, one truth and one rate are told line by line.
func (cmd *evalCmd) isSingle() bool {
	return len(cmd.Sources) == 1 && len(cmd.Truth) == 1 && len(cmd.Clips) == 0 && len(cmd.FPS) <= 1 &&
		!isFolder(cmd.Truth[0])
}

func isFolder(path string) bool {
	about, err := os.Stat(path)
	return err == nil && about.IsDir()
}

// evaluate counts a clip at a rate and scores the result.
func (cmd *evalCmd) evaluate(ctx context.Context, c *console, clip clip, rate frameRate) (*evaluation, error) {
	flags := sourceFlags{Source: clip.source, lookFlags: cmd.lookFlags, FPS: rate, Detections: clip.detections}
	cfg, err := flags.configure(flags.overrides())
	if err != nil {
		return nil, err
	}
	clock := &workClock{}
	source, found, err := flags.prepare(ctx, cfg, clock, nil)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	what := "counting"
	if clip.name != "" {
		what += " " + clip.name
	}
	run := &countRun{
		source: source, detector: found, maxFPS: float64(rate), clock: clock,
		counting: counting{lines: clip.truth.Lines, anchor: clip.truth.Anchor, uTurn: cfg.Counting.UTurn},
		steadier: flags.steadier(cmd.Steady),
		bar:      c.frames(what, source.Info().Frames),
	}
	result, err := run.count(ctx)
	if err = errors.Join(err, found.Close()); err != nil {
		return nil, err
	}
	if result.interrupted {
		return nil, fmt.Errorf("%w: only what is counted to the end can be scored", errInterrupted)
	}
	report := &evaluation{report: newReport(flags.shown(), found, result)}
	report.compare(newComparison(clip.truth, result), cmd.Errors)
	return report, nil
}

// evaluation is what eval --json prints. The keys are a contract.
type evaluation struct {
	report
	Lines  []scoredLine `json:"lines"` // in place of the report's
	Score  score.Score  `json:"score"`
	Errors []countError `json:"errors,omitempty"` // if asked for
}

type scoredLine struct {
	lineReport
	Score score.Score `json:"score"`
}

// comparison is what was counted beside what is known, in seconds of the truth's own clock.
type comparison struct {
	lines      []string
	known, got []score.Event
	within     score.Range
	fps        float64
}

func newComparison(truth config.Truth, result *counted) comparison {
	x := comparison{fps: truth.FPS, within: score.Everything()}
	if x.fps <= 0 {
		x.fps = result.fps
	}
	seconds := func(frame int) float64 { return float64(frame-1) / x.fps }
	if truth.Last > 0 {
		x.within = score.Range{First: seconds(truth.First), Last: seconds(truth.Last)}
	}
	for _, t := range truth.Events {
		x.known = append(x.known, score.Event{
			Line: t.Line, Direction: t.Direction, At: seconds(t.Frame), Doubtful: !t.Sure,
		})
	}
	for _, p := range result.passages {
		x.got = append(x.got, score.Event{Line: p.Line, Direction: p.Direction, At: p.At.Sub(result.origin).Seconds()})
	}
	for _, line := range truth.Lines {
		x.lines = append(x.lines, line.ID)
	}
	return x
}

func (e *evaluation) compare(x comparison, listErrors bool) {
	overall, byLine := score.Compare(x.lines, x.known, x.got, matchWithin, x.within)
	e.Score = overall
	for i, line := range byLine {
		e.Lines = append(e.Lines, scoredLine{e.report.Lines[i], line.Score})
	}
	if listErrors {
		e.Errors = x.errors()
	}
}

func (e *evaluation) print(c *console) {
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
