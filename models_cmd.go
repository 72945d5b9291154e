package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"footfall/models/config"
	"footfall/models/weights"
)

type modelsCmd struct {
	List   modelsListCmd   `cmd:"" help:"Every model that is there or can be fetched."`
	Pull   modelsPullCmd   `cmd:"" help:"Fetch a model and check that it is the right one."`
	Verify modelsVerifyCmd `cmd:"" help:"Check every model that is there."`
}

type modelsFlags struct {
	Config string `help:"Configuration file (detector.models_dir)." placeholder:"FILE" type:"path"`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (f modelsFlags) shelf() (*weights.Shelf, error) {
	cfg, err := config.Load(config.Sources{File: f.Config, Environ: os.Environ()})
	if err != nil {
		return nil, err
	}
	return shelf(cfg.Detector)
}

type modelsListCmd struct{ modelsFlags }

// Run lists models.
func (cmd *modelsListCmd) Run(ctx context.Context, c *console) error {
	models, err := cmd.shelf()
	if err != nil {
		return err
	}
	items, err := models.List(ctx)
	if err != nil {
		return err
	}
	return cmd.print(c, items)
}

type modelsVerifyCmd struct{ modelsFlags }

// Run checks models.
func (cmd *modelsVerifyCmd) Run(ctx context.Context, c *console) error {
	models, err := cmd.shelf()
	if err != nil {
		return err
	}
	items, failed := models.Verify(ctx)
	if err := cmd.print(c, items); err != nil {
		return err
	}
	return failed
}

// print lists what is there and, below, what can be fetched.
func (f modelsFlags) print(c *console, items []weights.Item) error {
	if f.JSON {
		return c.json(items)
	}
	here, there := []weights.Item{}, []weights.Item{}
	for _, i := range items {
		if i.State == weights.NotThere {
			there = append(there, i)
		} else {
			here = append(here, i)
		}
	}
	row := newModelRow(items)
	if len(here) == 0 {
		c.say("No model is on this machine.")
	} else {
		c.say("%s", row.line(" ", "MODEL", "STATE", "SIZE", "INPUT", "LICENCE", "PLACE"))
		for _, i := range here {
			row.print(c, i)
		}
	}
	if len(there) > 0 {
		c.say("\nTO FETCH: footfall models pull NAME (--from FOLDER where there is no internet)")
		for _, i := range there {
			i.State, i.Detail = "", ""
			row.print(c, i)
		}
	}
	f.compare(c, items)
	c.say("\n* is used when no other is asked for; --model NAME asks for another.")
	return nil
}

// compare shows what was measured of those that were.
func (modelsFlags) compare(c *console, items []weights.Item) {
	first := true
	for _, i := range items {
		m := i.Measured
		if m == nil || i.State == weights.Damaged {
			continue
		}
		if first {
			c.say("\nCOMPARED: a frame's time (YOLOX-Nano: 1), F1 of crossings on PETS09-S2L1 and on clips that were")
			c.say("counted by hand, and on how many of 1000 frames without anybody somebody was found")
			c.say("  %-20s %5s %10s %9s %13s", "MODEL", "TIME", "F1 PETS09", "F1 CLIPS", "FALSE FRAMES")
			first = false
		}
		c.say("  %-20s %5.2f %10.3f %9.3f %13d", i.Name, m.Time, m.F1Sequence, m.F1Clips, m.FalseFrames)
	}
}

// modelRow is the layout of the list of models: two columns are as wide as what stands in them.
type modelRow struct{ name, state int }

func newModelRow(items []weights.Item) modelRow {
	row := modelRow{len("MODEL"), len("STATE")}
	for _, i := range items {
		row.name = max(row.name, len(i.Name))
		if i.State != weights.NotThere {
			row.state = max(row.state, len(i.State))
		}
	}
	return row
}

func (r modelRow) line(mark, name, state, size, input, licence, place string) string {
	line := fmt.Sprintf("%s %-*s  %-*s  %8s  %-8s  %-10s  %s",
		mark, r.name, name, r.state, state, size, input, licence, place)
	return strings.TrimRight(line, " ")
}

// print says what a model is and, in a line of its own each, what it is good for and what to know.
func (r modelRow) print(c *console, i weights.Item) {
	mark := " "
	if i.Default {
		mark = "*"
	}
	c.say("%s", r.line(mark, i.Name, string(i.State), megabytes(i.Size), i.Input, i.Licence, i.Place))
	for _, text := range []string{i.Use, i.Detail} {
		for _, line := range folded(text, 96) {
			c.say("    %s", line)
		}
	}
}

// folded breaks a text between words into lines of at most width bytes, where that is possible.
func folded(text string, width int) []string {
	var lines []string
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		if last >= 0 && len(lines[last])+1+len(word) <= width {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}

func megabytes(bytes int64) string {
	if bytes == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}

type modelsPullCmd struct {
	Name   string `arg:"" help:"Name of a model; see footfall models list."`
	From   string `help:"A folder, a file or a mirror's address to take it from, where there is no internet." placeholder:"FOLDER|URL"`
	Config string `help:"Configuration file (detector.models_dir)." placeholder:"FILE" type:"path"`
}

// Run fetches a model.
func (cmd *modelsPullCmd) Run(ctx context.Context, c *console) error {
	models, err := modelsFlags{Config: cmd.Config}.shelf()
	if err != nil {
		return err
	}
	bar := c.bytes("pulling " + cmd.Name)
	model, err := models.Pull(ctx, cmd.Name, weights.PullOptions{From: cmd.From, Progress: bar.set})
	bar.done()
	if err != nil {
		return err
	}
	c.say("%s is in %s", cmd.Name, model.Path)
	return nil
}
