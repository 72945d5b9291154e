package steady

import "footfall/models"

const (
	patchOfCover = 4    // pixels of the small picture to a square of the cover
	margin       = 4    // pixels around people that are left out as well: a patch reaches beyond its middle
	believed     = 0.25 // score of a detection that is left out
)

// cover is where people stand before the place.
type cover struct {
	columns, rows int
	squares       []bool
}

// set covers what people hide, with a little around them.
func (c *cover) set(seen []models.Detection, width, height int) {
	c.columns, c.rows = width/patchOfCover+1, height/patchOfCover+1
	if n := c.columns * c.rows; cap(c.squares) < n {
		c.squares = make([]bool, n)
	}
	c.squares = c.squares[:c.columns*c.rows]
	clear(c.squares)
	for i := range seen {
		d := &seen[i]
		if !(d.Score >= believed) {
			continue
		}
		w, h := float64(width), float64(height)
		left, right := c.square(d.Box.X*w-margin, c.columns), c.square((d.Box.X+d.Box.W)*w+margin, c.columns)
		top, bottom := c.square(d.Box.Y*h-margin, c.rows), c.square((d.Box.Y+d.Box.H)*h+margin, c.rows)
		for row := top; row <= bottom; row++ {
			for column := left; column <= right; column++ {
				c.squares[row*c.columns+column] = true
			}
		}
	}
}

// square is the square of a pixel's place; NaN and what is far outside end at the edge.
func (c *cover) square(at float64, squares int) int {
	if !(at > 0) {
		return 0
	}
	return int(min(at/patchOfCover, float64(squares-1)))
}

// at reports whether somebody is at a pixel of the small picture. Outside of it nobody is.
func (c *cover) at(p point) bool {
	x, y := int(p.x)/patchOfCover, int(p.y)/patchOfCover
	return p.x >= 0 && p.y >= 0 && x < c.columns && y < c.rows && c.squares[y*c.columns+x]
}
