package main

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"footfall/api"
	"footfall/models"
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
	var more demoAnswer
	if err := json.Unmarshal([]byte(result.stdout), &more); err != nil || !strings.HasPrefix(more.URL, "http://127.0.0.1:") ||
		more.Login.Name != "admin" || len(more.Login.Password) < 12 {
		t.Errorf("how to get in is missing: %v in %s", err, result.stdout)
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

// The demo's site has an area with two doors, and answers every question that a manager asks.
func TestDemoAnswersManagers(t *testing.T) {
	t.Parallel()
	log := &tail{found: make(chan struct{}), pattern: regexp.MustCompile(`API +(http://\S+)/api/docs`)}
	ctx, cancel := context.WithCancel(t.Context())
	demo := program(ctx, "demo", "--video", demoVideo(t))
	demo.Stdout, demo.Stderr, demo.Cancel = log, log, func() error { return demo.Process.Signal(os.Interrupt) }
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cancel(); _ = demo.Wait() }()
	select {
	case <-log.found:
	case <-time.After(2 * time.Minute):
		t.Fatalf("the demo does not say where its API is: %s", log)
	}
	s := &service{t: t, url: log.address(), log: log}
	var login []string
	s.eventually("the demo says how to get in", func() bool {
		login = regexp.MustCompile(`login +(\S+) (\S+)`).FindStringSubmatch(log.String())
		return login != nil
	})
	s.signIn(login[1], login[2])
	s.eventually("somebody has crossed a door", func() bool {
		var inside api.Occupancy
		s.get("/api/v1/areas/square/occupancy", &inside)
		var totals api.Totals
		s.get("/api/v1/areas/square/counts", &totals)
		return inside.People != nil && totals.Items[0].RawIn != nil && *totals.Items[0].RawIn+*totals.Items[0].RawOut > 0
	})
	var area models.Area
	s.get("/api/v1/areas/square", &area)
	if len(area.Doors) != 2 {
		t.Errorf("the area has %d doors, want 2", len(area.Doors))
	}
	for _, question := range []string{"footfall", "peak", "balance", "dwell", "capture", "days"} {
		var days api.ReportDays
		s.get("/api/v1/reports/"+question+"?site=demo&area=square", &days)
		if last := days.Items[len(days.Items)-1]; len(days.Items) != 56 || last.In == nil || last.Balance == nil {
			t.Errorf("%s: %d days, the last is %+v", question, len(days.Items), last)
		}
	}
	var profile api.Profile
	s.get("/api/v1/reports/profile", &profile)
	var compared api.Comparison
	s.get("/api/v1/reports/compare?site=demo&area=square", &compared)
	if len(profile.Items) == 0 || len(compared.Items) != 2 || compared.Items[0].In == nil {
		t.Errorf("profile of %d hours, compared %+v", len(profile.Items), compared.Items)
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
