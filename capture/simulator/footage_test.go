package simulator

import (
	"os"
	"path/filepath"
	"testing"
)

// footage is the folder of real footage, which is not part of the repository.
func footage(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("FOOTFALL_TESTDATA")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(folder); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the footage is missing: %v", err)
		}
		t.Skipf("the footage is missing: %v", err)
	}
	return folder
}

func TestRealFootageArrivesWhole(t *testing.T) {
	t.Parallel()
	clip, err := clips.File(within(t), filepath.Join(footage(t), "sequences", "PETS09-S2L1.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	if clip.Frames() != 795 || clip.FPS() != 10 || clip.Width() != 480 || clip.Height() != 360 {
		t.Errorf("%d frames of %dx%d at %v, want 795 of 480x360 at 10", clip.Frames(), clip.Width(), clip.Height(), clip.FPS())
	}
	camera := startCamera(t, CameraOptions{Clip: clip, Once: true, OnDemand: true, Speed: 20})
	sums, err := ffmpegFrames(t, camera.URL(), "tcp")
	if err != nil || len(sums) != clip.Frames() {
		t.Errorf("ffmpeg saw %d frames of %d, %v", len(sums), clip.Frames(), err)
	}
}
