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
	handle   *handle
	patience time.Duration // the time-out that is set on the handle
	info     SourceInfo
	seq      uint64    // of the last picture
	at       time.Time // its moment
}

// openStream opens a camera that has answered the preflight.
func openStream(ctx context.Context, target *Target, limits Timeouts) (*stream, error) {
	limits = limits.withDefaults()
	address := pinned(target.url, target.Address)
	h, err := openHandle(ctx, address, streamOptions(target, limits), limits)
	if err != nil {
		if ctx.Err() != nil || errors.Is(err, ErrStuck) {
			return nil, fmt.Errorf("open camera: %w", err)
		}
		return nil, &ReasonError{
			Reason: models.ReasonStalled, Detail: "the camera answers, but no picture came" + inBrackets(err),
		}
	}
	s := &stream{handle: h, patience: limits.Read, info: SourceInfo{
		Width:  int(h.video.Get(gocv.VideoCaptureFrameWidth)),
		Height: int(h.video.Get(gocv.VideoCaptureFrameHeight)),
		FPS:    target.FPS,
		Live:   true,
	}}
	if s.info.Width == 0 || s.info.Height == 0 {
		// OpenCV opens a stream that it has seen no picture of, and then makes empty ones of what comes.
		defer s.Close()
		if h.errorsOpening > 0 {
			return nil, garbage(h.said())
		}
		return nil, &ReasonError{Reason: models.ReasonStalled, Detail: "the camera answers, but no picture came"}
	}
	return s, nil
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
	probe := 5 << 20 // bytes in which a key frame comes, with the size of the picture
	if target.Width > 0 {
		// The camera has announced the size. To look further would only delay the first picture, and recovery: FFmpeg
		// likes to see 18 pictures before it is sure of their order, 2 s of most cameras.
		probe = 32
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
		fmt.Sprintf("probesize;%d", probe),
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
	if _, err := s.Skip(); err != nil {
		return err
	}
	return s.Fill(into)
}

// Fill implements Source.
func (s *stream) Fill(into *frame.Frame) error {
	if err := s.handle.retrieve(&into.Mat); err != nil {
		return fmt.Errorf("read camera: %w", err)
	}
	into.At, into.Seq = s.at, s.seq
	return nil
}

// KeyFrame reports whether the picture that Skip went on to is coded on its own, without those before it.
func (s *stream) KeyFrame() bool { return s.handle.key() }

// Skip waits for the next picture and stamps it: this is the moment that everything later derives from. When there is
// none, the error is a *ReasonError that says why.
func (s *stream) Skip() (time.Time, error) {
	asked, before := time.Now(), s.handle.errorsSaid()
	for {
		complained := s.handle.errorsSaid()
		got, err := s.handle.grab()
		s.at = time.Now().UTC()
		waited := s.at.Sub(asked)
		switch {
		case err != nil:
			return s.at, fmt.Errorf("read camera: %w", err)
		case waited >= s.patience*7/10 && complained-before >= manyComplaints:
			return s.at, garbage(s.handle.said())
		case waited >= s.patience*9/10:
			// Also when there is a picture: after a time-out OpenCV hands out the one that the decoder held back.
			return s.at, &ReasonError{
				Reason: models.ReasonStalled, Detail: fmt.Sprintf("no picture for %v", waited.Round(time.Second)),
			}
		case got:
			s.seq++
			return s.at, nil
		case s.handle.errorsSaid() == complained:
			return s.at, &ReasonError{Reason: models.ReasonEnded, Detail: "the camera closed the stream", Err: io.EOF}
		}
		// A packet that could not be decoded: OpenCV gives up at each of them, the stream goes on.
	}
}

// manyComplaints is more than one damaged picture, or the end of a stream, gives rise to.
const manyComplaints = 3

func garbage(said string) error {
	return &ReasonError{
		Reason: models.ReasonGarbage,
		Detail: "packets arrive that no picture can be made of" + inBrackets(errors.New(said)),
	}
}
