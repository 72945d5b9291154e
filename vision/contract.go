package vision

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/goccy/go-yaml"

	"footfall/models"
	"footfall/vision/yolo"
)

// expectedShapes is said whenever a file is not one of ours.
const expectedShapes = "expected one input of 1x3xHxW and one output of 1xNx(5+classes) (yolox) or 1xNx5 (boxes5)"

// Where a contract was found; for people.
const (
	fromCaller   = "catalogue"
	fromMetadata = "metadata of the model"
	fromShapes   = "shapes of the model"
)

// findContract asks those who may know what the model promises, the most certain first: the caller, who has looked the
// file up by its hash; a file beside it; the model's own metadata; its shapes. Its name is never asked. It returns who
// answered, too.
func findContract(g *graph, told *models.Contract, path string) (models.Contract, string, error) {
	if told != nil {
		return *told, fromCaller, told.Validate()
	}
	if c, sidecar, err := readSidecar(path); sidecar != "" || err != nil {
		return c, sidecar, err
	}
	if text, ok := g.metadata[models.ContractKey]; ok {
		c, err := parseJSON([]byte(text))
		if err != nil {
			err = fmt.Errorf("metadata %s: %w", models.ContractKey, err)
		}
		return c, fromMetadata, err
	}
	c, err := guessContract(g)
	return c, fromShapes, err
}

// readSidecar reads MODEL.json or MODEL.yaml beside MODEL, when there is one, and returns its path.
func readSidecar(path string) (models.Contract, string, error) {
	if path == "" {
		return models.Contract{}, "", nil
	}
	var found []string
	var texts [][]byte
	for _, extension := range []string{".json", ".yaml"} {
		text, err := os.ReadFile(path + extension)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return models.Contract{}, "", err
		}
		found, texts = append(found, path+extension), append(texts, text)
	}
	switch len(found) {
	case 0:
		return models.Contract{}, "", nil
	case 1:
	default:
		return models.Contract{}, "", fmt.Errorf("there is both %s and %s; keep one", found[0], found[1])
	}
	parse := parseYAML
	if strings.HasSuffix(found[0], ".json") {
		parse = parseJSON
	}
	c, err := parse(texts[0])
	if err != nil {
		err = fmt.Errorf("read %s: %w", found[0], err)
	}
	return c, found[0], err
}

func parseJSON(text []byte) (models.Contract, error) {
	var c models.Contract
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return c, oneLine(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return c, errors.New("there is something after the closing brace")
	}
	return c, c.Validate()
}

func parseYAML(text []byte) (models.Contract, error) {
	var c models.Contract
	if err := yaml.UnmarshalWithOptions(text, &c, yaml.Strict()); err != nil {
		return c, errors.New(strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	return c, c.Validate()
}

// oneLine strips the package's name that encoding/json puts first.
func oneLine(err error) error {
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// guessContract recognises a network by its shapes alone. YOLOX with 80 classes is taken to know COCO's, with one class
// to know people; others must say what their classes are.
func guessContract(g *graph) (models.Contract, error) {
	if len(g.inputs) != 1 || len(g.outputs) != 1 || len(g.outputs[0].shape) != 3 || len(g.inputs[0].shape) != 4 {
		return models.Contract{}, unexpected(g)
	}
	const untold = -1 // a dimension that is open
	switch columns := g.outputs[0].shape[2]; columns {
	case 5:
		return models.Contract{Kind: models.Boxes5, Classes: []models.Class{models.Person}}, nil
	case 6:
		return models.Contract{Kind: models.YOLOX, Classes: []models.Class{models.Person}}, nil
	case 85:
		return models.Contract{Kind: models.YOLOX, Classes: models.COCOClasses()}, nil
	case untold, 1, 2, 3, 4:
		return models.Contract{}, unexpected(g)
	default:
		return models.Contract{}, fmt.Errorf("the model may be yolox with %d classes, but does not say which; "+
			"name them in a file beside it, MODEL.yaml: {kind: yolox, classes: [...]}", columns-5)
	}
}

// unexpected says what was found in place of what was expected.
func unexpected(g *graph) error {
	return fmt.Errorf("%s, found input %s and output %s", expectedShapes, listValues(g.inputs), listValues(g.outputs))
}

// listValues writes two values, or the first of many, so that the line stays one that can be read.
func listValues(values []graphValue) string {
	switch len(values) {
	case 0:
		return "none"
	case 1:
		return values[0].String()
	case 2:
		return values[0].String() + ", " + values[1].String()
	}
	return fmt.Sprintf("%s and %d more", values[0], len(values)-1)
}

// inputSize is the size somebody asks for; zero means as the model has it.
type inputSize struct{ width, height int }

// defaultSide is the size of the input, both ways, when neither the model nor anybody else says one.
const defaultSide = 416

// fulfil compares a contract with the graph and fills in what the contract leaves to it: names and sizes.
func fulfil(c models.Contract, g *graph, asked inputSize) (models.Contract, error) {
	c = c.WithDefaults()
	if len(g.inputs) != 1 || len(g.outputs) != 1 {
		return c, unexpected(g)
	}
	in, out := g.inputs[0], g.outputs[0]
	s := in.shape
	if len(s) != 4 || (s[0] != 1 && s[0] != -1) || (s[1] != 3 && s[1] != -1) || in.element != onnxFloat ||
		out.element != onnxFloat {
		return c, unexpected(g)
	}
	var err error
	if c.Input, err = name("input", c.Input, in.name); err != nil {
		return c, err
	}
	if c.Output, err = name("output", c.Output, out.name); err != nil {
		return c, err
	}
	if c.Width, err = side("width", c.Width, s[3], asked.width); err != nil {
		return c, err
	}
	if c.Height, err = side("height", c.Height, s[2], asked.height); err != nil {
		return c, err
	}
	if err := c.Validate(); err != nil {
		return c, err
	}
	return c, checkOutput(c, out)
}

// name is the name in the graph, which must be the one promised, if one is.
func name(field, promised, found string) (string, error) {
	if promised != "" && promised != found {
		return "", fmt.Errorf("expected an %s called %q, found %q", field, promised, found)
	}
	return found, nil
}

// side is one side of the input: what the graph has fixed; else what is asked for; else what the contract proposes.
func side(field string, promised int, fixed int64, asked int) (int, error) {
	if fixed < 0 {
		for _, pixels := range []int{asked, promised} {
			if pixels != 0 {
				return pixels, nil
			}
		}
		return defaultSide, nil
	}
	if promised != 0 && int64(promised) != fixed {
		return 0, fmt.Errorf("expected an input of %s %d, found %d", field, promised, fixed)
	}
	if asked != 0 && int64(asked) != fixed {
		return 0, fmt.Errorf("the model's input has a fixed %s of %d, it cannot be %d", field, fixed, asked)
	}
	return int(fixed), nil
}

// checkOutput compares the dimensions that the graph has fixed with the contract; the rest is compared after a trial.
func checkOutput(c models.Contract, out graphValue) error {
	want, err := yolo.OutputShape(c)
	if err != nil {
		return err
	}
	fits := len(out.shape) == len(want)
	for i := range out.shape {
		fits = fits && (out.shape[i] == want[i] || out.shape[i] == -1 || want[i] == -1)
	}
	if !fits {
		return fmt.Errorf("expected an output of %s for %s with %d classes and an input of %dx%d, found %s",
			yolo.FormatShape(want), c.Kind, len(c.Classes), c.Width, c.Height, yolo.FormatShape(out.shape))
	}
	return nil
}
