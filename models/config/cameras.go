package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"footfall/models"
)

// cameraKeys are the keys of one camera.
func cameraKeys() []string {
	return []string{
		"id", "name", "url", "transport", "max_fps", "anchor", "steady", "disabled", "classes", "lines", "zones",
		"privacy",
	}
}

// readCameras reads the cameras that are declared in the file.
func readCameras(d document, n node) ([]models.Camera, error) {
	if n.kind == nothing {
		return nil, nil
	}
	if n.kind != list {
		return nil, d.refuse(n.line, "cameras", "is %s, but takes a list: - id: lobby", n.kind)
	}
	var cameras []models.Camera
	lines := map[models.CameraID]int{}
	for i, item := range n.items {
		c, err := readCamera(d, i, item)
		if err != nil {
			return nil, err
		}
		if first, ok := lines[c.ID]; ok {
			return nil, d.refuse(item.line, "camera "+string(c.ID), "is there twice; line %d has it already", first)
		}
		lines[c.ID] = item.line
		cameras = append(cameras, c)
	}
	return cameras, nil
}

// readCamera reads one; its errors call it by its id where it has one.
func readCamera(d document, index int, n node) (models.Camera, error) {
	c := models.Camera{Declared: true}
	name := fmt.Sprintf("cameras[%d]", index)
	if n.kind != mapping {
		return c, d.refuse(n.line, name, "is %s, but takes a mapping: id, url, lines", n.kind)
	}
	if id, ok := n.find("id"); ok && models.ValidateID("", id.value.text) == nil {
		name = "camera " + id.value.text
	}
	at := map[string]int{} // the line of each key, for what the camera's own rules refuse
	for _, e := range n.entries {
		at[e.key] = e.line
		if err := readCameraKey(d, &c, name, e); err != nil {
			return c, err
		}
	}
	c = c.WithDefaults()
	if err := c.Validate(); err != nil {
		line := n.line
		var invalid *models.InvalidError
		if errors.As(err, &invalid) && at[invalid.Field] > 0 {
			line = at[invalid.Field]
		}
		return c, d.refuse(line, name, "%s", err)
	}
	return c, nil
}

// readCameraKey sets one key of a camera.
func readCameraKey(d document, c *models.Camera, name string, e entry) error {
	key := name + ": " + e.key
	if !slices.Contains(cameraKeys(), e.key) {
		if near, ok := mistyped(e.key, cameraKeys()); ok {
			return d.refuse(e.line, key, "unknown key; did you mean %s?", near)
		}
		return d.refuse(e.line, key, "unknown key; want %s", alternatives(cameraKeys()))
	}
	var err error
	switch e.key {
	case "lines":
		c.Lines, err = readLineNodes(d, name, e.value)
		return err
	case "zones":
		c.Zones, err = readZoneNodes(d, name, e.value)
		return err
	}
	if e.key == "privacy" {
		var err error
		c.Privacy, err = readPrivacy(d, name, e.value)
		return err
	}
	if e.value.kind == nothing {
		return nil
	}
	if e.key == "classes" {
		c.Classes, err = readClasses(d, key, e.value)
		return err
	}
	if e.value.kind != scalar {
		return d.refuse(e.line, key, "is %s, but takes a single value", e.value.kind)
	}
	return readCameraWord(d, c, key, e)
}

// readCameraWord sets a key that takes a single value.
func readCameraWord(d document, c *models.Camera, key string, e entry) (err error) {
	text := e.value.text
	switch e.key {
	case "id":
		c.ID = models.CameraID(text)
	case "name":
		c.Name = text
	case "url":
		c.URL = text
	case "transport":
		c.Transport = models.Transport(text)
	case "anchor":
		c.Anchor = models.Anchor(text)
	case "max_fps":
		if c.MaxFPS, err = strconv.ParseFloat(text, 64); err != nil {
			return d.refuse(e.line, key, "%s is not a number of frames a second", quote(text))
		}
	case "steady":
		var steady bool
		if steady, err = parseBool(text); err != nil {
			return d.refuse(e.line, key, "%s %s", quote(text), err)
		}
		c.NoSteady = !steady
	case "disabled":
		if c.Disabled, err = parseBool(text); err != nil {
			return d.refuse(e.line, key, "%s %s", quote(text), err)
		}
	}
	return nil
}

// readClasses reads [suitcase, backpack]. Whether they make sense is for the camera's own rules to say.
func readClasses(d document, key string, n node) ([]models.Class, error) {
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
