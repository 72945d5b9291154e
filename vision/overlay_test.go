package vision_test

import (
	"math"
	"testing"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision"
)

// drawnOn draws a scene on a grey picture and returns how many pixels changed in the part of it between two corners.
func drawnOn(t *testing.T, width, height int, s vision.Scene, from, to models.Point) int {
	t.Helper()
	f := plain(t, width, height, 128, 128, 128)
	vision.Draw(&f.Mat, s)
	pixels, err := f.Mat.DataPtrUint8()
	if err != nil {
		t.Fatal(err)
	}
	changed := 0
	for y := int(from.Y * float64(height)); y < int(to.Y*float64(height)); y++ {
		for x := int(from.X * float64(width)); x < int(to.X*float64(width)); x++ {
			if at := 3 * (y*width + x); pixels[at] != 128 || pixels[at+1] != 128 || pixels[at+2] != 128 {
				changed++
			}
		}
	}
	return changed
}

// The arrow of a line stands on the side that is "in"; turned around, the line's arrow is on the other side.
func TestArrowPointsIn(t *testing.T) {
	t.Parallel()
	left, right := [2]models.Point{{X: 0, Y: 0}, {X: 0.48, Y: 1}}, [2]models.Point{{X: 0.52, Y: 0}, {X: 1, Y: 1}}
	above, below := [2]models.Point{{X: 0, Y: 0}, {X: 1, Y: 0.47}}, [2]models.Point{{X: 0, Y: 0.53}, {X: 1, Y: 1}}
	tests := []struct {
		name      string
		points    []models.Point
		in, other [2]models.Point
	}{
		{"down: in is left", []models.Point{{X: 0.5, Y: 0.1}, {X: 0.5, Y: 0.9}}, left, right},
		{"up: in is right", []models.Point{{X: 0.5, Y: 0.9}, {X: 0.5, Y: 0.1}}, right, left},
		{"to the right: in is below", []models.Point{{X: 0.1, Y: 0.5}, {X: 0.9, Y: 0.5}}, below, above},
		{"to the left: in is above", []models.Point{{X: 0.9, Y: 0.5}, {X: 0.1, Y: 0.5}}, above, below},
	}
	for _, test := range tests {
		line := models.Line{ID: "a", Points: test.points}
		in, other := arrowPixels(t, line, test.in), arrowPixels(t, line, test.other)
		if in == 0 || other != 0 {
			t.Errorf("%s: %d pixels of the arrow's head are on the side in, %d on the other", test.name, in, other)
		}
	}
}

// arrowPixels counts the pixels of the line's own colour in a part of the picture, away from the label.
func arrowPixels(t *testing.T, line models.Line, part [2]models.Point) int {
	t.Helper()
	const width, height = 640, 480
	f := plain(t, width, height, 128, 128, 128)
	vision.Draw(&f.Mat, vision.Scene{Lines: []models.Line{line}})
	count := 0
	for y := int(part[0].Y * height); y < int(part[1].Y*height); y++ {
		for x := int(part[0].X * width); x < int(part[1].X*width); x++ {
			pixel := f.Mat.GetVecbAt(y, x)
			if pixel[0] == 0xFF && pixel[1] == 0xDD && pixel[2] == 0x99 && solid(&f.Mat, x, y) {
				count++
			}
		}
	}
	return count
}

// solid tells the filled head of an arrow from strokes and letters: the same colour all around.
func solid(picture *gocv.Mat, x, y int) bool {
	const around = 4
	if x < around || y < around || x >= picture.Cols()-around || y >= picture.Rows()-around {
		return false
	}
	middle := picture.GetVecbAt(y, x)
	for _, d := range [][2]int{{-around, 0}, {around, 0}, {0, -around}, {0, around}} {
		other := picture.GetVecbAt(y+d[1], x+d[0])
		if other[0] != middle[0] || other[1] != middle[1] || other[2] != middle[2] {
			return false
		}
	}
	return true
}

