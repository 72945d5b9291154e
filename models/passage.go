package models

import "time"

// Passage is one crossing as the counter of a line tells it, before it becomes a fact: it knows its track, which a
// fact must not.
type Passage struct {
	Line      string
	Direction Direction
	Class     Class
	At        time.Time // when the anchor met the line, between two frames
	Track     uint64
	Seq       uint64  // numbers the passages of one counter from 1
	Reverses  uint64  // the Seq of the passage that this one undoes as a U-turn; 0 = none
	Carrying  []Class // what a person had along; see Crossing
}

// LineTotal is what one line has counted of people since its counter began. RawIn and RawOut hold every crossing; In
// and Out leave out both halves of a U-turn.
type LineTotal struct {
	Line   string
	In     int64
	Out    int64
	RawIn  int64
	RawOut int64
}

// ClassTotal is what one line has counted of another class than people, in the numbers of a LineTotal.
type ClassTotal struct {
	Class Class
	LineTotal
}

// Plus is both together, under the name of o.
func (t LineTotal) Plus(o LineTotal) LineTotal {
	o.In += t.In
	o.Out += t.Out
	o.RawIn += t.RawIn
	o.RawOut += t.RawOut
	return o
}
