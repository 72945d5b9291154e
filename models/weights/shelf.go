package weights

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"footfall/models"
)

// Shelf is the places where models are kept on this machine.
type Shelf struct {
	folders   []string // where to look, in order; the first is where models are pulled to
	builtIn   []builtIn
	catalogue []Entry
}

// NewShelf is a shelf over the model folder and the others to look in after it; empty names are left out. The folders
// need not exist.
func NewShelf(folder string, others ...string) (*Shelf, error) {
	files, err := fs.Sub(embedded, "embedded")
	if err != nil {
		return nil, err
	}
	return newShelf(files, Catalogue(), append([]string{folder}, others...))
}

func newShelf(builtIn fs.FS, catalogue []Entry, folders []string) (*Shelf, error) {
	found, err := readBuiltIn(builtIn)
	if err != nil {
		return nil, fmt.Errorf("open the built-in models: %w", err)
	}
	s := &Shelf{builtIn: found, catalogue: catalogue}
	for _, f := range folders {
		if f != "" && !slices.Contains(s.folders, f) {
			s.folders = append(s.folders, f)
		}
	}
	return s, nil
}

// Model is a model that is there. Exactly one of Path and Data is set.
type Model struct {
	Name   string // of its entry, or of its file
	Path   string
	Data   []byte // of a model that is built in
	SHA256 string
	// Entry is what is known about it; nil for a file that is not in the catalogue: then its contract must lie beside
	// it or in it.
	Entry *Entry
}

// Contract is what the model promises, nil when the catalogue does not know.
func (m Model) Contract() *models.Contract {
	if m.Entry == nil {
		return nil
	}
	c := m.Entry.Contract
	return &c
}

// Version names the very model for facts and reports: its name and the beginning of its hash.
func (m Model) Version() string { return m.Name + "@" + m.SHA256[:min(12, len(m.SHA256))] }

// State is whether a model is there, and whether it is what it says it is.
type State string

// The states of a model on the shelf.
const (
	Good     State = "good"      // there, and its hash is the one expected
	Unknown  State = "unknown"   // a file that is not in the catalogue
	Damaged  State = "damaged"   // it has the name of a known model, but is not that; or it cannot be read
	NotThere State = "not there" // known, but in none of the places
)

// Item is one line of the list of models.
type Item struct {
	Name    string `json:"name"`
	State   State  `json:"state"`
	Place   string `json:"place,omitempty"` // the path of the file, or "built in"
	SHA256  string `json:"sha256,omitempty"`
	Size    int64  `json:"size,omitempty"` // of the file, in bytes; of one that is not there, what it will have
	Kind    string `json:"kind,omitempty"`
	Input   string `json:"input,omitempty"` // width x height of what it looks at, in pixels
	Version string `json:"version,omitempty"`
	Licence string `json:"licence,omitempty"`
	Use     string `json:"use,omitempty"`
	Detail  string `json:"detail,omitempty"` // what is wrong, or what to know, one line
	Default bool   `json:"default"`          // taken when nobody asks for one in particular
	// Measured is how it did beside the others, where that is known.
	Measured *Measured `json:"measured,omitempty"`
}

// inBinary is the place of models that are in no folder.
const inBinary = "built in"

// List tells of every model that is there, checked by its hash, and of those that could be pulled. It is what `models
// list` and `models verify` show.
func (s *Shelf) List(ctx context.Context) ([]Item, error) {
	var items []Item
	for _, b := range s.builtIn {
		items = append(items, describeBuiltIn(b))
	}
	for _, folder := range s.folders {
		found, err := s.scan(ctx, folder)
		if err != nil {
			return nil, err
		}
		items = append(items, found...)
	}
	for _, e := range s.catalogue {
		there := slices.ContainsFunc(items, func(i Item) bool { return i.State == Good && i.Name == e.Name })
		if !there && len(e.Sources) > 0 {
			item := describe(e, NotThere)
			item.Size, item.Detail = e.Size, "footfall models pull "+e.Name
			items = append(items, item)
		}
	}
	s.markDefault(ctx, items)
	slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(order(a.State), order(b.State)) })
	return items, nil
}

