package vision_test

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"footfall/models"
	"footfall/vision"
)

// eachEngine runs a test with the engines of this machine, on a model of its own: no footage is needed.
func eachEngine(t *testing.T, test func(t *testing.T, engine vision.EngineName)) {
	t.Helper()
	for _, engine := range []vision.EngineName{vision.ONNXRuntime, vision.OpenCV} {
		t.Run(string(engine), func(t *testing.T) {
			d, err := vision.Open(vision.Options{Model: boxesNetwork().bytes(), Name: "probe", Engine: engine})
			switch {
			case err == nil:
				_ = d.Close()
			case engine == vision.OpenCV || os.Getenv("CI") == "true":
				t.Fatal(err)
			default:
				t.Skip(err)
			}
			test(t, engine)
		})
	}
}

func TestOpenFindsTheContract(t *testing.T) {
	yolox := func() network { // one class, 64x32: 32 + 8 + 2 rows
		n := network{input: "in", output: "out", height: 32, width: 64}
		for range 42 {
			n.rows = append(n.rows, row{is(0.5), is(0.5), is(0), is(0), is(0.1), is(0.1)})
		}
		n.rows[9] = row{is(0.5), is(0.5), is(1), is(1), is(1), is(0.9)}
		return n
	}
	const told = `{"kind":"boxes5","classes":["person"],"input":"images","output":"boxes","width":96,"height":64,` +
		`"colour":"bgr","scale":1,"pad":114}`
	tests := []struct {
		name    string
		network network
		sidecar map[string]string // by extension
		caller  *models.Contract
		kind    models.DetectorKind
		by      string // how it ends
		people  int
	}{
		{name: "shapes of boxes5", network: boxesNetwork(), kind: models.Boxes5, by: "shapes of the model", people: 1},
		{name: "shapes of yolox", network: yolox(), kind: models.YOLOX, by: "shapes of the model", people: 1},
		{
			name: "metadata", network: with(boxesNetwork(), func(n *network) {
				n.metadata = map[string]string{models.ContractKey: told, "other": "thing"}
			}),
			kind: models.Boxes5, by: "metadata of the model", people: 1,
		},
		{
			name: "sidecar before metadata", network: with(boxesNetwork(), func(n *network) {
				n.metadata = map[string]string{models.ContractKey: "nonsense"}
			}),
			sidecar: map[string]string{".json": told}, kind: models.Boxes5, by: "test.onnx.json", people: 1,
		},
		{
			name: "sidecar in yaml", network: yolox(),
			sidecar: map[string]string{".yaml": "kind: yolox\nclasses: [suitcase]\npad: 0\n"},
			kind:    models.YOLOX, by: "test.onnx.yaml", people: 0,
		},
		{
			name: "caller before all", network: boxesNetwork(),
			sidecar: map[string]string{".json": "nonsense"},
			caller:  &models.Contract{Kind: models.Boxes5, Classes: []models.Class{models.Person}},
			kind:    models.Boxes5, by: "catalogue", people: 1,
		},
		{
			name: "joined messages", network: with(boxesNetwork(), func(n *network) { n.split = true }),
			kind: models.Boxes5, by: "shapes of the model", people: 1,
		},
		{
			name: "weights listed as inputs", network: with(boxesNetwork(), func(n *network) { n.listedAsInputs = true }),
			kind: models.Boxes5, by: "shapes of the model", people: 1,
		},
	}
	eachEngine(t, func(t *testing.T, engine vision.EngineName) {
		for _, test := range tests {
			file := test.network.file(t)
			for extension, text := range test.sidecar {
				write(t, file+extension, []byte(text))
			}
			o := vision.Options{File: file, Engine: engine, Contract: test.caller}
			if strings.Contains(test.name, "yaml") {
				o.Classes = []models.Class{"suitcase"}
				test.people = 1
			}
			d, err := vision.Open(o)
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			info := d.Info()
			if info.Kind != test.kind || !strings.HasSuffix(info.ContractBy, test.by) {
				t.Errorf("%s: %s by %s", test.name, info.Kind, info.ContractBy)
			}
			found := detect(t, d, plain(t, info.Width, info.Height, 0, 0, 0), nil)
			if len(found) != test.people {
				t.Errorf("%s: found %+v", test.name, found)
			}
			_ = d.Close()
		}
	})
}

func with(n network, change func(*network)) network {
	change(&n)
	return n
}

