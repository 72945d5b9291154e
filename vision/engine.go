package vision

import (
	"fmt"

	"footfall/models"
)

// EngineName chooses what runs a network.
type EngineName string

// The engines. Auto is ONNX Runtime when its library can be loaded, because it takes a third of the time, else OpenCV,
// which is always there.
const (
	Auto        EngineName = "auto"
	ONNXRuntime EngineName = "onnxruntime"
	OpenCV      EngineName = "opencv"
)

// engine runs one network. Its tensors are its own and stay where they are, so that nothing is allocated for a frame.
type engine interface {
	input() *tensor
	// forward runs the network on what lies in the input, and changes the output.
	forward() error
	output() *tensor
	close()
}

// openEngine starts an engine and runs it once on an empty picture, so that the shape of its output is known and
// whoever has a broken model learns it now. It returns the engine's name, and why it is this one when it was up to us.
func openEngine(o Options, model []byte, c models.Contract) (engine, EngineName, string, error) {
	if o.Engine == OpenCV {
		e, err := openOpenCV(model, c)
		return e, OpenCV, "", err
	}
	err := loadONNXRuntime(o.Library)
	switch {
	case err == nil:
		e, err := openONNXRuntime(model, c, o.Threads)
		return e, ONNXRuntime, "", err
	case o.Engine == ONNXRuntime:
		return nil, ONNXRuntime, "", fmt.Errorf("%w; install it, name its file in %s, or use the engine opencv",
			err, libraryVariable)
	}
	e, openErr := openOpenCV(model, c)
	return e, OpenCV, err.Error(), openErr
}
