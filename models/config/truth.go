package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"footfall/models"
)

// Truth is what really happened on a clip: who crossed which line when, as people counted it. Frames count from 1.
type Truth struct {
	Clip   string  // name of the file it is about; may be empty
	FPS    float64 // frames a second of the clip; 0: not told
	Frames int     // of the clip; 0: not told
	// First and Last bound the frames that were looked at, both included; 0 and 0: all of them.
	First, Last int
	Anchor      models.Anchor // which point of a person counted as being over the line
	Lines       []models.Line // in the order of the file
	Events      []TruthEvent  // in the order of the file
	Notes       string
}

// TruthEvent is one crossing that really happened.
type TruthEvent struct {
	Line      string
	Frame     int
	Direction models.Direction
	// Sure: the people who counted agreed. What is not sure is neither missed nor, when it is counted, wrong.
	Sure bool
}

// ReadTruth reads a truth file, YAML or JSON. Keys that it does not know are left alone: truth is written by many
// tools.
func ReadTruth(path string) (Truth, error) {
	t, err := readTruthFile(path)
	if err != nil {
		return Truth{}, fmt.Errorf("read truth: %w", err)
	}
	return t, nil
}

func readTruthFile(path string) (Truth, error) {
	d, err := readDocument(path)
	if err != nil {
		return Truth{}, err
	}
	return truthOf(d)
}

// truthOf reads the truth of a document.
func truthOf(d document) (Truth, error) {
	t := Truth{Anchor: models.BottomCentre}
	if d.root.kind != mapping {
		return t, d.refuse(d.root.line, "",
			"is %s, not a truth file: want clip, fps, frames, lines, events", d.root.kind)
	}
	var err error
	if t.Lines, err = requiredLines(d); err != nil {
		return t, err
	}
	for _, e := range d.root.entries {
		if err := t.readKey(d, e); err != nil {
			return t, err
		}
	}
	if _, ok := d.root.find("events"); !ok {
		return t, d.refuse(d.root.line, "events", "is missing; write [] when nobody crossed")
	}
	return t, nil
}

func (t *Truth) readKey(d document, e entry) (err error) {
	text := e.value.text
	switch e.key {
	case "clip":
		t.Clip = text
	case "notes":
		t.Notes = text
	case "fps":
		if t.FPS, err = strconv.ParseFloat(text, 64); err != nil || !(t.FPS > 0) || math.IsInf(t.FPS, 0) {
			return d.refuse(e.line, e.key, "%s is not a number of frames a second", quote(text))
		}
	case "frames":
		t.Frames, err = frameNumber(d, e)
	case "anchor":
		if t.Anchor = models.Anchor(text); !t.Anchor.Valid() {
			return d.refuse(e.line, e.key,
				"%s is unknown; use %s or %s", quote(text), models.BottomCentre, models.Centre)
		}
	case "range":
		return t.readRange(d, e)
	case "events":
		return t.readEvents(d, e)
	}
	return err
}

func (t *Truth) readRange(d document, e entry) error {
	const want = "want the first and the last frame: [1, 400]"
	switch {
	case e.value.kind == nothing:
		return nil
	case e.value.kind != list || len(e.value.items) != 2:
		return d.refuse(e.line, e.key, want)
	}
	for i, to := range []*int{&t.First, &t.Last} {
		n, err := frameNumber(d, entry{key: e.key, line: e.line, value: e.value.items[i]})
		if err != nil {
			return err
		}
		*to = n
	}
	if t.Last < t.First {
		return d.refuse(e.line, e.key, "ends before it begins; "+want)
	}
	return nil
}

func (t *Truth) readEvents(d document, e entry) error {
	if e.value.kind == nothing {
		return nil
	}
	if e.value.kind != list {
		return d.refuse(e.line, e.key, "is %s, but takes a list", e.value.kind)
	}
	for i, item := range e.value.items {
		event, err := t.event(d, fmt.Sprintf("events[%d]", i), item)
		if err != nil {
			return err
		}
		t.Events = append(t.Events, event)
	}
	return nil
}

func (t *Truth) event(d document, name string, n node) (TruthEvent, error) {
	event := TruthEvent{Sure: true}
	if n.kind != mapping {
		return event, d.refuse(n.line, name, "is %s, but takes {line, frame, direction, sure}", n.kind)
	}
	for _, e := range n.entries {
		var err error
		switch e.key {
		case "line":
			event.Line = e.value.text
		case "frame":
			event.Frame, err = frameNumber(d, entry{key: name + ": frame", line: e.line, value: e.value})
		case "direction":
			event.Direction = models.Direction(e.value.text)
		case "sure":
			if event.Sure, err = parseBool(e.value.text); err != nil {
				err = d.refuse(e.line, name+": sure", "%s %s", quote(e.value.text), err)
			}
		}
		if err != nil {
			return event, err
		}
	}
	switch {
	case !slices.ContainsFunc(t.Lines, func(l models.Line) bool { return l.ID == event.Line }):
		return event, d.refuse(n.line, name+": line", "%s is not one of the lines of this file", quote(event.Line))
	case event.Frame == 0:
		return event, d.refuse(n.line, name+": frame", "is missing; frames count from 1")
	case !event.Direction.Valid():
		return event, d.refuse(n.line, name+": direction", "%s is neither in nor out", quote(string(event.Direction)))
	}
	return event, nil
}

// frameNumber reads a whole number of at least 1.
func frameNumber(d document, e entry) (int, error) {
	n, err := strconv.Atoi(e.value.text)
	if e.value.kind != scalar || err != nil || n < 1 {
		return 0, d.refuse(e.line, e.key,
			"%s is not a whole number of at least 1; frames count from 1", quote(e.value.text))
	}
	return n, nil
}
