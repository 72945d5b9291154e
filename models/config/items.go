package config

import (
	"errors"
	"fmt"

	"footfall/models"
)

// items is a kind of thing that is declared as a list, each by its id.
type items[T any] struct {
	one, many string // camera, cameras
	example   string // of an item
	keys      string // a few of its keys, for who wrote no mapping
	// read reads one. name is what errors call it; lines are those of its keys.
	read func(name string, n node, lines map[string]int) (item T, id string, err error)
}

// from reads them all. None may be there twice.
func (k items[T]) from(d document, n node) ([]T, error) {
	if n.kind == nothing {
		return nil, nil
	}
	if n.kind != list {
		return nil, d.refuse(n.line, k.many, "is %s, but takes a list: %s", n.kind, k.example)
	}
	var all []T
	seen := map[string]int{}
	for i, n := range n.items {
		name := named(k.one, fmt.Sprintf("%s[%d]", k.many, i), n)
		if n.kind != mapping {
			return nil, d.refuse(n.line, name, "is %s, but takes a mapping: %s", n.kind, k.keys)
		}
		lines := map[string]int{}
		for _, e := range n.entries {
			lines[e.key] = e.line
		}
		item, id, err := k.read(name, n, lines)
		if err != nil {
			return nil, err
		}
		if first, twice := seen[id]; twice {
			return nil, d.refuse(n.line, k.one+" "+id, "is there twice; line %d has it already", first)
		}
		seen[id] = n.line
		all = append(all, item)
	}
	return all, nil
}

// named is what errors call an item: by its id where it has a good one.
func named(kind, otherwise string, n node) string {
	if id, ok := n.find("id"); ok && models.ValidateID("", id.value.text) == nil {
		return kind + " " + id.value.text
	}
	return otherwise
}

// broken is what a thing's own rules refuse, at the line of the key that they name where they do.
func (d document) broken(name string, n node, lines map[string]int, err error) error {
	line := n.line
	var invalid *models.InvalidError
	if errors.As(err, &invalid) && lines[invalid.Field] > 0 {
		line = lines[invalid.Field]
	}
	return d.refuse(line, name, "%s", err)
}
