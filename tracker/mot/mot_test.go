package mot_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"footfall/models"
	"footfall/tracker/mot"
)

func TestRead(t *testing.T) {
	person := func(x, y, w, h, score float64) models.Detection {
		return models.Detection{Box: models.Box{X: x, Y: y, W: w, H: h}, Score: score, Class: models.Person}
	}
	for _, c := range []struct {
		name, text string
		want       map[int][]models.Detection
	}{
		{"nothing", "", map[int][]models.Detection{}},
		{"shortest form", "1,-1,100,50,20,40", map[int][]models.Detection{1: {person(0.5, 0.5, 0.1, 0.4, 1)}}},
		{"with a score", "7,3,100,50,20,40,0.25", map[int][]models.Detection{7: {person(0.5, 0.5, 0.1, 0.4, 0.25)}}},
		{"score not told", "1,3,100,50,20,40,-1,-1,-1,-1", map[int][]models.Detection{1: {person(0.5, 0.5, 0.1, 0.4, 1)}}},
		{"score above 1", "1,3,100,50,20,40,87", map[int][]models.Detection{1: {person(0.5, 0.5, 0.1, 0.4, 1)}}},
		{"over the edge of the picture", "1,3,-20,-10,40,20", map[int][]models.Detection{1: {person(-0.1, -0.1, 0.2, 0.2, 1)}}},
		{
			"spaces, tabs, empty lines, comments, Windows", "\ufeff# mine\r\n\r\n1 x\t100  50, 20, 40\r\n",
			map[int][]models.Detection{1: {person(0.5, 0.5, 0.1, 0.4, 1)}},
		},
		{"frames in any order", "2,0,100,50,20,40\n1,0,0,0,20,10\n2,0,0,0,20,10\n", map[int][]models.Detection{
			1: {person(0, 0, 0.1, 0.1, 1)}, 2: {person(0.5, 0.5, 0.1, 0.4, 1), person(0, 0, 0.1, 0.1, 1)},
		}},
	} {
		got, err := mot.Read(strings.NewReader(c.text), 200, 100)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"1,2,3", "line 1: fields: 3 found, a detection is frame,id,x,y,w,h[,score,...]"},
		{"1,0,1,1,1,1\nframe,id,x,y,w,h", `line 2: frame: "frame" is not a number`},
		{"1,0,1,1,1,NaN", `line 1: h: "NaN" is not a number`},
		{"1,0,1,1,+Inf,1", `line 1: w: "+Inf" is not a number`},
		{"0,0,1,1,1,1", "line 1: frame: 0 is not a whole number from 1"},
		{"1.5,0,1,1,1,1", "line 1: frame: 1.5 is not a whole number from 1"},
		{"1e300,0,1,1,1,1", "line 1: frame: 1e300 is not a whole number from 1"},
		{"1,0,-1e7,1,5,5", "line 1: x: -1e7 pixels is on no picture"},
		{"1,0,1,1,0,5", "line 1: box: 0 x 5 has no area"},
		{"1,0,1,1,5,-5", "line 1: box: 5 x -5 has no area"},
		{"\n\n1,0,1,1,1,1,high", `line 3: score: "high" is not a number`},
		{"1,0,1,1,1,1," + strings.Repeat("9", 5000), "line 1: line: is longer than 4096 bytes"},
	} {
		got, err := mot.Read(strings.NewReader(c.text), 200, 100)
		if err == nil || err.Error() != c.want || got != nil {
			t.Errorf("%.40q: %v, want %s", c.text, err, c.want)
		}
	}
	if _, err := mot.Read(strings.NewReader(""), 0, 100); err == nil ||
		err.Error() != "picture size: 0x100 is not positive" {
		t.Errorf("a picture without width: %v", err)
	}
}

// FuzzRead: any text is refused in one line, or read as finite boxes with an area.
func FuzzRead(f *testing.F) {
	f.Add("1,-1,100,50,20,40,0.9\n2 1 1 1 1 1")
	f.Add("# only a comment")
	f.Add("1,2,3,4,5,1e308")
	f.Fuzz(func(t *testing.T, text string) {
		frames, err := mot.Read(strings.NewReader(text), 640, 360)
		if err != nil {
			if strings.Contains(err.Error(), "\n") || frames != nil {
				t.Fatalf("refused with %q and %d frames", err, len(frames))
			}
			return
		}
		for n, ds := range frames {
			for _, d := range ds {
				if n < 1 || !(d.Box.W > 0 && d.Box.H > 0) || math.IsInf(d.Box.W+d.Box.H+d.Box.X+d.Box.Y, 0) ||
					!(d.Score >= 0 && d.Score <= 1) {
					t.Fatalf("frame %d: %+v", n, d)
				}
			}
		}
	})
}
