package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"footfall/capture"
	"footfall/capture/frame"
	"footfall/models"
	"footfall/models/config"
	"footfall/models/weights"
	"footfall/tracker"
	"footfall/tracker/bench"
	"footfall/tracker/crossing"
)

type benchCmd struct {
	Model   string        `help:"Only this model; every one that is there if not given." placeholder:"NAME|FILE"`
	Engine  string        `help:"Only this engine: onnxruntime or opencv." placeholder:"ENGINE"`
	FPS     float64       `name:"fps" help:"Frames a second that are analysed of each camera." default:"10"`
	Threads int           `help:"Threads of a detector." default:"1"`
	For     time.Duration `help:"How long each case is measured." default:"3s"`
	Nobody  bool          `help:"Instead of speed: how often each model finds somebody on 1000 drawn frames without anybody."`
	Source  string        `help:"With --nobody: frames of your own without anybody, in place of the drawn ones." placeholder:"SOURCE"`
	Clips   []string      `help:"Count the videos of this folder with every detector too, and score them. May be repeated." placeholder:"DIR" type:"path" sep:"none"`
	Truth   []string      `help:"File of what really happened on the clips, or a folder of such files; beside the clips if not given. May be repeated." placeholder:"FILE|DIR" type:"path" sep:"none"`
	Crowd   bool          `help:"Count ten thousand simulated crossings too, beside the usual centroid tracker."`
	JSON    bool          `name:"json" help:"Print one JSON object."`
}

// benchReport is what bench prints. Times are CPU time in milliseconds a frame.
type benchReport struct {
	Detectors []detectorBench    `json:"detectors"`
	Tracker   []trackerBench     `json:"tracker"`
	Counting  []countingBench    `json:"counting,omitempty"` // with --clips
	Crowd     []bench.Comparison `json:"crowd,omitempty"`    // with --crowd
}

type detectorBench struct {
	Model   string  `json:"model"`
	Engine  string  `json:"engine"`
	Input   string  `json:"input"`
	Threads int     `json:"threads"`
	Prepare float64 `json:"prepare"`
	Forward float64 `json:"forward"`
	Decode  float64 `json:"decode"`
	Total   float64 `json:"total"`
	// CamerasPerCore is how many cameras a core could analyse at the given rate, if it did nothing else.
	CamerasPerCore float64 `json:"cameras_per_core"`
}

type trackerBench struct {
	People int     `json:"people"`
	Total  float64 `json:"total"`
}

// Run measures on this machine, on a made picture.
func (cmd *benchCmd) Run(ctx context.Context, c *console) error {
	if !(cmd.FPS > 0) || cmd.For <= 0 {
		return models.Invalidf("bench", "--fps and --for must be more than 0")
	}
	cfg, err := configured("", map[string]string{
		"detector.threads": itoa(cmd.Threads), "detector.engine": cmp.Or(cmd.Engine, "auto"),
	})
	if err != nil {
		return err
	}
	if cmd.Nobody {
		return cmd.nobody(ctx, c, cfg.Detector)
	}
	if cmd.Source != "" {
		return models.Invalidf("--source", "is for --nobody; speed is measured on a made picture")
	}
	clips, err := cmd.pair(c)
	if err != nil {
		return err
	}
	var report benchReport
	if report.Detectors, err = cmd.detectors(ctx, cfg.Detector); err != nil {
		return err
	}
	for _, people := range []int{10, 50, 200} {
		total, err := cmd.track(ctx, people)
		if err != nil {
			return err
		}
		report.Tracker = append(report.Tracker, trackerBench{people, total})
	}
	if report.Counting, err = cmd.count(ctx, c, report.Detectors, clips); err != nil {
		return err
	}
	if report.Crowd, err = cmd.crowd(ctx, c); err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(report)
	}
	report.print(c, cmd.FPS)
	return nil
}

