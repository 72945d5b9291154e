package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// keyed is one key that a mapping may have, and what takes its value.
type keyed struct {
	name string
	take func(entry) error
}

// readKeys hands every entry of a mapping to the key it is for; name is what errors call the mapping.
func (d document) readKeys(name string, n node, keys []keyed) error {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	if n.kind != mapping {
		return d.refuse(n.line, name, "is %s, but takes a mapping: %s", n.kind, alternatives(names))
	}
	for _, e := range n.entries {
		known := false
		for _, k := range keys {
			if k.name != e.key {
				continue
			}
			known = true
			if e.value.kind == nothing {
				break
			}
			if err := k.take(e); err != nil {
				return err
			}
		}
		if known {
			continue
		}
		if near, ok := mistyped(e.key, names); ok {
			return d.refuse(e.line, name+": "+e.key, "unknown key; did you mean %s?", near)
		}
		return d.refuse(e.line, name+": "+e.key, "unknown key; want %s", alternatives(names))
	}
	return nil
}

// word is a key that takes a single value; parse puts it where it belongs, its error continues `"VALUE" ...`.
func (d document) word(owner, name string, parse func(string) error) keyed {
	return keyed{name, func(e entry) error {
		if e.value.kind != scalar {
			return d.refuse(e.line, owner+": "+name, "is %s, but takes a single value", e.value.kind)
		}
		if err := parse(e.value.text); err != nil {
			return d.refuse(e.line, owner+": "+name, "%s %s", quote(e.value.text), err)
		}
		return nil
	}}
}

// text is a key that takes any single value.
func text[T ~string](d document, owner, name string, into *T) keyed {
	return d.word(owner, name, func(s string) error { *into = T(s); return nil })
}

// whole is a key that takes a whole number.
func (d document) whole(owner, name string, into *int) keyed {
	return d.word(owner, name, func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil {
			return errors.New("is not a whole number")
		}
		*into = n
		return nil
	})
}

// fraction is a key that takes a number.
func (d document) fraction(owner, name string, into *float64) keyed {
	return d.word(owner, name, func(s string) error {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(x) {
			return errors.New("is not a number")
		}
		*into = x
		return nil
	})
}

// yes is a key that takes true or false.
func (d document) yes(owner, name string, into *bool) keyed {
	return d.word(owner, name, func(s string) (err error) {
		*into, err = parseBool(s)
		return err
	})
}

// words is a key that takes a list of single values.
func words[T ~string](d document, owner, name string, into *[]T) keyed {
	return keyed{name, func(e entry) error {
		if e.value.kind != list {
			if e.value.kind == scalar {
				return d.refuse(e.line, owner+": "+name, "takes a list; write [%s]", oneLine(e.value.text))
			}
			return d.refuse(e.line, owner+": "+name, "is %s, but takes a list", e.value.kind)
		}
		*into = []T{}
		for _, item := range e.value.items {
			if item.kind != scalar {
				return d.refuse(item.line, owner+": "+name, "has an item that is %s; want single values", item.kind)
			}
			*into = append(*into, T(item.text))
		}
		return nil
	}}
}

// each is a key that takes a list, whose items read takes one by one.
func (d document) each(owner, name string, read func(name string, item node) error) keyed {
	return keyed{name, func(e entry) error {
		if e.value.kind != list {
			return d.refuse(e.line, owner+": "+name, "is %s, but takes a list", e.value.kind)
		}
		for i, item := range e.value.items {
			if err := read(fmt.Sprintf("%s: %s[%d]", owner, name, i), item); err != nil {
				return err
			}
		}
		return nil
	}}
}
