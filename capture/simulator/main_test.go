package simulator

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// clips are encoded once for all tests.
var clips = NewLibrary(EncodeOptions{})

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
	os.Exit(code)
}

// patience is how long a test waits for what must come, before it fails.
const patience = 30 * time.Second

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// street is the clip of the street scene.
func street(t *testing.T) *Clip {
	t.Helper()
	clip, err := clips.Scene(within(t), StreetScene())
	if err != nil {
		t.Fatal(err)
	}
	return clip
}

// startCamera runs a camera until the test ends, when Run must return without an error.
func startCamera(t *testing.T, options CameraOptions) *Camera {
	t.Helper()
	camera, err := NewCamera(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- camera.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	return camera
}

// command runs a program of the ffmpeg family and returns what it wrote to its output.
func command(t *testing.T, name string, args ...string) ([]byte, error) {
	t.Helper()
	cmd := exec.CommandContext(within(t), name, args...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("%s: %w: %s", name, err, complaints.Bytes())
	}
	return out, nil
}
