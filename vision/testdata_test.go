package vision_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/vision"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shared is a file of the folder with footage and weights, which are not part of the repository. Where it is missing a
// test is skipped, but not in CI.
func shared(t testing.TB, path ...string) string {
	t.Helper()
	data := os.Getenv("FOOTFALL_TESTDATA")
	if data == "" {
		data = filepath.Join("..", "..", "shared", "data")
	}
	file := filepath.Join(append([]string{data, ".."}, path...)...)
	if _, err := os.Stat(file); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing; name the folder with FOOTFALL_TESTDATA", file)
		}
		t.Skipf("%s is missing; name the folder with FOOTFALL_TESTDATA", file)
	}
	return file
}

func nano(t testing.TB) string { return shared(t, "models", "yolox_nano.onnx") }

// engines are the engines of this machine: OpenCV always, ONNX Runtime where it is installed, and always in CI.
func engines(t testing.TB) []vision.EngineName {
	t.Helper()
	d, err := vision.Open(vision.Options{File: nano(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if d.Info().Engine == vision.ONNXRuntime {
		return []vision.EngineName{vision.ONNXRuntime, vision.OpenCV}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(d.Info().EngineWhy)
	}
	return []vision.EngineName{vision.OpenCV}
}

func open(t testing.TB, o vision.Options) vision.Detector {
	t.Helper()
	d, err := vision.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// footage reads frames from a sequence: count of them, step apart.
type footage struct {
	capture *gocv.VideoCapture
	frame   *frame.Frame
	step    int
}

func play(t testing.TB, sequence string, step int) *footage {
	t.Helper()
	capture, err := gocv.VideoCaptureFile(shared(t, "data", "sequences", sequence+".mp4"))
	if err != nil {
		t.Fatal(err)
	}
	pool := frame.NewPool(1)
	f, _ := pool.Take()
	t.Cleanup(func() {
		f.Release()
		pool.Close()
		_ = capture.Close()
	})
	return &footage{capture: capture, frame: f, step: step}
}

func (p *footage) next(t testing.TB) *frame.Frame {
	t.Helper()
	p.capture.Grab(p.step - 1)
	if !p.capture.Read(&p.frame.Mat) {
		t.Fatal("the sequence is over")
	}
	p.frame.Seq += uint64(p.step)
	return p.frame
}

// plain is a frame of one colour.
func plain(t testing.TB, width, height int, blue, green, red float64) *frame.Frame {
	t.Helper()
	pool := frame.NewPool(1)
	f, _ := pool.Take()
	t.Cleanup(func() {
		f.Release()
		pool.Close()
	})
	colour := frame.Adopt(gocv.NewMatWithSizeFromScalar(gocv.NewScalar(blue, green, red, 0), height, width,
		gocv.MatTypeCV8UC3))
	defer frame.Close(&colour)
	colour.CopyTo(&f.Mat)
	return f
}
