package capture

/*
#cgo pkg-config: opencv4
#cgo CXXFLAGS: --std=c++11
#include <stdlib.h>
#include "opencv.h"
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
	"unsafe"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
)

// optionsVariable is how OpenCV takes options for FFmpeg: it is read from the environment at every open.
const optionsVariable = "OPENCV_FFMPEG_CAPTURE_OPTIONS"

// opening is held by whoever opens: the options are in the environment, which the process has once. Nothing is lost
// by it, because OpenCV holds a process-wide lock of its own while it opens. A channel, so that waiting ends with ctx.
//
//nolint:gochecknoglobals // see above
var opening = make(chan struct{}, 1)

// errThrown: OpenCV threw a C++ exception.
var errThrown = errors.New("opencv failed")

// errShapeChanged: the size or the format of the pictures changed, which OpenCV's capture cannot follow; what was
// opened must be opened again.
var errShapeChanged = errors.New("the size of the picture changed")

// Prepare makes OpenCV and FFmpeg silent: what they have to say becomes part of errors and states instead of
// anonymous lines on stderr. Opening a source does it too; main calls it before anything else uses OpenCV.
func Prepare() {
	// With either of these set, OpenCV would take FFmpeg's messages away from us and print them.
	_ = os.Unsetenv("OPENCV_FFMPEG_DEBUG")
	_ = os.Unsetenv("OPENCV_FFMPEG_LOGLEVEL")
	if _, set := os.LookupEnv(optionsVariable); !set {
		// The C library may move its environment when a variable is added, never when one is changed, and OpenCV
		// reads it from other threads: so it is added here, while there are none.
		_ = os.Setenv(optionsVariable, "")
	}
	C.footfall_prepare()
}

// handle is an open capture of OpenCV. It belongs to one goroutine, which it ties to its OS thread until Close: so
// what FFmpeg says on that thread is known to be about this capture.
//
// It is gocv's VideoCapture with the three things that gocv 0.32 lacks: options at opening (time-outs, one decoder
// thread), grab that says whether it worked, and retrieve. gocv.VideoCapture is a struct of one pointer, to
// cv::VideoCapture; peer reads it.
type handle struct {
	video  *gocv.VideoCapture
	told   C.footfall_decoder_report // filled by listen; a field, so that giving it to C allocates nothing
	chosen int                       // how often the decoder has chosen a format so far; 0 before the first picture
}

// openHandle opens uri with options for FFmpeg, written as OpenCV wants them: "key;value|key;value". The time-outs are
// set on the handle, because C does not see ctx.
func openHandle(ctx context.Context, uri, options string, open, read time.Duration) (*handle, error) {
	select {
	case opening <- struct{}{}:
		defer func() { <-opening }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	Prepare()
	if err := os.Setenv(optionsVariable, options); err != nil {
		return nil, fmt.Errorf("set %s: %w", optionsVariable, err)
	}
	runtime.LockOSThread()
	C.footfall_decoder_forget()
	// An empty name opens nothing: all we want of it is the unopened cv::VideoCapture, which it returns in any case.
	video, _ := gocv.VideoCaptureFileWithAPI("", gocv.VideoCaptureFFmpeg)
	h := &handle{video: video}
	name := C.CString(uri)
	defer C.free(unsafe.Pointer(name))
	if C.footfall_capture_open(h.peer(), name, millis(open), millis(read)) != 1 {
		said := h.said()
		h.Close()
		return nil, errors.New(said)
	}
	C.footfall_decoder_forget() // pictures that were decoded while opening chose their format too
	return h, nil
}

func millis(d time.Duration) C.int { return C.int(d.Milliseconds()) }

// peer is the cv::VideoCapture behind gocv's handle.
func (h *handle) peer() unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(h.video))
}

// grab decodes the next picture without converting it. It is false at the end, when nothing came in time, and when
// nothing that came could be decoded: said tells which.
func (h *handle) grab() (bool, error) {
	got := C.footfall_capture_grab(h.peer())
	if got < 0 {
		return false, errThrown
	}
	if got == 0 {
		return false, nil
	}
	before, now := h.chosen, int(h.listen().shapes)
	h.chosen = max(now, 1)
	if before > 0 && h.chosen > before {
		return false, errShapeChanged
	}
	return true, nil
}

// listen fetches what FFmpeg has said on this thread since the handle was opened.
func (h *handle) listen() *C.footfall_decoder_report {
	C.footfall_decoder_told(&h.told)
	return &h.told
}

// retrieve converts the picture that grab decoded into m: BGR, straight into m's memory when the size fits.
func (h *handle) retrieve(m *gocv.Mat) error {
	if C.footfall_capture_retrieve(h.peer(), unsafe.Pointer(m.Ptr())) != 1 {
		return errThrown
	}
	return nil
}

// position is the time stamp of the picture that grab decoded, as the container has it.
func (h *handle) position() time.Duration {
	return time.Duration(h.video.Get(gocv.VideoCapturePosMsec) * float64(time.Millisecond))
}

// errorsSaid is how many errors FFmpeg has reported since the handle was opened.
func (h *handle) errorsSaid() int { return int(h.listen().errors) }

// said is the last thing FFmpeg complained about, on one line, or "" when it had nothing to say. An address with
// credentials never gets out of here.
func (h *handle) said() string {
	said := strings.Join(strings.Fields(C.GoString(&h.listen().last[0])), " ")
	if strings.Contains(said, "@") {
		return ""
	}
	return said
}

// Close frees the handle, even one that could not be opened, and the goroutine from its thread.
func (h *handle) Close() {
	// gocv's Close frees memory and always returns nil.
	_ = h.video.Close()
	runtime.UnlockOSThread()
}

// decodePicture decodes a JPEG or PNG into f's Mat, whose memory is reused when the size fits.
func decodePicture(data []byte, f *frame.Frame) bool {
	if len(data) == 0 {
		return false
	}
	return C.footfall_decode_picture((*C.uint8_t)(unsafe.Pointer(&data[0])), C.int(len(data)),
		unsafe.Pointer(f.Mat.Ptr())) == 1
}
