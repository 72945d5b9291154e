package vision_test

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision"
)

// cpuTime is the time that all threads of the process have worked: what other programs do does not count.
func cpuTime() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &now); err != nil {
		return 0
	}
	return time.Duration(now.Nano())
}

// BenchmarkDetect says what a frame costs and how that divides: everything around the network, as a share of the
// network, for each engine and sequence.
func BenchmarkDetect(b *testing.B) {
	for _, engine := range engines(b) {
		for _, sequence := range []string{"PETS09-S2L1", "TownCentre-A"} {
			b.Run(fmt.Sprintf("%s/%s", engine, sequence), func(b *testing.B) {
				d := open(b, vision.Options{File: nano(b), Engine: engine, Clock: cpuTime})
				f := play(b, sequence, 60).next(b)
				into := detect(b, d, f, nil)
				before := d.Cost()
				b.ReportAllocs()
				for b.Loop() {
					into = detect(b, d, f, into[:0])
				}
				report(b, before, d.Cost())
			})
		}
	}
}

func report(b *testing.B, before, after vision.Cost) {
	b.Helper()
	frames := float64(after.Frames - before.Frames)
	forward := float64(after.Forward - before.Forward)
	b.ReportMetric(forward/frames/1e6, "forward-ms")
	b.ReportMetric(100*float64(after.Prepare-before.Prepare)/forward, "prepare-%")
	b.ReportMetric(100*float64(after.Decode-before.Decode)/forward, "decode-%")
}

// BenchmarkPrepare is the way of a picture into the network, by its size.
func BenchmarkPrepare(b *testing.B) {
	for _, size := range [][2]int{{480, 360}, {1280, 720}, {1920, 1080}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			d := open(b, vision.Options{Model: boxesNetwork416().bytes(), Name: "probe", Clock: cpuTime})
			f := plain(b, size[0], size[1], 90, 120, 60)
			detectAll(b, d, f)
		})
	}
}

// boxesNetwork416 costs next to nothing, so that what is around it is seen.
func boxesNetwork416() network {
	n := boxesNetwork()
	n.height, n.width = 416, 416
	return n
}

func detectAll(b *testing.B, d vision.Detector, f *frame.Frame) {
	b.Helper()
	var into []models.Detection
	b.ReportAllocs()
	for b.Loop() {
		into = detect(b, d, f, into[:0])
	}
	cost := d.Cost()
	b.ReportMetric(float64(cost.Prepare)/float64(cost.Frames)/1e6, "prepare-ms")
}

// BenchmarkDraw is what --annotate pays for the drawing of a busy picture.
func BenchmarkDraw(b *testing.B) {
	f := plain(b, 1280, 720, 128, 128, 128)
	s := vision.Scene{
		Stamp: "2024-05-01 12:34:56",
		Lines: []models.Line{{ID: "door", Points: []models.Point{{X: 0.2, Y: 0.5}, {X: 0.8, Y: 0.5}}}},
	}
	for i := range 20 {
		box := models.Box{X: float64(i) / 20, Y: 0.4, W: 0.04, H: 0.2}
		s.Tracks = append(s.Tracks, models.Track{ID: uint64(i), Box: box, Confirmed: true, Seen: true})
	}
	for b.Loop() {
		vision.Draw(&f.Mat, s)
	}
}
