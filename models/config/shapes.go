package config

import (
	"fmt"
	"strconv"

	"footfall/models"
)

// shape is a line or a zone as it is written.
type shape struct {
	ID     string         `json:"id"`
	Name   string         `json:"name,omitempty"`
	Points []models.Point `json:"points"`
}

// shapeWords are what a kind of shape is called in errors, and how it is written.
type shapeWords struct{ one, many, points, listed, mapped string }

// readShapes reads shapes in both forms, a list or a mapping from id to points, and gives each to take, which refuses
// what makes no sense. Two of one id are refused. Errors begin with owner, if there is one.
func readShapes(d document, owner string, n node, words shapeWords, take func(shape) error) error {
	prefix := ""
	if owner != "" {
		prefix = owner + ": "
	}
	r := shapeReader{document: d, prefix: prefix, words: words}
	seen := map[string]int{}
	add := func(at int, s shape, err error) error {
		if err != nil {
			return err
		}
		if err := take(s); err != nil {
			return d.refuse(at, owner, "%s", err)
		}
		if first, ok := seen[s.ID]; ok {
			return d.refuse(at, prefix+words.one+" "+s.ID, "is there twice; line %d of the file has it already", first)
		}
		seen[s.ID] = at
		return nil
	}
	switch n.kind {
	case nothing:
	case mapping:
		for _, e := range n.entries {
			points, err := r.points(words.one+" "+e.key, e.value)
			if err := add(e.line, shape{ID: e.key, Points: points}, err); err != nil {
				return err
			}
		}
	case list:
		for i, item := range n.items {
			s, err := r.shape(i, item)
			if err := add(item.line, s, err); err != nil {
				return err
			}
		}
	case scalar:
		return d.refuse(n.line, prefix+words.many, "is a single value, but takes a mapping or a list of %s", words.many)
	}
	return nil
}

// shapeReader reads shapes of one document.
type shapeReader struct {
	document

	prefix string // of the keys in errors
	words  shapeWords
}

// shape reads {id: door, name: Main door, points: [...]}.
func (r shapeReader) shape(index int, n node) (shape, error) {
	var s shape
	name := fmt.Sprintf("%s[%d]", r.words.many, index)
	if n.kind != mapping {
		return s, r.refuse(n.line, r.prefix+name, "is %s, but takes %s", n.kind, r.words.listed)
	}
	if id, ok := n.find("id"); ok && id.value.kind == scalar {
		s.ID = id.value.text
		name = r.words.one + " " + s.ID
	}
	for _, e := range n.entries {
		var err error
		switch e.key {
		case "id", "name":
			if e.value.kind != scalar {
				return s, r.refuse(e.line, r.prefix+name, "%s is %s, but takes a word", e.key, e.value.kind)
			}
			if e.key == "name" {
				s.Name = e.value.text
			}
		case "points":
			s.Points, err = r.points(name, e.value)
		default:
			err = r.refuse(e.line, r.prefix+name, "unknown key %s; want id, name and points", quote(e.key))
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

// points reads [[x, y], ...].
func (r shapeReader) points(name string, n node) ([]models.Point, error) {
	if n.kind != list {
		return nil, r.refuse(n.line, r.prefix+name, "is %s, but takes points: %s", n.kind, r.words.points)
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
