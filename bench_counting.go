package main

import (
	"context"
	"fmt"
	"strings"

	"footfall/models"
	"footfall/tracker/bench"
	"footfall/tracker/crossing/score"
	"footfall/tracker/crowd"
)

// countingBench is how well people are counted with one detector on one engine.
type countingBench struct {
	Model  string        `json:"model"`
	Engine string        `json:"engine"`
	Input  string        `json:"input"`
	FPS    float64       `json:"fps"`
	Clips  []countedClip `json:"clips"`
	Score  score.Score   `json:"score"` // together
	CPU    float64       `json:"cpu_ms_per_frame"`
}

type countedClip struct {
	Clip  string      `json:"clip"`
	Score score.Score `json:"score"`
	CPU   float64     `json:"cpu_ms_per_frame"`
}

// pair finds the clips to count, if any are asked for.
func (cmd *benchCmd) pair(c *console) ([]clip, error) {
	if len(cmd.Clips) == 0 {
		if len(cmd.Truth) > 0 {
			return nil, models.Invalidf("--truth", "is about clips; give their folder with --clips")
		}
		return nil, nil
	}
	eval := evalCmd{Clips: cmd.Clips, Truth: cmd.Truth}
	clips, leftOut, err := eval.pair()
	if len(leftOut) > 0 {
		c.complain(fmt.Errorf("left out, for want of a truth: %s", strings.Join(leftOut, ", ")))
	}
	return clips, err
}

// count counts every clip with every detector that was measured.
func (cmd *benchCmd) count(
	ctx context.Context, c *console, detectors []detectorBench, clips []clip,
) ([]countingBench, error) {
	if len(clips) == 0 {
		return nil, nil
	}
	var rows []countingBench
	for _, d := range detectors {
		model := d.Model
		if cmd.Model != "" {
			model = cmd.Model // a file is not found by the name that it has
		}
		eval := evalCmd{lookFlags: lookFlags{Model: model, Engine: d.Engine, Threads: cmd.Threads}}
		row := countingBench{Model: d.Model, Engine: d.Engine, Input: d.Input, FPS: cmd.FPS}
		var counted []clipReport
		for _, clip := range clips {
			result, err := eval.evaluate(ctx, c, clip, frameRate(cmd.FPS))
			if err != nil {
				return nil, fmt.Errorf("%s with %s on %s: %w", clip.name, d.Model, d.Engine, err)
			}
			counted = append(counted, clipReport{Clip: clip.name, evaluation: *result})
			row.Clips = append(row.Clips, countedClip{clip.name, result.Score, result.CPU.Total})
		}
		all := together(counted)
		row.Score, row.CPU = all.Score, all.CPU
		rows = append(rows, row)
	}
	return rows, nil
}

// crowd counts the simulated crowd at the rates that docs/benchmarks.md speaks of.
func (cmd *benchCmd) crowd(ctx context.Context, c *console) ([]bench.Comparison, error) {
	if !cmd.Crowd {
		return nil, nil
	}
	bar := c.progress("crowd", int64(len(crowd.Scenarios())))
	defer bar.done()
	return bench.Crowd(ctx, bench.Full(), []float64{10, 5, 2}, func() { bar.add(1) })
}

// printCounting has a column for the F1 of every clip.
func printCounting(c *console, rows []countingBench, fps float64) {
	if len(rows) == 0 {
		return
	}
	c.say("")
	head := fmt.Sprintf("%-20s %-12s %-9s", "model", "engine", "input")
	for _, clip := range rows[0].Clips {
		head += fmt.Sprintf("  %*s", max(5, len(clip.Clip)), clip.Clip)
	}
	c.say("%s  %8s %7s %8s", head, "together", "bias", "CPU ms")
	for _, r := range rows {
		line := fmt.Sprintf("%-20s %-12s %-9s", r.Model, r.Engine, r.Input)
		for _, clip := range r.Clips {
			line += fmt.Sprintf("  %*.3f", max(5, len(clip.Clip)), clip.Score.F1)
		}
		c.say("%s  %8.3f %+6.1f%% %8.2f", line, r.Score.F1, 100*r.Score.Bias, r.CPU)
	}
	c.say("")
	c.say("F1 of crossings at %g frames a second; CPU time of an analysed frame, decoding included.", fps)
}

// printCrowd has Footfall and the usual centroid tracker side by side.
func printCrowd(c *console, rows []bench.Comparison) {
	if len(rows) == 0 {
		return
	}
	c.say("")
	_ = bench.Write(c.out, rows)
	c.say("Simulated crossings. centroid is the F1 of the usual centroid tracker with the best of six settings a rate.")
}
