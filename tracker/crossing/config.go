package crossing

import (
	"time"

	"footfall/models"
)

// Config says what counts as a crossing.
type Config struct {
	// Anchor is the point of a person's box that crosses; empty = BottomCentre.
	Anchor models.Anchor
	// Margin is how far from the line, in box heights, a person must have been on the one side and then on the other.
	// Raise it and people who stand on the line are never counted by their swaying, but those who turn up or vanish
	// near the line are missed. 0 = the default.
	Margin float64
	// UTurn is how soon after a crossing the same person must go back for both to leave the clean totals. Raise it
	// and window-shoppers are left out too; 0 = nobody is.
	UTurn time.Duration
	// Classes are counted beside people, each by itself. Tracks of other classes are left out.
	Classes []models.Class
}

// Default is a margin of 0.09 box heights (15 cm of an adult: less than one step, more than a place trembles that was
// smoothed) and U-turns within 10 s.
func Default() Config {
	return Config{Anchor: models.BottomCentre, Margin: 0.09, UTurn: 10 * time.Second}
}

func (c Config) withDefaults() Config {
	d := Default()
	if c.Anchor == "" {
		c.Anchor = d.Anchor
	}
	if c.Margin == 0 {
		c.Margin = d.Margin
	}
	return c
}

func (c Config) validate() error {
	switch {
	case !c.Anchor.Valid():
		return models.Invalidf("anchor", "%q is unknown; use bottom_centre or centre", c.Anchor)
	case !(c.Margin > 0 && c.Margin <= 1):
		return models.Invalidf("margin", "%v is not above 0 and at most 1 box height", c.Margin)
	case c.UTurn < 0:
		return models.Invalidf("u-turn", "%s is negative", c.UTurn)
	}
	return models.ValidateClasses(c.Classes)
}
