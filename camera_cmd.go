package main

import (
	"context"
	"os"
	"time"

	"footfall/capture"
	"footfall/models"
	"footfall/models/config"
)

type cameraCmd struct {
	Probe cameraProbeCmd `cmd:"" help:"Try a camera out: can it be reached, what does it send?"`
}

type cameraProbeCmd struct {
	URL       string `arg:"" name:"url" help:"rtsp:// or rtsps:// address."`
	Transport string `help:"tcp or udp." default:"tcp" enum:"tcp,udp"`
	Config    string `help:"Configuration file (capture)." placeholder:"FILE" type:"path"`
	JSON      bool   `name:"json" help:"Print one JSON object."`
}

// Run tries a camera out.
func (cmd *cameraProbeCmd) Run(ctx context.Context, c *console) error {
	if err := models.ValidateCameraURL(cmd.URL); err != nil {
		return err
	}
	cfg, err := config.Load(config.Sources{File: cmd.Config, Environ: os.Environ()})
	if err != nil {
		return err
	}
	result, err := capture.Probe(ctx, capture.CameraAddress{
		URL: cmd.URL, Transport: models.Transport(cmd.Transport),
		Addresses: capture.AddressRules{Allow: cfg.Capture.AllowAddresses, AllowLoopback: true},
	}, capture.Timeouts{Open: cfg.Capture.OpenTimeout, Read: cfg.Capture.StallTimeout})
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(result)
	}
	c.say("camera      %s (%s) over %s", models.RedactURL(cmd.URL), result.Address, result.Transport)
	c.say("login       %s", result.Authentication)
	c.say("video       %s, %d x %d, %.1f frames a second", result.Codec, result.Width, result.Height, result.FPS)
	ms := func(d time.Duration) float64 { return d.Seconds() * 1000 }
	c.say("answered    after %.1f ms, first picture after %.0f ms", ms(result.Latency), ms(result.FirstFrame))
	return nil
}
