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
	data = bytes.TrimSpace(data)
	var err error
	switch {
	case bytes.HasPrefix(data, []byte("[")):
		*l, err = listedLines(data)
	case bytes.HasPrefix(data, []byte("{")):
		*l, err = mappedLines(data)
	default:
		err = errors.New("must be a list of lines, or a mapping from id to points")
	}
	if err != nil {
		return Invalidf("lines", "%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

func listedLines(data []byte) (LineList, error) {
	lines := []Line{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(&lines)
	return lines, err
}

func mappedLines(data []byte) (LineList, error) {
	lines := LineList{}
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	for d.More() {
		id, err := d.Token()
		if err != nil {
			return nil, err
		}
		line := Line{ID: fmt.Sprint(id)}
		if err := d.Decode(&line.Points); err != nil {
			return nil, fmt.Errorf("line %s: %w", line.ID, err)
		}
		lines = append(lines, line)
	}
	return lines, nil
}
