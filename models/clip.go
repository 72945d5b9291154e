package models

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// ClipID is the id of a clip: that of the fact that told of it.
type ClipID string

// Clip is the fact that a short video lies in the store, or will: what it shows and what was counted meanwhile. The
// picture is as the camera's privacy wants it, with nothing drawn.
type Clip struct {
	Start    time.Time     `json:"start"` // UTC, of the first picture
	End      time.Time     `json:"end"`   // UTC, of the last
	Triggers []ClipTrigger `json:"triggers"`

	Width    int           `json:"width"` // in pixels
	Height   int           `json:"height"`
	Pictures int64         `json:"pictures"`
	Observed time.Duration `json:"observed_ns"` // between pictures that are at most a second apart

	Lines         []Line  `json:"lines"` // as they were drawn then
	ConfigVersion int64   `json:"config_version"`
	ModelVersion  string  `json:"model_version"` // with the hash of the model
	Privacy       Privacy `json:"privacy"`

	Crossings []ClipCrossing `json:"crossings"` // within [Start, End], in their order
	Counts    []ClipCount    `json:"counts"`    // of these crossings, line by line

	Key    string `json:"key"` // of the video in the store
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // of the video, in hexadecimal
}

// ClipTrigger is a reason for a clip, and the time that it wanted to see.
type ClipTrigger struct {
	Kind TriggerKind `json:"kind"`
	// ID is that of the crossing, or of the recording that somebody asked for.
	ID   string    `json:"id,omitempty"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// TriggerKind is why there is a clip.
type TriggerKind string

// The kinds of triggers.
const (
	TriggerSample   TriggerKind = "sample"   // a random moment of the day, which nobody knew of
	TriggerCrossing TriggerKind = "crossing" // somebody crossed a line, one of so many
	TriggerSaved    TriggerKind = "saved"    // somebody kept the last seconds
	TriggerPlanned  TriggerKind = "planned"  // somebody planned it
	TriggerCapacity TriggerKind = "capacity" // an area that the camera has a door of became full
)

// TriggerKinds is all of them.
func TriggerKinds() []TriggerKind {
	return []TriggerKind{TriggerSample, TriggerCrossing, TriggerSaved, TriggerPlanned, TriggerCapacity}
}

// ClipCrossing is a crossing that was counted while the clip was taken.
type ClipCrossing struct {
	ID        FactID    `json:"id"`
	Line      string    `json:"line"`
	Direction Direction `json:"direction"`
	Class     Class     `json:"class"`
	Time      time.Time `json:"time"`
	Reverses  FactID    `json:"reverses,omitempty"`
}

// ClipCount is what the crossings in a clip add up to for one line.
type ClipCount struct {
	Line   string `json:"line"`
	In     int64  `json:"in"`
	Out    int64  `json:"out"`
	RawIn  int64  `json:"raw_in"`
	RawOut int64  `json:"raw_out"`
}

// CountCrossings is what crossings add up to, for each of the lines.
func CountCrossings(lines []Line, crossings []ClipCrossing) []ClipCount {
	totals := make([]ClipCount, 0, len(lines))
	for _, line := range lines {
		total := ClipCount{Line: line.ID}
		for _, c := range crossings {
			if c.Line != line.ID || (c.Class != Person && c.Class != "") {
				continue
			}
			undone := c.Reverses != "" || slices.ContainsFunc(crossings, func(o ClipCrossing) bool {
				return o.Reverses == c.ID
			})
			raw, clean := &total.RawIn, &total.In
			if c.Direction == Out {
				raw, clean = &total.RawOut, &total.Out
			}
			*raw++
			if !undone {
				*clean++
			}
		}
		totals = append(totals, total)
	}
	return totals
}

// The bounds of a clip.
const (
	maxClip      = 2 * time.Hour
	maxClipParts = 5000
)

func (c *Clip) validate() error {
	switch {
	case c.Start.IsZero() || c.End.Before(c.Start) || c.End.Sub(c.Start) > maxClip:
		return Invalidf("clip time", "is missing, backwards or longer than %s", maxClip)
	case len(c.Triggers) == 0 || len(c.Triggers) > maxClipParts || len(c.Crossings) > maxClipParts:
		return Invalidf("clip", "has no trigger, or too much of something")
	case c.Bytes <= 0 || len(c.SHA256) != 64 || strings.Trim(c.SHA256, "0123456789abcdef") != "":
		return Invalidf("clip", "has no size or no hash")
	}
	for _, t := range c.Triggers {
		if !slices.Contains(TriggerKinds(), t.Kind) {
			return Invalidf("clip trigger", "%q is unknown", t.Kind)
		}
	}
	return nil
}

// ClipKey is where the video of a clip lies in a store, without its ending: folders of camera and day, so that people
// find their way too.
func ClipKey(camera CameraID, id ClipID, start time.Time) string {
	return string(camera) + start.UTC().Format("/2006/01/02/") + string(id)
}

// What the keys of videos, of manifests and of their time stamps end with.
const (
	VideoEnding    = ".mp4"
	ManifestEnding = ".json"
	StampEnding    = ".tsr"
)

// ClipState is how far a clip has come.
type ClipState string

// The states of a clip.
const (
	ClipAwaited ClipState = "awaited" // its worker has told of it; the video is on its way
	ClipStored  ClipState = "stored"  // the video is in the store, and the manifest is signed
	ClipExpired ClipState = "expired" // it was deleted when its time was over
	ClipLost    ClipState = "lost"    // the video never came
)

// StoredClip is a clip as the server knows it.
type StoredClip struct {
	ID     ClipID
	Camera CameraID
	Clip

	State   ClipState
	Seq     int64     // in its camera's chain; 0 before it is stored
	Expires time.Time // when it is deleted, unless it is held
	Hold    *ClipHold // nil: it is not held
}

// Cursor is where in a list the clip stands; see ClipQuery.Before.
func (c StoredClip) Cursor() string {
	return strconv.FormatInt(c.Start.UnixNano(), 36) + "." + string(c.ID)
}

// ClipHold keeps a clip beyond its time: for a court, or a quarrel.
type ClipHold struct {
	Reason string     `json:"reason"`
	By     AuditActor `json:"by"`
	Since  time.Time  `json:"since"`
}

// ClipQuery asks for clips, newest first. What is empty does not matter.
type ClipQuery struct {
	Cameras  []CameraID
	Line     string
	From, To time.Time // clips that show any of it
	Triggers []TriggerKind
	States   []ClipState
	Held     *bool
	Before   string // cursor: only what comes behind it in the list
	Limit    int    // 0 is 100, more than 1000 is 1000
}

// Recordable reports whether a clip for such a reason is asked for by a Recording.
func (k TriggerKind) Recordable() bool {
	return k == TriggerSaved || k == TriggerPlanned || k == TriggerCapacity
}

// Recording is a clip that somebody asked for, of what has just been or of what will be.
type Recording struct {
	ID     string      `json:"id"`
	Camera CameraID    `json:"camera"`
	Kind   TriggerKind `json:"kind"` // saved, planned or capacity
	From   time.Time   `json:"from"`
	To     time.Time   `json:"to"`
	Reason string      `json:"reason,omitempty"`
	By     AuditActor  `json:"by,omitzero"`
	Made   time.Time   `json:"made,omitzero"`
	// Clips are those that came of it.
	Clips []ClipID `json:"clips,omitempty"`
}

// MaxRecording is the longest that may be asked for.
const MaxRecording = time.Hour

// Validate refuses a recording that makes no sense.
func (r Recording) Validate() error {
	switch {
	case !r.From.Before(r.To):
		return Invalidf("to", "must be after from")
	case r.To.Sub(r.From) > MaxRecording:
		return Invalidf("to", "is more than %s after from; plan several", MaxRecording)
	case !r.Kind.Recordable():
		return Invalidf("kind", "%q is unknown; use saved, planned or capacity", r.Kind)
	}
	return ValidateID("camera", string(r.Camera))
}
