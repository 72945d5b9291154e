package vision

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"footfall/models"
	"footfall/vision/yolo"
)

// libraryVariable is the environment variable that names the file of ONNX Runtime's library.
const libraryVariable = "FOOTFALL_ONNXRUNTIME"

// runtimeMutex guards the start of ONNX Runtime, of which a process has one: onnxruntime_go keeps it in variables of
// its own and does not guard it.
//
//nolint:gochecknoglobals // it guards another package's globals
var runtimeMutex sync.Mutex

// loadONNXRuntime finds and loads the library, unless that is done already. It stays loaded until the process ends.
func loadONNXRuntime(path string) error {
	runtimeMutex.Lock()
	defer runtimeMutex.Unlock()
	if ort.IsInitialized() {
		return nil
	}
	candidates := libraryCandidates(path)
	var reasons []error
	for _, candidate := range candidates {
		ort.SetSharedLibraryPath(candidate)
		err := ort.InitializeEnvironment(ort.WithLogLevelError())
		if err == nil {
			return nil
		}
		reasons = append(reasons, err)
	}
	for i, reason := range reasons {
		// A library that is there and does not fit is worth more words than all that are not there.
		if len(candidates) == 1 || !strings.Contains(reason.Error(), "No such file") {
			return fmt.Errorf("load ONNX Runtime: %s: %s", candidates[i], lastReason(reason, candidates[i]))
		}
	}
	return errors.New("load ONNX Runtime: libonnxruntime.so is not installed")
}

// lastReason is the part of an error of onnxruntime_go that says something, without the file's name.
func lastReason(err error, path string) string {
	text := err.Error()
	if i := strings.LastIndex(text, path); i >= 0 {
		text = text[i+len(path):]
	}
	return strings.TrimLeft(strings.Join(strings.Fields(text), " "), `": `)
}

// libraryCandidates are the files to try. A named one is the only one: whoever names a library means that one.
func libraryCandidates(path string) []string {
	if path == "" {
		path = os.Getenv(libraryVariable)
	}
	if path != "" {
		return []string{path}
	}
	names := []string{
		"libonnxruntime.so", "libonnxruntime.so.1", "libonnxruntime.so.1.22", "libonnxruntime.so.1.22.0",
		"libonnxruntime.so.1.21", "libonnxruntime.so.1.21.0", "libonnxruntime.so.1.23",
	}
	folders := []string{"/usr/local/lib"}
	if binary, err := os.Executable(); err == nil {
		folders = append([]string{filepath.Join(filepath.Dir(binary), "lib"), filepath.Dir(binary)}, folders...)
	}
	var candidates []string
	for _, folder := range folders {
		for _, name := range names {
			file := filepath.Join(folder, name)
			if _, err := os.Stat(file); err == nil {
				candidates = append(candidates, file)
			}
		}
	}
	return append(candidates, names...) // bare names are looked up in the system's library path
}

// onnxRuntimeEngine runs a network in ONNX Runtime.
type onnxRuntimeEngine struct {
	session *ort.DynamicAdvancedSession
	binding *ort.IoBinding
	values  []ort.Value // what is bound
	in, out *tensor
}

func openONNXRuntime(model []byte, c models.Contract, threads int) (engine, error) {
	e := &onnxRuntimeEngine{}
	if err := e.open(model, c, threads); err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (e *onnxRuntimeEngine) open(model []byte, c models.Contract, threads int) error {
	options, err := sessionOptions(threads)
	if err != nil {
		return err
	}
	defer func() { _ = options.Destroy() }() // it frees memory and cannot fail
	if err := e.start(model, c, options); err != nil {
		return shortened(err)
	}
	if e.in, err = newTensor(1, 3, int64(c.Height), int64(c.Width)); err != nil {
		return err
	}
	e.in.fill(float32(*c.Pad * c.Scale))
	input, err := ort.NewTensor(ort.NewShape(e.in.shape...), e.in.data)
	if err != nil {
		return err
	}
	e.values = append(e.values, input)
	shape, err := e.trial(input)
	if err != nil {
		return err
	}
	if e.out, err = newTensor(shape...); err != nil {
		return err
	}
	output, err := ort.NewTensor(ort.NewShape(shape...), e.out.data)
	if err != nil {
		return err
	}
	e.values = append(e.values, output)
	return e.bind(c, input, output)
}

// start makes the session. One at a time: withoutNoise moves the stderr of the whole process.
func (e *onnxRuntimeEngine) start(model []byte, c models.Contract, options *ort.SessionOptions) error {
	runtimeMutex.Lock()
	defer runtimeMutex.Unlock()
	return withoutNoise(func() (err error) {
		inputs, outputs := []string{c.Input}, []string{c.Output}
		e.session, err = ort.NewDynamicAdvancedSessionWithONNXData(model, inputs, outputs, options)
		return err
	})
}

// trial runs the network once with an output that ONNX Runtime allocates, to learn its shape.
func (e *onnxRuntimeEngine) trial(input ort.Value) ([]int64, error) {
	outputs := []ort.Value{nil}
	if err := e.session.Run([]ort.Value{input}, outputs); err != nil {
		return nil, shortened(err)
	}
	defer func() { _ = outputs[0].Destroy() }() // it frees memory and cannot fail
	shape := []int64(outputs[0].GetShape())
	if _, isFloat := outputs[0].(*ort.Tensor[float32]); !isFloat {
		return nil, fmt.Errorf("expected an output of float32, found %s of another type", yolo.FormatShape(shape))
	}
	return shape, nil
}

// bind ties the tensors to the session, so that a run names nothing and allocates nothing.
func (e *onnxRuntimeEngine) bind(c models.Contract, input, output ort.Value) error {
	var err error
	if e.binding, err = e.session.CreateIoBinding(); err != nil {
		return err
	}
	if err = e.binding.BindInput(c.Input, input); err != nil {
		return err
	}
	if err = e.binding.BindOutput(c.Output, output); err != nil {
		return err
	}
	return e.forward()
}

// sessionOptions: every optimisation that ONNX Runtime knows, and threads that sleep when there is nothing to do: there
// are other cameras.
func sessionOptions(threads int) (*ort.SessionOptions, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		options.SetIntraOpNumThreads(threads),
		options.SetInterOpNumThreads(1),
		options.SetGraphOptimizationLevel(ort.GraphOptimizationLevelEnableAll),
		options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"),
		options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0"),
	)
	if err != nil {
		return nil, errors.Join(err, options.Destroy())
	}
	return options, nil
}

// shortened makes one line of an error of ONNX Runtime.
func shortened(err error) error {
	text, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return errors.New(strings.TrimPrefix(text, "Error creating C session: "))
}

func (e *onnxRuntimeEngine) input() *tensor  { return e.in }
func (e *onnxRuntimeEngine) output() *tensor { return e.out }
func (e *onnxRuntimeEngine) forward() error  { return e.session.RunWithBinding(e.binding) }

// close frees everything; none of it can fail.
func (e *onnxRuntimeEngine) close() {
	if e.binding != nil {
		_ = e.binding.Destroy()
	}
	if e.session != nil {
		_ = e.session.Destroy()
	}
	for _, value := range e.values {
		_ = value.Destroy()
	}
	e.in.close()
	e.out.close()
}
