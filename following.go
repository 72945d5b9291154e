package main

import (
	"time"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/crossing"
	"footfall/vision/pipeline"
)

// counting is what must be known to count on a picture.
type counting struct {
	lines  []models.Line
	anchor models.Anchor
	uTurn  time.Duration
}

// following makes the tracker and the counter for pictures of one shape. started learns of every counter made.
func (c counting) following(started func(*crossing.Counter)) pipeline.Following {
	return func(aspect float64) (pipeline.Tracker, pipeline.Counter, error) {
		rules := crossing.Default()
		rules.Anchor, rules.UTurn = c.anchor, c.uTurn
		counter, err := crossing.New(c.lines, rules, aspect)
		if err != nil {
			return nil, nil, err
		}
		started(counter)
		return tracker.New(tracker.Default(), aspect), counter, nil
	}
}
