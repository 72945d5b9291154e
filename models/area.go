package models

import (
	"fmt"
	"iter"
	"time"
)

// LineRef names a line of a camera.
type LineRef struct {
	Camera CameraID `json:"camera"`
	Line   string   `json:"line"`
}

// ZoneRef names a zone of a camera.
type ZoneRef struct {
	Camera CameraID `json:"camera"`
	Zone   string   `json:"zone"`
}

// Door is a line through which people come into an area and leave it.
type Door struct {
	Camera CameraID `json:"camera"`
	Line   string   `json:"line"`
	// Reversed: who goes "out" over the line comes into the area.
	Reversed bool `json:"reversed,omitempty"`
}

// Area is a space with doors.
type Area struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	Site string `json:"site"`
	// Within is the area that this one is a part of, if any: who comes into a shop has come into the mall before, so
	// only the areas that are in no other add up to their site.
	Within string `json:"within,omitempty"`
	Doors  []Door `json:"doors"`
	// Passing are lines outside that people walk by on: entering divided by passing is the capture rate.
	Passing []LineRef `json:"passing,omitempty"`
	// Zones are where people stay in the area: their dwell times are the area's.
	Zones []ZoneRef `json:"zones,omitempty"`
	// Capacity is how many people may be inside; 0: nobody said.
	Capacity int `json:"capacity,omitempty"`
	// WarnAt is the part of the capacity from which an area is nearly full; 0 is 0.9.
	WarnAt float64 `json:"warn_at,omitempty"`
	// Reset is the local time at which the area is taken to be empty every day; "never" leaves that to corrections.
	Reset Reset `json:"reset,omitempty"`

	Declared bool  `json:"declared"` // it stands in the configuration file and can only be changed there
	Version  int64 `json:"version"`  // grows with every change
}

// Reset is a local time "HH:MM" or never; empty is DefaultReset.
type Reset string

const (
	// ResetNever leaves the emptying of an area to corrections.
	ResetNever Reset = "never"
	// DefaultReset is when most places are empty.
	DefaultReset Reset = "04:00"
)

// defaultWarnAt leaves a guard some time before an area is full.
const defaultWarnAt = 0.9

// Bounds of what one area may refer to.
const (
	maxDoors    = 1000
	maxName     = 200
	maxCapacity = 10_000_000
)

// WithDefaults is the area with what was left out filled in.
func (a Area) WithDefaults() Area {
	if a.Name == "" {
		a.Name = a.ID
	}
	if a.WarnAt == 0 {
		a.WarnAt = defaultWarnAt
	}
	if a.Reset == "" {
		a.Reset = DefaultReset
	}
	return a
}

// Validate refuses an area that cannot be counted. Fields are named as they are written.
func (a Area) Validate() error {
	if err := ValidateID("id", a.ID); err != nil {
		return err
	}
	if err := ValidateID("site", a.Site); err != nil {
		return err
	}
	switch {
	case len(a.Name) > maxName:
		return Invalidf("name", "is longer than %d bytes", maxName)
	case a.Within == a.ID:
		return Invalidf("within", "is the area itself")
	case a.Capacity < 0 || a.Capacity > maxCapacity:
		return Invalidf("capacity", "%d is not a number of people from 0 (not limited) to %d", a.Capacity, maxCapacity)
	case !(a.WarnAt >= 0 && a.WarnAt <= 1):
		return Invalidf("warn_at", "%v is not a part of the capacity from 0 to 1", a.WarnAt)
	}
	if a.Within != "" {
		if err := ValidateID("within", a.Within); err != nil {
			return err
		}
	}
	if a.Reset != "" && a.Reset != ResetNever {
		if minute, err := parseClock(string(a.Reset)); err != nil || minute >= minutesOfDay {
			return Invalidf("reset", "%q is neither a local time such as 04:00 nor never", string(a.Reset))
		}
	}
	return a.validateRefs()
}

func (a Area) validateRefs() error {
	if len(a.Doors) > maxDoors || len(a.Passing) > maxDoors || len(a.Zones) > maxDoors {
		return Invalidf("doors", "an area has at most %d doors, passing lines and zones", maxDoors)
	}
	seen := map[string]bool{}
	check := func(field string, camera CameraID, name string) error {
		if err := ValidateID(field+".camera", string(camera)); err != nil {
			return err
		}
		if err := ValidateID(field, name); err != nil {
			return err
		}
		kind, _, _ := cutIndex(field)
		key := kind + " " + string(camera) + " " + name
		if seen[key] {
			return Invalidf(field, "%s of camera %s is there twice", name, camera)
		}
		seen[key] = true
		return nil
	}
	for field, line := range a.Lines() {
		if err := check(field, line.Camera, line.Line); err != nil {
			return err
		}
	}
	for i, z := range a.Zones {
		if err := check(fmt.Sprintf("zones[%d]", i), z.Camera, z.Zone); err != nil {
			return err
		}
	}
	return nil
}

