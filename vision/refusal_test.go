package vision_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footfall/models"
	"footfall/vision"
)

// refusal is a way to open something that is not a detector, and what is said.
type refusal struct {
	name    string
	network network           // written to test.onnx, unless there is content
	content []byte            // of test.onnx
	sidecar map[string]string // by extension
	options vision.Options
	want    string // after "open model FOLDER/test.onnx: "
}

const shapesExpected = "expected one input of 1x3xHxW and one output of 1xNx(5+classes) (yolox) or 1xNx5 (boxes5), found "

func TestRefusals(t *testing.T) {
	tests := []refusal{
		{
			name: "an empty file", content: []byte{},
			want: "this is not an ONNX file",
		},
		{
			name: "a text file", content: []byte("Dear Sir or Madam,\nno network is to be found here.\n"),
			want: "this is not an ONNX file",
		},
		{
			name: "a picture", content: []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
			want: "this is not an ONNX file",
		},
		{
			name: "truncated", content: boxesNetwork().bytes()[:200],
			want: "the ONNX file ends too early: it is truncated or damaged; fetch it again",
		},
		{
			name: "truncated after the graph", network: with(boxesNetwork(), func(n *network) { n.withoutOpset = true }),
			want: "the ONNX file ends too early: it is truncated or damaged; fetch it again",
		},
		{
			name: "weights elsewhere", network: with(boxesNetwork(), func(n *network) { n.elsewhere = true }),
			want: "the weights are kept in another file; export the model as one file",
		},
		{
			name: "bytes for pixels", network: with(boxesNetwork(), func(n *network) { n.element = 2 }),
			want: shapesExpected + "input images 1x3x64x96 of element type 2 and output boxes 1x2x5",
		},
		{
			name: "two outputs", network: with(boxesNetwork(), func(n *network) { n.secondOutput = true }),
			want: shapesExpected + "input images 1x3x64x96 and output boxes 1x2x5, pooled 1x3x1x1",
		},
		{
			name: "a classifier", network: with(boxesNetwork(), func(n *network) { n.declared = []int64{1, 10} }),
			want: shapesExpected + "input images 1x3x64x96 and output boxes 1x10",
		},
		{
			name: "yolox of other grids", network: with(boxesNetwork(), func(n *network) { n.declared = []int64{1, 2, 85} }),
			want: "expected an output of 1x126x85 for yolox with 80 classes and an input of 96x64, found 1x2x85",
		},
		{
			name: "unknown classes", network: with(boxesNetwork(), func(n *network) { n.declared = []int64{1, 126, 17} }),
			want: "the model may be yolox with 12 classes, but does not say which; name them in a file beside it, " +
				"MODEL.yaml: {kind: yolox, classes: [...]}",
		},
		{
			name: "an odd size", network: with(boxesNetwork(), func(n *network) { n.width = 100 }),
			want: "width: 100 is not a multiple of 32 up to 4096",
		},
		{
			name: "another size than it has", network: boxesNetwork(), options: vision.Options{Width: 640},
			want: "the model's input has a fixed width of 96, it cannot be 640",
		},
		{
			name: "another size than promised", network: boxesNetwork(),
			options: vision.Options{Contract: &models.Contract{
				Kind: models.Boxes5, Classes: []models.Class{"person"}, Height: 128,
			}},
			want: "expected an input of height 128, found 64",
		},
		{
			name: "another name than promised", network: boxesNetwork(),
			sidecar: map[string]string{".json": `{"kind":"boxes5","classes":["person"],"output":"people"}`},
			want:    `expected an output called "people", found "boxes"`,
		},
		{
			name: "more classes than promised", network: boxesNetwork(),
			sidecar: map[string]string{".yaml": "{kind: yolox, classes: [person, dog]}"},
			want:    "expected an output of 1x126x7 for yolox with 2 classes and an input of 96x64, found 1x2x5",
		},
		{
			name: "nobody to find", network: boxesNetwork(), options: vision.Options{Classes: []models.Class{"dog"}},
			want: `class: the model does not know "dog"`,
		},
		{
			name: "two sidecars", network: boxesNetwork(),
			sidecar: map[string]string{".json": "{}", ".yaml": "{}"},
			want:    "there is both FOLDER/test.onnx.json and FOLDER/test.onnx.yaml; keep one",
		},
		{
			name: "an unknown key in JSON", network: boxesNetwork(),
			sidecar: map[string]string{".json": `{"kind":"boxes5","classes":["person"],"colours":"rgb"}`},
			want:    `read FOLDER/test.onnx.json: unknown field "colours"`,
		},
		{
			name: "an unknown key in YAML", network: boxesNetwork(),
			sidecar: map[string]string{".yaml": "kind: boxes5\nclasses: [person]\ncolours: rgb\n"},
			want:    `read FOLDER/test.onnx.yaml: [3:1] unknown field "colours"`,
		},
		{
			name: "two contracts in one file", network: boxesNetwork(),
			sidecar: map[string]string{".json": `{"kind":"boxes5","classes":["person"]} {}`},
			want:    "read FOLDER/test.onnx.json: there is something after the closing brace",
		},
		{
			name: "an unknown kind", network: boxesNetwork(),
			sidecar: map[string]string{".yaml": "{kind: ssd, classes: [person]}"},
			want:    `read FOLDER/test.onnx.yaml: kind: "ssd" is unknown; use yolox or boxes5`,
		},
		{
			name: "broken metadata", network: with(boxesNetwork(), func(n *network) {
				n.metadata = map[string]string{models.ContractKey: `{"kind":`}
			}),
			want: "metadata footfall.contract: unexpected EOF",
		},
		{
			name: "an unknown engine", network: boxesNetwork(), options: vision.Options{Engine: "tensorrt"},
			want: `engine: "tensorrt" is unknown; use auto, onnxruntime or opencv`,
		},
		{
			name: "no such threshold", network: boxesNetwork(), options: vision.Options{MinScore: 1.5},
			want: "min_score: 1.5 is not above 0 and at most 1",
		},
		{
			name: "too many threads", network: boxesNetwork(), options: vision.Options{Threads: 1000},
			want: "threads: 1000 is not between 1 and 256",
		},
	}
	for _, test := range tests {
		test.check(t)
	}
}

