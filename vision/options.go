package vision

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	ort "github.com/yalue/onnxruntime_go"

	"footfall/models"
	"footfall/vision/yolo"
)

// Options say what to open and how. Only File or Model is needed.
type Options struct {
	// File is the ONNX file; a contract may lie beside it, as File.json or File.yaml. With Model set it is not read.
	File string
	// Model is the ONNX file's content, for models that are not files.
	Model []byte
	// Name is what the model is called in Info, and in errors when it is no file; empty means the last part of File.
	Name string
	// Contract is what the model promises, when the caller knows the file by its hash.
	Contract *models.Contract

	// Engine runs the network; empty means Auto.
	Engine EngineName
	// Library is the file of ONNX Runtime's library; empty means to look for it: in FOOTFALL_ONNXRUNTIME, beside the
	// program and in its folder lib, in /usr/local/lib, and where the system keeps libraries. A process loads it once.
	Library string
	// Threads is how many threads work on one picture; 0 means 1. More make one camera faster and several slower.
	// OpenCV has one such number in a process: the last detector opened sets it.
	Threads int
	// Width and Height choose the input's size, in pixels, where the model leaves it open; 0 means as it proposes.
	// Larger finds smaller people and costs more.
	Width, Height int

	// MinScore is the least score that is reported; 0 means 0.1. That is low on purpose: the tracker uses weak boxes to
	// hold on to people it knows, and does its own choosing of strong ones.
	MinScore float64
	// MaxIoU is how much two boxes may overlap and be two people; 0 means 0.45. See yolo.Config.
	MaxIoU float64
	// MaxDetections bounds what is reported of one frame; 0 means 300.
	MaxDetections int
	// Classes are the ones to report; none means people.
	Classes []models.Class

	// Clock measures the cost: a reading that only grows. nil means the wall's.
	Clock func() time.Duration
}

func (o Options) withDefaults() Options {
	if o.Name == "" {
		o.Name = filepath.Base(o.File)
	}
	if o.Engine == "" {
		o.Engine = Auto
	}
	o.Threads = defaultTo(o.Threads, 1)
	o.MinScore = defaultTo(o.MinScore, 0.1)
	o.MaxIoU = defaultTo(o.MaxIoU, 0.45)
	o.MaxDetections = defaultTo(o.MaxDetections, 300)
	if len(o.Classes) == 0 {
		o.Classes = []models.Class{models.Person}
	}
	if o.Clock == nil {
		start := time.Now()
		o.Clock = func() time.Duration { return time.Since(start) }
	}
	return o
}

func defaultTo[T int | float64](value, usual T) T {
	if value == 0 {
		return usual
	}
	return value
}

func (o Options) validate() error {
	const maxThreads = 256
	if o.Threads < 1 || o.Threads > maxThreads {
		return models.Invalidf("threads", "%d is not between 1 and %d", o.Threads, maxThreads)
	}
	switch o.Engine {
	case Auto, ONNXRuntime, OpenCV:
	default:
		return models.Invalidf("engine", "%q is unknown; use auto, onnxruntime or opencv", string(o.Engine))
	}
	return o.decoderConfig().Validate()
}

func (o Options) decoderConfig() yolo.Config {
	return yolo.Config{MinScore: o.MinScore, MaxIoU: o.MaxIoU, MaxDetections: o.MaxDetections, Classes: o.Classes}
}

// maxModel bounds the file that is read into memory: the largest YOLOX is 400 MB.
const maxModel = 1 << 30

// read returns the content of the ONNX file.
func (o Options) read() ([]byte, error) {
	if o.Model != nil {
		return o.Model, nil
	}
	file, err := os.Open(o.File)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	model, err := io.ReadAll(io.LimitReader(file, maxModel+1))
	if err != nil {
		return nil, withoutPath(err)
	}
	if len(model) > maxModel {
		return nil, fmt.Errorf("the file is larger than %d bytes; a detector is not", maxModel)
	}
	return model, nil
}

// withoutPath drops what an error of the file system repeats: the caller names the file.
func withoutPath(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func describe(o Options, model []byte, c models.Contract, by string, name EngineName, why string) Info {
	sum := sha256.Sum256(model)
	info := Info{
		Model: o.Name, SHA256: hex.EncodeToString(sum[:]),
		Kind: c.Kind, Classes: c.Classes, ContractBy: by, Width: c.Width, Height: c.Height,
		Engine: name, EngineWhy: why, Threads: o.Threads, OpenCV: OpenCVVersion(),
	}
	if name == ONNXRuntime {
		info.ONNXRuntime = ort.GetVersion()
	}
	return info
}
