package vision_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// network describes a tiny but real ONNX model, so that tests can have the detector they need: every number it puts out
// is a bias plus weights times the mean of each of the three planes of its input.
//
//	images 1x3xHxW -> GlobalAveragePool -> Conv 1x1 -> Reshape -> output 1 x rows x columns
type network struct {
	input, output  string
	height, width  int64 // of the input; 0 leaves it open
	rows           []row
	metadata       map[string]string
	element        uint64 // of the input; 0 means float32
	declared       []int64
	operator       string // in place of GlobalAveragePool
	elsewhere      bool   // the weights pretend to lie in another file
	split          bool   // the graph is written as two messages, which protobuf merges
	secondOutput   bool
	withoutOpset   bool
	listedAsInputs bool // the weights are listed as inputs too, as old files do
}

// row is one row of the output.
type row []cell

// cell is one number: bias + plane[0]*mean of the first plane + ...
type cell struct {
	bias  float32
	plane [3]float32
}

// is is a cell that does not look at the picture.
func is(v float32) cell { return cell{bias: v} }

// mean is a cell that is the mean of one plane.
func mean(plane int) cell {
	c := cell{}
	c.plane[plane] = 1
	return c
}

// somebody is a row of boxes5.
func somebody(cx, cy, w, h, score float32) row { return row{is(cx), is(cy), is(w), is(h), is(score)} }

// boxesNetwork is a boxes5 network for 96x64 that sees one person.
func boxesNetwork() network {
	return network{
		input: "images", output: "boxes", height: 64, width: 96,
		rows: []row{somebody(48, 32, 24, 32, 0.75), somebody(0, 0, 1, 1, 0)},
	}
}

// meansNetwork sees one person whose centre is at (mean of the first plane, mean of the second), as wide as the mean of
// the third.
func meansNetwork() network {
	n := boxesNetwork()
	n.rows = []row{{mean(0), mean(1), mean(2), is(10), is(0.5)}}
	return n
}

func (n network) bytes() []byte {
	columns := 0
	if len(n.rows) > 0 {
		columns = len(n.rows[0])
	}
	var weights, biases []float32
	for _, r := range n.rows {
		for _, c := range r {
			weights = append(weights, c.plane[:]...)
			biases = append(biases, c.bias)
		}
	}
	channels := int64(len(biases))
	shape := []int64{1, int64(len(n.rows)), int64(columns)}
	if n.declared == nil {
		n.declared = shape
	}
	if n.operator == "" {
		n.operator = "GlobalAveragePool"
	}
	if n.element == 0 {
		n.element = 1
	}
	open := func(side int64) int64 {
		if side == 0 {
			return -1
		}
		return side
	}
	var nodes, initialisers []byte
	nodes = bytesField(nodes, 1, node(n.operator, []string{n.input}, "pooled"))
	nodes = bytesField(nodes, 1, node("Conv", []string{"pooled", "weights", "biases"}, "flat"))
	nodes = bytesField(nodes, 1, node("Reshape", []string{"flat", "shape"}, n.output))
	nodes = bytesField(nodes, 2, []byte("test"))
	initialisers = bytesField(initialisers, 5, floats("weights", []int64{channels, 3, 1, 1}, weights, n.elsewhere))
	initialisers = bytesField(initialisers, 5, floats("biases", []int64{channels}, biases, false))
	initialisers = bytesField(initialisers, 5, integers("shape", shape))
	var ends []byte
	ends = bytesField(ends, 11, value(n.input, n.element, []int64{1, 3, open(n.height), open(n.width)}))
	if n.listedAsInputs {
		ends = bytesField(ends, 11, value("weights", 1, []int64{channels, 3, 1, 1}))
	}
	ends = bytesField(ends, 12, value(n.output, 1, n.declared))
	if n.secondOutput {
		ends = bytesField(ends, 12, value("pooled", 1, []int64{1, 3, 1, 1}))
	}
	var model []byte
	model = numberField(model, 1, 7)
	if n.split {
		model = bytesField(model, 7, append(nodes, ends...))
		model = bytesField(model, 7, initialisers)
	} else {
		model = bytesField(model, 7, append(append(nodes, initialisers...), ends...))
	}
	if !n.withoutOpset {
		model = bytesField(model, 8, numberField(nil, 2, 11))
	}
	for key, text := range n.metadata {
		model = bytesField(model, 14, bytesField(bytesField(nil, 1, []byte(key)), 2, []byte(text)))
	}
	return model
}

// file writes the network into a folder of the test.
func (n network) file(t testing.TB) string {
	t.Helper()
	return write(t, filepath.Join(t.TempDir(), "test.onnx"), n.bytes())
}

func write(t testing.TB, path string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func bytesField(message []byte, number protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(message, number, protowire.BytesType), content)
}

func numberField(message []byte, number protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(message, number, protowire.VarintType), v)
}

func node(operator string, inputs []string, output string) []byte {
	var m []byte
	for _, name := range inputs {
		m = bytesField(m, 1, []byte(name))
	}
	m = bytesField(m, 2, []byte(output))
	m = bytesField(m, 3, []byte(operator+"."+output))
	m = bytesField(m, 4, []byte(operator))
	if operator == "Conv" { // an attribute: name, ints, type INTS
		kernel := numberField(numberField(bytesField(nil, 1, []byte("kernel_shape")), 8, 1), 8, 1)
		m = bytesField(m, 5, numberField(kernel, 20, 7))
	}
	return m
}

func value(name string, element uint64, shape []int64) []byte {
	var dimensions []byte
	for _, n := range shape {
		if n < 0 {
			dimensions = bytesField(dimensions, 1, bytesField(nil, 2, []byte("open")))
		} else {
			dimensions = bytesField(dimensions, 1, numberField(nil, 1, uint64(n)))
		}
	}
	tensor := bytesField(numberField(nil, 1, element), 2, dimensions)
	return bytesField(bytesField(nil, 1, []byte(name)), 2, bytesField(nil, 1, tensor))
}

func floats(name string, shape []int64, values []float32, elsewhere bool) []byte {
	m := tensorHead(name, shape, 1)
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	if elsewhere {
		return numberField(m, 14, 1)
	}
	return bytesField(m, 9, raw)
}

func integers(name string, values []int64) []byte {
	m := tensorHead(name, []int64{int64(len(values))}, 7)
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
	}
	return bytesField(m, 9, raw)
}

func tensorHead(name string, shape []int64, element uint64) []byte {
	var m []byte
	for _, n := range shape {
		m = numberField(m, 1, uint64(n))
	}
	return bytesField(numberField(m, 2, element), 8, []byte(name))
}
