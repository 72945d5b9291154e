package main

import (
	"bufio"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"footfall/capture/simulator"
)

// A worker that watches one camera holds as much of its machine at the end as after it has warmed up. FOOTFALL_SOAK
// says for how long it watches: FOOTFALL_SOAK=10m go test -run TestSoak -timeout 15m -v .
func TestSoak(t *testing.T) {
	t.Parallel()
	length := 20 * time.Second
	if wanted := os.Getenv("FOOTFALL_SOAK"); wanted != "" {
		var err error
		if length, err = time.ParseDuration(wanted); err != nil {
			t.Fatal(err)
		}
	}
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace)})
	s := serve(t, watching(1, map[string]*simulator.Camera{"door": camera}))
	s.online("door")
	s.eventually("it has warmed up: two checkpoints were written", func() bool {
		return s.observed("door") > 2*checkpoint
	})

	held := map[string][]float64{}
	look := time.NewTicker(max(time.Second, length/20))
	defer look.Stop()
	for began := time.Now(); time.Since(began) < length; {
		select {
		case <-look.C:
		case <-t.Context().Done():
			t.Fatal("not to the end")
		}
		for name, value := range s.measures("worker_goroutines", "worker_open_mats", "worker_threads", "worker_open_fds",
			"worker_resident_memory_bytes") {
			held[name] = append(held[name], value)
		}
	}
	status := s.camera("door").Status
	t.Logf("%s: %d frames seen, %d not analysed, %d reconnects", length, status.FramesSeen, status.FramesDropped,
		status.Reconnects)
	for name, values := range held {
		t.Logf("%-30s first %.0f, last %.0f, least %.0f, most %.0f (%d looks)", name, values[0], values[len(values)-1],
			slices.Min(values), slices.Max(values), len(values))
	}
	if len(held) != 5 {
		t.Errorf("not everything is measured: %v", held)
	}
	for name, slack := range map[string]float64{
		// A frame more or less is on its way; the runtime parks a thread or a goroutine when it likes.
		"worker_open_mats": 2, "worker_goroutines": 4, "worker_threads": 4, "worker_open_fds": 4,
	} {
		// What leaks grows from the first half to the second.
		half := len(held[name]) / 2
		before, after := held[name][:half], held[name][half:]
		if slices.Min(before) <= 0 || slices.Min(after) > slices.Max(before)+slack {
			t.Errorf("%s grows: %v", name, held[name])
		}
	}
	if status.Reconnects != 0 {
		t.Errorf("the camera was opened %d times more", status.Reconnects)
	}
}

var sample = regexp.MustCompile(`^footfall_(\w+)\{worker="local-1"\} (\S+)$`)

// measures are metrics of the first local worker.
func (s *service) measures(names ...string) map[string]float64 {
	s.t.Helper()
	metrics, _ := s.request("GET", "/metrics", "")
	found := map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(string(metrics))); lines.Scan(); {
		m := sample.FindStringSubmatch(lines.Text())
		if m == nil || !slices.Contains(names, m[1]) {
			continue
		}
		value, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			s.t.Errorf("metric %s: %v", lines.Text(), err)
		}
		found[m[1]] = value
	}
	return found
}
