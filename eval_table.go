package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"footfall/tracker/crossing/score"
)

// evalTable is what eval --json prints of several clips.
type evalTable struct {
	Clips []clipReport `json:"clips"`
	Total evalTotal    `json:"total"`
}

// clipReport is one clip at one rate.
type clipReport struct {
	Clip  string    `json:"clip"`
	Truth string    `json:"truth"`
	FPS   frameRate `json:"fps"` // at most so many were analysed; 0 = all
	evaluation
}

// evalTotal is all clips together: at every rate, and all rates.
type evalTotal struct {
	Clips int         `json:"clips"`
	Rates []rateTotal `json:"rates"`
	rateScore
}

type rateTotal struct {
	FPS frameRate `json:"fps"`
	rateScore
}

type rateScore struct {
	Score score.Score `json:"score"`
	CPU   float64     `json:"cpu_ms_per_frame"` // analysed frame, everything included
}

// runMany counts every clip at every rate.
func (cmd *evalCmd) runMany(ctx context.Context, c *console) error {
	clips, leftOut, err := cmd.pair()
	if err != nil {
		return err
	}
	if len(leftOut) > 0 {
		c.complain(fmt.Errorf("left out, for want of a truth: %s", strings.Join(leftOut, ", ")))
	}
	rates := cmd.FPS
	if len(rates) == 0 {
		rates = []frameRate{0}
	}
	var table evalTable
	for _, rate := range rates {
		for _, clip := range clips {
			result, err := cmd.evaluate(ctx, c, clip, rate)
			if err != nil {
				return fmt.Errorf("%s: %w", clip.name, err)
			}
			result.warn(c)
			table.Clips = append(table.Clips, clipReport{clip.name, clip.truthFile, rate, *result})
		}
	}
	table.sum(rates, len(clips))
	if cmd.JSON {
		return c.json(table)
	}
	table.print(c, cmd.Errors)
	return nil
}

// sum adds up what there is of every rate, and everything.
func (t *evalTable) sum(rates []frameRate, clips int) {
	t.Total.Clips = clips
	for _, rate := range rates {
		var rows []clipReport
		for _, r := range t.Clips {
			if r.FPS == rate {
				rows = append(rows, r)
			}
		}
		t.Total.Rates = append(t.Total.Rates, rateTotal{rate, together(rows)})
	}
	t.Total.rateScore = together(t.Clips)
}

func together(rows []clipReport) rateScore {
	var scores []score.Score
	spent, frames := 0.0, 0
	for _, r := range rows {
		scores = append(scores, r.Score)
		spent += r.CPU.Total * float64(r.Analysed)
		frames += r.Analysed
	}
	return rateScore{score.Sum(scores...), round(spent/float64(max(1, frames)), 3)}
}

func (t *evalTable) print(c *console, listErrors bool) {
	width := len("together")
	for _, r := range t.Clips {
		width = max(width, len(r.Clip))
	}
	c.say("%-*s %5s %6s %6s %6s %6s %10s %7s %6s %7s %8s", width, "clip", "fps", "truth", "right", "wrong", "missed",
		"precision", "recall", "F1", "bias", "CPU ms")
	row := func(name string, rate frameRate, s score.Score, ms float64) {
		c.say("%-*s %5s %6d %6d %6d %6d %10.3f %7.3f %6.3f %+6.1f%% %8.2f", width, name, rate.short(), s.Truth, s.TP,
			s.FP, s.FN, s.Precision, s.Recall, s.F1, 100*s.Bias, ms)
	}
	for i, total := range t.Total.Rates {
		if i > 0 {
			c.say("")
		}
		for _, r := range t.Clips {
			if r.FPS == total.FPS {
				row(r.Clip, r.FPS, r.Score, r.CPU.Total)
			}
		}
		row("together", total.FPS, total.Score, total.CPU)
	}
	if listErrors {
		t.printErrors(c)
	}
	who := "boxes as given"
	if first := t.Clips[0]; first.Engine != givenBoxes {
		who = first.Model + " on " + first.Engine
	}
	c.say("")
	c.say("%s; CPU time of an analysed frame, decoding included", who)
}

// printErrors lists what is wrong with every clip at every rate.
func (t *evalTable) printErrors(c *console) {
	for _, r := range t.Clips {
		if len(r.Errors) == 0 {
			continue
		}
		at := "every frame"
		if r.FPS > 0 {
			at = r.FPS.short() + " frames a second"
		}
		c.say("")
		c.say("%s, %s", r.Clip, at)
		printErrors(c, r.Errors)
	}
}

// short is the rate as a word in a table.
func (r frameRate) short() string {
	if r == 0 {
		return "all"
	}
	return strconv.FormatFloat(float64(r), 'g', -1, 64)
}