// Lines are the area's doors and passing lines, each with the name of the field that it stands in.
func (a Area) Lines() iter.Seq2[string, LineRef] {
	return func(yield func(string, LineRef) bool) {
		for i, d := range a.Doors {
			if !yield(fmt.Sprintf("doors[%d]", i), LineRef{Camera: d.Camera, Line: d.Line}) {
				return
			}
		}
		for i, p := range a.Passing {
			if !yield(fmt.Sprintf("passing[%d]", i), p) {
				return
			}
		}
	}
}

// cutIndex takes the index off a field's name.
func cutIndex(field string) (name, index string, found bool) {
	for i, r := range field {
		if r == '[' {
			return field[:i], field[i:], true
		}
	}
	return field, "", false
}

// LastReset is the latest moment at or before t at which the area is taken to be empty by its schedule, false when
// there is none. On a day without that time by the clock (a change to summer time) it is when the clock has passed it.
func (a Area) LastReset(t time.Time, loc *time.Location) (time.Time, bool) {
	reset := a.WithDefaults().Reset
	minute, err := parseClock(string(reset))
	if reset == ResetNever || err != nil {
		return time.Time{}, false
	}
	local := t.In(loc)
	y, mo, d := local.Date()
	at := clockOf(y, mo, d, minute, loc)
	if at.After(t) {
		at = clockOf(y, mo, d-1, minute, loc)
	}
	return at.UTC(), true
}

// Resets are the scheduled resets in [from, to), in order.
func (a Area) Resets(from, to time.Time, loc *time.Location) []time.Time {
	var all []time.Time
	for at, ok := a.LastReset(to.Add(-1), loc); ok && !at.Before(from); at, ok = a.LastReset(at.Add(-1), loc) {
		all = append(all, at)
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all
}

// Fill is how full an area is.
type Fill string

// How full an area is.
const (
	FillUnknown Fill = "unlimited" // it has no capacity
	FillFree    Fill = "free"
	FillNearly  Fill = "nearly_full" // at or above the part of the capacity that its warning begins at
	FillFull    Fill = "full"        // at or above its capacity
)

// Fill is how full the area is with so many people inside.
func (a Area) Fill(people int64) Fill {
	a = a.WithDefaults()
	switch {
	case a.Capacity == 0:
		return FillUnknown
	case people >= int64(a.Capacity):
		return FillFull
	case float64(people) >= a.WarnAt*float64(a.Capacity):
		return FillNearly
	}
	return FillFree
}

// Correction says how many people were really in an area at a moment: somebody counted them. What was reckoned before
// stays as it is; from the end of that minute on, people are reckoned from here.
type Correction struct {
	ID       string    `json:"id"`
	Area     string    `json:"area"`
	At       time.Time `json:"at"`
	People   int64     `json:"people"`
	Reckoned *int64    `json:"reckoned,omitempty"` // what had been reckoned for that moment; nil: nothing was known
	Reason   string    `json:"reason"`
	Author   string    `json:"author"`
	Recorded time.Time `json:"recorded"` // when it was written down
}

// Effective is the moment from which people are reckoned by the correction: counts are kept by the minute, so it is the
// end of its minute, and what was counted in that minute is taken to have been before.
func (c Correction) Effective() time.Time {
	if whole := c.At.Truncate(time.Minute); !whole.Equal(c.At) {
		return whole.Add(time.Minute)
	}
	return c.At
}

// Validate refuses a correction that nobody could stand for.
func (c Correction) Validate() error {
	switch {
	case c.People < 0 || c.People > maxCapacity:
		return Invalidf("people", "%d is not a number of people from 0 to %d", c.People, maxCapacity)
	case c.Reason == "" || len(c.Reason) > 1000:
		return Invalidf("reason", "must say why, in 1 to 1000 bytes")
	case c.Author == "" || len(c.Author) > maxName:
		return Invalidf("author", "must say who, in 1 to %d bytes", maxName)
	case c.At.IsZero():
		return Invalidf("at", "is missing")
	}
	return nil
}
