package models

import (
	"fmt"
	"strings"
)

// DetectorKind says how the numbers that a network puts out become boxes. The kinds are implemented in vision/yolo.
type DetectorKind string

const (
	// YOLOX is 1 x N x (5+classes), one row for each cell of the grids of strides 8, 16 and 32: the box's centre and
	// size relative to its cell (exp for the size), objectness, class scores. Boxes are decoded outside the network.
	YOLOX DetectorKind = "yolox"
	// Boxes5 is 1 x N x 5, one row a box: centre x, centre y, width and height in pixels of the input, and the score
	// in [0,1]. Everything is decoded inside the network; there is one class.
	Boxes5 DetectorKind = "boxes5"
)

// Colour is the order in which a network wants the three planes of a picture.
type Colour string

// The colour orders. Cameras give BGR, so BGR costs nothing.
const (
	BGR Colour = "bgr"
	RGB Colour = "rgb"
)

// Contract is what a detector's ONNX file promises: what to put in and what comes out. It is told by the catalogue
// (for files whose SHA-256 is known), by a file beside the model, or by the model itself, in the metadata property
// ContractKey as JSON. Names and sizes that are left out come from the graph; see WithDefaults for the rest.
//
// The picture is scaled to fit into Width x Height keeping its aspect, placed at the top left, and what is left over is
// filled with Pad; pixels are 0..255 multiplied by Scale; the input is float32, 1 x 3 x Height x Width.
type Contract struct {
	Kind    DetectorKind `json:"kind"`
	Classes []Class      `json:"classes"`          // in the order of the network's scores
	Input   string       `json:"input,omitempty"`  // the name of the input in the graph
	Output  string       `json:"output,omitempty"` // the name of the output in the graph
	Width   int          `json:"width,omitempty"`  // of the input, in pixels; with a graph for any size, the one to use
	Height  int          `json:"height,omitempty"` // of the input, in pixels
	Colour  Colour       `json:"colour,omitempty"`
	Scale   float64      `json:"scale,omitempty"` // what pixels 0..255 are multiplied by; 0 means 1
	Pad     *float64     `json:"pad,omitempty"`   // brightness 0..255 around the picture; nil means 114
}

// ContractKey is the metadata property of an ONNX file that holds its Contract.
const ContractKey = "footfall.contract"

// maxSide bounds the input of a network, in pixels: more is a mistake, not a model.
const maxSide = 4096

// WithDefaults is c with everything that is usually the same set to the usual: BGR, 0..255, padding 114.
func (c Contract) WithDefaults() Contract {
	if c.Colour == "" {
		c.Colour = BGR
	}
	if c.Scale == 0 {
		c.Scale = 1
	}
	if c.Pad == nil {
		usual := 114.0
		c.Pad = &usual
	}
	return c
}

// Validate refuses a contract that no network could keep, naming the field. Names and sizes may still be missing: the
// ONNX file has them.
func (c Contract) Validate() error {
	switch c.Kind {
	case YOLOX:
	case Boxes5:
		if len(c.Classes) != 1 {
			return Invalidf("classes", "%s finds one class, not %d", c.Kind, len(c.Classes))
		}
	case "":
		return Invalidf("kind", "is missing; use %s or %s", YOLOX, Boxes5)
	default:
		return Invalidf("kind", "%q is unknown; use %s or %s", string(c.Kind), YOLOX, Boxes5)
	}
	if err := c.validateClasses(); err != nil {
		return err
	}
	for _, side := range []struct {
		field  string
		pixels int
	}{{"width", c.Width}, {"height", c.Height}} {
		if side.pixels < 0 || side.pixels > maxSide || side.pixels%32 != 0 {
			return Invalidf(side.field, "%d is not a multiple of 32 up to %d", side.pixels, maxSide)
		}
	}
	if c.Colour != BGR && c.Colour != RGB && c.Colour != "" {
		return Invalidf("colour", "%q is unknown; use bgr or rgb", string(c.Colour))
	}
	if !(c.Scale >= 0 && c.Scale <= 1) {
		return Invalidf("scale", "%v is not between 0 and 1", c.Scale)
	}
	if c.Pad != nil && !(*c.Pad >= 0 && *c.Pad <= 255) {
		return Invalidf("pad", "%v is not between 0 and 255", *c.Pad)
	}
	return nil
}

func (c Contract) validateClasses() error {
	if len(c.Classes) == 0 {
		return Invalidf("classes", "is missing; name the classes in the order of the network's scores")
	}
	seen := make(map[Class]bool, len(c.Classes))
	for i, class := range c.Classes {
		if strings.TrimSpace(string(class)) == "" {
			return Invalidf(fmt.Sprintf("classes[%d]", i), "is empty")
		}
		if seen[class] {
			return Invalidf(fmt.Sprintf("classes[%d]", i), "%q is there twice", string(class))
		}
		seen[class] = true
	}
	return nil
}
