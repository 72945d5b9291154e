package vision

import (
	"image"
	"math"
	"time"

	"gocv.io/x/gocv"

	"footfall/models"
)

// Veil takes off a picture what nobody may see of it: it fills masks, and makes people unrecognisable. It comes before
// anything is drawn or encoded. A Veil is for the pictures of one camera, in order, and for one goroutine.
//
// It is more suspicious than counting is. Whatever the detector reports is covered, however weak; people who were not
// found on this picture are covered where the tracker believes them, and where they were lately.
type Veil struct {
	privacy models.Privacy
	anchor  models.Anchor
	lately  []covered // on the picture before
	here    []covered // scratch
}

type covered struct {
	box models.Box
	at  time.Time
}

// NewVeil makes the veil of a camera. anchor says how the camera looks: straight down, a head may be anywhere in the
// box of its owner.
func NewVeil(privacy models.Privacy, anchor models.Anchor) *Veil {
	return &Veil{privacy: privacy.WithDefaults(), anchor: anchor}
}

// remembered is how long somebody stays covered whom neither detector nor tracker sees any more: detectors blink.
const remembered = 700 * time.Millisecond

// Cover covers a BGR picture that the caller owns, taken at a moment, on which these people were found. tracks are the
// tracker's, those that coast included; view says where on the picture all that, and the masks, are. A picture that is
// empty, or not BGR of 8 bits, is left black: what cannot be covered is not shown.
func (v *Veil) Cover(
	picture *gocv.Mat, at time.Time, view models.View, found []models.Detection, tracks []models.Track,
) {
	if picture.Empty() {
		return
	}
	if picture.Type() != gocv.MatTypeCV8UC3 || !picture.IsContinuous() {
		picture.SetTo(gocv.NewScalar(0, 0, 0, 0))
		return
	}
	if v.privacy.Pixelate != models.PixelateOff {
		v.coverPeople(picture, at, view, found, tracks)
	}
	v.fillMasks(picture, view)
}

// coverPeople pixelates everybody who is here, or was a moment ago.
func (v *Veil) coverPeople(
	picture *gocv.Mat, at time.Time, view models.View, found []models.Detection, tracks []models.Track,
) {
	pixels, err := picture.DataPtrUint8()
	if err != nil {
		picture.SetTo(gocv.NewScalar(0, 0, 0, 0))
		return
	}
	here := v.here[:0]
	for _, d := range found {
		if d.Class == models.Person || d.Class == "" {
			here = append(here, covered{view.SeenBox(d.Box), at})
		}
	}
	for _, t := range tracks {
		if t.Class == models.Person || t.Class == "" {
			here = append(here, covered{view.SeenBox(t.Box), at})
		}
	}
	now := len(here)
	for _, before := range v.lately {
		if age := at.Sub(before.at); age >= 0 && age <= remembered && !before.seenAgain(here[:now]) {
			here = append(here, before)
		}
	}
	v.here, v.lately = v.lately, here
	m := mosaic{pixels: pixels, width: picture.Cols(), height: picture.Rows()}
	for _, c := range here {
		region, block := v.region(c.box, m.width, m.height)
		m.lay(region, block)
	}
}

// seenAgain reports whether somebody is covered by one of today's boxes: then the one of before would be a trail.
func (c covered) seenAgain(here []covered) bool {
	const samePerson = 0.3
	for _, h := range here {
		if c.box.IoU(h.box) >= samePerson {
			return true
		}
	}
	return false
}

// The proportions of people. A standing head is an eighth of its owner; boxes stray by a tenth, and whoever is cut off
// by the edge of the picture, sits or bends shows more head than that: hence the share of the width.
const (
	headOfHeight = 0.28
	headOfWidth  = 0.85
	stray        = 0.12 // of the box, around what is covered
	// Blocks across somebody's shoulders. A head is less than half as wide: no face is left in two or three blocks.
	blocksAcross = 5
	minBlock     = 4 // pixels
)

