package config

import (
	"fmt"

	"footfall/models"
)

// Drawing is what a lines file holds: what is drawn on a picture to be counted. Everything comes in the order of the
// file and is valid.
type Drawing struct {
	Lines []models.Line
	Zones []models.Zone
}

// ReadDrawing reads a lines file, YAML or JSON: `lines: [{id: door, points: [[0.1, 0.6], [0.9, 0.6]]}]` or the mapping
// form `lines: {door: [[0.1, 0.6], [0.9, 0.6]]}`, and zones in the same two forms. One of lines and zones may be
// missing. A truth file (one with events) is a lines file too.
func ReadDrawing(path string) (Drawing, error) {
	d, err := readDocument(path)
	var drawing Drawing
	if err == nil {
		drawing, err = drawingOf(d)
	}
	if err != nil {
		return Drawing{}, fmt.Errorf("read lines: %w", err)
	}
	return drawing, nil
}

// drawingOf reads the lines and zones of a document.
func drawingOf(d document) (Drawing, error) {
	if _, ok := d.root.find("events"); ok {
		truth, err := truthOf(d)
		return Drawing{Lines: truth.Lines}, err
	}
	for _, e := range d.root.entries {
		if e.key != "lines" && e.key != "zones" {
			return Drawing{}, d.refuse(e.line, e.key,
				"unknown key; a lines file has the keys lines and zones and nothing else")
		}
	}
	var drawing Drawing
	e, zoned := d.root.find("zones")
	if zoned {
		var err error
		if drawing.Zones, err = readZoneNodes(d, "", e.value); err != nil {
			return Drawing{}, err
		}
		if len(drawing.Zones) == 0 {
			return Drawing{}, d.refuse(e.line, "zones", "is empty; write at least one: %s", zoneWords().mapped)
		}
	}
	if _, ok := d.root.find("lines"); !ok && zoned {
		return drawing, nil
	}
	var err error
	drawing.Lines, err = requiredLines(d)
	return drawing, err
}

// requiredLines reads the key lines of a file that is there for its sake.
func requiredLines(d document) ([]models.Line, error) {
	e, ok := d.root.find("lines")
	if !ok {
		return nil, d.refuse(d.root.line, "lines", "is missing; write lines: %s", lineWords().mapped)
	}
	lines, err := readLineNodes(d, "", e.value)
	if err == nil && len(lines) == 0 {
		return nil, d.refuse(e.line, "lines", "is empty; write at least one: %s", lineWords().mapped)
	}
	return lines, err
}

// readLineNodes reads both forms of lines. Errors begin with owner, if there is one.
func readLineNodes(d document, owner string, n node) ([]models.Line, error) {
	var lines []models.Line
	err := readShapes(d, owner, n, lineWords(), func(s shape) error {
		line := models.Line(s)
		lines = append(lines, line)
		return line.Validate()
	})
	return lines, err
}

// readZoneNodes reads both forms of zones; see readLineNodes.
func readZoneNodes(d document, owner string, n node) ([]models.Zone, error) {
	var zones []models.Zone
	err := readShapes(d, owner, n, zoneWords(), func(s shape) error {
		zone := models.Zone(s)
		zones = append(zones, zone)
		return zone.Validate()
	})
	return zones, err
}

func lineWords() shapeWords {
	return shapeWords{
		one: "line", many: "lines", points: "[[0.1, 0.6], [0.9, 0.6]]",
		listed: "{id: door, points: [[0.1, 0.6], [0.9, 0.6]]}", mapped: "{door: [[0.1, 0.6], [0.9, 0.6]]}",
	}
}

func zoneWords() shapeWords {
	return shapeWords{
		one: "zone", many: "zones", points: "[[0.1, 0.6], [0.5, 0.6], [0.5, 0.9]]",
		listed: "{id: hall, points: [[0.1, 0.6], [0.5, 0.6], [0.5, 0.9]]}",
		mapped: "{hall: [[0.1, 0.6], [0.5, 0.6], [0.5, 0.9]]}",
	}
}
