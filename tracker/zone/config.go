package zone

import (
	"math"
	"time"

	"footfall/models"
)

// Config says what counts as being inside.
type Config struct {
	// Anchor is the point of a person's box that is inside or not; empty = BottomCentre.
	Anchor models.Anchor
	// Margin is how far beyond the edge, in box heights, somebody must be to have come in or left. Raise it and people
	// who stand on the edge are one stay however they sway, but small zones are entered later. 0 = the default. In
	// zones so small that hardly anybody could be clear of the edge it is less: at most the zone's area divided by its
	// circumference.
	Margin float64
	// MaxGap is the longest time between two frames that still counts as observed. 0 = the default.
	MaxGap time.Duration
	// Classes are told beside people, each by itself. Tracks of other classes are left out.
	Classes []models.Class
}

// Default is the margin that lines have, 0.12 box heights, and a second between frames.
func Default() Config {
	return Config{Anchor: models.BottomCentre, Margin: 0.12, MaxGap: time.Second}
}

func (c Config) withDefaults() Config {
	d := Default()
	if c.Anchor == "" {
		c.Anchor = d.Anchor
	}
	if c.Margin == 0 {
		c.Margin = d.Margin
	}
	if c.MaxGap == 0 {
		c.MaxGap = d.MaxGap
	}
	return c
}

func (c Config) validate(aspect float64) error {
	switch {
	case !c.Anchor.Valid():
		return models.Invalidf("anchor", "%q is unknown; use bottom_centre or centre", c.Anchor)
	case !(c.Margin > 0 && c.Margin <= 1):
		return models.Invalidf("margin", "%v is not above 0 and at most 1 box height", c.Margin)
	case c.MaxGap < 0:
		return models.Invalidf("gap", "%s is negative", c.MaxGap)
	case !(aspect > 0) || math.IsInf(aspect, 1):
		return models.Invalidf("aspect", "%v is not the width of a picture divided by its height", aspect)
	}
	return models.ValidateClasses(c.Classes)
}
