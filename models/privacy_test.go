package models_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"footfall/models"
)

func TestPrivacyIsOnUnlessSomebodySaysOtherwise(t *testing.T) {
	t.Parallel()
	c := models.Camera{ID: "lobby", URL: "rtsp://192.0.2.7/"}.WithDefaults()
	if c.Privacy.Pixelate != models.PixelateHeads {
		t.Errorf("a camera that says nothing pixelates %q, want heads", c.Privacy.Pixelate)
	}
	c.Privacy.Pixelate = models.PixelateOff
	if got := c.WithDefaults().Privacy.Pixelate; got != models.PixelateOff {
		t.Errorf("off became %q", got)
	}
}

func TestPrivacyRefusals(t *testing.T) {
	t.Parallel()
	corner := models.Mask{{X: 0, Y: 0}, {X: 0.2, Y: 0}, {X: 0, Y: 0.2}}
	many := make([]models.Mask, 33)
	for i := range many {
		many[i] = corner
	}
	for name, test := range map[string]struct {
		privacy models.Privacy
		field   string // empty: accepted
	}{
		"a corner":          {models.Privacy{Pixelate: models.PixelateBodies, Masks: []models.Mask{corner}}, ""},
		"crossing edges":    {models.Privacy{Pixelate: "heads", Masks: []models.Mask{{{X: 0, Y: 0}, {X: 1, Y: 1}, {X: 1, Y: 0}, {X: 0, Y: 1}}}}, ""},
		"unknown":           {models.Privacy{Pixelate: "faces"}, "privacy.pixelate"},
		"nothing said":      {models.Privacy{}, "privacy.pixelate"},
		"a mask is a line":  {models.Privacy{Pixelate: "off", Masks: []models.Mask{corner[:2]}}, "privacy.masks[0]"},
		"too many masks":    {models.Privacy{Pixelate: "off", Masks: many}, "privacy.masks"},
		"outside":           {models.Privacy{Pixelate: "off", Masks: []models.Mask{corner, {{X: 1.1, Y: 0}, {}, {Y: 1}}}}, "privacy.masks[1], point 1"},
		"not even a number": {models.Privacy{Pixelate: "off", Masks: []models.Mask{{{X: math.NaN()}, {}, {Y: 1}}}}, "privacy.masks[0], point 1"},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.privacy.Validate()
			var invalid *models.InvalidError
			switch {
			case test.field == "" && err != nil:
				t.Error(err)
			case test.field != "" && (!errors.As(err, &invalid) || invalid.Field != test.field):
				t.Errorf("got %v, want a refusal of %s", err, test.field)
			case strings.Contains(test.field, "\n"):
				t.Error("more than one line")
			}
		})
	}
}
