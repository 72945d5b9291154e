package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"footfall/capture/simulator"
)

// Figures of the live preview, for docs/benchmarks.md:
//
//	go test -run xxx -bench Preview -benchtime 1x -timeout 30m .
//
// The camera is a drawn scene whose pictures are numbered, so that whoever sees one knows when it was shown: the times
// are from glass to glass, decoding included.

// studioCamera plays numbered pictures, 25 a second, with a key frame every ten seconds only.
func studioCamera(b *testing.B) *simulator.Camera {
	b.Helper()
	scene := simulator.StreetScene()
	scene.Width, scene.Height, scene.FPS, scene.Length, scene.Numbered = 640, 360, 25, 40*time.Second, true
	clip, err := scene.Encode(b.Context(), simulator.EncodeOptions{KeyFrames: 10 * time.Second})
	if err != nil {
		b.Fatal(err)
	}
	camera, err := simulator.NewCamera(simulator.CameraOptions{Clip: clip})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = camera.Run(ctx); close(done) }()
	b.Cleanup(func() { stop(); <-done; _ = clip.Close() })
	return camera
}

// studioHouse is a service with that camera.
func studioHouse(b *testing.B) (*service, *simulator.Camera) {
	b.Helper()
	camera := studioCamera(b)
	// A camera that has a key frame every ten seconds shows nothing for so long.
	s := serve(b, "workers: {local: 1}\ncapture: {stall_timeout: 20s, open_timeout: 30s}\n")
	if answer, status := s.request(http.MethodPost, "/api/v1/cameras", `{"id": "door", "url": "`+camera.URL()+`"}`); status != http.StatusCreated {
		b.Fatalf("%d %s", status, answer)
	}
	s.online("door")
	return s, camera
}

// shownAt is when the camera showed a picture, at most a loop ago.
func shownAt(camera *simulator.Camera, number int, seen time.Time) time.Time {
	const length = 40 * time.Second
	at := camera.Loop().At.Add(time.Duration(number-1) * time.Second / 25)
	for at.After(seen) {
		at = at.Add(-length)
	}
	return at
}

func percentile(times []time.Duration, p float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[min(int(p*float64(len(sorted))), len(sorted)-1)].Round(time.Millisecond)
}

// glass measures from glass to glass for a while.
func glass(b *testing.B, s *service, camera *simulator.Camera, class string, width, height int, long time.Duration) []time.Duration {
	b.Helper()
	v := watch(b, s.whep("door", class))
	defer v.close()
	var mu sync.Mutex
	var times []time.Duration
	v.decoder = develop(b, width, height, func(grey []byte, seen time.Time) {
		number := simulator.ReadNumber(grey, width, height)
		mu.Lock()
		defer mu.Unlock()
		times = append(times, seen.Sub(shownAt(camera, number, seen)))
	})
	for end := time.Now().Add(long); time.Now().Before(end); {
		v.decoder.write(v.picture(b).data)
	}
	v.close()
	mu.Lock()
	defer mu.Unlock()
	if len(times) > 10 {
		times = times[10:] // the decoder has to start, too
	}
	return times
}

func BenchmarkPreviewGlassToGlass(b *testing.B) {
	s, camera := studioHouse(b)
	long := 30 * time.Second
	if text := os.Getenv("FOOTFALL_BENCH_MINUTES"); text != "" {
		minutes, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		long = time.Duration(minutes) * time.Minute
	}
	for class, size := range map[string][2]int{"tile": {480, 270}, "full": {640, 360}} {
		b.Run(class, func(b *testing.B) {
			for b.Loop() {
				times := glass(b, s, camera, class, size[0], size[1], long)
				_, _ = fmt.Fprintf(os.Stdout, "glass to glass, %s: %d pictures in %s, p50 %s, p95 %s, p99 %s; first tenth p50 %s, last tenth p50 %s\n", class, len(times), long,
					percentile(times, 0.5), percentile(times, 0.95), percentile(times, 0.99),
					percentile(times[:len(times)/10], 0.5), percentile(times[len(times)*9/10:], 0.5))
			}
		})
	}
}

