package capture

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"
	"time"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/models"
)

// verdicts reads a video with key frames as a camera would show it and counts the pictures of every verdict. The second
// result is the moment of the first verdict that was not "".
func verdicts(t *testing.T, path string) (map[models.Reason]int, time.Duration) {
	t.Helper()
	source, f := opened(t, Spec{Location: path}).(*video), oneFrame(t)
	var h health
	counts, first := map[models.Reason]int{}, time.Duration(-1)
	for {
		err := source.Read(f)
		if errors.Is(err, io.EOF) {
			return counts, first
		}
		if err != nil {
			t.Fatal(err)
		}
		verdict := h.look(f, source.handle.key())
		counts[verdict]++
		if verdict != "" && first < 0 {
			first = f.At.Sub(time.Unix(0, 0))
		}
	}
}

func TestRealFootageIsHealthyThroughout(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(testdata(t, "clips"), "*.mp4"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no clips: %v", err)
	}
	for _, file := range append(files, testdata(t, "sequences/PETS09-S2L1.mp4")) {
		if counts, at := verdicts(t, file); len(counts) != 1 || counts[""] == 0 {
			t.Errorf("%s: %v, first at %v", filepath.Base(file), counts, at)
		}
	}
}

// scene is 50 s of an empty shop: a drawn picture with detail and edges, and noise until the sensor freezes. (ffmpeg's
// noise of strength 1 changes a pixel by 0.15 grey levels from picture to picture, less than any sensor.)
func scene(t *testing.T, noise int, freezes time.Duration, encoder ...string) string {
	arguments := []string{
		"-f", "lavfi", "-i", "mandelbrot=s=320x180:r=10:end_pts=1:start_scale=0.3", "-t", "50", "-vf",
		fmt.Sprintf("loop=loop=-1:size=1,noise=alls=%d:allf=t:enable='lt(t,%g)',format=yuv420p", noise, freezes.Seconds()),
		"-r", "10", "-bf", "0",
	}
	return drawn(t, "scene.mkv", append(arguments, encoder...)...)
}

func x264(quality, keyFrames string) []string {
	return []string{
		"-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-crf", quality, "-g", keyFrames,
		"-sc_threshold", "0",
	}
}

func TestAQuietSceneIsNotFrozenAndAFrozenOneIs(t *testing.T) {
	t.Parallel()
	mjpeg := []string{"-c:v", "mjpeg", "-q:v", "8", "-strict", "unofficial"}
	const never, later = time.Hour, 8 * time.Second
	for _, c := range []struct {
		name    string
		noise   int
		freezes time.Duration
		encoder []string
	}{
		{"freezes, good quality, key frame every second", 3, later, x264("20", "10")},
		{"freezes, low quality, key frame every second", 3, later, x264("40", "10")},
		{"freezes, middling quality, key frame every 4 s", 3, later, x264("30", "40")},
		{"freezes, single pictures", 3, later, mjpeg},
		{"quiet, good quality, key frame every second", 1, never, x264("20", "10")},
		{"quiet, low quality, key frame every second", 1, never, x264("40", "10")},
		{"quiet, low quality, key frame every 5 s", 1, never, x264("40", "50")},
		{"quiet, low quality, key frame every 20 s", 1, never, x264("40", "200")},
		{"quiet, single pictures", 1, never, mjpeg},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			counts, at := verdicts(t, scene(t, c.noise, c.freezes, c.encoder...))
			switch {
			case c.freezes == never && counts[models.ReasonFrozen] > 0:
				t.Errorf("a live scene counts as frozen at %v: %v", at, counts)
			case c.freezes != never && (counts[models.ReasonFrozen] == 0 || at < c.freezes):
				t.Errorf("frozen from %v on, first seen at %v: %v", c.freezes, at, counts)
			case c.freezes != never:
				t.Logf("seen after %v", at-c.freezes)
			}
		})
	}
}

// sensor is a drawn camera for health, without a video in between.
type sensor struct {
	f     *frame.Frame
	h     health
	noise byte
}

func newSensor(t testing.TB) *sensor {
	s := &sensor{f: oneFrame(t)}
	m := frame.NewMatWithSize(360, 640, gocv.MatTypeCV8UC3)
	defer frame.Close(&m)
	m.CopyTo(&s.f.Mat)
	s.f.At = time.Unix(0, 0)
	return s
}

