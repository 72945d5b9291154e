package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footfall/tracker/crossing/score"
)

// The table of detectors counts real clips with each, and is as good as what eval says of them.
func TestBenchCountsClips(t *testing.T) {
	t.Parallel()
	model, folder := testModel(t, "yolox_nano.onnx"), t.TempDir()
	clip, err := filepath.Abs(footage(t, "sequences/PETS09-S2L1.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(clip, filepath.Join(folder, "PETS09-S2L1.mp4")); err != nil {
		t.Fatal(err)
	}
	truth := footage(t, "truth/PETS09-S2L1.json")
	args := []string{"--model", model, "--engine", "opencv", "--fps", "1", "--json"}
	report := decode[struct {
		Tracker []struct {
			People int
			Total  float64
		}
		Counting []struct {
			Model, Engine, Input string
			FPS                  float64
			Clips                []struct {
				Clip  string
				Score score.Score
			}
			Score score.Score
			CPU   float64 `json:"cpu_ms_per_frame"`
		}
		Crowd []any
	}](t, footfall(t, append([]string{"bench", "--for", "10ms", "--clips", folder, "--truth", truth}, args...)...))
	alone := decode[struct{ Score score.Score }](t,
		footfall(t, append([]string{"eval", footage(t, "sequences/PETS09-S2L1.mp4"), "--truth", truth}, args...)...))
	if len(report.Counting) != 1 || len(report.Counting[0].Clips) != 1 || len(report.Tracker) != 3 || report.Crowd != nil {
		t.Fatalf("one detector, one clip, three crowds on the move: %+v", report)
	}
	row := report.Counting[0]
	if row.Input != "416x416" || row.Engine != "opencv" || row.FPS != 1 || row.Clips[0].Clip != "PETS09-S2L1" || !(row.CPU > 0) {
		t.Errorf("counts with %+v", row)
	}
	if row.Score != alone.Score || row.Clips[0].Score != alone.Score || row.Score.TP == 0 {
		t.Errorf("scores %+v, eval says %+v", row, alone.Score)
	}
}

func TestBenchRefusesClips(t *testing.T) {
	t.Parallel()
	folder := folderOf(t, map[string]string{"bare/": "", "a.yaml": ""})
	checkAll(t, folder, []refusal{
		{"bench --truth a.yaml", 2, "--truth: is about clips; give their folder with --clips"},
		{"bench --clips bare", 2, "--clips: DIR/bare holds no video (" + strings.Join(videoKinds(), " ") + ")"},
	})
}
