package vision_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"log/slog"
	"sync"
	"testing"
	"time"

	"gocv.io/x/gocv"
	"golang.org/x/sys/unix"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision"
)

// keep shows a studio that nobody watches pictures of a camera, and returns what it has kept.
func keep(t *testing.T, camera models.Camera, keeping vision.Keeping, pictures int, width, height int) []models.Shot {
	t.Helper()
	pool := frame.NewPool(4)
	defer pool.Close()
	shots := make(chan models.Shot, 100)
	keeping.Deliver = func(s models.Shot) {
		s.Data = bytes.Clone(s.Data)
		shots <- s
	}
	studio := vision.NewStudio(vision.StudioConfig{
		Camera: camera, Deliver: func(models.Shot) { t.Error("nobody watches") }, Keep: &keeping,
		Log: slog.New(slog.DiscardHandler),
	})
	var wg sync.WaitGroup
	wg.Go(func() { studio.Run(t.Context()) })
	var kept []models.Shot
	due := at(0)
	for i := range pictures {
		f, ok := pool.Take()
		for ; !ok; f, ok = pool.Take() {
			<-time.After(time.Millisecond)
		}
		picture := noisy(t, width, height)
		picture.Mat.CopyTo(&f.Mat)
		f.At = at(time.Duration(i) * 40 * time.Millisecond)
		wanted := !f.At.Before(due)
		studio.Show(f, vision.Analysis{Tracks: []models.Track{{
			Box: models.Box{X: 0.5, Y: 0.2, W: 0.2, H: 0.7}, Confirmed: true, Class: models.Person,
		}}})
		if wanted { // wait for it, so that none is lost
			select {
			case shot := <-shots:
				kept = append(kept, shot)
			case <-time.After(30 * time.Second):
				t.Fatalf("picture %d was not kept", i)
			}
			due = f.At.Add(time.Duration(float64(time.Second)/keeping.FPS) - 5*time.Millisecond)
		}
	}
	return kept
}

// What is kept is thinned out, made small, and covered as the camera is set, watched or not.
func TestWhatIsKept(t *testing.T) {
	camera := models.Camera{ID: "lobby", Lines: []models.Line{{ID: "door", Points: []models.Point{{X: 0, Y: 0.95}, {X: 1, Y: 0.95}}}}}.WithDefaults()
	camera.Privacy.Masks = []models.Mask{{{X: 0, Y: 0}, {X: 0.3, Y: 0}, {X: 0.3, Y: 0.5}, {X: 0, Y: 0.5}}}
	kept := keep(t, camera, vision.Keeping{Width: 640, Height: 360, FPS: 5, Quality: 75}, 25, 1280, 720)
	if len(kept) != 5 {
		t.Fatalf("of a second at five a second, %d pictures are kept", len(kept))
	}
	for _, shot := range kept {
		picture, err := jpeg.Decode(bytes.NewReader(shot.Data))
		if err != nil {
			t.Fatal(err)
		}
		if size := picture.Bounds().Size(); size != image.Pt(640, 360) || shot.Width != 640 || shot.Height != 360 || shot.Camera != "lobby" {
			t.Errorf("a picture of %v, said to be %dx%d of %s", size, shot.Width, shot.Height, shot.Camera)
		}
		plain := roughness(picture, image.Rect(500, 200, 600, 300))
		head := roughness(picture, image.Rect(340, 80, 420, 130))
		mask := roughness(picture, image.Rect(20, 20, 160, 150))
		line := roughness(picture, image.Rect(500, 338, 600, 346))
		if head > plain/3 || mask > plain/20 || line < plain/2 {
			t.Errorf("roughness: %.1f, of a head %.1f, under a mask %.1f, where a line would be drawn %.1f", plain, head, mask, line)
		}
	}
}

// roughness is how much neighbours differ.
func roughness(picture image.Image, of image.Rectangle) float64 {
	sum, n := 0.0, 0.0
	for y := of.Min.Y; y < of.Max.Y; y++ {
		for x := of.Min.X; x < of.Max.X-1; x++ {
			a, _, _, _ := picture.At(x, y).RGBA()
			b, _, _, _ := picture.At(x+1, y).RGBA()
			d := float64(a>>8) - float64(b>>8)
			sum += max(d, -d)
			n++
		}
	}
	return sum / n
}

// A picture's cost for clips while nothing happens: 10 of these a second are what a camera takes.
func BenchmarkKeep(b *testing.B) {
	for name, size := range map[string]image.Point{"640x360": {X: 640, Y: 360}, "1920x1080": {X: 1920, Y: 1080}} {
		b.Run(name, func(b *testing.B) {
			pool := frame.NewPool(2)
			defer pool.Close()
			done := make(chan int, 1)
			studio := vision.NewStudio(vision.StudioConfig{
				Camera: models.Camera{ID: "lobby"}.WithDefaults(), Log: slog.New(slog.DiscardHandler),
				Keep: &vision.Keeping{Width: 640, Height: 360, FPS: 1000, Quality: 60, Deliver: func(s models.Shot) { done <- len(s.Data) }},
			})
			var wg sync.WaitGroup
			wg.Go(func() { studio.Run(b.Context()) })
			picture := real(b, size)
			defer frame.Close(&picture)
			tracks := make([]models.Track, 5)
			for i := range tracks {
				tracks[i] = models.Track{Box: models.Box{X: 0.15 * float64(i), Y: 0.3, W: 0.08, H: 0.4}, Class: models.Person}
			}
			bytesOut, before := 0, cpu()
			b.ResetTimer()
			for i := range b.N {
				f, _ := pool.Take()
				picture.CopyTo(&f.Mat)
				f.At = at(time.Duration(i) * 100 * time.Millisecond)
				studio.Show(f, vision.Analysis{Tracks: tracks})
				bytesOut += <-done
			}
			b.StopTimer()
			b.ReportMetric(float64((cpu()-before).Microseconds())/1000/float64(b.N), "cpu-ms/picture")
			b.ReportMetric(float64(bytesOut)/float64(b.N), "bytes/picture")
		})
	}
}

// real is a real picture with people, scaled.
func real(b *testing.B, size image.Point) gocv.Mat {
	b.Helper()
	capture, err := gocv.VideoCaptureFile(shared(b, "data", "sequences", "PETS09-S2L1.mp4"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = capture.Close() }()
	picture := frame.NewMat()
	for range 100 {
		if !capture.Read(&picture) {
			b.Fatal("the video is too short")
		}
	}
	gocv.Resize(picture, &picture, size, 0, 0, gocv.InterpolationLinear)
	return picture
}

func cpu() time.Duration {
	var used unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
