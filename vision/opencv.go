package vision

// #cgo noescape footfall_net_forward
// #cgo nocallback footfall_net_forward
// #include "native.h"
import "C"

import (
	"unsafe"

	"footfall/models"
)

// openCVEngine runs a network in OpenCV's DNN module, through native.cpp: gocv's own Net lets exceptions through.
type openCVEngine struct {
	net     unsafe.Pointer
	in, out *tensor
}

func openOpenCV(model []byte, c models.Contract) (engine, error) {
	e := &openCVEngine{}
	if err := e.open(model, c); err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (e *openCVEngine) open(model []byte, c models.Contract) error {
	reason := C.footfall_net_open(unsafe.Pointer(unsafe.SliceData(model)), C.size_t(len(model)), &e.net)
	if err := nativeError(reason); err != nil {
		return err
	}
	var err error
	if e.in, err = newTensor(1, 3, int64(c.Height), int64(c.Width)); err != nil {
		return err
	}
	e.in.fill(float32(*c.Pad * c.Scale))
	shape, err := e.run()
	if err != nil {
		return err
	}
	if e.out, err = newTensor(shape...); err != nil {
		return err
	}
	return e.forward()
}

func (e *openCVEngine) input() *tensor  { return e.in }
func (e *openCVEngine) output() *tensor { return e.out }

func (e *openCVEngine) forward() error {
	_, err := e.run()
	return err
}

// run returns the shape of the output when there is no tensor for it yet.
func (e *openCVEngine) run() ([]int64, error) {
	var output *C.float
	room := 0
	if e.out != nil {
		output, room = e.out.pointer(), len(e.out.data)
	}
	var shape [8]C.int64_t
	var dimensions C.int
	reason := C.footfall_net_forward(e.net, e.in.pointer(), C.int(e.in.shape[2]), C.int(e.in.shape[3]),
		output, C.size_t(room), &shape[0], &dimensions)
	if err := nativeError(reason); err != nil || e.out != nil {
		return nil, err
	}
	found := make([]int64, dimensions)
	for i := range found {
		found[i] = int64(shape[i])
	}
	return found, nil
}

func (e *openCVEngine) close() {
	if e.net != nil {
		C.footfall_net_close(e.net)
		e.net = nil
	}
	e.in.close()
	e.out.close()
}
