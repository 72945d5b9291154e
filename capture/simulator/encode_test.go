package simulator

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// video makes a file with ffmpeg's own test picture.
func video(t *testing.T, name string, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	args = append([]string{"-nostdin", "-v", "error", "-f", "lavfi"}, args...)
	if _, err := command(t, "ffmpeg", append(args, file)...); err != nil {
		t.Fatal(err)
	}
	return file
}

func encodeFile(t *testing.T, file string, options EncodeOptions) *Clip {
	t.Helper()
	clip, err := Encode(within(t), file, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeLater(t, clip))
	return clip
}

func TestEncodeKeepsEveryFrameOfAFile(t *testing.T) {
	t.Parallel()
	// With B-frames, an odd size, and a name that needs care.
	file := video(t, "-a|b[1]: c'd.mkv", "-i", "testsrc=size=161x121:rate=25:duration=3.2",
		"-pix_fmt", "yuv444p", "-c:v", "libx264", "-bf", "3", "-g", "250")
	temp := t.TempDir()
	var progress []float64
	clip := encodeFile(t, file, EncodeOptions{TempDir: temp, Progress: func(done float64) { progress = append(progress, done) }})

	if clip.Frames() != 80 || clip.FPS() != 25 || clip.Duration() != 3200*time.Millisecond {
		t.Errorf("%d frames at %v in %s, want 80 at 25 in 3.2 s", clip.Frames(), clip.FPS(), clip.Duration())
	}
	if clip.Width() != 160 || clip.Height() != 120 {
		t.Errorf("%dx%d, want 160x120", clip.Width(), clip.Height())
	}
	if got := clip.FrameTime(26); got != time.Second {
		t.Errorf("frame 26 is due after %s", got)
	}
	var keys []int
	for i, picture := range clip.pictures {
		if picture.key {
			keys = append(keys, i)
		}
		if _, err := clip.unit(i); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(keys, []int{0, 25, 50, 75}) {
		t.Errorf("key frames at %v, want one a second", keys)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if !slices.IsSorted(progress) || len(progress) == 0 || progress[0] < 0 || progress[len(progress)-1] != 1 {
		t.Errorf("progress was %v", progress)
	}
}

func TestEncodeKeepsTheTimesOfAnUnsteadyFile(t *testing.T) {
	t.Parallel()
	file := video(t, "unsteady.mkv", "-i", "testsrc=size=64x48:rate=10:duration=3",
		"-vf", "setpts='if(gt(N,9),PTS+0.5/TB,PTS)'", "-fps_mode", "passthrough", "-c:v", "mpeg4")
	clip := encodeFile(t, file, EncodeOptions{})
	if clip.Frames() != 30 {
		t.Fatalf("%d frames, want 30", clip.Frames())
	}
	for frame, want := range map[int]time.Duration{
		1: 0, 10: 900 * time.Millisecond, 11: 1500 * time.Millisecond, 30: 3400 * time.Millisecond,
	} {
		if got := clip.FrameTime(frame); got != want {
			t.Errorf("frame %d is due after %s, want %s", frame, got, want)
		}
	}
}

func TestEncodeOptions(t *testing.T) {
	t.Parallel()
	file := video(t, "plain.mp4", "-i", "testsrc=size=320x240:rate=10:duration=4", "-c:v", "mpeg4")
	for _, test := range []struct {
		options               EncodeOptions
		width, height, frames int
	}{
		{EncodeOptions{}, 320, 240, 40},
		{EncodeOptions{Limit: 1500 * time.Millisecond}, 320, 240, 15},
		{EncodeOptions{Height: 121}, 160, 120, 40},
		{EncodeOptions{Width: 200}, 200, 150, 40},
		{EncodeOptions{Width: 64, Height: 64}, 64, 64, 40},
	} {
		clip := encodeFile(t, file, test.options)
		if clip.Width() != test.width || clip.Height() != test.height || clip.Frames() != test.frames {
			t.Errorf("%+v: %d frames of %dx%d, want %d of %dx%d", test.options, clip.Frames(), clip.Width(), clip.Height(),
				test.frames, test.width, test.height)
		}
	}
	often := encodeFile(t, file, EncodeOptions{KeyFrames: 200 * time.Millisecond})
	for i, picture := range often.pictures {
		if picture.key != (i%2 == 0) {
			t.Fatalf("frame %d: key frame %v, want every second one", i+1, picture.key)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile(video(t, "whole.mp4", "-i", "testsrc=size=64x48:rate=10:duration=1", "-c:v", "mpeg4"))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file   string
		ffmpeg string
		want   error
	}{
		"missing":        {filepath.Join(folder, "missing.mp4"), "", fs.ErrNotExist},
		"a folder":       {folder, "", ErrNotVideo},
		"empty":          {write("empty.mp4", ""), "", ErrNotVideo},
		"a text":         {write("text.mp4", "Once upon a time\n"), "", ErrNotVideo},
		"an honest text": {write("text.txt", "Once upon a time\n"), "", ErrNotVideo},
		"a play list":    {write("list.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:1/a.ts\n"), "", ErrNotVideo},
		"truncated":      {write("half.mp4", string(whole[:len(whole)/2])), "", ErrNotVideo},
		"only sound":     {video(t, "sound.mkv", "-i", "sine=duration=1"), "", ErrNotVideo},
		"no ffmpeg":      {write("any.mp4", string(whole)), "ffmpeg-that-nobody-has", ErrNoFFmpeg},
	} {
		temp := t.TempDir()
		_, err := Encode(within(t), test.file, EncodeOptions{FFmpeg: test.ffmpeg, TempDir: temp})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		} else if strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "encode clip "+test.file) {
			t.Errorf("%s: the error is not one line about the file: %v", name, err)
		}
		if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
			t.Errorf("%s: left behind: %v, %v", name, left, err)
		}
	}
}

