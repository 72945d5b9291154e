package simulator

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkPlay prints how much of a core one camera with one reader takes: the processor time of this process (not
// that of ffmpeg, which reads) divided by the length of the video it played.
func BenchmarkPlay(b *testing.B) {
	clip, err := clips.Scene(context.Background(), StreetScene())
	if err != nil {
		b.Fatal(err)
	}
	var used, played time.Duration
	for b.Loop() {
		camera, err := NewCamera(CameraOptions{Clip: clip, Once: true, OnDemand: true, Speed: 100})
		if err != nil {
			b.Fatal(err)
		}
		reader := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", camera.URL(),
			"-c", "copy", "-f", "null", "-")
		before := processorTime(b)
		if err := reader.Start(); err != nil {
			b.Fatal(err)
		}
		if err := camera.Run(b.Context()); err != nil {
			b.Fatal(err)
		}
		used += processorTime(b) - before
		played += clip.Duration()
		if err := reader.Wait(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(used.Seconds()/played.Seconds(), "cores/camera")
	b.ReportMetric(0, "ns/op") // says nothing: the pace is the clip's
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
