package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/models"
)

// stream is a Source made of a camera.
type stream struct {
	handle *handle
	info   SourceInfo
	seq    uint64
}

// openStream opens a camera that has answered the preflight.
func openStream(ctx context.Context, target *Target, limits Timeouts) (*stream, error) {
	limits = limits.withDefaults()
	address := pinned(target.url, target.Address)
	h, err := openHandle(ctx, address, streamOptions(target, limits), limits.Open, limits.Read)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("open camera: %w", err)
		}
		// It answered and has video, so either nothing that can be decoded came, or nothing at all.
		return nil, &ReasonError{
			Reason: models.ReasonStalled, Detail: "the camera answers, but no picture came" + inBrackets(err),
		}
	}
	return &stream{handle: h, info: SourceInfo{
		Width:  int(h.video.Get(gocv.VideoCaptureFrameWidth)),
		Height: int(h.video.Get(gocv.VideoCaptureFrameHeight)),
		FPS:    target.FPS,
		Live:   true,
	}}, nil
}

// streamOptions are FFmpeg's options for a camera, valid for FFmpeg 5.1 (Debian 12) to 7.1 (Debian 13).
func streamOptions(target *Target, limits Timeouts) string {
	protocols := "tcp"
	if target.url.Scheme == "rtsps" {
		protocols = "tls,tcp"
	}
	transport := "tcp"
	if target.Transport == models.UDP {
		transport = "udp"
		protocols += ",rtp,udp"
	}
	return strings.Join([]string{
		"rtsp_transport;" + transport,
		// The socket's own time-out in microseconds, below OpenCV's. It was called stimeout before FFmpeg 5.
		fmt.Sprintf("timeout;%d", limits.Read.Microseconds()),
		// A camera's SDP may name other addresses; without file, http and the rest they cannot be opened.
		"protocol_whitelist;" + protocols,
		"allowed_media_types;video",
		// Do not wait for 20 pictures to guess a rate that is measured anyway.
		"fpsprobesize;0",
		// For UDP: room for a key frame of several hundred kilobytes that arrives at once.
		"buffer_size;2097152",
	}, "|")
}

// Info implements Source.
func (s *stream) Info() SourceInfo { return s.info }

// Close implements Source.
func (s *stream) Close() { s.handle.Close() }

// Read implements Source.
func (s *stream) Read(into *frame.Frame) error {
	at, err := s.Skip()
	if err != nil {
		return err
	}
	if err := s.handle.retrieve(&into.Mat); err != nil {
		return fmt.Errorf("read camera: %w", err)
	}
	into.At, into.Seq = at, s.seq
	return nil
}

// Skip waits for the next picture and stamps it: this is the moment that everything later derives from.
func (s *stream) Skip() (time.Time, error) {
	got, err := s.handle.grab()
	at := time.Now()
	switch {
	case errors.Is(err, errShapeChanged):
		return at, err
	case err != nil:
		return at, fmt.Errorf("read camera: %w", err)
	case !got:
		return at, io.EOF
	}
	s.seq++
	return at, nil
}
