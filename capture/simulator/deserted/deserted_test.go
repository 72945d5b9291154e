package deserted

import (
	"bytes"
	"image"
	"math"
	"testing"
)

// film is some pictures of a place.
func film(p Place, frames ...int) [][]uint8 {
	var kept [][]uint8
	ground := p.ground()
	for _, frame := range frames {
		picture := newCanvas(Width, Height)
		p.draw(ground, picture, frame)
		kept = append(kept, picture.Pix)
	}
	return kept
}

// The film is those pictures, in their order, until nobody wants more.
func TestFilm(t *testing.T) {
	t.Parallel()
	place, seen := Places()[7], 0 // the one that is drawn the quickest
	want := film(place, 1, 2, 3)
	place.Film(func(frame int, picture *image.RGBA) bool {
		if seen++; frame != seen || !bytes.Equal(picture.Pix, want[frame-1]) {
			t.Errorf("picture %d is called %d, or is another", seen, frame)
		}
		return frame < 3
	})
	if seen != 3 {
		t.Errorf("%d pictures were shown", seen)
	}
}

// Every place is drawn the same way each time, has light and shade, no two pictures alike, and things in it that move.
func TestPlaces(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, p := range Places() {
		if names[p.Name] {
			t.Errorf("%s is there twice", p.Name)
		}
		names[p.Name] = true
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			first, again := film(p, 1, 3), film(p, 1, 3)
			if len(first[0]) != 4*Width*Height || !bytes.Equal(first[0], again[0]) || !bytes.Equal(first[1], again[1]) {
				t.Error("the same place looks different the second time")
			}
			if spread(first[0]) < 10 {
				t.Errorf("grey levels spread by %.1f only", spread(first[0]))
			}
			p.lens = lens{} // no noise: what changes now has moved
			if still := film(p, 1, 41); changed(still[0], still[1]) < 0.0003 {
				t.Errorf("after four seconds, %.4f of the picture has changed", changed(still[0], still[1]))
			}
		})
	}
	if len(names) != 10 {
		t.Errorf("%d places; bench --nobody promises 1000 frames", len(names))
	}
}

// spread is the standard deviation of the green levels.
func spread(pixels []uint8) float64 {
	var sum, squares float64
	for i := 1; i < len(pixels); i += 4 {
		sum += float64(pixels[i])
		squares += float64(pixels[i]) * float64(pixels[i])
	}
	n := float64(len(pixels) / 4)
	return math.Sqrt(squares/n - sum*sum/n/n)
}

// changed is the part of the pixels whose green is another.
func changed(a, b []uint8) float64 {
	n := 0
	for i := 1; i < len(a); i += 4 {
		if math.Abs(float64(a[i])-float64(b[i])) > 5 {
			n++
		}
	}
	return float64(n) / float64(len(a)/4)
}

// area is how many pixels of an empty canvas a drawing covers, as a part of the whole.
func area(draw func(c *canvas)) float64 {
	c := newCanvas(400, 200)
	draw(c)
	n := 0
	for i := 0; i < len(c.Pix); i += 4 {
		if c.Pix[i] > 0 {
			n++
		}
	}
	return float64(n) / (400 * 200)
}

func TestShapesCoverWhatTheyShould(t *testing.T) {
	t.Parallel()
	white := grey(255)
	for name, test := range map[string]struct {
		draw func(c *canvas)
		want float64
	}{
		"rect":               {func(c *canvas) { c.rect(point{0.25, 0.5}, point{0.75, 1}, white) }, 0.25},
		"rect over the edge": {func(c *canvas) { c.rect(point{-3, -3}, point{0.5, 0.5}, white) }, 0.25},
		"fade":               {func(c *canvas) { c.fade(point{0, 0.5}, point{1, 1}, grey(10), white) }, 0.5},
		"triangle": {
			func(c *canvas) { c.polygon(white, point{0, 0}, point{1, 0}, point{0, 1}) }, 0.5,
		},
		"polygon far outside": {
			func(c *canvas) { c.polygon(white, point{-9, -9}, point{9, -9}, point{9, 9}, point{-9, 9}) }, 1,
		},
		"ellipse": { // half axes of half the height: a circle, on a picture twice as wide as high
			func(c *canvas) { c.ellipse(point{0.5, 0.5}, 0.5, 0.5, white) }, math.Pi / 8,
		},
		"stroke":              {func(c *canvas) { c.stroke(point{0.1, 0.5}, point{0.9, 0.5}, 0.1, white) }, 0.08},
		"stroke of no length": {func(c *canvas) { c.stroke(point{0.1, 0.5}, point{0.1, 0.5}, 0.1, white) }, 0},
	} {
		if got := area(test.draw); math.Abs(got-test.want) > 0.01 {
			t.Errorf("%s covers %.3f of the picture, want %.3f", name, got, test.want)
		}
	}
	c := newCanvas(2, 2)
	c.rect(point{0, 0}, point{1, 1}, opaque(200, 100, 0).thin(0.5))
	if at := c.RGBAAt(1, 1); at.R != 100 || at.G != 50 || at.B != 0 || at.A != 255 {
		t.Errorf("half of a shade on black is %v", at)
	}
}