// show shows pictures for so long, ten a second, every tenth a key frame, and returns the last verdict.
func (s *sensor) show(t testing.TB, length time.Duration, pixel func(i int) byte) models.Reason {
	t.Helper()
	data, err := s.f.Mat.DataPtrUint8()
	if err != nil {
		t.Fatal(err)
	}
	var verdict models.Reason
	for n := range int(length / (100 * time.Millisecond)) {
		s.noise++
		for i := range data {
			data[i] = pixel(i)
		}
		s.f.At = s.f.At.Add(100 * time.Millisecond)
		verdict = s.h.look(s.f, n%10 == 0)
	}
	return verdict
}

func TestAPictureHealsAtOnce(t *testing.T) {
	t.Parallel()
	s := newSensor(t)
	street := func(i int) byte { return byte(i/7) ^ s.noise }
	still := func(i int) byte { return byte(i / 7) }
	black := func(int) byte { return 2 }
	covered := func(int) byte { return 120 + s.noise%2 }
	for _, step := range []struct {
		name   string
		length time.Duration
		pixel  func(int) byte
		want   models.Reason
	}{
		{"street", 20 * time.Second, street, ""},
		{"still for a moment", 6 * time.Second, still, ""},
		{"still", 3 * time.Second, still, models.ReasonFrozen},
		{"one live picture", 100 * time.Millisecond, street, ""},
		{"dark for a moment", 2500 * time.Millisecond, black, ""},
		{"dark", time.Second, black, models.ReasonDark},
		{"one live picture again", 100 * time.Millisecond, street, ""},
		{"covered with a cloth", 4 * time.Second, covered, models.ReasonDark},
		{"street again", 100 * time.Millisecond, street, ""},
	} {
		if got := s.show(t, step.length, step.pixel); got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}
}

func TestANightWithAFewLampsIsNotDark(t *testing.T) {
	t.Parallel()
	s := newSensor(t)
	night := func(i int) byte {
		if i%97 < 4 {
			return 90 + s.noise%8
		}
		return s.noise % 4
	}
	if got := s.show(t, 10*time.Second, night); got != "" {
		t.Errorf("a night street is %q", got)
	}
}

// Without key frames (some cameras refresh a stripe at a time) only a long stillness is believed.
func TestStillnessWithoutKeyFramesIsBelievedLate(t *testing.T) {
	t.Parallel()
	s := newSensor(t)
	var h health
	data, err := s.f.Mat.DataPtrUint8()
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		data[i] = byte(i / 7)
	}
	for second := range 62 {
		s.f.At = time.Unix(int64(second), 0)
		want := models.Reason("")
		if second >= 60 {
			want = models.ReasonFrozen
		}
		if got := h.look(s.f, second == 0); got != want {
			t.Fatalf("after %d s: %q, want %q", second, got, want)
		}
	}
}

func TestLookingAllocatesNothing(t *testing.T) {
	s := newSensor(t)
	if allocs := testing.AllocsPerRun(100, func() { s.h.look(s.f, true) }); allocs != 0 {
		t.Errorf("%v allocations a picture, want 0", allocs)
	}
}

// BenchmarkAPicture is what capture costs a picture: decoding and converting, and the look at its health.
func BenchmarkAPicture(b *testing.B) {
	for _, name := range []string{"sequences/PETS09-S2L1.mp4", "sequences/TownCentre-A.mp4"} {
		path := testdata(b, name)
		b.Run("read/"+filepath.Base(path), func(b *testing.B) {
			source, f := opened(b, Spec{Location: path}), oneFrame(b)
			b.ReportAllocs()
			for b.Loop() {
				if err := source.Read(f); errors.Is(err, io.EOF) {
					b.StopTimer()
					source = opened(b, Spec{Location: path})
					b.StartTimer()
				} else if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("skip/"+filepath.Base(path), func(b *testing.B) {
			source := opened(b, Spec{Location: path})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := source.Skip(); errors.Is(err, io.EOF) {
					b.StopTimer()
					source = opened(b, Spec{Location: path})
					b.StartTimer()
				} else if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("look/"+filepath.Base(path), func(b *testing.B) {
			source, f := opened(b, Spec{Location: path}), oneFrame(b)
			if err := source.Read(f); err != nil {
				b.Fatal(err)
			}
			var h health
			b.ReportAllocs()
			for b.Loop() {
				h.look(f, false)
			}
		})
	}
}
