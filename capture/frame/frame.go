package frame

import (
	"time"

	"gocv.io/x/gocv"
)

// Frame is one picture with the moment it was taken. See the package's comment for who owns it.
type Frame struct {
	// Mat holds the pixels: BGR, 8 bits, continuous. It is reused from picture to picture; it never changes hands
	// without its frame.
	Mat gocv.Mat

	// At is the moment of the picture, stamped once, in capture: by the wall clock when it arrived from a camera, by
	// the file's own time stamps otherwise. From a camera it carries the monotonic clock too, so that differences
	// (ages, gaps, speeds) are right while the wall clock is being set.
	At time.Time

	// Seq is the number of the picture in its source, counting from 1 and never going back, reconnects included.
	// Numbers that are missing belong to pictures that were dropped or skipped.
	Seq uint64

	// Blind says that the picture shows nothing that could be counted: it repeats itself, or it is black. The time
	// that ends with a blind frame was not observed, and nothing that is found on one is counted.
	Blind bool

	pool *Pool // where Release brings it back to
	free bool  // it lies in its pool; guarded by the pool's lock
}

// Stamp is the moment of the picture; see At.
func (f *Frame) Stamp() time.Time { return f.At }

// Width is the width in pixels, 0 for a frame that nothing was read into.
func (f *Frame) Width() int { return f.Mat.Cols() }

// Height is the height in pixels.
func (f *Frame) Height() int { return f.Mat.Rows() }

// Aspect is width divided by height: what turns fractions of the width into picture heights. It is 1 for a frame that
// nothing was read into. A camera may change it from one frame to the next.
func (f *Frame) Aspect() float64 {
	if f.Height() == 0 {
		return 1
	}
	return float64(f.Width()) / float64(f.Height())
}

// Release gives the frame back to its pool; afterwards it is somebody else's. A second Release of a frame that lies in
// its pool does nothing.
func (f *Frame) Release() { f.pool.put(f) }

// Healthy reports whether the picture shows anything that could be counted.
func (f *Frame) Healthy() bool { return !f.Blind }
