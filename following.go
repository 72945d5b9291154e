package main

import (
	"time"

	"footfall/models"
	"footfall/tracker"
	"footfall/tracker/crossing"
	"footfall/tracker/zone"
	"footfall/vision/pipeline"
)

// counting is what must be known to count on a picture.
type counting struct {
	lines   []models.Line
	zones   []models.Zone
	classes []models.Class // beside people
	anchor  models.Anchor
	uTurn   time.Duration
}

// following makes the tracker and the counter for pictures of one shape. started learns of every counter made.
func (c counting) following(started func(*crossing.Counter)) pipeline.Following {
	return func(aspect float64) (pipeline.Tracker, pipeline.Counter, error) {
		rules := crossing.Default()
		rules.Anchor, rules.UTurn, rules.Classes = c.anchor, c.uTurn, c.classes
		counter, err := crossing.New(c.lines, rules, aspect)
		if err != nil {
			return nil, nil, err
		}
		started(counter)
		return tracker.New(tracker.Default(), aspect), counter, nil
	}
}

// zoning makes what tells of zones for pictures of one shape; nil where there are none. started learns of every one
// made.
func (c counting) zoning(started func(*zone.Counter)) pipeline.Zoning {
	if len(c.zones) == 0 {
		return nil
	}
	return func(aspect float64) (pipeline.Zones, error) {
		rules := zone.Default()
		rules.Anchor, rules.MaxGap, rules.Classes = c.anchor, pipeline.MaxObservedGap, c.classes
		counter, err := zone.New(c.zones, rules, aspect)
		if err != nil {
			return nil, err
		}
		started(counter)
		return counter, nil
	}
}
