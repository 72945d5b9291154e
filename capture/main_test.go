package capture

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"footfall/capture/frame"
	"footfall/capture/simulator"
)

// clips are encoded once for all tests.
var clips = simulator.NewLibrary(simulator.EncodeOptions{})

func TestMain(m *testing.M) {
	code := m.Run()
	if err := clips.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if open := frame.OpenMats(); code == 0 && open != 0 {
		fmt.Fprintln(os.Stderr, "Mats left open at the end of all tests:", open)
		code = 1
	}
	os.Exit(code)
}

// testdata is the path of a file of the real footage. A test without it is skipped, except in CI.
func testdata(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("FOOTFALL_TESTDATA")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "data")
	}
	path := filepath.Join(root, filepath.FromSlash(name))
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing; set FOOTFALL_TESTDATA to the folder of the footage", path)
		}
		t.Skipf("%s is not here; set FOOTFALL_TESTDATA to the folder of the footage", path)
	}
	return path
}

// drawn is a file that ffmpeg makes by these arguments.
func drawn(t testing.TB, name string, arguments ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	arguments = append(append([]string{"-v", "error", "-nostdin", "-y"}, arguments...), path)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %v: %v\n%s", arguments, err, out)
	}
	return path
}

// oneFrame is a frame of a pool of its own that lives as long as the test.
func oneFrame(t testing.TB) *frame.Frame {
	t.Helper()
	pool := frame.NewPool(1)
	f, _ := pool.Take()
	t.Cleanup(func() {
		f.Release()
		pool.Close()
	})
	return f
}

func opened(t testing.TB, spec Spec) Source {
	t.Helper()
	source, err := Open(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(source.Close)
	return source
}

// cancelled is a context that has ended.
func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