func (r refusal) check(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	if r.content == nil {
		r.content = r.network.bytes()
	}
	r.options.File = write(t, filepath.Join(folder, "test.onnx"), r.content)
	for extension, text := range r.sidecar {
		write(t, r.options.File+extension, []byte(text))
	}
	d, err := vision.Open(r.options)
	if err == nil {
		_ = d.Close()
		t.Errorf("%s: accepted as %+v", r.name, d.Info())
		return
	}
	got := strings.ReplaceAll(err.Error(), folder, "FOLDER")
	if want := "open model FOLDER/test.onnx: " + r.want; got != want {
		t.Errorf("%s:\ngot  %s\nwant %s", r.name, got, want)
	}
}

func TestRefusesWhatIsNotThere(t *testing.T) {
	folder := t.TempDir()
	for file, want := range map[string]string{
		filepath.Join(folder, "none.onnx"): "open model " + folder + "/none.onnx: no such file or directory",
		folder:                             "open model " + folder + ": is a directory",
	} {
		if _, err := vision.Open(vision.Options{File: file}); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// Real detectors of other kinds.
func TestRefusesOtherDetectors(t *testing.T) {
	for file, want := range map[string]string{
		"nanodet_m_320.onnx":       shapesExpected + "input image 1x3x320x320 and output cls_score0 1600x80 and 5 more",
		"fastestdet_coco_352.onnx": shapesExpected + "input input.1 1x3x352x352 and output 758 1x85x22x22",
	} {
		path := shared(t, "models", file)
		_, err := vision.Open(vision.Options{File: path})
		if want = "open model " + path + ": " + want; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// However much of a real model is missing, it is refused, and never reaches an engine.
func TestRefusesEveryTruncation(t *testing.T) {
	model, err := os.ReadFile(nano(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, length := range []int{1, 2, 3, 10, 1000, len(model) / 2, len(model) - 1000, len(model) - 10, len(model) - 1} {
		_, err := vision.Open(vision.Options{Model: model[:length], Name: "part"})
		if err == nil || bytes.Count([]byte(err.Error()), []byte("\n")) > 0 {
			t.Errorf("%d of %d bytes: %v", length, len(model), err)
		}
	}
}

// What only an engine can see: operators it does not have, and outputs that are not as the file declares them. None of
// it ends the process, and all of it is one line.
func TestEnginesRefuse(t *testing.T) {
	tests := []struct {
		name    string
		network network
		want    map[vision.EngineName]string // a part of what is said
	}{
		{
			"an unknown operator", with(boxesNetwork(), func(n *network) { n.operator = "Levitate" }),
			map[vision.EngineName]string{
				vision.ONNXRuntime: "No Op registered for Levitate",
				vision.OpenCV:      "Can't create layer \"onnx_node!Levitate.pooled\" of type \"Levitate\"",
			},
		},
		{
			"scores that are none", with(boxesNetwork(), func(n *network) { n.rows[0][4] = is(-5) }),
			map[vision.EngineName]string{
				vision.ONNXRuntime: "row 0 has a score of -5, scores are 0 to 1; export the network with its sigmoid",
				vision.OpenCV:      "row 0 has a score of -5, scores are 0 to 1; export the network with its sigmoid",
			},
		},
		{
			"another shape than declared", with(boxesNetwork(), func(n *network) { n.declared = []int64{1, -1, -1} }),
			map[vision.EngineName]string{
				vision.ONNXRuntime: "expected an output of 1x126x6, found 1x2x5",
				vision.OpenCV:      "expected an output of 1x126x6, found 1x2x5",
			},
		},
	}
	eachEngine(t, func(t *testing.T, engine vision.EngineName) {
		for _, test := range tests {
			o := vision.Options{Model: test.network.bytes(), Name: "probe", Engine: engine}
			if test.network.declared != nil {
				o.Contract = &models.Contract{Kind: models.YOLOX, Classes: []models.Class{models.Person}}
			}
			d, err := vision.Open(o)
			if err == nil {
				_ = d.Close()
				t.Errorf("%s: accepted", test.name)
				continue
			}
			if !strings.Contains(err.Error(), test.want[engine]) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v", test.name, err)
			}
		}
	})
}

// FuzzReadGraph feeds anything to the reader of ONNX files. It must not panic, nor believe a length it was told.
func FuzzReadGraph(f *testing.F) {
	whole := boxesNetwork().bytes()
	f.Add([]byte(nil))
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(with(boxesNetwork(), func(n *network) { n.split, n.width = true, 0 }).bytes())
	f.Add(with(boxesNetwork(), func(n *network) {
		n.metadata = map[string]string{models.ContractKey: `{"kind":"boxes5","classes":["person"]}`}
	}).bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		said, err := vision.ReadGraph(file)
		if (err == nil) == (said == "") {
			t.Errorf("said %q and %v", said, err)
		}
		if len(said) > 2*len(file)+1000 {
			t.Errorf("%d bytes made it say %d", len(file), len(said))
		}
	})
}
