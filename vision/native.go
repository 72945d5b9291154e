package vision

/*
#cgo pkg-config: opencv4
#cgo CXXFLAGS: -std=c++11 -O2
#include <stdlib.h>
#include "native.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// nativeError takes over the reason that a function of native.h gave.
func nativeError(reason *C.char) error {
	if reason == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(reason))
	return errors.New(C.GoString(reason))
}

// tensor is memory for numbers that C++ may keep a pointer to: it lies outside of Go's heap.
type tensor struct {
	shape []int64
	data  []float32 // a view, valid until close
}

// maxTensor bounds what a model can make us allocate: 64 million numbers are 256 MB, a hundred times what a detector
// for cameras needs.
const maxTensor = 64 << 20

// newTensor makes a tensor of zeros.
func newTensor(shape ...int64) (*tensor, error) {
	count := int64(1)
	for _, n := range shape {
		if n < 1 || n > maxTensor || count*n > maxTensor {
			return nil, fmt.Errorf("a tensor of %v numbers is not possible", shape)
		}
		count *= n
	}
	memory := C.calloc(C.size_t(count), C.size_t(unsafe.Sizeof(float32(0))))
	if memory == nil {
		return nil, fmt.Errorf("no memory for a tensor of %v numbers", shape)
	}
	return &tensor{shape: shape, data: unsafe.Slice((*float32)(memory), count)}, nil
}

func (t *tensor) fill(value float32) {
	for i := range t.data {
		t.data[i] = value
	}
}

func (t *tensor) pointer() *C.float { return (*C.float)(unsafe.Pointer(unsafe.SliceData(t.data))) }

// close frees the memory; closing twice, or a tensor that was never made, is harmless.
func (t *tensor) close() {
	if t != nil && t.data != nil {
		C.free(unsafe.Pointer(unsafe.SliceData(t.data)))
		t.data = nil
	}
}

// setThreads sets how many threads OpenCV uses. It has one such number in a process.
func setThreads(n int) { C.footfall_set_threads(C.int(n)) }
