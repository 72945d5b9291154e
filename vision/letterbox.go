package vision

// #cgo noescape footfall_letterbox
// #cgo nocallback footfall_letterbox
// #include "native.h"
import "C"

import (
	"errors"
	"unsafe"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision/yolo"
)

// letterbox puts pictures into the input of a network: scaled to fit, at the top left, planes of float32. The padding
// is written when the picture's size changes, not with every picture.
type letterbox struct {
	contract models.Contract
	small    gocv.Mat // the scaled picture
	planes   gocv.Mat // its colours
	lastFit  yolo.Fit
}

func newLetterbox(contract models.Contract) *letterbox {
	return &letterbox{contract: contract, small: frame.NewMat(), planes: frame.NewMat()}
}

func (l *letterbox) close() {
	frame.Close(&l.small)
	frame.Close(&l.planes)
}

var errEmptyFrame = errors.New("the picture is empty")

// fill writes a BGR picture into the input and returns where it lies there.
func (l *letterbox) fill(picture *gocv.Mat, input *tensor) (yolo.Fit, error) {
	width, height := picture.Cols(), picture.Rows()
	if width < 1 || height < 1 {
		return yolo.Fit{}, errEmptyFrame
	}
	if kind := picture.Type(); kind != gocv.MatTypeCV8UC3 {
		return yolo.Fit{}, errors.New("the picture is not BGR of 8 bits")
	}
	fit := yolo.FitInto(width, height, l.contract.Width, l.contract.Height)
	if fit != l.lastFit {
		input.fill(float32(*l.contract.Pad * l.contract.Scale))
		l.lastFit = fit
	}
	swap := C.int(0)
	if l.contract.Colour == models.RGB {
		swap = 1
	}
	err := nativeError(C.footfall_letterbox(unsafe.Pointer(picture.Ptr()), unsafe.Pointer(l.small.Ptr()),
		unsafe.Pointer(l.planes.Ptr()), C.int(fit.Width), C.int(fit.Height), swap, C.double(l.contract.Scale),
		input.pointer(), C.int(l.contract.Width), C.int(l.contract.Height)))
	return fit, err
}
