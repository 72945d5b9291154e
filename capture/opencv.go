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
	"math"
	"os"
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

// handle is an open capture of OpenCV: gocv's VideoCapture with the three things that gocv 0.32 lacks, namely options
// at opening (time-outs, one decoder thread), a grab that says whether it worked, and retrieve.
type handle struct {
	video  *gocv.VideoCapture
	report C.footfall_report // what FFmpeg has said; a field, so that lending it to C allocates nothing
	chosen int               // report.shapes as of the last picture; 0 before the first

	errorsOpening int // how many errors FFmpeg reported while it opened
}

// openHandle opens uri with options for FFmpeg, written as OpenCV wants them: "key;value|key;value". The time-outs are
// set on the handle, because C does not see ctx.
func openHandle(ctx context.Context, uri, options string, limits Timeouts) (*handle, error) {
	if err := takeTurn(ctx); err != nil {
		return nil, err
	}
	defer func() { <-opening }()
	Prepare()
	if err := os.Setenv(optionsVariable, options); err != nil {
		return nil, fmt.Errorf("set %s: %w", optionsVariable, err)
	}
	if limits.entered != nil {
		limits.entered()
	}
	// An empty name opens nothing: all we want of it is the unopened cv::VideoCapture, which it returns in any case.
	video, _ := gocv.VideoCaptureFileWithAPI("", gocv.VideoCaptureFFmpeg)
	h := &handle{video: video}
	name := C.CString(uri)
	defer C.free(unsafe.Pointer(name))
	if C.footfall_capture_open(h.peer(), name, millis(limits.Open), millis(limits.Read), &h.report) != 1 {
		said := h.said()
		h.Close()
		return nil, errors.New(said)
	}
	h.errorsOpening = h.errorsSaid()
	h.report.shapes = 0 // pictures that were decoded while opening chose their format too
	return h, nil
}

// turnPatience is longer than it takes all the cameras of a process to open one after the other. Every open has a
// time-out, so whoever waits longer waits for one that is stuck.
const turnPatience = 2 * time.Minute

// takeTurn waits until nobody else opens.
func takeTurn(ctx context.Context) error {
	patience := time.NewTimer(turnPatience)
	defer patience.Stop()
	select {
	case opening <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-patience.C:
		return fmt.Errorf("wait for a turn to open: %w", ErrStuck)
	}
}

func millis(d time.Duration) C.int { return C.int(d.Milliseconds()) }

// peer is the cv::VideoCapture behind gocv's handle, which is a struct of that one pointer.
func (h *handle) peer() unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(h.video))
}

// grab decodes the next picture without converting it. It is false at the end, when nothing came in time, and when
// nothing that came could be decoded: said tells which.
func (h *handle) grab() (bool, error) {
	got := C.footfall_capture_grab(h.peer(), &h.report)
	if got < 0 {
		return false, errThrown
	}
	if got == 0 {
		return false, nil
	}
	before := h.chosen
	h.chosen = max(int(h.report.shapes), 1)
	if before > 0 && h.chosen > before {
		return false, errShapeChanged
	}
	return true, nil
}

// retrieve converts the picture that grab decoded into m: BGR, straight into m's memory when the size fits.
func (h *handle) retrieve(m *gocv.Mat) error {
	if C.footfall_capture_retrieve(h.peer(), unsafe.Pointer(m.Ptr())) != 1 {
		return errThrown
	}
	return nil
}

// position is the time stamp of the picture that grab decoded, as the container has it; 0 when it has none.
func (h *handle) position() time.Duration {
	ms := h.video.Get(gocv.VideoCapturePosMsec)
	if !(math.Abs(ms) < maxPosition.Seconds()*1000) { // also not a number
		return 0
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// maxPosition is longer than any recording.
const maxPosition = 10 * 365 * 24 * time.Hour

// isKey is OpenCV's CAP_PROP_LRF_HAS_KEY_FRAME, which gocv 0.32 does not name.
const isKey = gocv.VideoCaptureProperties(67)

// key reports whether the picture that grab decoded was a key frame: coded on its own, without those before it.
func (h *handle) key() bool { return h.video.Get(isKey) != 0 }

// errorsSaid is how many errors FFmpeg has reported since the handle was opened.
func (h *handle) errorsSaid() int { return int(h.report.errors) }

// said is the last thing FFmpeg complained about, on one line, or "" when it had nothing to say. An address with
// credentials never gets out of here.
func (h *handle) said() string {
	said := strings.Join(strings.Fields(C.GoString(&h.report.last[0])), " ")
	if strings.Contains(said, "@") {
		return ""
	}
	return said
}

// Close frees the handle, even one that could not be opened.
func (h *handle) Close() {
	// gocv's Close frees memory and always returns nil.
	_ = h.video.Close()
}

// decodePicture decodes a JPEG or PNG into f's Mat, which is empty when there is no picture in the data.
func decodePicture(data []byte, f *frame.Frame) bool {
	if len(data) == 0 {
		return false
	}
	return C.footfall_decode_picture((*C.uint8_t)(unsafe.Pointer(&data[0])), C.int(len(data)),
		unsafe.Pointer(f.Mat.Ptr())) == 1
}
