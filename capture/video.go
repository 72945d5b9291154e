package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/models"
)

// videoOptions let FFmpeg read this one file and nothing else: a playlist or a subtitle file that calls itself a video
// must not make it open other files or addresses.
const videoOptions = "protocol_whitelist;file|format_whitelist;" +
	"mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,h264,hevc,m4v,mpegvideo,mjpeg,mxf,ivf,gif,y4m,yuv4mpegpipe,rm,wtv"

// video is a Source made of a video file.
type video struct {
	name   string
	handle *handle
	info   SourceInfo
	times  timeline
	seq    uint64    // of the last picture
	at     time.Time // its moment
}

func openVideo(ctx context.Context, spec Spec) (Source, error) {
	// FFmpeg's own error would not say what is missing.
	readable, err := os.Open(spec.Location)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", spec.Location, reasonOf(err))
	}
	_ = readable.Close()
	// Absolute, so that a name with a colon is not taken for a protocol.
	path, err := filepath.Abs(spec.Location)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", spec.Location, err)
	}
	limits := spec.Timeouts.withDefaults()
	h, err := openHandle(ctx, path, videoOptions, limits)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("open %s: %w", spec.Location, err)
		}
		return nil, models.Invalidf("source", "%s is not a video that can be read; it may be cut off, damaged or of "+
			"another kind%s", spec.Location, inBrackets(err))
	}
	v := &video{name: spec.Location, handle: h}
	v.info = SourceInfo{
		Width:  int(h.video.Get(gocv.VideoCaptureFrameWidth)),
		Height: int(h.video.Get(gocv.VideoCaptureFrameHeight)),
		FPS:    plausibleFPS(h.video.Get(gocv.VideoCaptureFPS), spec.FPS),
	}
	if n := h.video.Get(gocv.VideoCaptureFrameCount); n > 0 && n < math.MaxInt32 {
		v.info.Frames = int(n)
	}
	v.times = newTimeline(spec.Origin, v.info.FPS)
	return v, nil
}

// inBrackets is what FFmpeg said, when it said something.
func inBrackets(err error) string {
	if err.Error() == "" {
		return ""
	}
	return " (" + err.Error() + ")"
}

// Info implements Source.
func (v *video) Info() SourceInfo { return v.info }

// Close implements Source.
func (v *video) Close() { v.handle.Close() }

// Read implements Source.
func (v *video) Read(into *frame.Frame) error {
	if _, err := v.Skip(); err != nil {
		return err
	}
	return v.Fill(into)
}

// Fill implements Source.
func (v *video) Fill(into *frame.Frame) error {
	if err := v.handle.retrieve(&into.Mat); err != nil {
		return fmt.Errorf("read %s: frame %d: %w", v.name, v.seq, err)
	}
	into.At, into.Seq = v.at, v.seq
	return nil
}

// Skip implements Source. A packet that cannot be decoded is passed over: its picture is missing, and those after it
// have their own moments all the same.
func (v *video) Skip() (time.Time, error) {
	for range maxBroken {
		complained := v.handle.errorsSaid()
		got, err := v.handle.grab()
		switch {
		case errors.Is(err, errShapeChanged):
			return time.Time{}, fmt.Errorf("read %s: after frame %d %w; convert the video to one size",
				v.name, v.seq, err)
		case err != nil:
			return time.Time{}, fmt.Errorf("read %s: after frame %d: %w", v.name, v.seq, err)
		case got:
			v.seq++
			v.at = v.times.at(v.handle.position())
			return v.at, nil
		case v.handle.errorsSaid() == complained:
			return time.Time{}, v.end() // there is nothing more, and nothing wrong with that
		}
	}
	return time.Time{}, v.end()
}

// maxBroken is how many packets in a row may be beyond decoding before the video is taken to end there: more than
// encoders leave between two key frames, which is as far as one damage reaches.
const maxBroken = 1000

func (v *video) end() error {
	if v.seq == 0 {
		return fmt.Errorf("read %s: not one picture could be decoded%s", v.name,
			inBrackets(errors.New(v.handle.said())))
	}
	return io.EOF
}
