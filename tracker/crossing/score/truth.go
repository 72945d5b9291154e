package score

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"footfall/models"
)

// Truth is what a truth file says: the lines of a clip and the crossings that really happened.
type Truth struct {
	Clip   string        `json:"clip"`
	FPS    float64       `json:"fps"`
	Frames int           `json:"frames"`
	Range  *[2]int       `json:"range"` // first and last frame that was looked at; nil = all
	Anchor models.Anchor `json:"anchor"`
	Lines  Lines         `json:"lines"`
	Events []TruthEvent  `json:"events"`
}

// TruthEvent is one true crossing. Frames count from 1.
type TruthEvent struct {
	Line      string           `json:"line"`
	Frame     int              `json:"frame"`
	Direction models.Direction `json:"direction"`
	Sure      *bool            `json:"sure"` // nil = true
}

// Lines are written as a mapping from id to points, or as a list of lines.
type Lines []models.Line

// UnmarshalJSON reads either form and keeps the order of the file.
func (l *Lines) UnmarshalJSON(data []byte) error {
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, (*[]models.Line)(l))
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return models.Invalidf("lines", "must be a mapping from id to points, or a list of lines")
	}
	for d.More() {
		id, err := d.Token()
		if err != nil {
			return err
		}
		line := models.Line{}
		line.ID, _ = id.(string)
		if err := d.Decode(&line.Points); err != nil {
			return fmt.Errorf("line %s: %w", line.ID, err)
		}
		*l = append(*l, line)
	}
	return nil
}

// ReadTruth reads a truth file. Keys it does not know, such as notes, are for people.
func ReadTruth(r io.Reader) (*Truth, error) {
	var t Truth
	if err := json.NewDecoder(r).Decode(&t); err != nil {
		return nil, fmt.Errorf("read truth: %w", err)
	}
	if err := t.validate(); err != nil {
		return nil, fmt.Errorf("read truth: %w", err)
	}
	return &t, nil
}

func (t *Truth) validate() error {
	if !(t.FPS > 0 && t.FPS <= 1000) {
		return models.Invalidf("fps", "%v is not a frame rate", t.FPS)
	}
	if t.Anchor != "" && !t.Anchor.Valid() {
		return models.Invalidf("anchor", "%q is unknown; use bottom_centre or centre", t.Anchor)
	}
	if r := t.Range; r != nil && (r[0] < 1 || r[1] < r[0]) {
		return models.Invalidf("range", "%v is not a first and a last frame, counted from 1", *r)
	}
	if len(t.Lines) == 0 {
		return models.Invalidf("lines", "are missing")
	}
	if err := models.ValidateLines(t.Lines); err != nil {
		return err
	}
	known := make(map[string]bool, len(t.Lines))
	for _, l := range t.Lines {
		known[l.ID] = true
	}
	for i, e := range t.Events {
		field := fmt.Sprintf("event %d", i+1)
		switch {
		case !known[e.Line]:
			return models.Invalidf(field, "names line %q, which is not among the lines", e.Line)
		case e.Frame < 1:
			return models.Invalidf(field, "is in frame %d; frames count from 1", e.Frame)
		case !e.Direction.Valid():
			return models.Invalidf(field, "direction %q is neither in nor out", e.Direction)
		}
	}
	return nil
}

// Known is the true crossings for Compare, in frames.
func (t *Truth) Known() []Event {
	events := make([]Event, len(t.Events))
	for i, e := range t.Events {
		events[i] = Event{
			Line: e.Line, Direction: e.Direction, At: float64(e.Frame), Doubtful: e.Sure != nil && !*e.Sure,
		}
	}
	return events
}

// Within is the range in frames.
func (t *Truth) Within() Range {
	if t.Range == nil {
		return Everything()
	}
	return Range{float64(t.Range[0]), float64(t.Range[1])}
}

// LineIDs are the ids of the lines, in the order of the file.
func (t *Truth) LineIDs() []string {
	ids := make([]string, len(t.Lines))
	for i, l := range t.Lines {
		ids[i] = l.ID
	}
	return ids
}
