package main

import (
	"context"
	"fmt"
	"os"

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

func (f modelsFlags) print(c *console, items []weights.Item) error {
	if f.JSON {
		return c.json(items)
	}
	name, place := len("model"), len("place")
	for _, i := range items {
		name, place = max(name, len(i.Name)), max(place, len(i.Place))
	}
	for _, i := range items {
		mark := " "
		if i.Default {
			mark = "*"
		}
		c.say("%s %-*s  %-9s  %8s  %-9s  %-10s  %s",
			mark, name, i.Name, i.State, megabytes(i.Size), i.Input, i.Licence, i.Place)
		for _, text := range []string{i.Use, i.Detail} {
			if text != "" {
				c.say("  %-*s  %s", name, "", text)
			}
		}
	}
	c.say("")
	c.say("* is used when no other is asked for")
	return nil
}

func megabytes(bytes int64) string {
	if bytes == 0 {
		return "-"
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
