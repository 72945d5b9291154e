package vision

import (
	"math"
	"testing"
)

// seenBy is a colour as somebody sees it, in linear RGB: matrices of Machado, Oliveira and Fernandes (2009,
// doi.org/10.1109/TVCG.2009.113), severity 1.
func seenBy(eye [3][3]float64, p paint) [3]float64 {
	linear := func(c uint8) float64 {
		x := float64(c) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	rgb := [3]float64{linear(p.R), linear(p.G), linear(p.B)}
	var out [3]float64
	for i, row := range eye {
		for j, weight := range row {
			out[i] += weight * rgb[j]
		}
		out[i] = min(max(out[i], 0), 1)
	}
	return out
}

// lab is CIE L*a*b*, in which a distance of 2 can just be seen.
func lab(c [3]float64) [3]float64 {
	f := func(t float64) float64 {
		if t > 0.008856 {
			return math.Cbrt(t)
		}
		return 7.787*t + 16.0/116
	}
	x := f((0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.9505)
	y := f(0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2])
	z := f((0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// Whoever is red-blind, green-blind or neither tells the lines of a picture, and people seen from people guessed, apart
// by colour; and every paint stands out from the ink around it as text has to (WCAG 2.1, 1.4.3: 4.5 to 1).
func TestPaintsForEveryEye(t *testing.T) {
	t.Parallel()
	eyes := map[string][3][3]float64{
		"usual": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		"red-blind": {
			{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998},
		},
		"green-blind": {
			{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881},
		},
	}
	const distinct = 10
	lines := []paint{linePaint(0), linePaint(1), linePaint(2), linePaint(3)}
	for name, eye := range eyes {
		apart := func(a, b paint) {
			p, q := lab(seenBy(eye, a)), lab(seenBy(eye, b))
			if d := math.Hypot(math.Hypot(p[0]-q[0], p[1]-q[1]), p[2]-q[2]); d < distinct {
				t.Errorf("%s: %v and %v are %.1f apart, want %d", name, a, b, d, distinct)
			}
		}
		for i, a := range lines {
			for _, b := range lines[:i] {
				apart(a, b)
			}
		}
		apart(seenPaint, coastingPaint)
		for _, p := range append(lines, seenPaint, coastingPaint, tentativePaint, paperPaint) {
			luminance := func(p paint) float64 {
				c := seenBy(eye, p)
				return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
			}
			if ratio := (luminance(p) + 0.05) / (luminance(inkPaint) + 0.05); ratio < 4.5 {
				t.Errorf("%s: %v on ink has a contrast of %.1f to 1", name, p, ratio)
			}
		}
	}
}
