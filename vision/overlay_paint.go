package vision

import colour "image/color" //nolint:misspell // the standard library's spelling

// paint is a colour to draw with.
type paint = colour.RGBA

// The paints of tracks say what is believed of them; ink is behind everything, so that it shows on any background.
//
//nolint:gochecknoglobals // they are constants: Go has none of a struct type
var (
	seenPaint      = paint{R: 60, G: 220, B: 90, A: 255}   // confirmed, and seen on this picture
	coastingPaint  = paint{R: 255, G: 170, B: 40, A: 255}  // confirmed, but where it is now is a guess
	tentativePaint = paint{R: 190, G: 190, B: 190, A: 255} // not believed yet
	inkPaint       = paint{R: 16, G: 16, B: 16, A: 255}
	paperPaint     = paint{R: 250, G: 250, B: 250, A: 255} // text that belongs to no line
)

// linePaint gives the lines of a picture colours that differ from each other and from those of tracks.
func linePaint(i int) paint {
	paints := [...]paint{
		{R: 80, G: 180, B: 255, A: 255},  // sky
		{R: 255, G: 110, B: 180, A: 255}, // rose
		{R: 255, G: 230, B: 80, A: 255},  // lemon
		{R: 190, G: 140, B: 255, A: 255}, // lilac
		{R: 110, G: 240, B: 230, A: 255}, // mint
	}
	return paints[i%len(paints)]
}

// zonePaint gives zones colours that differ from each other and, on the whole, from those of lines and tracks.
func zonePaint(i int) paint {
	paints := [...]paint{
		{R: 255, G: 150, B: 120, A: 255}, // salmon
		{R: 150, G: 160, B: 255, A: 255}, // periwinkle
		{R: 200, G: 230, B: 120, A: 255}, // lime
		{R: 240, G: 170, B: 240, A: 255}, // orchid
		{R: 220, G: 190, B: 140, A: 255}, // sand
	}
	return paints[i%len(paints)]
}
