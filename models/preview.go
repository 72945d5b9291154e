package models

import "time"

// Size is how large people watch a camera.
type Size string

// The sizes. A picture is never made larger than the camera's.
const (
	Tile Size = "tile" // one of many on a screen
	Full Size = "full" // the one that is looked at
)

// Valid reports whether s is one of the known sizes.
func (s Size) Valid() bool { return s == Tile || s == Full }

// Bounds is the most that a picture of this size is wide and high, in pixels, and how many there are a second.
func (s Size) Bounds() (width, height int, fps float64) {
	if s == Full {
		return 1280, 720, 15
	}
	return 480, 270, 10
}

// Stream is one way to watch a camera. Whoever watches it in the same way shares one encoder.
type Stream struct {
	Camera CameraID `json:"camera"`
	Size   Size     `json:"size"`
	// Stills: JPEG pictures that stand on their own, for where video cannot pass. Otherwise H.264.
	Stills bool `json:"stills,omitempty"`
	// Clean: people as they are, nothing drawn. Masks are filled all the same.
	Clean bool `json:"clean,omitempty"`
	// Bare: nothing drawn, and people covered as ever: to draw upon.
	Bare bool `json:"bare,omitempty"`
}

// Validate refuses a stream of no camera or of an unknown size.
func (s Stream) Validate() error {
	if err := ValidateID("camera", string(s.Camera)); err != nil {
		return err
	}
	if !s.Size.Valid() {
		return Invalidf("class", "%q is unknown; use tile or full", s.Size)
	}
	return nil
}

// String is the stream as one word, which can be part of a message subject behind its camera's.
func (s Stream) String() string {
	word := string(s.Camera) + "." + string(s.Size)
	if s.Stills {
		word += "-stills"
	}
	if s.Clean {
		word += "-clean"
	}
	if s.Bare {
		word += "-bare"
	}
	return word
}

// Shot is one encoded picture of a stream on its way to those who watch it.
type Shot struct {
	Stream
	// Seq counts the shots of the stream; one that is missing was lost, and what follows cannot be decoded until the
	// next Key.
	Seq    uint64    `json:"seq"`
	Key    bool      `json:"key,omitempty"` // can be shown without those before it
	At     time.Time `json:"at"`            // when the picture was taken; boxes are those of this very picture
	Width  int       `json:"width"`         // in pixels
	Height int       `json:"height"`
	People int       `json:"people"` // in view
	Data   []byte    `json:"-"`      // H.264 in Annex B form, or JPEG
}

// Wanted is a stream that somebody watches.
type Wanted struct {
	Stream
	// KeyFrames grows when somebody needs a key frame: who has just come, or has lost something.
	KeyFrames uint64 `json:"key_frames,omitempty"`
	// Totals are what the lines have counted today, to be drawn. A line without a total shows no numbers.
	Totals []LineTotal `json:"totals,omitempty"`
}