// What is drawn follows the height of the picture, so that it reads the same on every camera.
func TestDrawingScales(t *testing.T) {
	t.Parallel()
	s := vision.Scene{
		Stamp:  "2024-05-01 12:34:56",
		Lines:  []models.Line{{ID: "door", Points: []models.Point{{X: 0.2, Y: 0.5}, {X: 0.8, Y: 0.5}}}},
		Totals: []models.LineTotal{{Line: "door", In: 12, Out: 7}},
	}
	share := func(width, height int) float64 {
		all := drawnOn(t, width, height, s, models.Point{}, models.Point{X: 1, Y: 1})
		return float64(all) / float64(width*height)
	}
	small, large := share(640, 480), share(2560, 1920)
	if ratio := small / large; ratio < 0.7 || ratio > 1.5 {
		t.Errorf("covered are %.3f of a small picture and %.3f of a large one", small, large)
	}
}

func TestTracksAreDrawnByWhatIsBelieved(t *testing.T) {
	t.Parallel()
	draw := func(track models.Track) int {
		track.ID, track.Box = 7, models.Box{X: 0.4, Y: 0.3, W: 0.2, H: 0.5}
		return drawnOn(t, 640, 480, vision.Scene{Tracks: []models.Track{track}}, models.Point{}, models.Point{X: 1, Y: 1})
	}
	ended := draw(models.Track{Confirmed: true, Ended: true})
	tentative := draw(models.Track{Seen: true})
	coasting := draw(models.Track{Confirmed: true})
	seen := draw(models.Track{Confirmed: true, Seen: true})
	if ended != 0 || tentative == 0 || coasting <= tentative || seen <= coasting {
		t.Errorf("ended %d, tentative %d, coasting %d, seen %d pixels; want them to grow from 0",
			ended, tentative, coasting, seen)
	}
}

// Nothing that a tracker or a configuration may come up with ends the process, on pictures of any size.
func TestDrawSurvivesAnything(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	s := vision.Scene{
		Camera: "lobby", Name: "Eingang \x07 Süd",
		Stamp: "Zürich \x00 \n 12:00",
		Tracks: []models.Track{
			{Box: models.Box{X: nan, Y: nan, W: nan, H: nan}, Confirmed: true, Seen: true},
			{Box: models.Box{X: -inf, Y: 0, W: inf, H: 1e300}, Confirmed: true},
			{Box: models.Box{X: 0.9, Y: 0.9, W: -0.5, H: -0.5}, ID: math.MaxUint64, Confirmed: true, Seen: true},
			{Box: models.Box{}, Confirmed: true, Seen: true},
		},
		Lines: []models.Line{
			{ID: "none"},
			{ID: "point", Points: []models.Point{{X: 0.5, Y: 0.5}}},
			{ID: "nowhere", Points: []models.Point{{X: nan, Y: 0}, {X: inf, Y: -inf}}},
			{ID: "short", Points: []models.Point{{X: 0.5, Y: 0.5}, {X: 0.5, Y: 0.5}}},
			{ID: "edge", Name: "Tür", Points: []models.Point{{X: 0, Y: 1}, {X: 1, Y: 1}}},
			{
				ID: "corner", Name: "a very long name of a door that no picture is wide enough for",
				Points: []models.Point{{X: 0, Y: 0.01}, {X: 0.01, Y: 0}},
			},
		},
		Totals: []models.LineTotal{{Line: "edge", In: math.MaxInt64, Out: math.MinInt64}},
	}
	for _, size := range [][2]int{{1, 1}, {7, 300}, {300, 7}, {64, 48}, {1920, 1080}} {
		drawnOn(t, size[0], size[1], s, models.Point{}, models.Point{X: 1, Y: 1})
	}
	empty := frame.NewMat()
	defer frame.Close(&empty)
	vision.Draw(&empty, s)
	grey := frame.NewMatWithSize(48, 64, gocv.MatTypeCV8U)
	defer frame.Close(&grey)
	vision.Draw(&grey, s)
}
