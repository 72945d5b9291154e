package mot

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"footfall/models"
)

// Limits of what is believed to be a file of detections.
const (
	maxFrame  = 1 << 30
	maxLine   = 4096 // bytes
	maxPixels = 1e6
	minPixels = 1e-3
)

// Read reads lines of frame,id,x,y,w,h[,score,...] (commas, spaces or tabs between them; x, y, w, h in pixels, x and
// y of the top left corner, 1-based frames) and returns the detections of each frame, in the order of the file, as
// fractions of a picture of width x height pixels. The id and everything after the score are ignored. A score that is
// missing or negative is 1. Empty lines and lines that begin with # are skipped.
//
// Anything else is refused with its line number, for the caller to put the file's name before: a file that is half
// understood gives counts that are half wrong.
func Read(r io.Reader, width, height int) (map[int][]models.Detection, error) {
	if width <= 0 || height <= 0 {
		return nil, models.Invalidf("picture size", "%dx%d is not positive", width, height)
	}
	frames := make(map[int][]models.Detection)
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, maxLine), maxLine)
	n := 0
	for lines.Scan() {
		n++
		text := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if text == "" || text[0] == '#' {
			continue
		}
		frame, d, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		d.Box.X /= float64(width)
		d.Box.W /= float64(width)
		d.Box.Y /= float64(height)
		d.Box.H /= float64(height)
		frames[frame] = append(frames[frame], d)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d: %w", n+1,
			models.Invalidf("line", "is longer than %d bytes", maxLine))
	case err != nil:
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	return frames, nil
}

// parse reads one line; its box is still in pixels.
func parse(text string) (int, models.Detection, error) {
	fields := strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' || c == ';' })
	if len(fields) < 6 {
		return 0, models.Detection{}, models.Invalidf("fields",
			"%d found, a detection is frame,id,x,y,w,h[,score,...]", len(fields))
	}
	names := [...]string{"frame", "id", "x", "y", "w", "h", "score"}
	v := [len(names)]float64{6: 1}
	for i := range min(len(fields), len(names)) {
		f, err := strconv.ParseFloat(fields[i], 64)
		if i == 1 {
			continue // whatever it is
		}
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return 0, models.Detection{}, models.Invalidf(names[i], "%q is not a number", fields[i])
		}
		v[i] = f
	}
	if v[0] != math.Trunc(v[0]) || v[0] < 1 || v[0] > maxFrame {
		return 0, models.Detection{}, models.Invalidf("frame", "%s is not a whole number from 1", fields[0])
	}
	for i := 2; i <= 5; i++ {
		if math.Abs(v[i]) > maxPixels {
			return 0, models.Detection{}, models.Invalidf(names[i], "%s pixels is on no picture", fields[i])
		}
	}
	if v[4] < minPixels || v[5] < minPixels {
		return 0, models.Detection{}, models.Invalidf("box", "%s x %s has no area", fields[4], fields[5])
	}
	if v[6] < 0 {
		v[6] = 1
	}
	return int(v[0]), models.Detection{
		Box: models.Box{X: v[2], Y: v[3], W: v[4], H: v[5]}, Score: min(v[6], 1), Class: models.Person,
	}, nil
}
