package vision_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"footfall/vision"
)

// ffmpeg is needed by most of these tests; make setup installs it.
func ffmpeg(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

func TestVideoIsWhatBrowsersPlay(t *testing.T) {
	t.Parallel()
	ffmpeg(t)
	file := filepath.Join(t.TempDir(), "out.mp4")
	const width, height, pictures = 161, 121, 25 // odd sizes are padded
	w, err := vision.CreateVideo(t.Context(), vision.Video{File: file, Width: width, Height: height, FPS: 12.5})
	if err != nil {
		t.Fatal(err)
	}
	f := plain(t, width, height, 200, 100, 50)
	for range pictures {
		if err := w.Write(&f.Mat); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the file is there before it is complete")
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write(&f.Mat); !errors.Is(err, os.ErrClosed) {
		t.Errorf("writing after the end: %v", err)
	}
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-count_frames", "-select_streams", "v",
		"-of", "default=noprint_wrappers=1:nokey=1", "-show_entries",
		"stream=codec_name,width,height,pix_fmt,avg_frame_rate,nb_read_frames", file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := strings.Join(strings.Fields(string(out)), " "); got != "h264 162 122 yuv420p 25/2 25" {
		t.Errorf("ffprobe says %s", got)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if index, media := strings.Index(string(content), "moov"), strings.Index(string(content), "mdat"); index > media {
		t.Error("the index is not at the front: the file cannot be played while it is loaded")
	}
	onlyFile(t, filepath.Dir(file), "out.mp4")
}

// onlyFile complains about anything else in a folder; no name means that it must be empty.
func onlyFile(t *testing.T, folder, name string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() != name {
			t.Errorf("%s is left behind", entry.Name())
		}
	}
}

func TestVideoThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	ffmpeg(t)
	f := plain(t, 160, 120, 0, 0, 0)
	video := func(folder string) vision.Video {
		return vision.Video{File: filepath.Join(folder, "out.mp4"), Width: 160, Height: 120, FPS: 25}
	}
	t.Run("cancelled", func(t *testing.T) {
		folder := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		w, err := vision.CreateVideo(ctx, video(folder))
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		for err == nil { // the pipe takes a few pictures before it is known that nobody reads
			err = w.Write(&f.Mat)
		}
		if !errors.Is(err, context.Canceled) || !errors.Is(w.Close(), context.Canceled) {
			t.Errorf("write says %v, close %v", err, w.Close())
		}
		onlyFile(t, folder, "")
	})
	t.Run("aborted", func(t *testing.T) {
		folder := t.TempDir()
		w, err := vision.CreateVideo(t.Context(), video(folder))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(&f.Mat); err != nil {
			t.Fatal(err)
		}
		w.Abort()
		w.Abort()
		if err := w.Close(); err == nil {
			t.Error("close says that all is well")
		}
		onlyFile(t, folder, "")
	})
	t.Run("no folder", func(t *testing.T) {
		folder := t.TempDir()
		v := video(filepath.Join(folder, "none"))
		w, err := vision.CreateVideo(t.Context(), v)
		for err == nil {
			err = w.Write(&f.Mat)
		}
		if !strings.HasPrefix(err.Error(), "write video "+v.File+": ffmpeg: ") ||
			!strings.Contains(err.Error(), "No such file or directory") || strings.Contains(err.Error(), "\n") {
			t.Error(err)
		}
		if again := w.Write(&f.Mat); !errors.Is(again, err) {
			t.Errorf("a second write says %v", again)
		}
		onlyFile(t, folder, "")
	})
	t.Run("empty", func(t *testing.T) { // an encoder that got nothing writes a file that holds nothing
		folder := t.TempDir()
		w, err := vision.CreateVideo(t.Context(), video(folder))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err == nil || err.Error() != "write video "+video(folder).File+": there were no pictures" {
			t.Error(err)
		}
		onlyFile(t, folder, "")
	})
}

func TestVideoRefusals(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "out.mp4")
	for want, v := range map[string]vision.Video{
		"0x120 at 25 pictures a second is not possible":  {Width: 0, Height: 120, FPS: 25},
		"160x120 at 0 pictures a second is not possible": {Width: 160, Height: 120},
		"the program no-ffmpeg is not installed, or not in PATH": {
			Width: 160, Height: 120, FPS: 25, FFmpeg: "no-ffmpeg",
		},
	} {
		v.File = file
		if _, err := vision.CreateVideo(t.Context(), v); err == nil ||
			err.Error() != "create video "+file+": "+want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	ffmpeg(t)
	w, err := vision.CreateVideo(t.Context(), vision.Video{File: file, Width: 160, Height: 120, FPS: 25})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	f := plain(t, 80, 60, 0, 0, 0)
	want := "write video " + file + ": the picture is 80x60, the video 160x120 of BGR"
	if err := w.Write(&f.Mat); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
