package yolo

import (
	"errors"
	"math"
	"slices"

	"footfall/models"
)

// yolox is the head of models.YOLOX (Ge et al., "YOLOX: Exceeding YOLO Series in 2021", arXiv 2107.08430): anchor-free,
// one row for each cell of three grids, finest first, each grid row by row.
type yolox struct {
	grids  []grid
	height int   // rows of the tensor
	width  int   // columns of the tensor
	wanted []int // classes looked for
	person int   // the one of them that is people, or -1
}

// grid is one level of the network's pyramid.
type grid struct {
	width, height int
	stride        float32 // of a cell, in pixels of the input
}

// beforeClasses is how many columns come before the class scores: x, y, width, height, objectness.
const beforeClasses = 5

func newYOLOX(contract models.Contract, wanted []int) *yolox {
	y := &yolox{width: beforeClasses + len(contract.Classes), wanted: wanted, person: -1}
	if i := slices.Index(contract.Classes, models.Person); slices.Contains(wanted, i) {
		y.person = i
	}
	for _, stride := range []int{8, 16, 32} {
		g := grid{width: contract.Width / stride, height: contract.Height / stride, stride: float32(stride)}
		y.grids = append(y.grids, g)
		y.height += g.width * g.height
	}
	return y
}

func (y *yolox) rows() int    { return y.height }
func (y *yolox) columns() int { return y.width }

func (y *yolox) decode(tensor []float32, minScore float32, into []candidate) []candidate {
	row := 0
	for _, g := range y.grids {
		for gy := range g.height {
			for gx := range g.width {
				start := row * y.width
				if start+y.width > len(tensor) {
					return into
				}
				into = y.decodeCell(tensor[start:start+y.width], minScore, into, cell{g.stride, gx, gy, row})
				row++
			}
		}
	}
	return into
}

// cell is where a row stands.
type cell struct {
	stride float32
	x, y   int
	row    int
}

// decodeCell looks at the cheap things first: nearly all cells are dismissed by their objectness alone, and exp is only
// paid for what is kept.
//
// What could be several of the wanted classes is the likeliest; but if it could be a person, it is that too: whoever
// asks for bags besides must find the same people as somebody who does not.
func (y *yolox) decodeCell(cells []float32, minScore float32, into []candidate, at cell) []candidate {
	objectness := cells[4]
	if !(objectness >= minScore) { // also when it is NaN
		return into
	}
	best, class := float32(0), -1
	for _, c := range y.wanted {
		if score := cells[beforeClasses+c]; score > best {
			best, class = score, c
		}
	}
	// No class score is above 1, so that a broken one cannot lift a weak objectness.
	score := min(objectness, 1) * min(best, 1)
	if class < 0 || !(score >= minScore) {
		return into
	}
	into = appendCell(into, cells, score, class, at)
	if y.person >= 0 && class != y.person {
		score = min(objectness, 1) * min(cells[beforeClasses+y.person], 1)
		if score >= minScore {
			into = appendCell(into, cells, score, y.person, at)
		}
	}
	return into
}

func appendCell(into []candidate, cells []float32, score float32, class int, at cell) []candidate {
	cx, cy := (cells[0]+float32(at.x))*at.stride, (cells[1]+float32(at.y))*at.stride
	w := float32(math.Exp(float64(cells[2]))) * at.stride
	h := float32(math.Exp(float64(cells[3]))) * at.stride
	return appendBox(into, cx, cy, w, h, candidate{Score: score, Class: int32(class), Row: int32(at.row)})
}

// check looks at the centres: relative to their cells they are about 0.5 on average, in pixels about half the input.
func (y *yolox) check(tensor []float32) error {
	sum, rows := 0.0, 0
	for start := 0; start+y.width <= len(tensor); start += y.width {
		sum += math.Abs(float64(tensor[start])) + math.Abs(float64(tensor[start+1]))
		rows++
	}
	const farOut = 2 * 4 // cells, both ways together
	switch mean := sum / float64(max(rows, 1)); {
	case math.IsNaN(mean):
		return errNaN
	case mean > farOut:
		return errors.New("the boxes are decoded inside the network already; export it without decode_in_inference")
	}
	return nil
}