// detectors measures every model that is there on every engine that is there.
func (cmd *benchCmd) detectors(ctx context.Context, cfg config.Detector) ([]detectorBench, error) {
	names, err := cmd.names(ctx, cfg)
	if err != nil {
		return nil, err
	}
	engines := []config.Engine{config.EngineONNXRuntime, config.EngineOpenCV}
	if cmd.Engine != "" {
		engines = []config.Engine{cfg.Engine}
	}
	var rows []detectorBench
	for _, name := range names {
		for _, engine := range engines {
			cfg.Model, cfg.Engine = name, engine
			row, err := cmd.detect(ctx, cfg)
			if err != nil {
				if cmd.Engine == "" && engine == config.EngineONNXRuntime && cmd.missing(ctx, cfg) {
					continue // a machine without ONNX Runtime has one engine
				}
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// missing reports whether ONNX Runtime is not on this machine: then auto falls back and says why.
func (cmd *benchCmd) missing(ctx context.Context, cfg config.Detector) bool {
	cfg.Engine = config.EngineAuto
	found, _, err := openDetector(ctx, cfg, cpuClock)
	if err != nil {
		return false
	}
	why := found.Info().EngineWhy
	return found.Close() == nil && why != ""
}

func (cmd *benchCmd) names(ctx context.Context, cfg config.Detector) ([]string, error) {
	if cmd.Model != "" {
		return []string{cmd.Model}, nil
	}
	models, err := shelf(cfg)
	if err != nil {
		return nil, err
	}
	items, err := models.List(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, item := range items {
		if item.State == weights.Good {
			names = append(names, item.Name)
		}
	}
	return names, nil
}

func (cmd *benchCmd) detect(ctx context.Context, cfg config.Detector) (row detectorBench, err error) {
	found, _, err := openDetector(ctx, cfg, cpuClock)
	if err != nil {
		return row, err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	pool := frame.NewPool(1)
	defer pool.Close()
	picture, _ := pool.Take()
	defer picture.Release()
	if err := empty(ctx, picture); err != nil {
		return row, err
	}
	var people []models.Detection
	for range 3 { // warm
		if people, err = found.Detect(picture, people[:0]); err != nil {
			return row, err
		}
	}
	before := found.Cost()
	for started := time.Now(); time.Since(started) < cmd.For && ctx.Err() == nil; {
		if people, err = found.Detect(picture, people[:0]); err != nil {
			return row, err
		}
	}
	cost, info := found.Cost(), found.Info()
	n := float64(max(1, cost.Frames-before.Frames))
	ms := func(after, before time.Duration) float64 { return round(float64(after-before)/1e6/n, 3) }
	row = detectorBench{
		Model: info.Model, Engine: string(info.Engine), Input: fmt.Sprintf("%dx%d", info.Width, info.Height),
		Threads: info.Threads, Prepare: ms(cost.Prepare, before.Prepare), Forward: ms(cost.Forward, before.Forward),
		Decode: ms(cost.Decode, before.Decode), Total: ms(cost.Total(), before.Total()),
	}
	row.CamerasPerCore = round(1000/(row.Total*cmd.FPS), 1)
	return row, nil
}

// empty reads a made picture of 1280 x 720 with nobody in it into f, the way every picture comes in.
func empty(ctx context.Context, f *frame.Frame) (err error) {
	folder, err := os.MkdirTemp("", "footfall-bench-")
	if err != nil {
		return fmt.Errorf("make a picture: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	picture := image.NewGray(image.Rect(0, 0, 1280, 720))
	dice := rand.New(rand.NewPCG(1, 2))
	for i := range picture.Pix {
		picture.Pix[i] = byte(96 + dice.IntN(32))
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		return fmt.Errorf("make a picture: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "1.png"), file.Bytes(), 0o600); err != nil {
		return fmt.Errorf("make a picture: %w", err)
	}
	source, err := capture.Open(ctx, capture.Spec{Location: folder})
	if err != nil {
		return err
	}
	defer source.Close()
	return source.Read(f)
}

// track measures following and counting people who walk to and fro, some of them unseen now and then.
func (cmd *benchCmd) track(ctx context.Context, people int) (float64, error) {
	const aspect, fps = 16.0 / 9, 10
	lines := []models.Line{{ID: "middle", Points: []models.Point{{X: 0.5, Y: 1}, {X: 0.5, Y: 0}}}}
	counter, err := crossing.New(lines, crossing.Default(), aspect)
	if err != nil {
		return 0, err
	}
	follow := tracker.New(tracker.Default(), aspect)
	dice := rand.New(rand.NewPCG(3, 4))
	walkers, speeds := make([]models.Detection, people), make([]float64, people)
	for i := range walkers {
		box := models.Box{X: dice.Float64(), Y: 0.7 * dice.Float64(), W: 0.04, H: 0.2}
		walkers[i] = models.Detection{Box: box, Class: models.Person}
		speeds[i] = 0.02 * (dice.Float64() - 0.5)
	}
	var spent time.Duration
	seen := make([]models.Detection, 0, people)
	frames := 0
	for started := time.Now(); time.Since(started) < cmd.For/3 && ctx.Err() == nil; frames++ {
		seen = seen[:0]
		for i := range walkers {
			b := &walkers[i].Box
			if b.X += speeds[i]; b.X < 0 || b.X > 0.96 {
				speeds[i] = -speeds[i]
			}
			if walkers[i].Score = 0.5 + 0.5*dice.Float64(); dice.IntN(10) > 0 {
				seen = append(seen, walkers[i])
			}
		}
		at := time.Unix(0, 0).Add(time.Duration(frames) * time.Second / fps)
		began := cpuClock()
		follow.Update(at, seen)
		for _, m := range follow.Settled() {
			counter.Update(m.At, m.Tracks)
		}
		spent += cpuClock() - began
	}
	return round(float64(spent)/1e6/float64(max(1, frames)), 4), nil
}

func (r benchReport) print(c *console, fps float64) {
	c.say("%-20s %-12s %-9s %8s %8s %8s %8s   %s", "model", "engine", "input", "prepare", "forward", "decode", "total",
		fmt.Sprintf("cameras a core at %g frames a second", fps))
	for _, d := range r.Detectors {
		c.say("%-20s %-12s %-9s %8.2f %8.2f %8.2f %8.2f   %.1f",
			d.Model, d.Engine, d.Input, d.Prepare, d.Forward, d.Decode, d.Total, d.CamerasPerCore)
	}
	c.say("")
	for _, t := range r.Tracker {
		c.say("tracking and crossing, %3d people  %8.3f", t.People, t.Total)
	}
	c.say("")
	c.say("CPU time in ms a frame, of a picture of 1280x720. Decoding a camera's video comes on top: see count --json.")
	printCounting(c, r.Counting, fps)
	printCrowd(c, r.Crowd)
}
