package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"footfall/models"
	"footfall/tracker/crossing"
	"footfall/vision/pipeline"
)

// A line is tried on what its camera's worker has seen in the last minutes, before it is saved: the server asks the
// worker, which follows and counts anew.

// TryLines implements api.LineTester: it asks the worker that watches the camera.
func (h *house) TryLines(ctx context.Context, camera models.CameraID, lines []models.Line) (models.LineTrial, error) {
	hub, worker := h.hub.Load(), h.fleet.Status(camera).Worker
	if hub == nil || worker == "" {
		return models.LineTrial{}, fmt.Errorf("no worker watches camera %s now: %w", camera, models.ErrUnavailable)
	}
	return hub.TryLines(ctx, worker, camera, lines)
}

// TryLines is the worker's answer.
func (d *duty) TryLines(camera models.CameraID, lines []models.Line) (models.LineTrial, error) {
	d.mu.Lock()
	var watching *post
	for _, p := range d.posts {
		if o, _ := p.orders(); o.Camera.ID == camera {
			watching = p
		}
	}
	d.mu.Unlock()
	if watching == nil {
		return models.LineTrial{}, fmt.Errorf("this worker does not watch camera %s: %w", camera, models.ErrUnavailable)
	}
	return watching.tryLines(lines)
}

func (p *post) tryLines(lines []models.Line) (models.LineTrial, error) {
	o, _ := p.orders()
	rules := counting{lines: lines, anchor: o.Camera.Anchor, uTurn: o.settings.UTurn}
	var counter *crossing.Counter
	tried := o.Camera
	tried.Lines = lines
	// Other lines than the present ones would begin a new reference: they are drawn on what the camera shows now.
	drawnNow := !sameSight(tried, o.Camera)
	counted, err := p.recent.Count(rules.following(func(c *crossing.Counter) { counter = c }), drawnNow)
	if errors.Is(err, pipeline.ErrNothingRecent) {
		return models.LineTrial{}, fmt.Errorf("camera %s: %w: %w", o.Camera.ID, err, models.ErrUnavailable)
	}
	if err != nil {
		return models.LineTrial{}, err
	}
	return models.LineTrial{
		From: counted.From.UTC(), To: counted.To.UTC(), Observed: counted.Observed,
		Lines: counter.Totals(nil), Crossings: triedCrossings(counted.Passages),
	}, nil
}

// mostTried bounds the crossings of a trial: nobody reads more, and they must fit into a message.
const mostTried = 1000

// triedCrossings are the last passages of people as a trial shows them, by the time they happened.
func triedCrossings(passages []models.Passage) []models.TriedCrossing {
	back := map[uint64]bool{}
	for _, p := range passages {
		if p.Reverses != 0 {
			back[p.Seq], back[p.Reverses] = true, true
		}
	}
	tried := []models.TriedCrossing{}
	for _, p := range passages {
		if p.Class == models.Person {
			tried = append(tried, models.TriedCrossing{
				Line: p.Line, Direction: p.Direction, Time: p.At.UTC().Truncate(time.Millisecond),
				TurnedBack: back[p.Seq],
			})
		}
	}
	slices.SortStableFunc(tried, func(a, b models.TriedCrossing) int { return a.Time.Compare(b.Time) })
	return tried[max(0, len(tried)-mostTried):]
}
