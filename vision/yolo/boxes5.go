package yolo

import "fmt"

// boxes5 is the head of models.Boxes5: everything is decoded inside the network.
type boxes5 struct{}

const boxes5Columns = 5 // centre x, centre y, width, height, score

func (boxes5) rows() int    { return 0 }
func (boxes5) columns() int { return boxes5Columns }

func (boxes5) decode(tensor []float32, minScore float32, into []candidate) []candidate {
	for row := 0; (row+1)*boxes5Columns <= len(tensor); row++ {
		cells := tensor[row*boxes5Columns : (row+1)*boxes5Columns]
		if score := cells[4]; score >= minScore { // false for NaN
			into = appendBox(into, cells[0], cells[1], cells[2], cells[3], candidate{Score: score, Row: int32(row)})
		}
	}
	return into
}

func (boxes5) check(tensor []float32) error {
	for row := 0; (row+1)*boxes5Columns <= len(tensor); row++ {
		for _, v := range tensor[row*boxes5Columns : (row+1)*boxes5Columns] {
			if v != v {
				return errNaN
			}
		}
		if score := tensor[row*boxes5Columns+4]; score < 0 || score > 1 {
			return fmt.Errorf("row %d has a score of %v, scores are 0 to 1; export the network with its sigmoid",
				row, score)
		}
	}
	return nil
}
