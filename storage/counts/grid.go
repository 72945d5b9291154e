package counts

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"footfall/models"
)

// grid is an answer before it is filled: every step of every line, line by line.
type grid struct {
	lines  []Series
	bounds []time.Time // the steps' ends: one more than there are steps
}

func (g grid) steps() int { return len(g.bounds) - 1 }

func (g grid) size() int { return len(g.lines) * g.steps() }

// position is the line and the step at a place of the grid.
func (g grid) position(at int) (line, step int) { return at / g.steps(), at % g.steps() }

// mark is where a page begins. It names the line instead of counting it, so that a line that was added or removed
// between two pages neither repeats nor hides another.
type mark struct {
	Camera models.CameraID `json:"c"`
	Line   string          `json:"l"`
	Class  models.Class    `json:"k,omitempty"`
	Had    models.Class    `json:"h,omitempty"`
	Start  int64           `json:"s"` // Unix seconds
}

func (g grid) cursor(at int) string {
	line, step := g.position(at)
	of := g.lines[line]
	return encodeCursor(mark{of.Camera, of.Line, of.Class, of.Carrying, g.bounds[step].Unix()})
}

// find is the place that a cursor means: that of its line and time, or what comes after it when that is gone.
func (g grid) find(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	var m mark
	if err := decodeCursor(cursor, &m); err != nil {
		return 0, err
	}
	of := Series{LineRef{m.Camera, m.Line}, m.Class, m.Had}
	line, found := slices.BinarySearchFunc(g.lines, of, Series.compare)
	if !found {
		return line * g.steps(), nil
	}
	step, _ := slices.BinarySearchFunc(g.bounds, time.Unix(m.Start, 0), time.Time.Compare)
	return line*g.steps() + min(step, g.steps()), nil
}

// encodeCursor makes an opaque word of a place in a list.
func encodeCursor(place any) string {
	text, _ := json.Marshal(place) // strings and numbers: it cannot fail
	return base64.RawURLEncoding.EncodeToString(text)
}

func decodeCursor(cursor string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return models.Invalidf("cursor", "is not one that this list gave; start without a cursor")
	}
	return nil
}
