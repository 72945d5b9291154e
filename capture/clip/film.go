package clip

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"footfall/capture/matroska"
)

// footage is what a film has become.
type footage struct {
	start, end    time.Time
	width, height int
	pictures      int64
	observed      time.Duration
}

// maxObservedGap is how far apart two pictures may be for the time between them to count as seen; see vision/pipeline.
const maxObservedGap = time.Second

// add notes a picture.
func (f *footage) add(p Picture) {
	if f.pictures == 0 {
		f.start, f.width, f.height = p.At, p.Width, p.Height
	} else if gap := p.At.Sub(f.end); gap <= maxObservedGap {
		f.observed += gap
	}
	f.end = p.At
	f.pictures++
}

// encoder is an ffmpeg that makes an MP4 file of JPEG pictures: H.264 that every browser plays, each picture shown for
// as long as it was the newest, and the index before the pictures, so that playing begins before all is loaded.
type encoder struct {
	command  *exec.Cmd
	pictures io.WriteCloser
	said     *strings.Builder
	header   []byte
	origin   time.Time
	last     int64
	started  bool
}

// startEncoder starts ffmpeg, which writes to path.
func startEncoder(ctx context.Context, program, path string) (*encoder, error) {
	if program == "" {
		program = "ffmpeg"
	}
	found, err := exec.LookPath(program)
	if err != nil {
		return nil, fmt.Errorf("the program %s is not installed, or not in PATH", program)
	}
	e := &encoder{said: &strings.Builder{}}
	e.command = exec.CommandContext(ctx, found,
		"-hide_banner", "-loglevel", "error", "-nostats", "-nostdin", "-threads", "1",
		"-f", "matroska", "-i", "pipe:0", "-map", "0:v:0",
		"-vf", "scale=in_range=full:out_range=tv,format=yuv420p",
		"-fps_mode", "passthrough", "-enc_time_base", "1:1000", "-video_track_timescale", "1000",
		"-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-threads", "1", "-profile:v", "main",
		"-bf", "0", "-g", "50", "-color_range", "tv", //nolint:misspell // ffmpeg's spelling
		"-movflags", "+faststart", "-fflags", "+bitexact", "-f", "mp4", "-y", path)
	e.command.Stderr = e.said
	e.command.WaitDelay = 5 * time.Second
	// A terminal's Ctrl-C goes to the whole group. However we die, ffmpeg's input ends with us, and that ends it.
	e.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if e.pictures, err = e.command.StdinPipe(); err != nil {
		return nil, err
	}
	return e, e.command.Start()
}

// write encodes a picture. It waits until ffmpeg has taken it.
func (e *encoder) write(p Picture) error {
	e.header = e.header[:0]
	if !e.started {
		e.started, e.origin, e.last = true, p.At, -1
		e.header = matroska.AppendStart(e.header, matroska.Track{Width: p.Width, Height: p.Height})
	}
	ms := max(p.At.Sub(e.origin).Milliseconds(), e.last+1)
	e.last = ms
	e.header = matroska.AppendPicture(e.header, ms, len(p.JPEG))
	for _, part := range [][]byte{e.header, p.JPEG} {
		if _, err := e.pictures.Write(part); err != nil {
			return fmt.Errorf("hand a picture to ffmpeg: %w", err)
		}
	}
	return nil
}

// close waits until the file is complete.
func (e *encoder) close() error {
	_ = e.pictures.Close() // ffmpeg learns that this was all
	hung := time.AfterFunc(30*time.Second, func() { _ = e.command.Process.Kill() })
	err := e.command.Wait()
	hung.Stop()
	if err == nil {
		return nil
	}
	if line, _, _ := strings.Cut(strings.TrimSpace(e.said.String()), "\n"); line != "" {
		return fmt.Errorf("ffmpeg: %s", line)
	}
	return fmt.Errorf("ffmpeg: %w", err)
}

// kill ends ffmpeg, whose file is of no use.
func (e *encoder) kill() {
	_ = e.command.Process.Kill()
	_ = e.command.Wait()
}
