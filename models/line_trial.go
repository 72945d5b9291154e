package models

import "time"

// LineTrial is what lines that are only thought of would have counted lately.
type LineTrial struct {
	From     time.Time     `json:"from"` // how far back what was seen is remembered
	To       time.Time     `json:"to"`
	Observed time.Duration `json:"observed_ns"` // of the time between
	Lines    []LineTotal   `json:"lines"`
	// Crossings are of people, oldest first; only the last ones where they were too many.
	Crossings []TriedCrossing `json:"crossings"`
}

// TriedCrossing is somebody who would have been counted.
type TriedCrossing struct {
	Line      string    `json:"line"`
	Direction Direction `json:"direction"`
	Time      time.Time `json:"time"`
	// TurnedBack: one half of a U-turn, which the clean totals leave out.
	TurnedBack bool `json:"turned_back,omitempty"`
}
