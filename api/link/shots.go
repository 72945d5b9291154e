package link

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"footfall/models"
)

// The subjects of previews. Pictures are not facts: they may be lost, and travel on connections of their own, so that
// no beat and no fact waits behind one.
const (
	subjectWanted = "footfall.wanted." // + name of the worker
	subjectShot   = "footfall.shot."   // + name of the worker + "." + the stream as one word, camera first
)

// Wishes is what a worker is wanted to show, all of it, from now on.
type Wishes struct {
	Protocol int `json:"protocol"`
	// For is how long they hold when no others come, in milliseconds. A duration, because clocks differ.
	For    int64           `json:"for_ms"`
	Wanted []models.Wanted `json:"wanted,omitempty"`
}

// The bounds of what previews may send.
const (
	maxWishes   = 4096
	maxWishTime = time.Minute
	maxSide     = 16384 // pixels
)

// DecodeWishes reads wishes and checks what a reader relies on.
func DecodeWishes(data []byte) (Wishes, error) {
	wishes, err := decode[Wishes](data)
	if err != nil {
		return Wishes{}, err
	}
	if wishes.For < 0 || time.Duration(wishes.For)*time.Millisecond > maxWishTime {
		return Wishes{}, models.Invalidf("for_ms", "%d is not between 0 and %d", wishes.For, maxWishTime.Milliseconds())
	}
	if len(wishes.Wanted) > maxWishes {
		return Wishes{}, models.Invalidf("wanted", "are %d, more than %d", len(wishes.Wanted), maxWishes)
	}
	for _, w := range wishes.Wanted {
		if err := w.Validate(); err != nil {
			return Wishes{}, err
		}
	}
	return wishes, nil
}

// shotHeader is the line of JSON before a shot's bytes.
type shotHeader struct {
	Protocol int `json:"protocol"`
	models.Shot
}

// encodeShot writes a shot: a line of JSON, then the picture as it is.
func encodeShot(shot models.Shot) ([]byte, error) {
	header, err := json.Marshal(shotHeader{Protocol, shot})
	if err != nil {
		return nil, fmt.Errorf("write shot: %w", err)
	}
	message := make([]byte, 0, len(header)+1+len(shot.Data))
	return append(append(append(message, header...), '\n'), shot.Data...), nil
}

// DecodeShot reads a shot and checks what a reader relies on. Its Data is part of data.
func DecodeShot(data []byte) (models.Shot, error) {
	header, picture, found := bytes.Cut(data, []byte{'\n'})
	if !found {
		return models.Shot{}, models.Invalidf("shot", "has no header")
	}
	read, err := decode[shotHeader](header)
	if err != nil {
		return models.Shot{}, err
	}
	shot := read.Shot
	if err := shot.Validate(); err != nil {
		return models.Shot{}, err
	}
	switch {
	case shot.Width < 1 || shot.Height < 1 || shot.Width > maxSide || shot.Height > maxSide:
		return models.Shot{}, models.Invalidf("shot", "is %dx%d", shot.Width, shot.Height)
	case len(picture) == 0:
		return models.Shot{}, models.Invalidf("shot", "has no picture")
	case shot.At.IsZero() || shot.People < 0:
		return models.Shot{}, models.Invalidf("shot", "has no time, or fewer people than none")
	}
	shot.Data = picture
	return shot, nil
}
