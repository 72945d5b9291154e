package models

import (
	"fmt"
	"regexp"
)

// Line is a polyline on a camera's picture. Walking from its first point to its last, "in" is from the left to the
// right and "out" from the right to the left, as seen on the picture.
type Line struct {
	ID     string  `json:"id"`
	Name   string  `json:"name,omitempty"`
	Points []Point `json:"points"`
}

// idPattern is what an id of a line or a camera may look like: it appears in URLs, file names and message subjects.
const idPattern = `^[a-z0-9A-Z][a-zA-Z0-9_-]{0,63}$`

var validID = regexp.MustCompile(idPattern)

// ValidateID refuses an id that could not be part of a URL, a file name or a message subject.
func ValidateID(field, id string) error {
	if !validID.MatchString(id) {
		return Invalidf(field, "%q is not an id: use 1 to 64 letters, digits, '-' and '_', a letter or digit first", id)
	}
	return nil
}

// Validate refuses a line with a bad id, with fewer than two points, with a point outside the picture, or with two
// neighbouring points in the same place.
func (l Line) Validate() error {
	if err := ValidateID("line id", l.ID); err != nil {
		return err
	}
	field := "line " + l.ID
	if len(l.Points) < 2 {
		return Invalidf(field, "has %d point(s), a line needs at least 2", len(l.Points))
	}
	for i, p := range l.Points {
		if !p.Valid() {
			return Invalidf(fmt.Sprintf("%s, point %d", field, i+1),
				"(%v, %v) lies outside the picture; x and y are fractions from 0 to 1", p.X, p.Y)
		}
		if i > 0 && p == l.Points[i-1] {
			return Invalidf(fmt.Sprintf("%s, point %d", field, i+1), "is the same place as the point before it")
		}
	}
	return nil
}

// ValidateLines validates every line and refuses two with one id.
func ValidateLines(lines []Line) error {
	seen := make(map[string]bool, len(lines))
	for _, l := range lines {
		if err := l.Validate(); err != nil {
			return err
		}
		if seen[l.ID] {
			return Invalidf("line "+l.ID, "is there twice; ids must differ")
		}
		seen[l.ID] = true
	}
	return nil
}

// Direction is the way a line was crossed.
type Direction string

// The two ways over a line; see Line.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Opposite is the way back.
func (d Direction) Opposite() Direction {
	if d == In {
		return Out
	}
	return In
}

// Valid reports whether d is In or Out.
func (d Direction) Valid() bool { return d == In || d == Out }
