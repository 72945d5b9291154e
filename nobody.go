package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"strings"

	"footfall/capture"
	"footfall/capture/frame"
	"footfall/capture/simulator/deserted"
	"footfall/models"
	"footfall/models/config"
	"footfall/tracker"
	"footfall/vision"
)

// desertedQuality is that of the JPEGs in which the drawn places reach the detectors: what cheap cameras send.
const desertedQuality = 75

// nobodyReport is what bench --nobody prints: how often somebody is found where nobody is.
type nobodyReport struct {
	Frames int `json:"frames"`
	// Score is what a detection needs to begin a track; what has less is not counted here.
	Score     float64       `json:"score"`
	Detectors []nobodyBench `json:"detectors"`
}

type nobodyBench struct {
	Model  string `json:"model"`
	Engine string `json:"engine"`
	Input  string `json:"input"`
	nobodyCount

	Places []nobodyPlace `json:"places"`
}

type nobodyPlace struct {
	Place  string `json:"place"`
	Frames int    `json:"frames"`
	nobodyCount
}

// nobodyCount is what was found in frames without anybody.
type nobodyCount struct {
	// FalseFrames is how many of the frames have a detection that would begin a track.
	FalseFrames int `json:"false_frames"`
	// FalsePeople is how many people the tracker believed in.
	FalsePeople int `json:"false_people"`
}

func (n *nobodyCount) add(other nobodyCount) {
	n.FalseFrames += other.FalseFrames
	n.FalsePeople += other.FalsePeople
}

// nobody shows every detector the same frames without anybody.
func (cmd *benchCmd) nobody(ctx context.Context, c *console, cfg config.Detector) (err error) {
	names, err := cmd.names(ctx, cfg)
	if err != nil {
		return err
	}
	w := &watchman{score: tracker.Default().NewScore, pool: frame.NewPool(1)}
	defer func() { err = errors.Join(err, w.close()) }()
	for _, name := range names {
		cfg.Model = name
		found, _, err := openDetector(ctx, cfg, nil)
		if err != nil {
			return err
		}
		w.take(found)
	}
	if err := cmd.patrol(ctx, c, w); err != nil {
		return err
	}
	report := nobodyReport{Frames: w.frames, Score: w.score}
	for _, g := range w.guards {
		report.Detectors = append(report.Detectors, g.bench)
	}
	if cmd.JSON {
		return c.json(report)
	}
	report.print(c)
	return nil
}

// patrol goes through the places: the drawn ones, or the user's own.
func (cmd *benchCmd) patrol(ctx context.Context, c *console, w *watchman) error {
	if cmd.Source != "" {
		return w.visit(ctx, cmd.Source, capture.Spec{
			Location: cmd.Source, Addresses: capture.AddressRules{AllowLoopback: true},
		})
	}
	places := deserted.Places()
	bar := c.frames("drawing and looking", len(places)*deserted.Frames)
	defer bar.done()
	for _, place := range places {
		if err := w.visitDrawn(ctx, place); err != nil {
			return err
		}
		bar.add(deserted.Frames)
	}
	return nil
}

// watchman goes from place to place with all the detectors.
type watchman struct {
	score  float64
	pool   *frame.Pool
	guards []*guard
	frames int
}

// guard is one detector and what it has cried wolf about.
type guard struct {
	finder vision.Detector
	seen   []models.Detection
	bench  nobodyBench
}

func (w *watchman) take(finder vision.Detector) {
	info := finder.Info()
	w.guards = append(w.guards, &guard{finder: finder, bench: nobodyBench{
		Model: info.Model, Engine: string(info.Engine), Input: fmt.Sprintf("%dx%d", info.Width, info.Height),
	}})
}

func (w *watchman) close() (err error) {
	for _, g := range w.guards {
		err = errors.Join(err, g.finder.Close())
	}
	w.pool.Close()
	return err
}

// visitDrawn draws a place into a folder and visits that.
func (w *watchman) visitDrawn(ctx context.Context, place deserted.Place) (err error) {
	folder, err := os.MkdirTemp("", "footfall-nobody-")
	if err != nil {
		return fmt.Errorf("draw %s: %w", place.Name, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	place.Film(func(frame int, picture *image.RGBA) bool {
		if err = ctx.Err(); err == nil {
			err = writeJPEG(filepath.Join(folder, fmt.Sprintf("%03d.jpg", frame)), picture)
		}
		return err == nil
	})
	if err != nil {
		return fmt.Errorf("draw %s: %w", place.Name, err)
	}
	return w.visit(ctx, place.Name, capture.Spec{Location: folder, FPS: deserted.FPS})
}

func writeJPEG(name string, picture image.Image) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return jpeg.Encode(file, picture, &jpeg.Options{Quality: desertedQuality})
}

// visit shows all frames of a source to all detectors.
func (w *watchman) visit(ctx context.Context, name string, spec capture.Spec) error {
	source, err := capture.Open(ctx, spec)
	if err != nil {
		return err
	}
	defer source.Close()
	info := source.Info()
	shifts := make([]shift, len(w.guards))
	for i := range shifts {
		shifts[i].follow = tracker.New(tracker.Default(), float64(info.Width)/float64(max(1, info.Height)))
		shifts[i].known = map[uint64]bool{}
	}
	frames := 0
	for ; ; frames++ {
		if err := w.frame(ctx, source, shifts); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	w.frames += frames
	for i, g := range w.guards {
		g.bench.add(shifts[i].nobodyCount)
		g.bench.Places = append(g.bench.Places, nobodyPlace{name, frames, shifts[i].nobodyCount})
	}
	return nil
}

// shift is one detector's visit to one place.
type shift struct {
	follow *tracker.Tracker
	known  map[uint64]bool // people whom the tracker believed in already
	nobodyCount
}

func (w *watchman) frame(ctx context.Context, source capture.Source, shifts []shift) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	picture, _ := w.pool.Take()
	defer picture.Release()
	if err := source.Read(picture); err != nil {
		return err
	}
	for i, g := range w.guards {
		var err error
		if g.seen, err = g.finder.Detect(picture, g.seen[:0]); err != nil {
			return err
		}
		shifts[i].look(picture, g.seen, w.score)
	}
	return nil
}

// look counts what was found on a frame. The best comes first.
func (r *shift) look(picture *frame.Frame, seen []models.Detection, score float64) {
	if len(seen) > 0 && seen[0].Score >= score {
		r.FalseFrames++
	}
	for _, track := range r.follow.Update(picture.At, seen) {
		if track.Confirmed && !r.known[track.ID] {
			r.known[track.ID] = true
			r.FalsePeople++
		}
	}
}

func (r nobodyReport) print(c *console) {
	c.say("Nobody is on these %d frames. A frame is false if a detection has a score of %.2f or more, which begins a",
		r.Frames, r.Score)
	c.say("track; people are false whom the tracker believed in.")
	c.say("")
	c.say("%-20s %-12s %-9s %12s %13s   %s", "model", "engine", "input", "false frames", "false people", "where")
	for _, d := range r.Detectors {
		var where []string
		for _, p := range d.Places {
			if p.FalseFrames > 0 {
				where = append(where, fmt.Sprintf("%s %d", p.Place, p.FalseFrames))
			}
		}
		line := fmt.Sprintf("%-20s %-12s %-9s %12d %13d   %s", d.Model, d.Engine, d.Input, d.FalseFrames, d.FalsePeople,
			strings.Join(where, ", "))
		c.say("%s", strings.TrimRight(line, " "))
	}
}
