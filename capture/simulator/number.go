package simulator

// A picture's number is drawn as cells, from the most significant bit on the left, between two heights.
const (
	numberCells  = 16
	numberTop    = 0.46
	numberBottom = 0.54
	cellBlack    = 20
	cellWhite    = 230
)

// number draws a picture's number into the canvas.
func (p *painter) number(frame int) {
	width, height := p.scene.Width, p.scene.Height
	for y := int(numberTop * float64(height)); y < int(numberBottom*float64(height)); y++ {
		for x := range width {
			grey := byte(cellBlack)
			if frame>>(numberCells-1-x*numberCells/width)&1 == 1 {
				grey = cellWhite
			}
			p.canvas[y*width+x] = grey
		}
	}
}

// ReadNumber reads the number of a picture of a Numbered scene, in grey levels, scaled and encoded as it may be. Where
// there is none, it is anything.
func ReadNumber(grey []byte, width, height int) int {
	number := 0
	y := int((numberTop + numberBottom) / 2 * float64(height))
	for cell := range numberCells {
		x := (2*cell + 1) * width / (2 * numberCells)
		number <<= 1
		if grey[y*width+x] >= (cellBlack+cellWhite)/2 {
			number |= 1
		}
	}
	return number
}