// region is what to cover of somebody, in pixels, and the side of the blocks.
func (v *Veil) region(box models.Box, width, height int) (image.Rectangle, int) {
	left, top := box.X*float64(width), box.Y*float64(height)
	w, h := box.W*float64(width), box.H*float64(height)
	if !(w > 0 && h > 0) { // also when it is not a number
		return image.Rectangle{}, minBlock
	}
	tall := h
	if v.privacy.Pixelate == models.PixelateHeads && v.anchor != models.Centre {
		tall = math.Min(h, math.Max(headOfHeight*h, headOfWidth*w))
	}
	dx, dy := stray*w, stray*math.Min(h, 2*w)
	bound := func(x float64, most int) int { return int(math.Min(math.Max(x, 0), float64(most))) }
	region := image.Rect(
		bound(math.Floor(left-dx), width), bound(math.Floor(top-dy), height),
		bound(math.Ceil(left+w+dx), width), bound(math.Ceil(top+tall+dy), height))
	// Somebody who stands sideways is narrow: a third of the height is what shoulders would be.
	across := math.Min(math.Max(w, h/3), float64(max(width, height)))
	return region, max(minBlock, int(math.Ceil(across/blocksAcross)))
}

// mosaic is a BGR picture on which blocks are laid.
type mosaic struct {
	pixels        []byte
	width, height int
}

// lay replaces a region by square blocks of its mean colours, from its top left corner on. The last of a row or column
// may be cut off by the region's edge; one less than half as wide as the others joins the one before it, so that no
// sliver shows detail.
func (m mosaic) lay(region image.Rectangle, block int) {
	region = region.Intersect(image.Rect(0, 0, m.width, m.height))
	for y := region.Min.Y; y < region.Max.Y; {
		bottom := stepTo(y, region.Max.Y, block)
		for x := region.Min.X; x < region.Max.X; {
			right := stepTo(x, region.Max.X, block)
			m.flatten(x, y, right, bottom)
			x = right
		}
		y = bottom
	}
}

// stepTo is where the block that begins at a place ends.
func stepTo(from, end, block int) int {
	to := from + block
	if end-to < (block+1)/2 {
		return end
	}
	return to
}

// flatten gives a rectangle its mean colour.
func (m mosaic) flatten(left, top, right, bottom int) {
	var sum [3]int
	for y := top; y < bottom; y++ {
		row := m.pixels[3*(y*m.width+left) : 3*(y*m.width+right)]
		for i := 0; i+2 < len(row); i += 3 {
			sum[0] += int(row[i])
			sum[1] += int(row[i+1])
			sum[2] += int(row[i+2])
		}
	}
	area := (right - left) * (bottom - top)
	if area == 0 {
		return
	}
	mean := [3]byte{byte(sum[0] / area), byte(sum[1] / area), byte(sum[2] / area)}
	for y := top; y < bottom; y++ {
		row := m.pixels[3*(y*m.width+left) : 3*(y*m.width+right)]
		for i := 0; i+2 < len(row); i += 3 {
			row[i], row[i+1], row[i+2] = mean[0], mean[1], mean[2]
		}
	}
}

// fillMasks fills the masks, and a pixel around them: scaling has mixed into the edge what lies inside.
//
// A camera that drifts takes what is masked along: a mask covers where it was drawn, and where that is seen now.
func (v *Veil) fillMasks(picture *gocv.Mat, view models.View) {
	for _, mask := range v.privacy.Masks {
		fillMask(picture, mask)
		if !view.IsHome() {
			seen := make(models.Mask, len(mask))
			for i, p := range mask {
				seen[i] = view.Seen(p)
			}
			fillMask(picture, seen)
		}
	}
}

func fillMask(picture *gocv.Mat, mask models.Mask) {
	corners := make([]image.Point, len(mask))
	for i, p := range mask {
		corners[i] = image.Pt(pixel(p.X, picture.Cols()), pixel(p.Y, picture.Rows()))
	}
	fillPolygon(picture, corners, maskPaint)
	for i, from := range corners {
		gocv.Line(picture, from, corners[(i+1)%len(corners)], maskPaint, 3)
	}
}

func fillPolygon(picture *gocv.Mat, corners []image.Point, colour paint) {
	points := gocv.NewPointsVectorFromPoints([][]image.Point{corners})
	defer points.Close()
	gocv.FillPoly(picture, points, colour)
}
