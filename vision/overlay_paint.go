package vision

import colour "image/color" //nolint:misspell // the standard library's spelling

// paint is a colour to draw with.
type paint = colour.RGBA

// The paints are Paul Tol's light set (personal.sron.nl/~pault, 2021), which people who see red and green alike can
// tell apart, and in which every colour is bright enough for a dark picture; the dark edge around every stroke is for
// bright ones. The paints of tracks say what is believed of them, and so does the form, for those who see no colour at
// all.
//
//nolint:gochecknoglobals // they are constants: Go has none of a struct type
var (
	seenPaint      = paint{R: 0x44, G: 0xBB, B: 0x99, A: 255} // mint: confirmed, and seen on this picture
	coastingPaint  = paint{R: 0xEE, G: 0x88, B: 0x66, A: 255} // orange: confirmed, but where it is now is a guess
	tentativePaint = paint{R: 0xBB, G: 0xBB, B: 0xBB, A: 255} // grey: not believed yet
	inkPaint       = paint{R: 16, G: 16, B: 16, A: 255}
	paperPaint     = paint{R: 250, G: 250, B: 250, A: 255} // text that belongs to no line
	maskPaint      = paint{R: 72, G: 72, B: 72, A: 255}    // what is nobody's business
)

// linePaint gives the lines of a picture colours that differ from each other and from those of tracks.
func linePaint(i int) paint {
	paints := [...]paint{
		{R: 0x99, G: 0xDD, B: 0xFF, A: 255}, // cyan
		{R: 0xFF, G: 0xAA, B: 0xBB, A: 255}, // pink
		{R: 0xEE, G: 0xDD, B: 0x88, A: 255}, // yellow
		{R: 0x77, G: 0xAA, B: 0xDD, A: 255}, // blue
		{R: 0xBB, G: 0xCC, B: 0x33, A: 255}, // pear
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
