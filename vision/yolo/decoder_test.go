package yolo_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"footfall/models"
	"footfall/vision/yolo"
)

// wholePicture is a picture that fills the input of the contracts below.
var wholePicture = yolo.Fit{Width: 64, Height: 32}

func usual() yolo.Config {
	return yolo.Config{MinScore: 0.1, MaxIoU: 0.5, MaxDetections: 100}
}

func twoClasses() models.Contract {
	return models.Contract{
		Kind: models.YOLOX, Width: 64, Height: 32, Classes: []models.Class{"person", "suitcase"},
	}
}

func boxes() models.Contract {
	return models.Contract{Kind: models.Boxes5, Width: 64, Height: 32, Classes: []models.Class{"person"}}
}

func decoder(t testing.TB, contract models.Contract, config yolo.Config) *yolo.Decoder {
	t.Helper()
	d, err := yolo.NewDecoder(contract, config)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A 64x32 input has 8x4 cells of stride 8, then 4x2 of stride 16, then 2x1 of stride 32: rows 0..31, 32..39, 40..41.
const yoloxRows, yoloxColumns = 42, 7

func yoloxTensor(rows map[int][yoloxColumns]float32) []float32 {
	tensor := make([]float32, yoloxRows*yoloxColumns)
	for row, cells := range rows {
		copy(tensor[row*yoloxColumns:], cells[:])
	}
	return tensor
}

func TestYOLOXDecodesEveryGrid(t *testing.T) {
	t.Parallel()
	log := func(v float64) float32 { return float32(math.Log(v)) }
	tests := []struct {
		name  string
		row   int
		cells [yoloxColumns]float32
		want  models.Detection
	}{
		{
			"first cell of stride 8", 0,
			[yoloxColumns]float32{0.5, 0.5, 0, 0, 0.8, 0.5, 0.1}, // centre 4,4; 8x8 pixels
			models.Detection{Box: models.Box{X: 0, Y: 0, W: 8. / 64, H: 8. / 32}, Score: 0.4, Class: "person"},
		},
		{
			"second row of stride 8", 8 + 3,
			[yoloxColumns]float32{1, 0.5, log(2), log(1), 1, 0.05, 0.9}, // centre 32,12; 16x8
			models.Detection{Box: models.Box{X: 24. / 64, Y: 8. / 32, W: 16. / 64, H: 8. / 32}, Score: 0.9, Class: "suitcase"},
		},
		{
			"last cell of stride 16", 39,
			[yoloxColumns]float32{0.5, 0.5, 0, 0, 1, 1, 0}, // centre 56,24; 16x16
			models.Detection{Box: models.Box{X: 48. / 64, Y: 16. / 32, W: 16. / 64, H: 16. / 32}, Score: 1, Class: "person"},
		},
		{
			"stride 32, larger than the picture", 41,
			[yoloxColumns]float32{0.5, 0.5, log(4), log(4), 1, 1, 0}, // centre 48,16; 128x128, cut
			models.Detection{Box: models.Box{X: 0, Y: 0, W: 1, H: 1}, Score: 1, Class: "person"},
		},
	}
	for _, test := range tests {
		d := decoder(t, twoClasses(), usual())
		tensor := yoloxTensor(map[int][yoloxColumns]float32{test.row: test.cells})
		got := d.Decode(tensor, wholePicture, nil)
		if len(got) != 1 || !near(got[0], test.want) {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
}

func near(a, b models.Detection) bool {
	close := func(x, y float64) bool { return math.Abs(x-y) < 1e-6 }
	return close(a.Box.X, b.Box.X) && close(a.Box.Y, b.Box.Y) && close(a.Box.W, b.Box.W) &&
		close(a.Box.H, b.Box.H) && close(a.Score, b.Score) && a.Class == b.Class
}

func TestThresholdIsOfTheProduct(t *testing.T) {
	t.Parallel()
	tests := []struct {
		objectness, class float32
		kept              bool
	}{
		{0.25, 0.5, true},   // 0.125
		{0.25, 0.25, false}, // 0.0625
		{1e9, 0.05, false},  // an objectness above 1 does not lift a weak class
		{0.05, 1e9, false},
		{-1, -1, false},
	}
	for _, test := range tests {
		tensor := yoloxTensor(map[int][yoloxColumns]float32{5: {0.5, 0.5, 0, 0, test.objectness, test.class, 0}})
		got := decoder(t, twoClasses(), usual()).Decode(tensor, wholePicture, nil)
		if (len(got) == 1) != test.kept {
			t.Errorf("objectness %v, class %v: got %v", test.objectness, test.class, got)
		}
	}
}

func TestOnlyWantedClasses(t *testing.T) {
	t.Parallel()
	tensor := yoloxTensor(map[int][yoloxColumns]float32{
		0:  {0.5, 0.5, 0, 0, 1, 0.3, 0.9}, // rather a suitcase, but perhaps a person
		20: {0.5, 0.5, 0, 0, 1, 0, 0.9},   // a suitcase
	})
	config := usual()
	config.Classes = []models.Class{models.Person}
	got := decoder(t, twoClasses(), config).Decode(tensor, wholePicture, nil)
	if len(got) != 1 || got[0].Class != models.Person || math.Abs(got[0].Score-0.3) > 1e-6 {
		t.Errorf("got %+v, want one person of 0.3", got)
	}
	got = decoder(t, twoClasses(), usual()).Decode(tensor, wholePicture, nil)
	if len(got) != 3 || got[0].Class != "suitcase" || got[1].Class != "suitcase" || got[2].Class != models.Person {
		t.Errorf("got %+v, want two suitcases and what may be a person", got)
	}
}

// Whoever asks for bags besides finds the very same people.
func TestPeopleAreTheSameWhateverElseIsWanted(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	people := usual()
	people.Classes = []models.Class{models.Person}
	only, all := decoder(t, twoClasses(), people), decoder(t, twoClasses(), usual())
	suitcases := 0
	for range 200 {
		tensor := make([]float32, yoloxRows*yoloxColumns)
		for i := range tensor {
			tensor[i] = random.Float32()
		}
		want := only.Decode(tensor, wholePicture, nil)
		var got []models.Detection
		for _, d := range all.Decode(tensor, wholePicture, nil) {
			if d.Class == models.Person {
				got = append(got, d)
			} else {
				suitcases++
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %+v, and when nothing else is wanted %+v", got, want)
		}
	}
	if suitcases < 1000 {
		t.Errorf("only %d suitcases; the test would prove little", suitcases)
	}
}

func TestBoxes5(t *testing.T) {
	t.Parallel()
	tensor := []float32{
		32, 16, 16, 8, 0.5,
		8, 8, 4, 4, 0.05, // weak
		60, 30, 16, 8, 0.9, // reaches over the right and lower edge
		8, 8, -4, 4, 0.9, // inside out
		8, 8, // half a row
	}
	got := decoder(t, boxes(), usual()).Decode(tensor, wholePicture, nil)
	want := []models.Detection{
		{Box: models.Box{X: 52. / 64, Y: 26. / 32, W: 12. / 64, H: 6. / 32}, Score: 0.9, Class: "person"},
		{Box: models.Box{X: 24. / 64, Y: 12. / 32, W: 16. / 64, H: 8. / 32}, Score: 0.5, Class: "person"},
	}
	if !slices.EqualFunc(got, want, near) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDecodeAppends(t *testing.T) {
	t.Parallel()
	before := []models.Detection{{Class: "first"}}
	got := decoder(t, boxes(), usual()).Decode([]float32{32, 16, 16, 8, 0.5}, wholePicture, before)
	if len(got) != 2 || got[0].Class != "first" {
		t.Errorf("got %+v", got)
	}
}

func TestSuppression(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		tensor []float32
		maxIoU float64
		most   int
		want   []float64 // scores
	}{
		{"covered", []float32{20, 16, 10, 20, 0.8, 21, 16, 10, 20, 0.9}, 0.5, 100, []float64{0.9}},
		{"apart", []float32{20, 16, 10, 20, 0.8, 40, 16, 10, 20, 0.9}, 0.5, 100, []float64{0.9, 0.8}},
		{ // a third of each is common: IoU 1/3
			"touching, two people",
			[]float32{20, 16, 10, 20, 0.8, 25, 16, 10, 20, 0.9},
			0.5, 100,
			[]float64{0.9, 0.8},
		},
		{"touching, one person", []float32{20, 16, 10, 20, 0.8, 25, 16, 10, 20, 0.9}, 0.3, 100, []float64{0.9}},
		{ // the middle one is gone, so it does not suppress the last
			"chain",
			[]float32{20, 16, 10, 20, 0.9, 23, 16, 10, 20, 0.8, 26, 16, 10, 20, 0.7},
			0.5, 100,
			[]float64{0.9, 0.7},
		},
		{"the best few", []float32{5, 5, 4, 4, 0.2, 20, 5, 4, 4, 0.9, 40, 5, 4, 4, 0.4}, 0.5, 2, []float64{0.9, 0.4}},
	}
	for _, test := range tests {
		config := usual()
		config.MaxIoU, config.MaxDetections = test.maxIoU, test.most
		got := decoder(t, boxes(), config).Decode(test.tensor, wholePicture, nil)
		same := len(got) == len(test.want)
		for i := range got {
			same = same && math.Abs(got[i].Score-test.want[i]) < 1e-6
		}
		if !same {
			t.Errorf("%s: got %+v, want scores %v", test.name, got, test.want)
		}
	}
}

func TestOtherClassesDoNotSuppress(t *testing.T) {
	t.Parallel()
	tensor := yoloxTensor(map[int][yoloxColumns]float32{
		9:  {0.5, 0.5, 0, 0, 1, 0.8, 0},
		10: {-0.5, 0.5, 0, 0, 1, 0, 0.7}, // the same place
	})
	if got := decoder(t, twoClasses(), usual()).Decode(tensor, wholePicture, nil); len(got) != 2 {
		t.Errorf("got %+v, want a person and a suitcase", got)
	}
}

func TestTiesGoToTheFirstRow(t *testing.T) {
	t.Parallel()
	tensor := []float32{20, 16, 10, 20, 0.8, 21, 16, 10, 20, 0.8, 22, 16, 10, 20, 0.8}
	got := decoder(t, boxes(), usual()).Decode(tensor, wholePicture, nil)
	if len(got) != 1 || math.Abs(got[0].Box.X-15./64) > 1e-6 {
		t.Errorf("got %+v, want the box of the first row", got)
	}
}

func TestFitInto(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pictureWidth, pictureHeight int
		want                        yolo.Fit
	}{
		{1920, 1080, yolo.Fit{Width: 416, Height: 234}},
		{1080, 1920, yolo.Fit{Width: 234, Height: 416}},
		{480, 360, yolo.Fit{Width: 416, Height: 312}},
		{100, 100, yolo.Fit{Width: 416, Height: 416}}, // small pictures grow
		{100000, 1, yolo.Fit{Width: 416, Height: 1}},
		{0, -3, yolo.Fit{Width: 416, Height: 416}},
	}
	for _, test := range tests {
		if got := yolo.FitInto(test.pictureWidth, test.pictureHeight, 416, 416); got != test.want {
			t.Errorf("%dx%d: got %+v, want %+v", test.pictureWidth, test.pictureHeight, got, test.want)
		}
	}
}

// The padding is below and to the right of the picture; a fraction is of the picture, not of the input.
func TestDecodeUndoesTheFit(t *testing.T) {
	t.Parallel()
	tensor := []float32{
		16, 8, 16, 8, 0.9, // in the picture's middle
		32, 28, 8, 8, 0.8, // in the padding
	}
	got := decoder(t, boxes(), usual()).Decode(tensor, yolo.Fit{Width: 32, Height: 16}, nil)
	want := models.Detection{Box: models.Box{X: 0.25, Y: 0.25, W: 0.5, H: 0.5}, Score: 0.9, Class: "person"}
	if len(got) != 1 || !near(got[0], want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCheckShape(t *testing.T) {
	t.Parallel()
	tests := []struct {
		contract models.Contract
		shape    []int64
		want     string
	}{
		{twoClasses(), []int64{1, 42, 7}, ""},
		{twoClasses(), []int64{1, 42, 85}, "expected an output of 1x42x7, found 1x42x85"},
		{twoClasses(), []int64{1, 41, 7}, "expected an output of 1x42x7, found 1x41x7"},
		{twoClasses(), []int64{42, 7}, "expected an output of 1x42x7, found 42x7"},
		{twoClasses(), nil, "expected an output of 1x42x7, found a single number"},
		{twoClasses(), []int64{1, 42, 7, 1}, "expected an output of 1x42x7, found 1x42x7x1"},
		{boxes(), []int64{1, 11, 5}, ""},
		{boxes(), []int64{2, 11, 5}, "expected an output of 1x?x5, found 2x11x5"},
		{boxes(), []int64{1, -1, 6}, "expected an output of 1x?x5, found 1x?x6"},
	}
	for _, test := range tests {
		err := decoder(t, test.contract, usual()).CheckShape(test.shape)
		if got := message(err); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

// Exports differ in what they leave to us, with outputs of one shape: the numbers tell.
func TestCheckNumbers(t *testing.T) {
	t.Parallel()
	raw, decoded := make([]float32, yoloxRows*yoloxColumns), make([]float32, yoloxRows*yoloxColumns)
	for row := range yoloxRows {
		copy(raw[row*yoloxColumns:], []float32{0.4, 0.6, -1, 1, 0.01, 0.2, 0.1})
		copy(decoded[row*yoloxColumns:], []float32{float32(row%8)*8 + 4, 12, 30, 60, 0.01, 0.2, 0.1})
	}
	scoreless := []float32{8, 8, 4, 4, -6.5, 8, 8, 4, 4, 0.5}
	tests := []struct {
		contract models.Contract
		tensor   []float32
		want     string
	}{
		{twoClasses(), raw, ""},
		{twoClasses(), decoded, "the boxes are decoded inside the network already; export it without decode_in_inference"},
		{
			twoClasses(), slices.Repeat([]float32{float32(math.NaN())}, yoloxRows*yoloxColumns),
			"the network puts out numbers that are none (NaN)",
		},
		{boxes(), []float32{8, 8, 4, 4, 0.5}, ""},
		{boxes(), scoreless, "row 0 has a score of -6.5, scores are 0 to 1; export the network with its sigmoid"},
		{boxes(), []float32{8, 8, float32(math.NaN()), 4, 0}, "the network puts out numbers that are none (NaN)"},
	}
	for _, test := range tests {
		if err := decoder(t, test.contract, usual()).CheckNumbers(test.tensor); message(err) != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		want   string
		change func(*models.Contract, *yolo.Config)
	}{
		{"min_score: 0 is not above 0 and at most 1", func(_ *models.Contract, c *yolo.Config) { c.MinScore = 0 }},
		{"min_score: NaN is not above 0 and at most 1", func(_ *models.Contract, c *yolo.Config) {
			c.MinScore = math.NaN()
		}},
		{"max_iou: 1.5 is not above 0 and at most 1", func(_ *models.Contract, c *yolo.Config) { c.MaxIoU = 1.5 }},
		{"max_detections: 0 is not between 1 and 1000", func(_ *models.Contract, c *yolo.Config) {
			c.MaxDetections = 0
		}},
		{`class: the model does not know "dog"`, func(_ *models.Contract, c *yolo.Config) {
			c.Classes = []models.Class{"dog"}
		}},
		{`kind: "ssd" is unknown`, func(m *models.Contract, _ *yolo.Config) { m.Kind = "ssd" }},
		{"contract: the input's size is missing", func(m *models.Contract, _ *yolo.Config) { m.Width = 0 }},
	}
	for _, test := range tests {
		contract, config := twoClasses(), usual()
		test.change(&contract, &config)
		if _, err := yolo.NewDecoder(contract, config); message(err) != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}

// crowd is an output of YOLOX at 416x416 with 80 classes in which a few hundred cells see somebody.
func crowd() (models.Contract, []float32) {
	contract := models.Contract{Kind: models.YOLOX, Width: 416, Height: 416, Classes: models.COCOClasses()}
	random := rand.New(rand.NewPCG(1, 2))
	tensor := make([]float32, 3549*85)
	for row := range 3549 {
		cells := tensor[row*85 : (row+1)*85]
		for i := range cells {
			cells[i] = random.Float32() * 0.05
		}
		if row%10 == 0 {
			cells[2], cells[3], cells[4], cells[5] = 1, 2, 0.9, random.Float32()
		}
	}
	return contract, tensor
}

func TestDecodeAllocatesNothing(t *testing.T) {
	contract, tensor := crowd()
	d := decoder(t, contract, usual())
	fit := yolo.FitInto(1280, 720, 416, 416)
	into := d.Decode(tensor, fit, nil) // grows the scratch
	if len(into) < 20 {
		t.Fatalf("only %d detections; the test would prove nothing", len(into))
	}
	if n := testing.AllocsPerRun(20, func() { into = d.Decode(tensor, fit, into[:0]) }); n != 0 {
		t.Errorf("%v allocations a frame, want none", n)
	}
}

func BenchmarkDecode(b *testing.B) {
	contract, tensor := crowd()
	config := usual()
	config.Classes = []models.Class{models.Person}
	d := decoder(b, contract, config)
	fit := yolo.FitInto(1280, 720, 416, 416)
	var into []models.Detection
	b.ReportAllocs()
	for b.Loop() {
		into = d.Decode(tensor, fit, into[:0])
	}
}
