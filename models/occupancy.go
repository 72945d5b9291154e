package models

import "time"

// BaseKind is what an occupancy is reckoned from.
type BaseKind string

// What an occupancy can be reckoned from.
const (
	BaseReset      BaseKind = "reset"      // the scheduled time at which the area is taken to be empty
	BaseCorrection BaseKind = "correction" // somebody counted
	BaseBeginning  BaseKind = "beginning"  // neither: everything that was ever counted
)

// Base is where the reckoning of an occupancy begins.
type Base struct {
	Kind   BaseKind
	At     time.Time // zero for the beginning
	People int64
}

// Occupancy is how many people are inside an area at a moment: what the base says, and whoever came and went since. It
// is never made up to look better: when more went than came it is negative, and says so.
type Occupancy struct {
	Area     string
	At       time.Time
	People   *int64 // nil: nobody watched since the base
	Base     Base
	Fill     Fill
	Capacity int
	Observed time.Duration // since the base, the mean of the doors
	Since    time.Duration // since the base
	Moved    time.Duration
	Revision int64
}

// Coverage is the part of the time since the base that the doors were watched, in [0,1]; at the base itself it is 1.
func (o Occupancy) Coverage() float64 {
	if o.Since <= 0 {
		return 1
	}
	return min(1, float64(o.Observed)/float64(o.Since))
}

// Flags are the reservations about it.
func (o Occupancy) Flags() []Flag {
	flags := []Flag{}
	if o.Coverage() < WholeCoverage {
		flags = append(flags, Partial)
	}
	if o.Moved > 0 {
		flags = append(flags, CameraMoved)
	}
	if o.People != nil && *o.People < 0 {
		flags = append(flags, Negative)
	}
	return flags
}

// OccupancyStep is how many people were inside an area in [Start, End): by the minute, each at its end.
type OccupancyStep struct {
	Bucket // who came and went; no camera, no line

	Known               bool // somebody watched since the base
	Last, Most, Least   int64
	Average             float64
	Resets, Corrections int // how many there were in it
}

// Drift is what an occupancy was when the place closed. Everybody had left, so it is the error of that day.
type Drift struct {
	Occupancy

	Day    string // by the calendar of the site
	Closed time.Time
	In     int64 // who came in since the base
}
