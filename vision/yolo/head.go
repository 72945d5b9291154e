package yolo

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"footfall/models"
)

// candidate is a box that a network proposes, in pixels of its input, before anything is suppressed.
type candidate struct {
	X0, Y0, X1, Y1 float32 // two corners
	Score          float32
	Class          int32 // its place in the contract's classes
	Row            int32 // of the tensor, to break ties
}

// head knows what the rows of one kind of output mean.
type head interface {
	// rows and columns are the shape that the output must have: 1 x rows x columns. rows is 0 if any number will do.
	rows() int
	columns() int
	// decode appends a candidate for every row of the tensor whose score is at least minScore. A tensor that is too
	// short has fewer rows.
	decode(tensor []float32, minScore float32, into []candidate) []candidate
	// check refuses a tensor of the right shape whose numbers mean something else.
	check(tensor []float32) error
}

// newHead makes the head for a contract whose sizes are filled in. It looks for the wanted classes only; a row that
// could be several of them is the likeliest. No wanted classes means all.
//
// Another kind of output is added with one file that implements head, and one case here.
func newHead(contract models.Contract, wanted []models.Class) (head, error) {
	if contract.Width <= 0 || contract.Height <= 0 {
		return nil, models.Invalidf("contract", "the input's size is missing")
	}
	columns, err := columnsOf(contract.Classes, wanted)
	if err != nil {
		return nil, err
	}
	switch contract.Kind {
	case models.YOLOX:
		return newYOLOX(contract, columns), nil
	case models.Boxes5:
		return boxes5{}, nil
	default:
		return nil, models.Invalidf("kind", "%q is unknown", string(contract.Kind))
	}
}

// errNaN: weights that were damaged, or that overflow.
var errNaN = errors.New("the network puts out numbers that are none (NaN)")

// columnsOf finds the wanted classes among those that the network knows.
func columnsOf(known, wanted []models.Class) ([]int, error) {
	if len(wanted) == 0 {
		wanted = known
	}
	columns := make([]int, 0, len(wanted))
	for _, class := range wanted {
		i := slices.Index(known, class)
		if i < 0 {
			return nil, models.Invalidf("class", "the model does not know %q", string(class))
		}
		columns = append(columns, i)
	}
	slices.Sort(columns)
	return slices.Compact(columns), nil
}

// OutputShape is the shape of the output that a contract whose sizes are filled in promises; -1 for a dimension that
// may have any length.
func OutputShape(contract models.Contract) ([]int64, error) {
	h, err := newHead(contract, nil)
	if err != nil {
		return nil, err
	}
	return shapeOf(h), nil
}

func shapeOf(h head) []int64 {
	if h.rows() == 0 {
		return []int64{1, -1, int64(h.columns())}
	}
	return []int64{1, int64(h.rows()), int64(h.columns())}
}

// checkShape refuses an output that the head cannot read, saying what was expected and what was found.
func checkShape(h head, shape []int64) error {
	want := shapeOf(h)
	fits := len(shape) == len(want)
	for i := range shape {
		fits = fits && shape[i] > 0 && (shape[i] == want[i] || want[i] == -1)
	}
	if !fits {
		return fmt.Errorf("expected an output of %s, found %s", FormatShape(want), FormatShape(shape))
	}
	return nil
}

// FormatShape writes a tensor's shape as 1x3x416x416; a dimension below 0 is open and written "?".
func FormatShape(shape []int64) string {
	if len(shape) == 0 {
		return "a single number"
	}
	text := ""
	for i, n := range shape {
		if i > 0 {
			text += "x"
		}
		if n < 0 {
			text += "?"
		} else {
			text += fmt.Sprint(n)
		}
	}
	return text
}

// appendBox appends a candidate around a centre, unless one of the numbers is not a number, or endless.
func appendBox(into []candidate, cx, cy, w, h float32, found candidate) []candidate {
	found.X0, found.Y0 = cx-w/2, cy-h/2
	found.X1, found.Y1 = cx+w/2, cy+h/2
	found.Score = min(found.Score, 1)
	if finite(found.X0) && finite(found.Y0) && finite(found.X1) && finite(found.Y1) {
		into = append(into, found)
	}
	return into
}

func finite(v float32) bool { return math.Abs(float64(v)) <= math.MaxFloat32 }
