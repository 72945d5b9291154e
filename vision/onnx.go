package vision

import (
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"footfall/vision/yolo"
)

// graph is what an ONNX file says about itself: enough to know whether it can be used, before a library written in C++
// is trusted with it.
type graph struct {
	inputs   []graphValue // without the weights, which old files list as inputs too
	outputs  []graphValue
	metadata map[string]string
	opset    int64 // of the standard operators
	nodes    int
	weights  map[string]bool // by name
	split    bool            // the weights lie in another file
}

// graphValue is one input or output.
type graphValue struct {
	name    string
	element int64   // the ONNX number of its element type; onnxFloat is the one we speak
	shape   []int64 // -1 for a dimension that is open; nil when the file does not say
}

const onnxFloat = 1

func (v graphValue) String() string {
	text := v.name + " " + yolo.FormatShape(v.shape)
	if v.element != onnxFloat {
		text += fmt.Sprintf(" of element type %d", v.element)
	}
	return text
}

// The reasons a file is not read. Each becomes part of one line.
var (
	errNotONNX   = errors.New("this is not an ONNX file")
	errTruncated = errors.New("the ONNX file ends too early: it is truncated or damaged; fetch it again")
	errSplit     = errors.New("the weights are kept in another file; export the model as one file")
)

// Bounds on what a file may make us remember. Real detectors have one input, a few outputs, a dozen properties.
const (
	maxValues     = 4096
	maxDimensions = 16
	maxProperties = 1024
)

// Field numbers of onnx.proto (github.com/onnx/onnx), by message.
const (
	modelIRVersion = 1
	modelGraph     = 7
	modelOpset     = 8
	modelMetadata  = 14

	opsetDomain  = 1
	opsetVersion = 2

	propertyKey   = 1
	propertyValue = 2

	graphNode        = 1
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12

	tensorName     = 8
	tensorLocation = 14

	valueName       = 1
	valueType       = 2
	typeTensor      = 1
	tensorElement   = 1
	tensorShape     = 2
	shapeDimension  = 1
	dimensionLength = 1
)

// readGraph reads an ONNX file: inputs, outputs, metadata; never the weights.
func readGraph(file []byte) (*graph, error) {
	g := &graph{metadata: map[string]string{}, weights: map[string]bool{}}
	var version uint64
	found := false
	err := eachField(file, func(f field) error {
		switch f.number {
		case modelIRVersion:
			version = f.value
		case modelGraph:
			found = true
			return g.readBody(f.bytes)
		case modelOpset:
			return g.readOpset(f.bytes)
		case modelMetadata:
			return g.readProperty(f.bytes)
		}
		return nil
	})
	switch {
	case version == 0: // the first thing in every ONNX file
		return nil, errNotONNX
	case err != nil:
		return nil, err
	case !found || g.nodes == 0 || g.opset == 0:
		return nil, errTruncated
	case g.split:
		return nil, errSplit
	}
	g.inputs = slices.DeleteFunc(g.inputs, func(v graphValue) bool { return g.weights[v.name] })
	return g, nil
}

// readBody reads a GraphProto. There may be several, which are one: protobuf messages are merged by joining them.
func (g *graph) readBody(body []byte) error {
	return eachField(body, func(f field) error {
		switch f.number {
		case graphNode:
			g.nodes++
		case graphInitializer:
			return g.readWeight(f.bytes)
		case graphInput:
			return appendValue(&g.inputs, f.bytes)
		case graphOutput:
			return appendValue(&g.outputs, f.bytes)
		}
		return nil
	})
}

// readWeight notes the name of a TensorProto, and whether its numbers are elsewhere.
func (g *graph) readWeight(body []byte) error {
	return eachField(body, func(f field) error {
		switch f.number {
		case tensorName:
			g.weights[string(f.bytes)] = true
		case tensorLocation:
			g.split = g.split || f.value == 1
		}
		return nil
	})
}

func (g *graph) readOpset(body []byte) error {
	domain, version := "", int64(0)
	err := eachField(body, func(f field) error {
		switch f.number {
		case opsetDomain:
			domain = string(f.bytes)
		case opsetVersion:
			version = int64(f.value)
		}
		return nil
	})
	if domain == "" || domain == "ai.onnx" {
		g.opset = version
	}
	return err
}

func (g *graph) readProperty(body []byte) error {
	key, value := "", ""
	err := eachField(body, func(f field) error {
		switch f.number {
		case propertyKey:
			key = string(f.bytes)
		case propertyValue:
			value = string(f.bytes)
		}
		return nil
	})
	if len(g.metadata) < maxProperties {
		g.metadata[key] = value
	}
	return err
}

// appendValue reads a ValueInfoProto.
func appendValue(into *[]graphValue, body []byte) error {
	v := graphValue{}
	err := eachField(body, func(f field) error {
		switch f.number {
		case valueName:
			v.name = string(f.bytes)
		case valueType:
			return eachField(f.bytes, func(f field) error {
				if f.number == typeTensor {
					return v.readTensorType(f.bytes)
				}
				return nil
			})
		}
		return nil
	})
	if len(*into) < maxValues {
		*into = append(*into, v)
	}
	return err
}

func (v *graphValue) readTensorType(body []byte) error {
	return eachField(body, func(f field) error {
		switch f.number {
		case tensorElement:
			v.element = int64(f.value)
		case tensorShape:
			return eachField(f.bytes, func(f field) error {
				if f.number == shapeDimension && len(v.shape) < maxDimensions {
					return v.readDimension(f.bytes)
				}
				return nil
			})
		}
		return nil
	})
}

// readDimension reads one length; one that is named but not numbered is open.
func (v *graphValue) readDimension(body []byte) error {
	length := int64(-1)
	err := eachField(body, func(f field) error {
		if f.number == dimensionLength && f.kind == protowire.VarintType && int64(f.value) > 0 {
			length = int64(f.value)
		}
		return nil
	})
	v.shape = append(v.shape, length)
	return err
}

// field is one field of a protobuf message: value for numbers, bytes for everything that has a length.
type field struct {
	number int
	kind   protowire.Type
	value  uint64
	bytes  []byte
}

// eachField calls visit for every field of a message that is a number or has a length.
func eachField(message []byte, visit func(field) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errTruncated
		}
		message = message[n:]
		f := field{number: int(number), kind: kind}
		switch kind {
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(message)
		case protowire.Fixed32Type, protowire.Fixed64Type:
			n = protowire.ConsumeFieldValue(number, kind, message)
		default: // groups, which ONNX does not have
			return errTruncated
		}
		if n < 0 {
			return errTruncated
		}
		message = message[n:]
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}