// BenchmarkPreviewFirstPicture is from the offer to the first picture, with nobody watching before (an encoder starts)
// and with somebody.
func BenchmarkPreviewFirstPicture(b *testing.B) {
	s, _ := studioHouse(b)
	first := func() time.Duration {
		v := watch(b, s.whep("door", "tile"))
		defer v.close()
		return v.picture(b).at.Sub(v.asked)
	}
	for b.Loop() {
		var cold, warm []time.Duration
		for range 15 {
			cold = append(cold, first())
			s.eventually("the encoder is gone", func() bool { return s.metric("footfall_worker_preview_encoders") == 0 })
		}
		other := watch(b, s.whep("door", "tile"))
		go other.idle()
		for range 40 {
			warm = append(warm, first())
		}
		_, _ = fmt.Fprintf(os.Stdout, "first picture: nobody watched before p50 %s, p95 %s; somebody did p50 %s, p95 %s\n",
			percentile(cold, 0.5), percentile(cold, 0.95), percentile(warm, 0.5), percentile(warm, 0.95))
	}
}

// BenchmarkPreviewCrowd is what 100 viewers of one camera cost, and what one who does not read does to the others.
func BenchmarkPreviewCrowd(b *testing.B) {
	s, _ := studioHouse(b)
	const crowd = 100
	for b.Loop() {
		fps0, server0, worker0 := s.load(b)
		var viewers []*viewer
		for range crowd {
			v := watch(b, s.whep("door", "tile"))
			go v.idle()
			viewers = append(viewers, v)
		}
		s.eventually("all watch", func() bool { return s.metric("footfall_preview_viewers") == crowd })
		fps1, server1, worker1 := s.load(b)
		_, _ = fmt.Fprintf(os.Stdout, "%d viewers: %.0f encoder(s); analysed %.2f frames a second before, %.2f then; server CPU %.1f %% before, %.1f %% then (%.2f %% a viewer), "+
			"memory %.0f MB before, %.0f MB then (%.2f MB a viewer); worker CPU %.1f %% before, %.1f %% then\n", crowd,
			s.metric("footfall_worker_preview_encoders"), fps0, fps1, server0.cpu, server1.cpu, (server1.cpu-server0.cpu)/crowd,
			server0.memory, server1.memory, (server1.memory-server0.memory)/crowd, worker0.cpu, worker1.cpu)
		for _, v := range viewers {
			v.close()
		}
	}
}

// BenchmarkPreviewStalled is what ten viewers who stopped reading do to one who reads: their sockets are full, and stay so.
func BenchmarkPreviewStalled(b *testing.B) {
	s, camera := studioHouse(b)
	const long = 30 * time.Second
	for b.Loop() {
		alone := glass(b, s, camera, "full", 640, 360, long)
		for range 10 {
			stall(b, strings.TrimPrefix(s.url, "http://"), "/api/v1/cameras/door/preview.mjpeg")
		}
		s.eventually("they sit there", func() bool { return s.metric("footfall_preview_viewers") >= 10 })
		<-time.After(5 * time.Second) // until the kernel's buffers are full
		beside := glass(b, s, camera, "full", 640, 360, long)
		_, _ = fmt.Fprintf(os.Stdout, "glass to glass, full: alone p50 %s, p95 %s; beside ten stalled viewers p50 %s, p95 %s (%+.1f %%)\n",
			percentile(alone, 0.5), percentile(alone, 0.95), percentile(beside, 0.5), percentile(beside, 0.95),
			(float64(percentile(beside, 0.95))/float64(percentile(alone, 0.95))-1)*100)
	}
}

