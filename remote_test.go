package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"footfall/capture/simulator"
)

// A worker elsewhere counts on while its server is down, and brings what it has seen when it is back.
func TestAWorkerOutlivesItsServer(t *testing.T) {
	t.Parallel()
	const token = "a-token-of-this-test"
	address := freeAddress(t)
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace)})
	s := serve(t, fmt.Sprintf("link: {listen: %q, token: %s}\n%s", address, token,
		watching(0, map[string]*simulator.Camera{"far": camera})))
	if state := s.camera("far").Status; state.State != "waiting" {
		t.Errorf("without any worker the camera is %s (%s)", state.State, reason(state))
	}
	startWorker(t, "elsewhere", "nats://"+token+"@"+address)
	online := s.online("far").Since
	s.eventually("somebody has crossed, and a checkpoint was written", func() bool {
		return s.total("far") > 0 && s.observed("far") > 0
	})

	s.stop()
	down, sent := time.Now(), camera.Stats().FramesSent
	before := s.read("far", busyLines...)
	s.eventually("the camera has shown 8 s more to the worker", func() bool {
		stats := camera.Stats()
		return stats.FramesSent > sent+80 && stats.ReadersServed == 1
	})
	s.start()
	up := time.Now()
	s.online("far")
	s.drained()
	// Right after a checkpoint nothing is missing; a hole as long as the server was away would be for ever.
	s.eventually("the coverage has come up to the present", func() bool {
		return s.observed("far") > time.Since(online)-checkpoint
	})
	gone := up.Sub(down)
	s.stop()
	after := s.read("far", busyLines...)
	t.Logf("the server was gone for %s: observed %s before, %s after, %s after the camera came online",
		gone.Round(10*time.Millisecond), before.observed().Round(10*time.Millisecond),
		after.observed().Round(10*time.Millisecond), time.Since(online).Round(10*time.Millisecond))
	meanwhile := 0
	for _, c := range after.crossings {
		if c.Time.After(down) && c.Time.Before(up) {
			meanwhile++
		}
	}
	if meanwhile == 0 {
		t.Error("nobody has crossed while the server was down")
	}
	if names := after.twice(); len(names) > 0 {
		t.Errorf("counted twice: %s", names)
	}
	if int64(len(after.crossings)) != after.total() {
		t.Errorf("%d crossings make a total of %d", len(after.crossings), after.total())
	}
	if served := camera.Stats().ReadersServed; served != 1 {
		t.Errorf("the camera was opened %d times", served)
	}
	t.Logf("%d crossings, %d of them while the server was down", len(after.crossings), meanwhile)
}

// freeAddress is an address of this machine where nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// startWorker runs `footfall worker`, with more in its environment, until the test ends, when it must end well. What it
// says is returned.
func startWorker(t *testing.T, name, address string, environment ...string) *tail {
	t.Helper()
	log := &tail{found: make(chan struct{})}
	command := program(context.Background(), "worker", "--name", name)
	command.Env = append(command.Env, "FOOTFALL_LINK_URL="+address, "FOOTFALL_CAPTURE_ALLOW_LOOPBACK=true",
		"FOOTFALL_DATA_DIR="+filepath.Join(t.TempDir(), "data"),
		"FOOTFALL_CAPTURE_ALLOW_LOOPBACK=true")
	command.Env = append(command.Env, environment...)
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Signal(syscall.SIGTERM))
		if err := command.Wait(); err != nil {
			t.Errorf("worker ended: %v", err)
		}
		if t.Failed() {
			t.Logf("log of worker %s:\n%s", name, log)
		}
	})
	return log
}
