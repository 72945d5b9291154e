package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"footfall/api"
)

// demoVideo is the footage of make demo; make test fetches it.
func demoVideo(t *testing.T) string {
	t.Helper()
	video := os.Getenv("FOOTFALL_DEMO_VIDEO")
	if video == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("FOOTFALL_DEMO_VIDEO is not set in CI")
		}
		t.Skip("without FOOTFALL_DEMO_VIDEO; make test sets it")
	}
	return video
}

// The whole service on a simulated camera, with the detector that is built in, counts people.
func TestDemo(t *testing.T) {
	t.Parallel()
	result := footfall(t, "demo", "--video", demoVideo(t), "--for", "25s", "--json")
	if result.code != 0 {
		t.Fatalf("exit code %d: %s", result.code, result.stderr)
	}
	var answer api.Counts
	if err := json.Unmarshal([]byte(result.stdout), &answer); err != nil {
		t.Fatalf("%v in %s", err, result.stdout)
	}
	if len(answer.Items) != 2 {
		t.Fatalf("counts of %d lines, want 2: %s", len(answer.Items), result.stdout)
	}
	var crossed int64
	for _, line := range answer.Items {
		if line.In == nil || line.ObservedSeconds < 5 {
			t.Fatalf("line %s was hardly observed: %s", line.Line, result.stdout)
		}
		crossed += *line.RawIn + *line.RawOut
	}
	if crossed == 0 {
		t.Errorf("nobody was counted: %s", result.stdout)
	}
	if result.stderr != "" {
		t.Errorf("said on stderr: %s", result.stderr)
	}
}

func TestDemoCleansUp(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	footfall(t, "demo", "--video", demoVideo(t), "--for", "1s", "--json")
	left, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDemoWithoutVideo(t *testing.T) {
	t.Parallel()
	result := footfall(t, "demo", "--video", "nowhere.avi", "--for", "1s")
	if result.code == 0 || !strings.Contains(result.stderr, "nowhere.avi") || strings.Count(result.stderr, "\n") != 1 {
		t.Errorf("exit code %d, said %q", result.code, result.stderr)
	}
}
