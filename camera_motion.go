package main

import (
	"math"
	"time"

	"footfall/capture/frame"
	"footfall/vision/pipeline"
)

// cameraMotion sums up how a camera itself moved while it was counted.
type cameraMotion struct {
	shifted int     // frames on which something was made good
	most    float64 // the farthest that the middle of the picture was from its place, in pixels
	moved   time.Duration
	last    time.Time
}

// add takes in one turn.
func (m *cameraMotion) add(turn pipeline.Turn, f *frame.Frame) {
	if turn.View.Moved && !m.last.IsZero() {
		m.moved += turn.At.Sub(m.last)
	}
	m.last = turn.At
	if !turn.View.IsHome() {
		m.shifted++
		m.most = math.Max(m.most, math.Hypot(turn.View.X, turn.View.Y)*float64(f.Height()))
	}
}

// steadyReport is the part of count --json about the camera's own motion.
type steadyReport struct {
	Shifted int     `json:"frames_shifted"` // frames on which the camera's motion was made good
	Most    float64 `json:"most_pixels"`    // the farthest that the picture was from its place, and was brought back
	Moved   float64 `json:"moved_seconds"`  // how long it was too far away from the lines
}

func (m *cameraMotion) report() steadyReport {
	return steadyReport{m.shifted, round(m.most, 1), round(m.moved.Seconds(), 3)}
}

// print says it where there is something to say.
func (r steadyReport) print(c *console) {
	if r.Shifted > 0 {
		c.say("the camera moved, by up to %.0f pixels on %d frames; that is made good", r.Most, r.Shifted)
	}
	if r.Moved > 0 {
		c.say("for %.0f s the camera was turned away from its lines: what was counted then means little", r.Moved)
	}
}