// What reaches the network is looked at through a network that puts out the means of its planes: a centre at
// (first plane, second plane), a width of the third.
func TestContractIsKept(t *testing.T) {
	means := func(change func(*network)) network { return with(meansNetwork(), change) }
	contract := func(change func(*models.Contract)) *models.Contract {
		c := models.Contract{Kind: models.Boxes5, Classes: []models.Class{models.Person}}
		change(&c)
		return &c
	}
	pad := 20.0
	const blue, green, red = 40, 32, 24 // such that no box reaches over an edge
	tests := []struct {
		name          string
		network       network
		contract      *models.Contract
		options       vision.Options
		width, height int     // of the picture
		x, y, w       float64 // centre and width in pixels of the input
		inputWidth    float64 // the part of the input the picture fills
		inputHeight   float64
	}{
		{
			"bgr is the rule", means(func(*network) {}), contract(func(*models.Contract) {}),
			vision.Options{},
			96, 64, blue, green, red, 96, 64,
		},
		{
			"rgb", means(func(*network) {}), contract(func(c *models.Contract) { c.Colour = models.RGB }),
			vision.Options{},
			96, 64, red, green, blue, 96, 64,
		},
		{
			"scaled pixels", means(func(*network) {}), contract(func(c *models.Contract) { c.Scale = 0.5 }),
			vision.Options{},
			192, 128, blue / 2, green / 2, red / 2, 96, 64,
		},
		{
			"padded at the bottom", means(func(*network) {}), contract(func(c *models.Contract) { c.Pad = &pad }),
			vision.Options{},
			192, 64, (blue + 20) / 2, (green + 20) / 2, (red + 20) / 2, 96, 32,
		},
		{
			"padded at the right", means(func(*network) {}), contract(func(c *models.Contract) { c.Pad = &pad }),
			vision.Options{},
			48, 64, (blue + 20) / 2, (green + 20) / 2, (red + 20) / 2, 48, 64,
		},
		{
			"an open size, chosen", means(func(n *network) { n.width, n.height = 0, 0 }),
			contract(func(*models.Contract) {}),
			vision.Options{Width: 256, Height: 160},
			256, 160, blue, green, red, 256, 160,
		},
		{
			"an open size, proposed", means(func(n *network) { n.width, n.height = 0, 0 }),
			contract(func(c *models.Contract) { c.Width, c.Height = 128, 96 }),
			vision.Options{},
			128, 96, blue, green, red, 128, 96,
		},
		{
			"an open size", means(func(n *network) { n.width, n.height = 0, 0 }), contract(func(*models.Contract) {}),
			vision.Options{},
			416, 416, blue, green, red, 416, 416,
		},
	}
	eachEngine(t, func(t *testing.T, engine vision.EngineName) {
		for _, test := range tests {
			o := test.options
			o.Model, o.Name, o.Engine, o.Contract = test.network.bytes(), test.name, engine, test.contract
			d, err := vision.Open(o)
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			found := detect(t, d, plain(t, test.width, test.height, blue, green, red), nil)
			_ = d.Close()
			if len(found) != 1 {
				t.Errorf("%s: found %+v", test.name, found)
				continue
			}
			box := found[0].Box
			x, w := box.Centre().X*test.inputWidth, box.W*test.inputWidth
			y := box.Centre().Y * test.inputHeight
			off := math.Max(math.Abs(x-test.x), math.Max(math.Abs(y-test.y), math.Abs(w-test.w)))
			if off > 0.01 {
				t.Errorf("%s: centre %.2f, %.2f, width %.2f; want %v, %v, %v", test.name, x, y, w, test.x, test.y, test.w)
			}
		}
	})
}

// ONNX Runtime stays loaded once it is, so what happens without it is tried in processes of their own.
func TestWithoutONNXRuntime(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "libonnxruntime.so")
	noLibrary := write(t, filepath.Join(t.TempDir(), "libonnxruntime.so"), []byte("this is no library"))
	for path, want := range map[string]string{
		missing:   "load ONNX Runtime: " + missing + ": cannot open shared object file: No such file or directory",
		noLibrary: "load ONNX Runtime: " + noLibrary + ": file too short",
	} {
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAlone$", "-test.v")
		again.Env = append(os.Environ(), "FOOTFALL_ONNXRUNTIME="+path, "FOOTFALL_TEST_ALONE="+want)
		if out, err := again.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestAlone") {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

func TestAlone(t *testing.T) {
	why := os.Getenv("FOOTFALL_TEST_ALONE")
	if why == "" {
		return // the other half of TestWithoutONNXRuntime, which calls it
	}
	o := vision.Options{Model: boxesNetwork().bytes(), Name: "probe"}
	if info := open(t, o).Info(); info.Engine != vision.OpenCV || info.EngineWhy != why {
		t.Errorf("engine %s because %q, want %q", info.Engine, info.EngineWhy, why)
	}
	o.Engine = vision.ONNXRuntime
	want := "open model probe: onnxruntime: " + why +
		"; install it, name its file in FOOTFALL_ONNXRUNTIME, or use the engine opencv"
	if _, err := vision.Open(o); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// The names of the files do not matter: a model called yolox may be anything.
func TestNameIsNeverAsked(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "yolox_nano.onnx"), boxesNetwork().bytes())
	if kind := open(t, vision.Options{File: file}).Info().Kind; kind != models.Boxes5 {
		t.Errorf("%s was taken for %s", file, kind)
	}
}
