package models

import "fmt"

// Pixelation is how much of a person is made unrecognisable before anybody else sees the picture.
type Pixelation string

// The pixelations. Heads is the default.
const (
	PixelateHeads  Pixelation = "heads"  // the head and what is around it
	PixelateBodies Pixelation = "bodies" // the whole person: clothes and gait tell who it is, too
	PixelateOff    Pixelation = "off"    // nobody: an administrator has a reason, and the law's leave
)

// Valid reports whether p is one of the known pixelations.
func (p Pixelation) Valid() bool {
	return p == PixelateHeads || p == PixelateBodies || p == PixelateOff
}

// Privacy is what of a camera's picture nobody gets to see, in previews and clips. Counting is not affected.
type Privacy struct {
	Pixelate Pixelation `json:"pixelate"`
	Masks    []Mask     `json:"masks,omitempty"` // parts of the picture that are nobody's business: a till, a window
}

// Mask is a polygon on the picture, closed from its last point to its first, that is filled with one colour. Its edges
// may cross: what is doubtful is covered.
type Mask []Point

// WithDefaults is p with people pixelated unless it says otherwise.
func (p Privacy) WithDefaults() Privacy {
	if p.Pixelate == "" {
		p.Pixelate = PixelateHeads
	}
	return p
}

// The bounds of a camera's masks: more would be a drawing.
const (
	maxMasks       = 32
	maxMaskCorners = 64
)

// Validate refuses an unknown pixelation, and masks that cover nothing or lie outside the picture.
func (p Privacy) Validate() error {
	if !p.Pixelate.Valid() {
		return Invalidf("privacy.pixelate", "%q is unknown; use heads, bodies or off", p.Pixelate)
	}
	if len(p.Masks) > maxMasks {
		return Invalidf("privacy.masks", "are %d, more than %d", len(p.Masks), maxMasks)
	}
	for i, mask := range p.Masks {
		field := fmt.Sprintf("privacy.masks[%d]", i)
		if n := len(mask); n < 3 || n > maxMaskCorners {
			return Invalidf(field, "has %d point(s), a mask needs 3 to %d", n, maxMaskCorners)
		}
		for j, corner := range mask {
			if !corner.Valid() {
				return Invalidf(fmt.Sprintf("%s, point %d", field, j+1),
					"(%v, %v) lies outside the picture; x and y are fractions from 0 to 1", corner.X, corner.Y)
			}
		}
	}
	return nil
}
