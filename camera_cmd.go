package main

import (
	"context"
	"os"
	"time"

	"footfall/capture"
	"footfall/capture/frame"
	"footfall/models"
	"footfall/models/config"
	"footfall/vision"
)

type cameraCmd struct {
	Probe cameraProbeCmd `cmd:"" help:"Try a camera out: can it be reached, what does it send?"`
	Try   cameraTryCmd   `cmd:"" hidden:"" help:"Try out the camera that standard input names."`
}

type cameraProbeCmd struct {
	URL       string `arg:"" name:"url" help:"rtsp:// or rtsps:// address."`
	Transport string `help:"tcp or udp." default:"tcp" enum:"tcp,udp"`
	Config    string `help:"Configuration file (capture, detector)." placeholder:"FILE" type:"path"`
	Still     string `help:"Write a picture, with people pixelated." placeholder:"FILE.jpg" type:"path"`
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
	cfg.Capture.AllowLoopback = config.SwitchOn // whoever is at the console may do so anyway
	var still []byte
	var see func(*frame.Frame) error
	if cmd.Still != "" {
		see = func(f *frame.Frame) (err error) { still, err = stillOf(ctx, cfg, f); return err }
	}
	result, err := probe(ctx, cfg, cmd.URL, models.Transport(cmd.Transport), see)
	if err != nil {
		return err
	}
	if cmd.Still != "" {
		if err := os.WriteFile(cmd.Still, still, 0o600); err != nil {
			return err
		}
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

// probe tries a camera out by the rules of the configuration.
func probe(
	ctx context.Context, cfg config.Config, url string, transport models.Transport, see func(*frame.Frame) error,
) (capture.ProbeResult, error) {
	return capture.Probe(ctx, capture.CameraAddress{
		URL: url, Transport: transport,
		Addresses: capture.AddressRules{Allow: cfg.Capture.AllowAddresses, AllowLoopback: cfg.LoopbackCameras()},
	}, capture.Timeouts{Open: cfg.Capture.OpenTimeout, Read: cfg.Capture.StallTimeout}, see)
}

// stillOf is what may be seen of a picture.
func stillOf(ctx context.Context, cfg config.Config, f *frame.Frame) (_ []byte, err error) {
	detector, _, err := openDetector(ctx, cfg.Detector, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = detector.Close() }()
	found, err := detector.Detect(f, nil)
	if err != nil {
		return nil, err
	}
	return vision.Still(f, found)
}
