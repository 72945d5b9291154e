package vision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gocv.io/x/gocv"
)

// Video says which video file is to be written.
type Video struct {
	File          string  // its name; a file of that name is replaced when the video is complete
	Width, Height int     // of the pictures, in pixels
	FPS           float64 // pictures a second
	FFmpeg        string  // the program; empty means ffmpeg, wherever the system finds it
}

// VideoWriter writes pictures as H.264 in MP4, through the ffmpeg program: what every browser and player can show. The
// file appears under its name when Close has made it whole; until then it is called NAME.part, and a video that fails
// leaves nothing. For one goroutine.
type VideoWriter struct {
	video   Video
	part    string
	command *exec.Cmd
	pixels  io.WriteCloser
	said    *lastWords
	stopped func() error // why we were told to stop, if we were
	written int          // pictures
	err     error        // what ended the video
	ended   bool
}

// CreateVideo starts the encoder, which ends with ctx at the latest. Close or Abort must be called.
func CreateVideo(ctx context.Context, v Video) (*VideoWriter, error) {
	w := &VideoWriter{video: v, part: v.File + ".part", said: &lastWords{}, stopped: ctx.Err}
	if err := w.start(ctx); err != nil {
		return nil, fmt.Errorf("create video %s: %w", v.File, err)
	}
	return w, nil
}

func (w *VideoWriter) start(ctx context.Context) error {
	v := w.video
	const maxFPS = 1000
	if v.Width < 1 || v.Height < 1 || !(v.FPS > 0 && v.FPS <= maxFPS) {
		return fmt.Errorf("%dx%d at %v pictures a second is not possible", v.Width, v.Height, v.FPS)
	}
	program, err := findFFmpeg(v.FFmpeg)
	if err != nil {
		return err
	}
	w.command = exec.CommandContext(ctx, program,
		"-hide_banner", "-loglevel", "error", "-y",
		"-f", "rawvideo", "-pixel_format", "bgr24", "-video_size", fmt.Sprintf("%dx%d", v.Width, v.Height),
		"-framerate", strconv.FormatFloat(v.FPS, 'f', -1, 64), "-i", "pipe:0",
		"-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", // yuv420p has a colour for every two pixels
		"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
		"-movflags", "+faststart", "-f", "mp4", "file:"+w.part)
	w.command.Stderr = w.said
	w.command.WaitDelay = 5 * time.Second
	// A terminal's Ctrl-C goes to the whole group; whether the video ends with it is for us to say. However we die, the
	// encoder's input ends with us, and that ends it.
	w.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if w.pixels, err = w.command.StdinPipe(); err != nil {
		return err
	}
	return w.command.Start()
}

func findFFmpeg(program string) (string, error) {
	if program == "" {
		program = "ffmpeg"
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("the program %s is not installed, or not in PATH", program)
	}
	return path, nil
}

// Write adds a picture. It must have the size of the video, BGR of 8 bits.
func (w *VideoWriter) Write(picture *gocv.Mat) error {
	switch {
	case w.err != nil:
		return w.err
	case w.ended:
		return fmt.Errorf("write video %s: %w", w.video.File, os.ErrClosed)
	}
	if picture.Cols() != w.video.Width || picture.Rows() != w.video.Height || picture.Type() != gocv.MatTypeCV8UC3 {
		return fmt.Errorf("write video %s: the picture is %dx%d, the video %dx%d of BGR", w.video.File,
			picture.Cols(), picture.Rows(), w.video.Width, w.video.Height)
	}
	pixels, err := picture.DataPtrUint8() // a view, written before we return
	if err != nil {
		return fmt.Errorf("write video %s: %w", w.video.File, err)
	}
	if _, err := w.pixels.Write(pixels); err != nil {
		return w.finish(err)
	}
	w.written++
	return nil
}

// Close completes the video and gives the file its name, or says why there is none. Closing twice says the same again.
func (w *VideoWriter) Close() error {
	if w.ended {
		return w.err
	}
	return w.finish(nil)
}

// Abort ends the encoder and leaves no file. After Close it does nothing.
func (w *VideoWriter) Abort() {
	if w.ended {
		return
	}
	_ = w.command.Process.Kill() // it may have ended by itself
	_ = w.finish(context.Canceled)
}

// finish waits for the encoder and keeps or removes what it wrote. cause is what went wrong before, if anything.
func (w *VideoWriter) finish(cause error) error {
	w.ended = true
	_ = w.pixels.Close() // ffmpeg learns that this was all; that it did is what Wait says
	waited := w.command.Wait()
	switch stopped := w.stopped(); {
	case stopped != nil:
		w.err = stopped
	case waited != nil || cause != nil:
		w.err = w.said.explain(errors.Join(waited, cause))
	case w.written == 0:
		w.err = errors.New("there were no pictures")
	default:
		w.err = os.Rename(w.part, w.video.File)
	}
	if w.err == nil {
		return nil
	}
	if err := os.Remove(w.part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.err = fmt.Errorf("%w; and %s stays behind: %w", w.err, w.part, err)
	}
	w.err = fmt.Errorf("write video %s: %w", w.video.File, w.err)
	return w.err
}

// lastWords keeps the end of what a program says, which is where it says why it gave up.
type lastWords struct{ text []byte }

// Write implements io.Writer.
func (l *lastWords) Write(p []byte) (int, error) {
	const enough = 4096
	l.text = append(l.text, p...)
	if extra := len(l.text) - enough; extra > 0 {
		l.text = append(l.text[:0], l.text[extra:]...)
	}
	return len(p), nil
}

// explain puts the program's first complaint in place of "exit status 1": what follows is consequence.
func (l *lastWords) explain(err error) error {
	line, _, _ := strings.Cut(strings.TrimSpace(string(l.text)), "\n")
	if line == "" {
		return fmt.Errorf("ffmpeg: %w", err)
	}
	return fmt.Errorf("ffmpeg: %s", line)
}
