package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"footfall/models"
)

const (
	// maxBytes is far more than anybody writes by hand, and little enough to be read whole.
	maxBytes = 1 << 20
	// maxDepth is deeper than any of our files nest: cameras, camera, lines, line, points, point.
	maxDepth = 16
)

// document is a YAML or JSON file as a tree that remembers its lines. JSON is read as the YAML that it is.
type document struct {
	name string // of the file, for errors
	root node
}

// node is one value of a document.
type node struct {
	kind    kind
	line    int
	text    string  // of a scalar, as it is written
	items   []node  // of a list
	entries []entry // of a mapping, in the order of the file
}

// kind is the form of a node.
type kind int

const (
	nothing kind = iota // empty, ~ or null
	scalar
	list
	mapping
)

func (k kind) String() string {
	return [...]string{"empty", "a single value", "a list", "a mapping"}[k]
}

// entry is one key of a mapping with its value.
type entry struct {
	key   string
	line  int
	value node
}

// find is the entry of a key.
func (n node) find(key string) (entry, bool) {
	for _, e := range n.entries {
		if e.key == key {
			return e, true
		}
	}
	return entry{}, false
}

// refuse is an error about a place of the document.
func (d document) refuse(line int, key, format string, args ...any) error {
	return refuse(fmt.Sprintf("%s:%d", d.name, line), key, format, args...)
}

// refuse is an error about a key and the place it was found at; either may be empty.
func refuse(place, key, format string, args ...any) error {
	if strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsPrint(r) }) {
		key = strconv.Quote(key) // not one of ours, and it must not break the line
	}
	if place != "" && key != "" {
		place += ": "
	}
	return models.Invalidf(place+key, format, args...)
}

// readDocument reads a file whole.
func readDocument(path string) (document, error) {
	f, err := os.Open(path)
	if err != nil {
		return document{}, err
	}
	defer f.Close() //nolint:errcheck // only read from
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return document{}, err
	}
	return parseDocument(path, data)
}

// parseDocument reads one document; several in one file are refused, as are anchors, aliases and tags: they would
// make a value stand somewhere else than where it is read.
func parseDocument(name string, data []byte) (document, error) {
	d := document{name: name, root: node{line: 1}}
	if len(data) > maxBytes {
		return d, models.Invalidf(name, "is larger than %d bytes: this is not such a file", maxBytes)
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF")) // Windows editors put it there
	if err := d.checkText(string(data)); err != nil {
		return d, err
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return d, d.syntaxError(err)
	}
	seen := false
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if seen {
			return d, d.refuse(lineOf(doc.Body), "", "a second document begins; one is all there can be")
		}
		seen = true
		if d.root, err = d.convert(doc.Body, 0); err != nil {
			return d, err
		}
	}
	return d, nil
}

// checkText refuses what no text file holds, so that a video that was given by mistake is called what it is, and what
// nests so deeply that a parser would lose its way.
func (d document) checkText(text string) error {
	line, depth := 1, 0
	for _, r := range text {
		switch r {
		case '\n':
			line++
		case 0, '\uFFFD':
			return d.refuse(line, "", "this is not a text file")
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		if depth > 4*maxDepth { // brackets in comments and quotes count too, hence the generosity
			return d.refuse(line, "", "more than %d brackets are open", 4*maxDepth)
		}
	}
	return nil
}

// syntaxError is the parser's error in one line with its place.
func (d document) syntaxError(err error) error {
	var located yaml.Error
	if !errors.As(err, &located) || located.GetToken() == nil || located.GetToken().Position == nil {
		return models.Invalidf(d.name, "cannot be read as YAML: %s", oneLine(err.Error()))
	}
	return d.refuse(located.GetToken().Position.Line, "", "cannot be read as YAML: %s", oneLine(located.GetMessage()))
}

// convert makes a node of the parser's.
func (d document) convert(n ast.Node, depth int) (node, error) {
	out := node{line: lineOf(n)}
	if depth > maxDepth {
		return out, d.refuse(out.line, "", "nests deeper than %d levels", maxDepth)
	}
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return out, nil
	case *ast.MappingNode:
		return d.convertMapping(out, n.Values, depth)
	case *ast.MappingValueNode:
		return d.convertMapping(out, []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		out.kind = list
		for _, v := range n.Values {
			item, err := d.convert(v, depth+1)
			if err != nil {
				return out, err
			}
			out.items = append(out.items, item)
		}
		return out, nil
	case *ast.StringNode:
		out.kind, out.text = scalar, n.Value
		return out, nil
	case *ast.LiteralNode:
		out.kind, out.text = scalar, n.Value.Value
		return out, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		out.kind, out.text = scalar, n.GetToken().Value
		return out, nil
	}
	return out, d.refuse(out.line, "", "anchors, aliases, tags and merges are not read here: write the value out")
}

func (d document) convertMapping(out node, values []*ast.MappingValueNode, depth int) (node, error) {
	out.kind = mapping
	for _, v := range values {
		key, err := d.convert(v.Key, depth+1)
		if err != nil {
			return out, err
		}
		if key.kind != scalar {
			return out, d.refuse(key.line, "", "a key must be a word")
		}
		if first, ok := out.find(key.text); ok {
			return out, d.refuse(key.line, key.text, "is there twice; line %d has it already", first.line)
		}
		value, err := d.convert(v.Value, depth+1)
		if err != nil {
			return out, err
		}
		out.entries = append(out.entries, entry{key: key.text, line: key.line, value: value})
	}
	return out, nil
}

func lineOf(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1
	}
	return n.GetToken().Position.Line
}

// oneLine makes a text fit into an error of one line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
