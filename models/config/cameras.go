package config

import (
	"errors"
	"strconv"

	"footfall/models"
)

// readCameras reads the cameras that are declared in the file.
func readCameras(d document, n node) ([]models.Camera, error) {
	return items[models.Camera]{
		one: "camera", many: "cameras", example: "- id: lobby", keys: "id, url, lines",
		read: func(name string, n node, lines map[string]int) (models.Camera, string, error) {
			c, err := readCamera(d, name, n, lines)
			return c, string(c.ID), err
		},
	}.from(d, n)
}

func readCamera(d document, name string, n node, lines map[string]int) (models.Camera, error) {
	c := models.Camera{Declared: true}
	if err := d.readKeys(name, n, cameraKeys(d, name, &c)); err != nil {
		return c, err
	}
	c = c.WithDefaults()
	if err := c.Validate(); err != nil {
		return c, d.broken(name, n, lines, err)
	}
	return c, nil
}

// cameraKeys are the keys of one camera.
func cameraKeys(d document, name string, c *models.Camera) []keyed {
	return []keyed{
		text(d, name, "id", &c.ID),
		text(d, name, "name", &c.Name),
		text(d, name, "url", &c.URL),
		text(d, name, "transport", &c.Transport),
		d.word(name, "max_fps", func(s string) (err error) {
			if c.MaxFPS, err = strconv.ParseFloat(s, 64); err != nil {
				return errors.New("is not a number of frames a second")
			}
			return nil
		}),
		text(d, name, "anchor", &c.Anchor),
		d.word(name, "steady", func(s string) error {
			steady, err := parseBool(s)
			c.NoSteady = !steady
			return err
		}),
		d.yes(name, "disabled", &c.Disabled),
		{"classes", func(e entry) (err error) { c.Classes, err = readClasses(d, name, e.value); return err }},
		{"lines", func(e entry) (err error) { c.Lines, err = readLineNodes(d, name, e.value); return err }},
		{"zones", func(e entry) (err error) { c.Zones, err = readZoneNodes(d, name, e.value); return err }},
		{"privacy", func(e entry) (err error) { c.Privacy, err = readPrivacy(d, name, e.value); return err }},
	}
}

// readClasses reads [suitcase, backpack]. Whether they make sense is for the camera's own rules to say.
func readClasses(d document, camera string, n node) ([]models.Class, error) {
	key := camera + ": classes"
	if n.kind != list {
		return nil, d.refuse(n.line, key, "is %s, but takes a list: [suitcase, backpack]", n.kind)
	}
	var classes []models.Class
	for _, item := range n.items {
		if item.kind != scalar {
			return nil, d.refuse(item.line, key, "has an item that is %s; want the names of classes", item.kind)
		}
		classes = append(classes, models.Class(item.text))
	}
	return classes, nil
}
