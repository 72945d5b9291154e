package models_test

import (
	"errors"
	"testing"

	"footfall/models"
)

func TestContractRefusals(t *testing.T) {
	t.Parallel()
	good := func() models.Contract {
		classes := []models.Class{"person", "suitcase"}
		return models.Contract{Kind: models.YOLOX, Classes: classes, Width: 416, Height: 256}
	}
	bright := 300.0
	tests := []struct {
		want   string
		change func(*models.Contract)
	}{
		{"kind: is missing; use yolox or boxes5", func(c *models.Contract) { c.Kind = "" }},
		{`kind: "ssd" is unknown; use yolox or boxes5`, func(c *models.Contract) { c.Kind = "ssd" }},
		{"classes: boxes5 finds one class, not 2", func(c *models.Contract) { c.Kind = models.Boxes5 }},
		{
			"classes: is missing; name the classes in the order of the network's scores",
			func(c *models.Contract) { c.Classes = nil },
		},
		{"classes[1]: is empty", func(c *models.Contract) { c.Classes[1] = " " }},
		{`classes[1]: "person" is there twice`, func(c *models.Contract) { c.Classes[1] = models.Person }},
		{"width: 400 is not a multiple of 32 up to 4096", func(c *models.Contract) { c.Width = 400 }},
		{"height: -32 is not a multiple of 32 up to 4096", func(c *models.Contract) { c.Height = -32 }},
		{`colour: "grey" is unknown; use bgr or rgb`, func(c *models.Contract) { c.Colour = "grey" }},
		{"scale: 255 is not between 0 and 1", func(c *models.Contract) { c.Scale = 255 }},
		{"pad: 300 is not between 0 and 255", func(c *models.Contract) { c.Pad = &bright }},
	}
	for _, test := range tests {
		c := good()
		test.change(&c)
		err := c.Validate()
		if err == nil || err.Error() != test.want || !errors.Is(err, models.ErrInvalid) {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
	if err := good().Validate(); err != nil {
		t.Errorf("a good contract is refused: %v", err)
	}
	if err := good().WithDefaults().Validate(); err != nil {
		t.Errorf("its defaults are refused: %v", err)
	}
}

func TestContractDefaults(t *testing.T) {
	t.Parallel()
	c := models.Contract{}.WithDefaults()
	if c.Colour != models.BGR || c.Scale != 1 || c.Pad == nil || *c.Pad != 114 {
		t.Errorf("defaults are %+v", c)
	}
	black := 0.0
	if c := (models.Contract{Pad: &black}).WithDefaults(); *c.Pad != 0 {
		t.Errorf("black padding became %v", *c.Pad)
	}
}

func TestCOCOClasses(t *testing.T) {
	t.Parallel()
	c := models.Contract{Kind: models.YOLOX, Classes: models.COCOClasses()}
	if err := c.Validate(); err != nil || len(c.Classes) != 80 || c.Classes[0] != models.Person {
		t.Errorf("%d classes, %v first: %v", len(c.Classes), c.Classes[0], err)
	}
}
