package frame

import (
	"sync/atomic"

	"gocv.io/x/gocv"
)

// openMats is the ledger: how many Mats were made or adopted and not yet closed.
//
//nolint:gochecknoglobals // it counts the process's memory outside Go's heap, of which there is one
var openMats atomic.Int64

// OpenMats is the number of Mats that are open now in the whole process. It is exported as a metric; a number that
// keeps growing is a leak.
func OpenMats() int64 { return openMats.Load() }

// NewMat makes an empty Mat. Whoever calls it closes it with Close.
func NewMat() gocv.Mat { return Adopt(gocv.NewMat()) }

// NewMatWithSize makes a Mat of the given shape; its content is undefined.
func NewMatWithSize(rows, cols int, kind gocv.MatType) gocv.Mat {
	return Adopt(gocv.NewMatWithSize(rows, cols, kind))
}

// Adopt enters a Mat that a gocv function returned (IMRead, Region, Net.Forward ...) into the ledger and returns it.
// From then on it is closed with Close.
func Adopt(m gocv.Mat) gocv.Mat {
	openMats.Add(1)
	return m
}

// Close closes a Mat and takes it out of the ledger. Closing a Mat twice is harmless: the second time does nothing.
func Close(m *gocv.Mat) {
	if m.Ptr() == nil {
		return
	}
	// gocv's Close frees memory; it has no way to fail and always returns nil.
	_ = m.Close()
	openMats.Add(-1)
}
