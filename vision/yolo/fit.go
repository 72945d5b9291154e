package yolo

import "math"

// Fit is how a picture lies in the input of a network: scaled to Width x Height at the top left, the rest is padding.
type Fit struct {
	Width, Height int // in pixels of the input, at least 1
}

// FitInto scales a picture to the largest size of the same aspect that fits into the input. Sizes are in pixels; one
// that is less than 1 counts as 1.
func FitInto(pictureWidth, pictureHeight, inputWidth, inputHeight int) Fit {
	pw, ph := float64(max(1, pictureWidth)), float64(max(1, pictureHeight))
	iw, ih := max(1, inputWidth), max(1, inputHeight)
	ratio := math.Min(float64(iw)/pw, float64(ih)/ph)
	return Fit{
		Width:  min(iw, max(1, int(math.Round(pw*ratio)))),
		Height: min(ih, max(1, int(math.Round(ph*ratio)))),
	}
}
