package models

import (
	"encoding/json"
	"fmt"
)

// UnmarshalJSON reads a point from [x, y]; anything else, and any other number of numbers, is refused.
func (p *Point) UnmarshalJSON(data []byte) error {
	var xy []float64
	if err := json.Unmarshal(data, &xy); err != nil {
		return fmt.Errorf("a point is [x, y], not %s", data)
	}
	if len(xy) != 2 {
		return fmt.Errorf("a point is [x, y], not %d numbers", len(xy))
	}
	p.X, p.Y = xy[0], xy[1]
	return nil
}

// MarshalJSON writes a point as [x, y], as lines files and truth files have it.
func (p Point) MarshalJSON() ([]byte, error) { return json.Marshal([2]float64{p.X, p.Y}) }
