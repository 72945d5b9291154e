package config

import (
	"fmt"
	"strconv"

	"footfall/models"
)

// ReadLines reads a lines file, YAML or JSON: `lines: [{id: door, points: [[0.1, 0.6], [0.9, 0.6]]}]` or the mapping
// form `lines: {door: [[0.1, 0.6], [0.9, 0.6]]}`. The lines come in the order of the file and are valid. A truth file
// (one with events) is a lines file too.
func ReadLines(path string) ([]models.Line, error) {
	lines, err := readLinesFile(path)
	if err != nil {
		return nil, fmt.Errorf("read lines: %w", err)
	}
	return lines, nil
}

func readLinesFile(path string) ([]models.Line, error) {
	d, err := readDocument(path)
	if err != nil {
		return nil, err
	}
	return linesOf(d)
}

// linesOf reads the lines of a document.
func linesOf(d document) ([]models.Line, error) {
	if _, ok := d.root.find("events"); ok {
		truth, err := truthOf(d)
		return truth.Lines, err
	}
	for _, e := range d.root.entries {
		if e.key != "lines" {
			return nil, d.refuse(e.line, e.key, "unknown key; a lines file has the key lines and nothing else")
		}
	}
	return requiredLines(d)
}

// requiredLines reads the key lines of a file that is there for its sake.
func requiredLines(d document) ([]models.Line, error) {
	e, ok := d.root.find("lines")
	if !ok {
		return nil, d.refuse(d.root.line, "lines", "is missing; write lines: {door: [[0.1, 0.6], [0.9, 0.6]]}")
	}
	lines, err := readLineNodes(d, "", e.value)
	if err == nil && len(lines) == 0 {
		return nil, d.refuse(e.line, "lines", "is empty; write at least one: {door: [[0.1, 0.6], [0.9, 0.6]]}")
	}
	return lines, err
}

// readLineNodes reads both forms of lines. Errors begin with owner, if there is one.
func readLineNodes(d document, owner string, n node) ([]models.Line, error) {
	prefix := ""
	if owner != "" {
		prefix = owner + ": "
	}
	r := lineReader{document: d, prefix: prefix}
	var lines []models.Line
	seen := map[string]int{}
	add := func(at int, line models.Line, err error) error {
		if err != nil {
			return err
		}
		if err := line.Validate(); err != nil {
			return d.refuse(at, owner, "%s", err)
		}
		if first, ok := seen[line.ID]; ok {
			return d.refuse(at, prefix+"line "+line.ID, "is there twice; line %d of the file has it already", first)
		}
		seen[line.ID] = at
		lines = append(lines, line)
		return nil
	}
	switch n.kind {
	case nothing:
	case mapping:
		for _, e := range n.entries {
			points, err := r.points("line "+e.key, e.value)
			if err := add(e.line, models.Line{ID: e.key, Points: points}, err); err != nil {
				return nil, err
			}
		}
	case list:
		for i, item := range n.items {
			line, err := r.line(i, item)
			if err := add(item.line, line, err); err != nil {
				return nil, err
			}
		}
	case scalar:
		return nil, d.refuse(n.line, prefix+"lines", "is a single value, but takes a mapping or a list of lines")
	}
	return lines, nil
}

// lineReader reads lines of one document.
type lineReader struct {
	document

	prefix string // of the keys in errors
}

// line reads {id: door, name: Main door, points: [...]}.
func (r lineReader) line(index int, n node) (models.Line, error) {
	var line models.Line
	name := fmt.Sprintf("lines[%d]", index)
	if n.kind != mapping {
		const want = "{id: door, points: [[0.1, 0.6], [0.9, 0.6]]}"
		return line, r.refuse(n.line, r.prefix+name, "is %s, but takes %s", n.kind, want)
	}
	if id, ok := n.find("id"); ok && id.value.kind == scalar {
		line.ID = id.value.text
		name = "line " + line.ID
	}
	for _, e := range n.entries {
		var err error
		switch e.key {
		case "id", "name":
			if e.value.kind != scalar {
				return line, r.refuse(e.line, r.prefix+name, "%s is %s, but takes a word", e.key, e.value.kind)
			}
			if e.key == "name" {
				line.Name = e.value.text
			}
		case "points":
			line.Points, err = r.points(name, e.value)
		default:
			err = r.refuse(e.line, r.prefix+name, "unknown key %s; want id, name and points", quote(e.key))
		}
		if err != nil {
			return line, err
		}
	}
	return line, nil
}

// points reads [[x, y], ...].
func (r lineReader) points(name string, n node) ([]models.Point, error) {
	if n.kind != list {
		return nil, r.refuse(n.line, r.prefix+name, "is %s, but takes points: [[0.1, 0.6], [0.9, 0.6]]", n.kind)
	}
	points := make([]models.Point, len(n.items))
	for i, item := range n.items {
		where := fmt.Sprintf("%s%s, point %d", r.prefix, name, i+1)
		if item.kind != list || len(item.items) != 2 {
			return nil, r.refuse(item.line, where, "want two numbers: [x, y]")
		}
		for j, to := range []*float64{&points[i].X, &points[i].Y} {
			value := item.items[j]
			var err error
			if *to, err = strconv.ParseFloat(value.text, 64); value.kind != scalar || err != nil {
				return nil, r.refuse(value.line, where, "%s is not a number", quote(value.text))
			}
		}
	}
	return points, nil
}
