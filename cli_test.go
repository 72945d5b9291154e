package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"footfall/capture/simulator"
)

// folderOf is a folder with these files, by name, in which a command is run. A name that ends in / is a folder.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		inside, _ := filepath.Split(name)
		if err := os.MkdirAll(filepath.Join(folder, inside), 0o700); err != nil {
			t.Fatal(err)
		}
		if inside == name {
			continue
		}
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// footfallIn runs one command to its end in a folder.
func footfallIn(t *testing.T, folder string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command := program(t.Context(), args...)
	command.Dir, command.Stdout, command.Stderr = folder, &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// refusal is what must be said to a command line, and the exit code.
type refusal struct {
	args string // separated by spaces
	code int
	says string
}

// check runs the command in the folder and compares all that it prints: one line. DIR stands for the folder.
func (r refusal) check(t *testing.T, folder string) {
	t.Helper()
	got := footfallIn(t, folder, strings.Fields(r.args)...)
	said := strings.ReplaceAll(got.stderr, folder, "DIR")
	if got.code != r.code || said != "footfall: "+r.says+"\n" || got.stdout != "" {
		t.Errorf("footfall %s\nends with %d and says %swant     %d and      footfall: %s\nand prints %q",
			r.args, got.code, said, r.code, r.says, got.stdout)
	}
}

func checkAll(t *testing.T, folder string, table []refusal) {
	t.Helper()
	for _, r := range table {
		t.Run(r.args, func(t *testing.T) {
			t.Parallel()
			r.check(t, folder)
		})
	}
}

func TestRefusesSources(t *testing.T) {
	t.Parallel()
	folder := folderOf(t, map[string]string{
		"lines.yaml": "lines: {door: [[0.5, 1], [0.5, 0]]}", "text.mp4": "hello", "empty.mp4": "", "bare/": "",
		"notes/a.txt": "hello", "fake/1.png": "hello",
	})
	const whatItIs = "give a video file, a folder of pictures, or an rtsp:// or rtsps:// address"
	checkAll(t, folder, []refusal{
		{"count nothing.mp4 --lines lines.yaml", 1, "open nothing.mp4: file does not exist; " + whatItIs},
		{
			"count text.mp4 --lines lines.yaml", 2,
			"source: text.mp4 is not a video that can be read; " +
				"it may be cut off, damaged or of another kind (moov atom not found)",
		},
		{"count empty.mp4 --lines lines.yaml", 2, "source: empty.mp4 is empty"},
		{"count bare --lines lines.yaml", 2, "source: bare is a folder without pictures (.jpg, .jpeg, .png)"},
		{"count notes --lines lines.yaml", 2, "source: notes is a folder without pictures (.jpg, .jpeg, .png)"},
		{
			"count fake --lines lines.yaml", 1,
			"open fake: 1.png is not a picture that can be read; repair it or take it out of the folder",
		},
		{"count http://127.0.0.1/a.mp4 --lines lines.yaml", 2, `source: scheme "http" is not allowed; ` + whatItIs},
		{"count file:///etc/passwd --lines lines.yaml", 2, `source: scheme "file" is not allowed; ` + whatItIs},
		{
			"count rtsp:///stream --lines lines.yaml", 2,
			"url: has no host; a camera's address is rtsp://HOST/PATH or rtsps://HOST/PATH",
		},
		{
			"camera probe http://127.0.0.1/", 2,
			`url: scheme "http" is not allowed; a camera's address is rtsp://HOST/PATH or rtsps://HOST/PATH`,
		},
	})
}

func TestRefusesLines(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	for name, content := range map[string]string{
		"one":     "lines: {door: [[0.5, 1]]}",
		"outside": "lines: {door: [[0.5, 1.2], [0.1, 0.1]]}",
		"key":     "lines: {door: [[0.5, 1], [0.1, 0.1]]}\ncolour: red",
		"inner":   "lines:\n  - {id: door, points: [[0.5, 1], [0.1, 0.1]], colour: red}",
		"twice":   "lines:\n  - {id: door, points: [[0, 1], [1, 1]]}\n  - {id: door, points: [[0, 0], [1, 0]]}",
		"broken":  "lines: {door: [[0.5",
		"empty":   "",
		"id":      "lines: {main door: [[0.5, 1], [0.1, 0.1]]}",
	} {
		if err := os.WriteFile(filepath.Join(folder, name+".yaml"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	table := []refusal{
		{"one", 2, "1: line door: has 1 point(s), a line needs at least 2"},
		{
			"outside", 2,
			"1: line door, point 1: (0.5, 1.2) lies outside the picture; x and y are fractions from 0 to 1",
		},
		{"key", 2, "2: colour: unknown key; a lines file has the keys lines and zones and nothing else"},
		{"inner", 2, `2: line door: unknown key "colour"; want id, name and points`},
		{"twice", 2, "3: line door: is there twice; line 2 of the file has it already"},
		{"broken", 2, "1: cannot be read as YAML: sequence end token ']' not found"},
		{"empty", 2, "1: lines: is missing; write lines: {door: [[0.1, 0.6], [0.9, 0.6]]}"},
		{"id", 2, `1: line id: "main door" is not an id: ` +
			"use 1 to 64 letters, digits, '-' and '_', a letter or digit first"},
	}
	for i, r := range table {
		table[i] = refusal{
			"count frames --lines " + r.args + ".yaml", r.code,
			"read lines: DIR/" + r.args + ".yaml:" + r.says,
		}
	}
	checkAll(t, folder, append(table, []refusal{
		{"count frames --lines nothing.yaml", 1, "read lines: open DIR/nothing.yaml: no such file or directory"},
		{"count frames", 2, "missing flags: --lines=FILE; see footfall count --help"},
		{
			"eval frames --truth lines.yaml", 2,
			"read truth: DIR/lines.yaml:1: events: is missing; write [] when nobody crossed",
		},
		{"eval frames --truth nothing.json", 1, "read truth: open DIR/nothing.json: no such file or directory"},
	}...))
}

func TestRefusesFlags(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	if err := os.WriteFile(filepath.Join(folder, "broken.txt"), []byte("1,-1,10,10,20,40\n2,-1,x,10,20,40\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const count = "count frames --lines lines.yaml "
	const fps = " is not a number of frames a second from 0 (all) to 1000; see footfall count --help"
	checkAll(t, folder, []refusal{
		{"cuont", 2, `unknown command cuont, did you mean "count"; see footfall --help`},
		{"sing", 2, "unknown command sing; see footfall --help"},
		{"models sing", 2, "unknown command sing; see footfall models --help"},
		{"models", 2, `expected one of "list", "pull", "verify"; see footfall models --help`},
		{"models pull", 2, `expected "<name>"; see footfall models pull --help`},
		{count + "--colour", 2, "unknown flag --colour; see footfall count --help"},
		{count + "--line x", 2, "unknown flag --line, did you mean \"--lines\"; see footfall count --help"},
		{count + "frames", 2, "unexpected argument frames; see footfall count --help"},
		{count + "--fps -1", 2, `--fps: "-1"` + fps},
		{count + "--fps=-1", 2, `--fps: "-1"` + fps},
		{count + "--fps NaN", 2, `--fps: "NaN"` + fps},
		{count + "--fps x", 2, `--fps: "x"` + fps},
		{count + "--engine foo", 2, `--engine: "foo" is unknown; use auto, onnxruntime or opencv`},
		{count + "--threads -1", 2, `--threads: "-1" is not a whole number from 1 to 64`},
		{count + "--anchor head", 2, `--anchor: "head" is unknown; use bottom_centre or centre`},
		{count + "--u-turn -3s", 2, `--u-turn: "-3s" is not between 0s and 1h`},
		{
			count + "--detections d.txt --model yolox-nano", 2,
			"--detections: is in place of a model; give only one of them",
		},
		{count + "--detections nothing.txt", 1, "open detections: open DIR/nothing.txt: no such file or directory"},
		{count + "--detections broken.txt", 2, `read detections DIR/broken.txt: line 2: x: "x" is not a number`},
		{"serve --engine foo", 2, `--engine: "foo" is unknown; use auto, onnxruntime or opencv`},
		{"bench --engine foo", 2, `--engine: "foo" is unknown; use auto, onnxruntime or opencv`},
		{"demo --engine foo", 2, `--engine: "foo" is unknown; use auto, onnxruntime or opencv`},
		{"serve --config nothing.yaml", 1, "load configuration: open DIR/nothing.yaml: no such file or directory"},
	})
}

func TestRefusesConfiguration(t *testing.T) {
	t.Parallel()
	folder := folderOf(t, map[string]string{
		"key.yaml": "serverr: {listen: 127.0.0.1:1}", "camera.yaml": "cameras: [{id: a, url: http://h/}]",
	})
	checkAll(t, folder, []refusal{
		{"serve --config key.yaml", 2, "load configuration: DIR/key.yaml:1: serverr: unknown key; did you mean server?"},
		{"serve --config camera.yaml", 2, `load configuration: DIR/camera.yaml:1: camera a: url: ` +
			`scheme "http" is not allowed; a camera's address is rtsp://HOST/PATH or rtsps://HOST/PATH`},
	})
}

func TestRefusesModels(t *testing.T) {
	t.Parallel()
	model := testModel(t, "yolox_nano.onnx")
	whole, err := os.ReadFile(model)
	if err != nil {
		t.Fatal(err)
	}
	other, err := filepath.Abs(testModel(t, "nanodet_m_320.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	folder := drawnStreet(t)
	for name, content := range map[string][]byte{
		"cut.onnx": whole[:200_000], "text.onnx": []byte("hello"), "empty.onnx": nil,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const count = "count frames --lines lines.yaml --model "
	checkAll(t, folder, []refusal{
		{
			count + "cut.onnx", 1,
			"open model cut.onnx: the ONNX file ends too early: it is truncated or damaged; fetch it again",
		},
		{
			count + "cut.onnx --engine opencv", 1,
			"open model cut.onnx: the ONNX file ends too early: it is truncated or damaged; fetch it again",
		},
		{count + "text.onnx", 1, "open model text.onnx: this is not an ONNX file"},
		{count + "empty.onnx --engine opencv", 1, "open model empty.onnx: this is not an ONNX file"},
		{count + "./nothing.onnx", 1, "find model ./nothing.onnx: there is no such file"},
		{count + "yolo-xxl", 1, "find model yolo-xxl: there is no such file, no yolo-xxl.onnx in footfall-data/models, " +
			"and the models known by name are yolox-nano, yolox-tiny, yolox-s, footfall-fast, footfall-accurate"},
		{count + "yolox-tiny", 1, "find model yolox-tiny: it is not in footfall-data/models; " +
			"run footfall models pull yolox-tiny, with --from FILE where there is no internet"},
		{count + other, 1, "open model " + other + ": expected one input of 1x3xHxW and one output of " +
			"1xNx(5+classes) (yolox) or 1xNx5 (boxes5), found input image 1x3x320x320 and output " +
			"cls_score0 1600x80 and 5 more"},
	})
}

// What cannot be written is refused before the counting begins, and nothing half-written stays.
func TestRefusesOutputs(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	before := listing(t, folder)
	const count = "count frames --lines lines.yaml --detections street.txt "
	const writable = "; its folder must be there, and writable"
	t.Run("table", func(t *testing.T) {
		checkAll(t, folder, []refusal{
			{count + "--annotate no/a.mp4", 1, "write DIR/no/a.mp4: no such file or directory" + writable},
			{count + "--annotate lines.yaml/a.mp4", 1, "write DIR/lines.yaml/a.mp4: not a directory" + writable},
			{count + "--annotate .", 2, "DIR: is a folder; name a file to write"},
			{count + "--events no/a.jsonl", 1, "write DIR/no/a.jsonl: no such file or directory" + writable},
			{
				count + "--events lines.yaml", 2,
				"--events: DIR/lines.yaml would overwrite DIR/lines.yaml, which is read; give another",
			},
			{count + "--events a --annotate a", 2, "--events: is the same file as --annotate; give another"},
			{
				"count nothing.mp4 --lines lines.yaml --events a.jsonl --annotate a.mp4", 1,
				"open nothing.mp4: file does not exist; " +
					"give a video file, a folder of pictures, or an rtsp:// or rtsps:// address",
			},
		})
	})
	if after := listing(t, folder); !slices.Equal(before, after) {
		t.Errorf("before there were %q, after %q", before, after)
	}
}

func listing(t *testing.T, folder string) []string {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

func TestRefusesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	folder := drawnStreet(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	silent, err := simulator.NewCamera(simulator.CameraOptions{Clip: scene(t)})
	if err != nil {
		t.Fatal(err)
	}
	nobody := silent.Address()
	if err := silent.Close(); err != nil { // its port is closed again
		t.Fatal(err)
	}
	locked := play(t, simulator.CameraOptions{Clip: scene(t), User: "viewer", Password: "right"})
	wrong := strings.Replace(locked.URL(), ":right@", ":wrong@", 1)
	shown := strings.Replace(locked.Address(), "rtsp://", "rtsp://***@", 1)
	port := taken.Addr().String()
	const closed = ": connection refused: nothing listens at this address and port"
	for _, r := range []refusal{
		{"count " + nobody + " --lines lines.yaml", 1, "open " + nobody + closed},
		{"camera probe " + nobody, 1, "probe camera " + nobody + closed},
		{"count " + wrong + " --lines lines.yaml", 1, "open " + shown + ": the camera refuses this user and password"},
		{
			"count " + locked.Address() + " --lines lines.yaml", 1,
			"open " + locked.Address() + ": the camera asks for a user and password",
		},
		{"camera probe " + wrong, 1, "probe camera " + shown + ": the camera refuses this user and password"},
		{"serve --data " + t.TempDir() + " --listen " + port, 1, "listen on " + port +
			": address already in use; stop who has it, or choose another with server.listen (--listen)"},
	} {
		r.check(t, folder)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"", "--help", "count --help", "models --help", "models pull --help", "camera probe --help"} {
		got := footfall(t, strings.Fields(args)...)
		if got.code != 0 || got.stderr != "" || !strings.HasPrefix(got.stdout, "Usage: footfall ") {
			t.Errorf("footfall %s: %+v", args, got)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	got := footfall(t, "version")
	if got.code != 0 || got.stderr != "" || !strings.HasPrefix(got.stdout, "footfall dev\n") ||
		!strings.Contains(got.stdout, "\nOpenCV 4.") {
		t.Errorf("%+v", got)
	}
}
