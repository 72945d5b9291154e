package models

import (
	"cmp"
	"slices"
	"time"
)

// Tap is somebody's word that a person crossed a line at a moment of a clip.
type Tap struct {
	At        time.Duration `json:"at_ns"` // since the clip's first picture
	Direction Direction     `json:"direction"`
}

// Review is what a person counted in a clip, on one line, and what the system had counted there.
type Review struct {
	ID     string     `json:"id"`
	Clip   ClipID     `json:"clip"`
	Camera CameraID   `json:"camera"`
	Line   string     `json:"line"`
	At     time.Time  `json:"at"`
	By     AuditActor `json:"by"`
	Note   string     `json:"note,omitempty"`
	Taps   []Tap      `json:"taps"`
	// Sample: the clip was drawn by lot, so that the review says something about all the time, and not only of what
	// somebody found worth looking at.
	Sample bool `json:"sample"`
	// Blind: the person had not been shown the system's count before.
	Blind      bool       `json:"blind"`
	Comparison Comparison `json:"comparison"`
}

// Comparison is a human count against the system's, crossing by crossing.
type Comparison struct {
	Matches []Match     `json:"matches"`
	In      Discrepancy `json:"in"`
	Out     Discrepancy `json:"out"`
}

// Match is a crossing that both have seen, or that one of them has.
type Match struct {
	Direction Direction      `json:"direction"`
	Human     *time.Duration `json:"human_ns,omitempty"` // since the clip's first picture
	System    *time.Duration `json:"system_ns,omitempty"`
	Crossing  FactID         `json:"crossing,omitempty"` // the system's
}

// Discrepancy is how the two differ in one direction.
type Discrepancy struct {
	Human   int64 `json:"human"`
	System  int64 `json:"system"`
	Matched int64 `json:"matched"`
}

// Missed is how many crossings the system has not seen, and False how many it has seen that were none.
func (d Discrepancy) Missed() int64 { return d.Human - d.Matched }

// False is how many crossings the system has seen that were none.
func (d Discrepancy) False() int64 { return d.System - d.Matched }

// Plus is two discrepancies together.
func (d Discrepancy) Plus(o Discrepancy) Discrepancy {
	return Discrepancy{d.Human + o.Human, d.System + o.System, d.Matched + o.Matched}
}

// matchWithin is how far a tap may be from the crossing that it means: people are late, and look at different moments
// of a step. It is the same as in footfall eval.
const matchWithin = 2 * time.Second

// Compare matches taps with the crossings of a line, one to one, the closest first, within two seconds and in the same
// direction. Raw crossings are compared: a person who turns round has crossed twice for whoever watches.
func Compare(start time.Time, line string, crossings []ClipCrossing, taps []Tap) Comparison {
	type pair struct {
		tap, crossing int
		apart         time.Duration
	}
	var system []Match
	for _, c := range crossings {
		if c.Line == line && (c.Class == Person || c.Class == "") {
			at := c.Time.Sub(start)
			system = append(system, Match{Direction: c.Direction, System: &at, Crossing: c.ID})
		}
	}
	var pairs []pair
	for i, tap := range taps {
		for j, s := range system {
			if apart := (tap.At - *s.System).Abs(); s.Direction == tap.Direction && apart <= matchWithin {
				pairs = append(pairs, pair{i, j, apart})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(a.apart, b.apart) })
	taken := make([]bool, len(taps))
	for _, p := range pairs {
		if !taken[p.tap] && system[p.crossing].Human == nil {
			taken[p.tap] = true
			at := taps[p.tap].At
			system[p.crossing].Human = &at
		}
	}
	matches := system
	for i, tap := range taps {
		if !taken[i] {
			at := tap.At
			matches = append(matches, Match{Direction: tap.Direction, Human: &at})
		}
	}
	slices.SortStableFunc(matches, func(a, b Match) int { return cmp.Compare(a.moment(), b.moment()) })
	c := Comparison{Matches: append([]Match{}, matches...)}
	for _, m := range matches {
		c.of(m.Direction).note(m)
	}
	return c
}

func (m Match) moment() time.Duration {
	if m.System != nil {
		return *m.System
	}
	return *m.Human
}

func (c *Comparison) of(d Direction) *Discrepancy {
	if d == Out {
		return &c.Out
	}
	return &c.In
}

func (d *Discrepancy) note(m Match) {
	if m.Human != nil {
		d.Human++
	}
	if m.System != nil {
		d.System++
	}
	if m.Human != nil && m.System != nil {
		d.Matched++
	}
}

// ReviewQuery asks for reviews, newest first. What is empty does not matter.
type ReviewQuery struct {
	Clip     ClipID
	Cameras  []CameraID
	Line     string
	From, To time.Time
	Fair     bool // only blind ones of samples: those that say something about all the time
	Limit    int  // 0 is 1000
}
