package models

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// LineList is lines as a request brings them, written in either of two ways: a list of lines, or a mapping from id to
// points. They come in the order in which they were written.
type LineList []Line

// UnmarshalJSON reads either form and refuses keys that a line does not have. Whether the lines make sense is for
// ValidateLines to say.
func (l *LineList) UnmarshalJSON(data []byte) error {
	lines, err := readShapes("line", data, func(id string, points []Point) Line { return Line{ID: id, Points: points} })
	*l = lines
	return err
}

// ZoneList is zones as a request brings them; see LineList.
type ZoneList []Zone

// UnmarshalJSON reads either form and refuses keys that a zone does not have. Whether the zones make sense is for
// ValidateZones to say.
func (z *ZoneList) UnmarshalJSON(data []byte) error {
	zones, err := readShapes("zone", data, func(id string, points []Point) Zone { return Zone{ID: id, Points: points} })
	*z = zones
	return err
}

// readShapes reads a list of shapes, or a mapping from id to points.
func readShapes[S Line | Zone](word string, data []byte, make func(id string, points []Point) S) ([]S, error) {
	data = bytes.TrimSpace(data)
	var shapes []S
	var err error
	switch {
	case bytes.HasPrefix(data, []byte("[")):
		shapes, err = listed[S](data)
	case bytes.HasPrefix(data, []byte("{")):
		shapes, err = mapped(word, data, make)
	default:
		err = errors.New("must be a list of " + word + "s, or a mapping from id to points")
	}
	if err != nil {
		return nil, Invalidf(word+"s", "%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return shapes, nil
}

func listed[S Line | Zone](data []byte) ([]S, error) {
	shapes := []S{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(&shapes)
	return shapes, err
}

func mapped[S Line | Zone](word string, data []byte, make func(id string, points []Point) S) ([]S, error) {
	shapes := []S{}
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	for d.More() {
		id, err := d.Token()
		if err != nil {
			return nil, err
		}
		var points []Point
		if err := d.Decode(&points); err != nil {
			return nil, fmt.Errorf("%s %v: %w", word, id, err)
		}
		shapes = append(shapes, make(fmt.Sprint(id), points))
	}
	return shapes, nil
}
