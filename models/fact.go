package models

import "time"

// FactID is a UUIDv7 in its textual form, made by the worker. The database refuses a second fact with the same id, so
// a worker may send a fact as often as it likes.
type FactID string

// LeaseID names a lease.
type LeaseID string

// Lease gives one camera to one worker for [From, Until). Leases of one camera never overlap, and a fact is accepted
// only if its time lies inside the lease it carries: that is why nothing is counted twice.
type Lease struct {
	ID     LeaseID   `json:"id"`
	Camera CameraID  `json:"camera"`
	Worker string    `json:"worker"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"` // moves on while the worker is heard from
}

// Contains reports whether t lies in [From, Until).
func (l Lease) Contains(t time.Time) bool { return !t.Before(l.From) && t.Before(l.Until) }

// Fact is one thing a worker knows for certain and may never lose: exactly one of its pointers is set.
type Fact struct {
	ID       FactID    `json:"id"`
	Camera   CameraID  `json:"camera"`
	Lease    LeaseID   `json:"lease"`
	Crossing *Crossing `json:"crossing,omitempty"`
	Coverage *Coverage `json:"coverage,omitempty"`
	Presence *Presence `json:"presence,omitempty"`
	Clip     *Clip     `json:"clip,omitempty"`
}

// Time is the moment the lease must contain: when the line was crossed, or when the stretch told of began.
func (f Fact) Time() time.Time {
	switch {
	case f.Crossing != nil:
		return f.Crossing.Time
	case f.Coverage != nil:
		return f.Coverage.From
	case f.Presence != nil:
		return f.Presence.From
	case f.Clip != nil:
		return f.Clip.Start
	}
	return time.Time{}
}

// Crossing is the fact that somebody went over a line. It says nothing about who.
type Crossing struct {
	Line          string    `json:"line"`
	Direction     Direction `json:"direction"`
	Class         Class     `json:"class"`
	Time          time.Time `json:"time"` // UTC, when the anchor met the line
	ConfigVersion int64     `json:"config_version"`
	ModelVersion  string    `json:"model_version"`
	// Reverses is set on the way back of a U-turn: the id of the crossing that it undoes. Both stay in the raw totals,
	// neither is in the clean ones.
	Reverses FactID `json:"reverses,omitempty"`
	// Carrying are the classes of what a person had along, each once, in alphabetical order: a bag that is carried is
	// told of its carrier's crossing, and does not cross itself.
	Carrying []Class `json:"carrying,omitempty"`
}

// Coverage is the fact that a camera was really watched for some part of a minute. A minute may be told in several
// such facts; they add up.
type Coverage struct {
	Minute        time.Time     `json:"minute"` // UTC, the start of the minute
	From          time.Time     `json:"from"`   // UTC, the first moment of this stretch, inside the minute
	Observed      time.Duration `json:"observed_ns"`
	FramesSeen    int64         `json:"frames_seen"`
	FramesDropped int64         `json:"frames_dropped"`
	// Moved: the camera had been turned or shifted away from the picture that its lines were drawn on.
	Moved bool `json:"moved,omitempty"`
}

// Validate refuses a fact that no worker could have made: the server checks what it is sent.
func (f Fact) Validate() error {
	if f.ID == "" || f.Lease == "" {
		return Invalidf("fact", "has no id or no lease")
	}
	if err := ValidateID("fact camera", string(f.Camera)); err != nil {
		return err
	}
	told := 0
	for _, is := range []bool{f.Crossing != nil, f.Coverage != nil, f.Presence != nil, f.Clip != nil} {
		if is {
			told++
		}
	}
	switch {
	case told != 1:
	case f.Crossing != nil:
		return f.Crossing.validate()
	case f.Coverage != nil:
		return f.Coverage.validate()
	case f.Presence != nil:
		return f.Presence.validate()
	default:
		return f.Clip.validate()
	}
	return Invalidf("fact", "must be exactly one of crossing, coverage, presence and clip")
}

func (c *Crossing) validate() error {
	switch {
	case !c.Direction.Valid():
		return Invalidf("crossing direction", "%q is neither in nor out", c.Direction)
	case c.Time.IsZero():
		return Invalidf("crossing time", "is missing")
	}
	return ValidateID("crossing line", c.Line)
}

func (c *Coverage) validate() error {
	if err := validateStretch("coverage", c.Minute, c.From); err != nil {
		return err
	}
	switch {
	case c.Observed < 0 || c.Observed > time.Minute:
		return Invalidf("coverage observed", "%s is not within a minute", c.Observed)
	case c.FramesSeen < 0 || c.FramesDropped < 0:
		return Invalidf("coverage frames", "are negative")
	}
	return nil
}

// validateStretch refuses a stretch that does not begin inside its minute.
func validateStretch(field string, minute, from time.Time) error {
	switch {
	case !minute.Equal(minute.Truncate(time.Minute)):
		return Invalidf(field+" minute", "%s is not the start of a minute", minute)
	case from.Before(minute) || !from.Before(minute.Add(time.Minute)):
		return Invalidf(field+" from", "%s is outside its minute", from)
	}
	return nil
}