func TestEncodeStopsItsFFmpeg(t *testing.T) {
	t.Parallel()
	program, err := filepath.Abs(filepath.Join("testdata", "endless-ffmpeg"))
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	started := filepath.Join(temp, "started")
	if err := syscall.Mkfifo(started, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	failed := make(chan error, 1)
	go func() {
		_, err := StreetScene().Encode(ctx, EncodeOptions{FFmpeg: program, TempDir: temp})
		failed <- err
	}()
	text, err := os.ReadFile(started) // waits for the script
	if err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("Encode = %v, want context.Canceled", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", pid, err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 1 || left[0].Name() != "started" {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestFFmpegTalk(t *testing.T) {
	t.Parallel()
	for want, said := range map[string][]string{
		"this ffmpeg cannot do it (5.1 or newer, with libx264, can): Error splitting the argument list: Option not found": {
			"[fatal] Error splitting the argument list: Option not found",
		},
		"this ffmpeg cannot do it (5.1 or newer, with libx264, can): Unknown encoder 'libx264'": {
			"[info] Input #0, avi, from 'file:/a.avi':", "[fatal] Unknown encoder 'libx264'",
		},
		"not a video that ffmpeg can read: Invalid data found when processing input": {
			"[fatal] file:/a: b.mp4: Invalid data found when processing input",
		},
		"not a video that ffmpeg can read: moov atom not found": {
			"[mov,mp4 @ 0x1] [error] moov atom not found",
		},
		"not a video that ffmpeg can read: Stream map '0:v:0' matches no streams": {
			"[info] Input #0, wav, from 'file:/a.wav':", "[fatal] Stream map '0:v:0' matches no streams.",
		},
		"ffmpeg: No space left on device": {
			"[info] Input #0, avi, from 'file:/a.avi':", "[error] No space left on device", "[fatal] Conversion failed!",
		},
		"ffmpeg: exit status 1": {"[info] Input #0, avi, from 'file:/a.avi':"},
	} {
		var talk ffmpegTalk
		for _, line := range said {
			talk.hear(line)
		}
		if got := talk.reason(errors.New("exit status 1")); got.Error() != want {
			t.Errorf("%q becomes %q, want %q", said, got, want)
		}
	}
}

func TestReadTableRefuses(t *testing.T) {
	t.Parallel()
	for name, table := range map[string]string{
		"empty":         "#tb 0: 1/90000\n",
		"short":         "0, 0, 0\n",
		"no number":     "0, 0, x, 9000, 10, 0x1\n",
		"other unit":    "#tb 0: 1/25\n0, 0, 0, 1, 10, 0x1\n",
		"no key at all": "0, 0, 0, 9000, 10, 0x1, F=0x0\n",
	} {
		if _, _, err := readTable(strings.NewReader(table)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestReadTableRepairsTimes(t *testing.T) {
	t.Parallel()
	pictures, length, err := readTable(strings.NewReader(
		"0, 500, 500, 0, 10, 0x1\n0, 500, 500, 0, 20, 0x1, F=0x0\n0, 900, 900, 0, 30, 0x1, F=0x0\n"))
	want := []picture{{0, 10, 0, true}, {10, 20, 1, false}, {30, 30, 400, false}}
	if err != nil || !slices.Equal(pictures, want) || length != 600 {
		t.Errorf("readTable = %v, %d, %v, want %v, 600", pictures, length, err, want)
	}
}

func TestLibraryEncodesOnce(t *testing.T) {
	t.Parallel()
	file := video(t, "v.mp4", "-i", "testsrc=size=64x48:rate=10:duration=1", "-c:v", "mpeg4")
	library := NewLibrary(EncodeOptions{})
	t.Cleanup(closeLater(t, library))
	got := make(chan *Clip, 4)
	for range cap(got) {
		go func() {
			clip, err := library.File(within(t), file)
			if err != nil {
				t.Error(err)
			}
			got <- clip
		}()
	}
	first := <-got
	for range cap(got) - 1 {
		if clip := <-got; clip != first || clip == nil {
			t.Error("a file was encoded twice")
		}
	}
	if _, err := library.File(within(t), file+".missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestEncodeLosslessKeepsEveryPixel(t *testing.T) {
	t.Parallel()
	file := video(t, "original.mp4", "-i", "testsrc=size=160x120:rate=10:duration=2", "-vf", "noise=alls=20",
		"-pix_fmt", "yuv420p", "-c:v", "libx264", "-qp", "0")
	same := func(options EncodeOptions) bool {
		clip := encodeFile(t, file, options)
		stream := filepath.Join(t.TempDir(), "clip.h264")
		var all []byte
		for i := range clip.pictures {
			unit, err := clip.unit(i)
			if err != nil {
				t.Fatal(err)
			}
			for _, nalu := range unit {
				all = append(append(all, 0, 0, 0, 1), nalu...)
			}
		}
		if err := os.WriteFile(stream, all, 0o600); err != nil {
			t.Fatal(err)
		}
		pixels := func(name string) string {
			sums, err := command(t, "ffmpeg", "-nostdin", "-v", "error", "-i", name, "-pix_fmt", "yuv420p",
				"-fps_mode", "passthrough", "-f", "hash", "-")
			if err != nil {
				t.Fatal(err)
			}
			return string(sums)
		}
		return pixels(file) == pixels(stream)
	}
	if !same(EncodeOptions{Lossless: true}) {
		t.Error("a lossless clip has other pixels than its source")
	}
	if same(EncodeOptions{}) {
		t.Error("an ordinary clip has the pixels of its source: this test tells nothing")
	}
}
