package main

import (
	"cmp"
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"footfall/capture"
	"footfall/capture/frame"
	"footfall/models"
	"footfall/models/config"
	"footfall/vision"
	"footfall/vision/pipeline"
)

type countCmd struct {
	sourceFlags
	Lines    string        `required:"" help:"Lines file (YAML or JSON): lines: {door: [[0.1, 0.6], [0.9, 0.6]]}." placeholder:"FILE" type:"path"`
	Anchor   string        `help:"What crosses a line: bottom_centre (the feet) or centre (for a camera that looks straight down)." default:"bottom_centre"`
	UTurn    time.Duration `help:"Back over the same line within this time counts in the raw totals only." placeholder:"10s"`
	Annotate string        `help:"Write a video with boxes, lines and counts." placeholder:"OUT.mp4" type:"path"`
	Events   string        `help:"Write every crossing as a line of JSON." placeholder:"OUT.jsonl" type:"path"`
}

// Run counts a source and prints the result.
func (cmd *countCmd) Run(ctx context.Context, c *console) error {
	lines, err := config.ReadLines(cmd.Lines)
	if err != nil {
		return err
	}
	if !models.Anchor(cmd.Anchor).Valid() {
		return models.Invalidf("--anchor", "%q is unknown; use bottom_centre or centre", cmd.Anchor)
	}
	result, detector, err := cmd.count(ctx, c, counting{lines, models.Anchor(cmd.Anchor), cmd.UTurn})
	if err != nil {
		return err
	}
	if cmd.Events != "" {
		if err := writeEvents(cmd.Events, result); err != nil {
			return err
		}
	}
	report := newReport(cmd.shown(), detector, result)
	if cmd.JSON {
		return c.json(report)
	}
	report.print(c)
	return nil
}

// count runs the source through the corridor. The detector is closed already when it returns; its name is still true.
func (cmd *countCmd) count(ctx context.Context, c *console, rules counting) (*counted, detector, error) {
	source, found, cfg, err := cmd.prepare(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer source.Close()
	if rules.uTurn == 0 {
		rules.uTurn = cfg.Counting.UTurn
	}
	run := &countRun{
		source: source, detector: found, counting: rules, maxFPS: cmd.FPS,
		bar: c.progress("counting", int64(source.Info().Frames)),
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
	run.seen = func(f *frame.Frame, turn pipeline.Turn, totals []models.LineTotal) error {
		return film.show(finished, f, turn, totals)
	}
	result, err := run.count(ctx)
	return result, errors.Join(err, film.finish(err == nil))
}

// report is what count --json prints. The keys are a contract.
type report struct {
	Source         string       `json:"source"`
	Model          string       `json:"model"`
	Engine         string       `json:"engine"`
	OpenCV         string       `json:"opencv"`
	Frames         int          `json:"frames"`
	Analysed       int          `json:"frames_analysed"`
	Dropped        int          `json:"frames_dropped,omitempty"`
	VideoSeconds   float64      `json:"video_seconds"`
	Lines          []lineReport `json:"lines"`
	CPU            cpuReport    `json:"cpu_ms_per_frame"`
	RealtimeFactor float64      `json:"realtime_factor"`
}

type lineReport struct {
	ID     string `json:"id"`
	In     int64  `json:"in"`
	Out    int64  `json:"out"`
	RawIn  int64  `json:"raw_in"`
	RawOut int64  `json:"raw_out"`
}

// cpuReport is CPU time, in milliseconds per analysed frame. Detect is all of the detector, Forward the network alone;
// Overhead is everything else, as a part of Forward.
type cpuReport struct {
	Decode   float64 `json:"decode"`
	Detect   float64 `json:"detect"`
	Track    float64 `json:"track"`
	Total    float64 `json:"total"`
	Forward  float64 `json:"forward"`
	Overhead float64 `json:"outside_forward"`
}

func newReport(source string, found detector, r *counted) report {
	model, engine := found.Name()
	n := float64(max(1, r.analysed))
	ms := func(d time.Duration) float64 { return round(float64(d)/float64(time.Millisecond)/n, 3) }
	cost := cpuReport{
		Decode: ms(r.decode), Detect: ms(r.cost.Detect), Track: ms(r.cost.Track), Forward: ms(r.forward),
		Total: ms(r.decode + r.cost.Detect + r.cost.Track),
	}
	if r.forward > 0 {
		cost.Overhead = round(cost.Total/cost.Forward-1, 4)
	}
	out := report{
		Source: source, Model: model, Engine: engine, OpenCV: vision.OpenCVVersion(),
		Frames: r.frames, Analysed: r.analysed, Dropped: r.dropped, VideoSeconds: round(r.video.Seconds(), 3),
		CPU: cost, RealtimeFactor: round(r.video.Seconds()/max(1e-9, r.wall.Seconds()), 2),
	}
	for _, t := range r.totals {
		out.Lines = append(out.Lines, lineReport{t.Line, t.In, t.Out, t.RawIn, t.RawOut})
	}
	return out
}

func (r report) print(c *console) {
	width := len("line")
	for _, l := range r.Lines {
		width = max(width, len(l.ID))
	}
	c.say("%-*s %6s %6s %8s %8s", width, "line", "in", "out", "raw in", "raw out")
	for _, l := range r.Lines {
		c.say("%-*s %6d %6d %8d %8d", width, l.ID, l.In, l.Out, l.RawIn, l.RawOut)
	}
	c.say("")
	r.summary(c)
}

// summary says how it went and what it cost.
func (r report) summary(c *console) {
	c.say("%d of %d frames, %.1f s of video at %.1f times its speed",
		r.Analysed, r.Frames, r.VideoSeconds, r.RealtimeFactor)
	c.say("%s on %s; %.1f ms CPU a frame: decode %.1f, detect %.1f, track %.2f",
		r.Model, r.Engine, r.CPU.Total, r.CPU.Decode, r.CPU.Detect, r.CPU.Track)
}

// event is one crossing in the file that --events names.
type event struct {
	Seconds   float64          `json:"seconds"` // of the source's own time
	Frame     int              `json:"frame"`   // counting from 1
	Line      string           `json:"line"`
	Direction models.Direction `json:"direction"`
	Class     models.Class     `json:"class"`
	Number    uint64           `json:"number"`
	Reverses  uint64           `json:"reverses,omitempty"` // number of the crossing that this U-turn undoes
}

func (r *counted) events() []event {
	events := make([]event, 0, len(r.passages))
	for _, p := range r.passages {
		at := p.At.Sub(r.origin).Seconds()
		events = append(events, event{
			Seconds: round(at, 3), Frame: 1 + int(math.Round(at*r.fps)), Line: p.Line, Direction: p.Direction,
			Class: p.Class, Number: p.Seq, Reverses: p.Reverses,
		})
	}
	return events
}

func writeEvents(name string, r *counted) error {
	file, done, err := create(name)
	if err != nil {
		return err
	}
	for _, e := range r.events() {
		if err = writeJSONLine(file, e); err != nil {
			break
		}
	}
	return errors.Join(err, done(err == nil))
}

func round(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}

func itoa(n int) string { return strconv.Itoa(n) }
