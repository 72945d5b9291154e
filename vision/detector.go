package vision

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
	"footfall/models"
	"footfall/vision/yolo"
)

// Detector finds things on frames. One goroutine at a time.
type Detector interface {
	// Detect appends what it finds on the frame to into, best first, boxes in fractions of the picture. It only looks
	// at the frame, and allocates nothing on Go's heap once warm.
	Detect(f *frame.Frame, into []models.Detection) ([]models.Detection, error)
	// Besides is the same network, asked for these classes besides people, who stay the very same. Cameras that want
	// different things share a network so: it is one detector still, for one goroutine at a time, and closed once. A
	// class that the model does not know is refused with what it knows.
	Besides(classes []models.Class) (Detector, error)
	// Info says what it is.
	Info() Info
	// Cost is what it has cost so far.
	Cost() Cost
	// Close frees the network. Nothing of the detector may be used afterwards.
	Close() error
}

// Info says which network runs where.
type Info struct {
	Model      string // the name it was opened under
	SHA256     string // of the file, in hex
	Kind       models.DetectorKind
	Classes    []models.Class // that the model knows
	ContractBy string         // who said what the model promises: "catalogue", "metadata of the model", a file ...
	Width      int            // of the input, in pixels
	Height     int
	Engine     EngineName
	EngineWhy  string // why auto did not choose ONNX Runtime; empty when it did, or nobody asked it to choose
	Threads    int
	// OpenCV is its version. ONNXRuntime too; empty when it does not run.
	OpenCV      string
	ONNXRuntime string
}

// Cost is the time a detector has spent, by the clock it was given.
type Cost struct {
	Frames  int64
	Prepare time.Duration // pictures into the input of the network
	Forward time.Duration // the network
	Decode  time.Duration // its output into detections
}

// Total is everything together.
func (c Cost) Total() time.Duration { return c.Prepare + c.Forward + c.Decode }

// detector is the one that runs a network.
type detector struct {
	info      Info
	engine    engine
	letterbox *letterbox
	decoder   *yolo.Decoder
	clock     func() time.Duration
	cost      Cost
	contract  models.Contract
	config    yolo.Config
}

// Open reads a model, finds out what it promises, starts an engine on it and tries it on an empty picture. It refuses
// what is not a detector of a known kind in one line that says what was expected and what was found.
func Open(o Options) (Detector, error) {
	o = o.withDefaults()
	d, err := open(o)
	if err != nil {
		return nil, fmt.Errorf("open model %s: %w", cmp.Or(o.File, o.Name), err)
	}
	return d, nil
}

func open(o Options) (*detector, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	model, err := o.read()
	if err != nil {
		return nil, err
	}
	g, err := readGraph(model)
	if err != nil {
		return nil, err
	}
	contract, by, err := findContract(g, o.Contract, o.File)
	if err != nil {
		return nil, err
	}
	contract, err = fulfil(contract, g, inputSize{o.Width, o.Height})
	if err != nil {
		return nil, err
	}
	decoder, err := yolo.NewDecoder(contract, o.decoderConfig())
	if err != nil {
		return nil, err
	}
	setThreads(o.Threads)
	engine, name, why, err := openEngine(o, model, contract)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := check(decoder, engine.output()); err != nil {
		engine.close()
		return nil, err
	}
	return &detector{
		info:   describe(o, model, contract, by, name, why),
		engine: engine, letterbox: newLetterbox(contract), decoder: decoder, clock: o.Clock,
		contract: contract, config: o.decoderConfig(),
	}, nil
}

// check compares what came out of the trial with what the contract promises.
func check(decoder *yolo.Decoder, output *tensor) error {
	if err := decoder.CheckShape(output.shape); err != nil {
		return err
	}
	return decoder.CheckNumbers(output.data)
}

// Detect implements Detector.
func (d *detector) Detect(f *frame.Frame, into []models.Detection) ([]models.Detection, error) {
	return d.detect(d.decoder, f, into)
}

func (d *detector) detect(
	decoder *yolo.Decoder, f *frame.Frame, into []models.Detection,
) ([]models.Detection, error) {
	begin := d.clock()
	fit, err := d.letterbox.fill(&f.Mat, d.engine.input())
	if err != nil {
		return into, fmt.Errorf("prepare frame %d: %w", f.Seq, err)
	}
	prepared := d.clock()
	if err := d.engine.forward(); err != nil {
		return into, fmt.Errorf("run %s on frame %d: %w", d.info.Model, f.Seq, err)
	}
	forwarded := d.clock()
	into = decoder.Decode(d.engine.output().data, fit, into)
	d.cost.Frames++
	d.cost.Prepare += prepared - begin
	d.cost.Forward += forwarded - prepared
	d.cost.Decode += d.clock() - forwarded
	return into, nil
}

// Knows refuses classes that the model does not know, with those that it does.
func (i Info) Knows(classes []models.Class) error {
	for _, class := range classes {
		if !slices.Contains(i.Classes, class) {
			return models.Invalidf("classes",
				"the model %s does not know %q; it knows %s; for others see footfall models list",
				i.Model, string(class), enumerate(i.Classes))
		}
	}
	return nil
}

// besides is a detector that is asked for more classes.
type besides struct {
	*detector
	decoder *yolo.Decoder
}

// Besides implements Detector.
func (d *detector) Besides(classes []models.Class) (Detector, error) {
	if len(classes) == 0 {
		return d, nil
	}
	if err := d.info.Knows(classes); err != nil {
		return nil, err
	}
	config := d.config
	config.Classes = append([]models.Class{models.Person}, classes...)
	decoder, err := yolo.NewDecoder(d.contract, config)
	if err != nil {
		return nil, err
	}
	return besides{d, decoder}, nil
}

// enumerate writes classes for a sentence.
func enumerate(classes []models.Class) string {
	if len(classes) == 1 {
		return "nothing but " + string(classes[0])
	}
	var text strings.Builder
	for i, class := range classes {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(string(class))
	}
	return text.String()
}

// Detect implements Detector.
func (b besides) Detect(f *frame.Frame, into []models.Detection) ([]models.Detection, error) {
	return b.detect(b.decoder, f, into)
}

// Info implements Detector.
func (d *detector) Info() Info { return d.info }

// Cost implements Detector.
func (d *detector) Cost() Cost { return d.cost }

// Close implements Detector.
func (d *detector) Close() error {
	if d.engine != nil {
		d.engine.close()
		d.letterbox.close()
		d.engine = nil
	}
	return nil
}

// OpenCVVersion is the version of the OpenCV library that is linked.
func OpenCVVersion() string { return gocv.OpenCVVersion() }
