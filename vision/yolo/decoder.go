package yolo

import "footfall/models"

// Config says which of a network's boxes are worth reporting.
type Config struct {
	// MinScore is the least score that is reported, in (0,1]. Lower shows more of half hidden people, and more things
	// that are none: whoever asks must look at the scores.
	MinScore float64
	// MaxIoU is how much two boxes of a class may overlap and still be two people, in (0,1]. Higher keeps apart people
	// who walk close together, and counts some twice.
	MaxIoU float64
	// MaxDetections bounds what is reported of one frame: the best ones.
	MaxDetections int
	// Classes are the ones to report; none means all that the model knows.
	Classes []models.Class
}

// Validate refuses a configuration that makes no sense, naming the field.
func (c Config) Validate() error {
	switch {
	case !(c.MinScore > 0 && c.MinScore <= 1):
		return models.Invalidf("min_score", "%v is not above 0 and at most 1", c.MinScore)
	case !(c.MaxIoU > 0 && c.MaxIoU <= 1):
		return models.Invalidf("max_iou", "%v is not above 0 and at most 1", c.MaxIoU)
	case c.MaxDetections < 1 || c.MaxDetections > maxCandidates:
		return models.Invalidf("max_detections", "%d is not between 1 and %d", c.MaxDetections, maxCandidates)
	}
	return nil
}

// Decoder makes detections of the tensors of one network. For one goroutine at a time.
type Decoder struct {
	head       head
	classes    []models.Class
	config     Config
	candidates []candidate // scratch, kept between frames
}

// NewDecoder makes the decoder for a contract whose sizes are filled in.
func NewDecoder(contract models.Contract, config Config) (*Decoder, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	head, err := newHead(contract, config.Classes)
	if err != nil {
		return nil, err
	}
	return &Decoder{head: head, classes: contract.Classes, config: config}, nil
}

// CheckShape refuses an output of another shape than the contract promises.
func (d *Decoder) CheckShape(shape []int64) error { return checkShape(d.head, shape) }

// CheckNumbers refuses a tensor of the right shape whose numbers cannot be what the contract promises: another export
// of the same network. Meant for one trial on an empty picture, before a network is believed.
func (d *Decoder) CheckNumbers(tensor []float32) error { return d.head.check(tensor) }

// Decode appends the detections of a tensor, best first, to into. The boxes are fractions of the picture that lay in
// the input as fit says, cut off at its edges; what lies in the padding only is left out.
func (d *Decoder) Decode(tensor []float32, fit Fit, into []models.Detection) []models.Detection {
	found := d.head.decode(tensor, float32(d.config.MinScore), d.candidates[:0])
	d.candidates = found // whatever it has grown to serves the next frame
	found = cut(found, fit)
	for _, c := range suppress(found, float32(d.config.MaxIoU), d.config.MaxDetections) {
		into = append(into, d.detection(c, fit))
	}
	return into
}

// cut trims candidates to the picture and drops those of which nothing is left.
func cut(candidates []candidate, fit Fit) []candidate {
	right, bottom := float32(fit.Width), float32(fit.Height)
	kept := candidates[:0]
	for _, c := range candidates {
		c.X0, c.X1 = max(c.X0, 0), min(c.X1, right)
		c.Y0, c.Y1 = max(c.Y0, 0), min(c.Y1, bottom)
		if c.X1 > c.X0 && c.Y1 > c.Y0 {
			kept = append(kept, c)
		}
	}
	return kept
}

func (d *Decoder) detection(c candidate, fit Fit) models.Detection {
	width, height := float64(fit.Width), float64(fit.Height)
	return models.Detection{
		Box: models.Box{
			X: float64(c.X0) / width, Y: float64(c.Y0) / height,
			W: float64(c.X1-c.X0) / width, H: float64(c.Y1-c.Y0) / height,
		},
		Score: float64(c.Score),
		Class: d.classes[c.Class],
	}
}
