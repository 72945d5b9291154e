package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"footfall/models"
	"footfall/tracker/crossing/score"
)

// countError is one crossing that was counted and did not happen, or happened and was not counted: what somebody looks
// up in the video who draws a line better or improves the tracker.
type countError struct {
	Kind      string           `json:"kind"` // wrong or missed
	Seconds   float64          `json:"seconds"`
	Frame     int              `json:"frame"` // counting from 1, as in truth files
	Line      string           `json:"line"`
	Direction models.Direction `json:"direction"`
}

// errors are in order of time. Doubtful crossings are none.
func (x *comparison) errors() []countError {
	counts := func(e score.Event) bool {
		return e.At >= x.within.First && e.At <= x.within.Last && slices.Contains(x.lines, e.Line)
	}
	var known, got []score.Event
	for _, e := range x.known {
		if counts(e) {
			known = append(known, e)
		}
	}
	for _, e := range x.got {
		if counts(e) {
			got = append(got, e)
		}
	}
	found, used := score.Match(known, got, matchWithin)
	var all []countError
	add := func(kind string, e score.Event) {
		all = append(all, countError{
			Kind: kind, Seconds: round(e.At, 3), Frame: 1 + int(math.Round(e.At*x.fps)), Line: e.Line,
			Direction: e.Direction,
		})
	}
	for i, e := range known {
		if !found[i] && !e.Doubtful {
			add("missed", e)
		}
	}
	for i, e := range got {
		if !used[i] {
			add("wrong", e)
		}
	}
	slices.SortStableFunc(all, func(a, b countError) int { return cmp.Compare(a.Seconds, b.Seconds) })
	return all
}

// printErrors lists them, if there are any.
func printErrors(c *console, all []countError) {
	if len(all) == 0 {
		return
	}
	width := len("line")
	for _, e := range all {
		width = max(width, len(e.Line))
	}
	c.say("")
	c.say("%8s %7s  %-7s %-*s %s", "time", "frame", "error", width, "line", "direction")
	for _, e := range all {
		c.say("%8s %7d  %-7s %-*s %s", playerTime(e.Seconds), e.Frame, e.Kind, width, e.Line, e.Direction)
	}
}

// playerTime is seconds as a player of videos shows them: 1:02.5.
func playerTime(seconds float64) string {
	tenths := int(math.Round(seconds * 10))
	return fmt.Sprintf("%d:%02d.%d", tenths/600, tenths/10%60, tenths%10)
}