// stall asks for something and never reads the answer.
func stall(b *testing.B, address, path string) {
	b.Helper()
	connection, err := new(net.Dialer).DialContext(b.Context(), "tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = connection.Close() })
	if _, err := fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, address); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPreviewAbandoned opens 1,000 sessions that never connect, and waits until they are forgotten.
func BenchmarkPreviewAbandoned(b *testing.B) {
	s, _ := studioHouse(b)
	for b.Loop() {
		before := s.resident()
		v := watch(b, s.whep("door", "tile"))
		offer := v.peer.LocalDescription().SDP
		began := time.Now()
		opened := 0
		for opened < 1000 {
			_, answer, err := send(b.Context(), http.MethodPost, s.whep("door", "tile"), "application/sdp", offer, "")
			if err != nil {
				b.Fatal(err)
			}
			if answer.status == http.StatusServiceUnavailable { // the most there may be: the first have to go
				<-time.After(time.Second)
				continue
			}
			opened++
		}
		most := s.resident()
		last := time.Now()
		s.eventually("all but the one that watches are gone", func() bool { return s.metric("footfall_preview_sessions") <= 1 })
		gone := time.Since(last)
		back := before
		for range 30 { // Go collects what is idle every two minutes, and gives it back at its leisure
			<-time.After(10 * time.Second)
			if back = s.resident(); back < before*1.1 {
				break
			}
		}
		_, _ = fmt.Fprintf(os.Stdout, "1,000 abandoned sessions, opened in %s: gone %s after the last; memory %.0f MB before, %.0f MB at the most, %.0f MB %s later\n",
			last.Sub(began).Round(time.Second), gone.Round(time.Second), before, most, back, time.Since(last).Round(time.Second))
	}
}

// metric is the sum of a metric over its labels.
func (s *service) metric(name string) float64 {
	s.t.Helper()
	text, _ := s.request(http.MethodGet, "/metrics", "")
	sum := 0.0
	for _, m := range regexp.MustCompile(`(?m)^`+name+`(?:\{.*\})? (\S+)$`).FindAllStringSubmatch(string(text), -1) {
		value, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			s.t.Fatal(err)
		}
		sum += value
	}
	return sum
}

// usage is what a process takes: per cent of a core, and MB.
type usage struct{ cpu, memory float64 }

// load is what is analysed and used within 15 seconds, by the server and by its worker.
func (s *service) load(b *testing.B) (fps float64, server, worker usage) {
	b.Helper()
	const long = 15 * time.Second
	pid := s.command.Process.Pid
	child := s.child(pid)
	seen0 := s.metric("footfall_camera_frames_seen_total") - s.metric("footfall_camera_frames_dropped_total")
	cpu0, cpuChild0 := ticks(pid), ticks(child)
	<-time.After(long)
	seen1 := s.metric("footfall_camera_frames_seen_total") - s.metric("footfall_camera_frames_dropped_total")
	perCent := func(from, to float64) float64 { return (to - from) / 100 / long.Seconds() * 100 }
	return (seen1 - seen0) / long.Seconds(), usage{perCent(cpu0, ticks(pid)), s.resident()},
		usage{perCent(cpuChild0, ticks(child)), 0}
}

// child is the worker's process.
func (s *service) child(parent int) int {
	matches, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, m := range matches {
		fields := statFields(m)
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			pid, _ := strconv.Atoi(strings.Split(m, "/")[2])
			return pid
		}
	}
	return 0
}

// statFields are the fields of /proc/PID/stat from the state on.
func statFields(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return strings.Fields(rest)
}

// ticks is the CPU time of a process, in hundredths of a second.
func ticks(pid int) float64 {
	fields := statFields(fmt.Sprintf("/proc/%d/stat", pid))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return user + system
}

// resident is the memory of the server, in MB.
func (s *service) resident() float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(text)
	if m == nil {
		return 0
	}
	kilobytes, _ := strconv.ParseFloat(string(m[1]), 64)
	return kilobytes / 1024
}