// Verify is List without the models that are not there, and an error when one of them is not what it should be.
func (s *Shelf) Verify(ctx context.Context) ([]Item, error) {
	items, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	items = slices.DeleteFunc(items, func(i Item) bool { return i.State == NotThere })
	for _, i := range items {
		if i.State == Damaged {
			return items, fmt.Errorf("verify model %s: %s: %s", i.Name, i.Place, i.Detail)
		}
	}
	return items, nil
}

// describe is the item of an entry.
func describe(e Entry, state State) Item {
	return Item{
		Name: e.Name, State: state, Kind: string(e.Kind()), Input: inputSize(e.Contract), Version: e.Version,
		Licence: e.Licence, Use: e.Use, Measured: measured(e.SHA256),
	}
}

func describeBuiltIn(b builtIn) Item {
	item := describe(b.entry(), Good)
	item.Place, item.SHA256 = inBinary, b.SHA256
	model, err := b.read()
	if err != nil {
		item.State, item.Detail = Damaged, err.Error()
	}
	item.Size = int64(len(model))
	return item
}

// scan looks at every ONNX file of a folder.
func (s *Shelf) scan(ctx context.Context, folder string) ([]Item, error) {
	files, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list models: %w", err)
	}
	var items []Item
	for _, f := range files {
		if f.IsDir() || !strings.HasSuffix(f.Name(), modelSuffix) {
			continue
		}
		item := s.inspect(ctx, filepath.Join(folder, f.Name()))
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// inspect looks at one file.
func (s *Shelf) inspect(ctx context.Context, path string) Item {
	name := strings.TrimSuffix(filepath.Base(path), modelSuffix)
	m, size, err := s.open(ctx, path)
	if err != nil {
		return Item{Name: name, State: Damaged, Place: path, Detail: err.Error()}
	}
	var item Item
	switch namesake, claimed := s.claimed(path); {
	case m.Entry != nil:
		item = describe(*m.Entry, Good)
	case claimed:
		item = describe(namesake, Damaged)
		item.Detail = mismatch(namesake, m.SHA256, size)
	default:
		item = Item{Name: name, State: Unknown}
		item.Detail = "not in the catalogue: used when it is named, if its contract lies beside it or in it"
	}
	item.Place, item.SHA256, item.Size = path, m.SHA256, size
	return item
}

// claimed is the entry that a file pretends to be by its name.
func (s *Shelf) claimed(path string) (Entry, bool) {
	base := filepath.Base(path)
	i := slices.IndexFunc(s.catalogue, func(e Entry) bool { return e.File == base || e.Name+modelSuffix == base })
	if i < 0 {
		return Entry{}, false
	}
	return s.catalogue[i], true
}

// mismatch says that a file is not the model whose name it has.
func mismatch(e Entry, sha256 string, size int64) string {
	if size < e.Size {
		return fmt.Sprintf("it has %d of %d bytes; delete it and run footfall models pull %s", size, e.Size, e.Name)
	}
	return fmt.Sprintf("its SHA-256 is %s, that of %s is %s; if it is a model of yours give it another name, "+
		"if not delete it", sha256, e.Name, e.SHA256)
}

// markDefault marks what Find takes when it is asked for nothing.
func (s *Shelf) markDefault(ctx context.Context, items []Item) {
	best, err := s.best(ctx)
	if err != nil {
		return // there is none
	}
	place := best.Path
	if place == "" {
		place = inBinary
	}
	for i := range items {
		if items[i].Place == place && items[i].SHA256 == best.SHA256 {
			items[i].Default = true
			return
		}
	}
}

// order puts what is there before what is not.
func order(s State) int {
	if s == NotThere {
		return 1
	}
	return 0
}

func inputSize(c models.Contract) string {
	if c.Width == 0 || c.Height == 0 {
		return ""
	}
	return fmt.Sprintf("%dx%d", c.Width, c.Height)
}
