package weights

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"footfall/models"
)

// modelSuffix ends the name of every model's file.
const modelSuffix = ".onnx"

// Find is the model that somebody means: a file's path, a name, or "" for the best that is there. A model that has the
// name of one in the catalogue is checked by its hash. The error, when there is none, is a models.ErrNotFound that says
// where was looked and how to get it.
func (s *Shelf) Find(ctx context.Context, what string) (Model, error) {
	m, err := s.find(ctx, what)
	if err != nil {
		if what == "" {
			return Model{}, fmt.Errorf("find a model: %w", err)
		}
		return Model{}, fmt.Errorf("find model %s: %w", what, err)
	}
	return m, nil
}

func (s *Shelf) find(ctx context.Context, what string) (Model, error) {
	if what == "" {
		return s.best(ctx)
	}
	// 1. A file.
	info, err := os.Stat(what)
	switch {
	case err == nil && info.Mode().IsRegular():
		m, _, err := s.open(ctx, what)
		return m, err
	case strings.ContainsRune(what, filepath.Separator):
		if err == nil {
			return Model{}, invalidf("it is not a file; name the %s file itself", modelSuffix)
		}
		return Model{}, notFoundf("there is no such file")
	}
	// 2. The folders.
	for _, folder := range s.folders {
		m, found, err := s.inFolder(ctx, folder, what)
		if found || err != nil {
			return m, err
		}
	}
	// 3. What is built in.
	for _, b := range s.builtIn {
		if b.Name == what {
			return b.model()
		}
	}
	return Model{}, s.notFound(what)
}

// best is the built-in default; else the first of the catalogue that is in the folders.
func (s *Shelf) best(ctx context.Context) (Model, error) {
	if len(s.builtIn) > 0 {
		return s.builtIn[0].model()
	}
	for _, e := range s.catalogue {
		for _, folder := range s.folders {
			m, found, err := s.inFolder(ctx, folder, e.Name)
			if err != nil {
				return Model{}, err
			}
			if found {
				return m, nil
			}
		}
	}
	return Model{}, notFoundf("none is built in and there is none %s; run footfall models pull %s, or name a file",
		s.searched(), s.catalogue[0].Name)
}

// inFolder looks for a model by its name in one folder. A file that only has the name of a known model is an error:
// somebody who asked for a model by name must not get another.
func (s *Shelf) inFolder(ctx context.Context, folder, name string) (Model, bool, error) {
	for _, file := range s.fileNames(name) {
		path := filepath.Join(folder, file)
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		m, size, err := s.open(ctx, path)
		if err != nil {
			return Model{}, false, err
		}
		wanted, known := byName(s.catalogue, name)
		if !known || (m.Entry != nil && m.Entry.is(name)) {
			return m, true, nil
		}
		if m.Entry == nil {
			return Model{}, false, models.Invalidf(path, "%s", mismatch(wanted, m.SHA256, size))
		}
	}
	return Model{}, false, nil
}

// fileNames are the names under which a model may lie in a folder.
func (s *Shelf) fileNames(name string) []string {
	files := []string{strings.TrimSuffix(name, modelSuffix) + modelSuffix}
	for _, e := range s.catalogue {
		if e.is(name) && !slices.Contains(files, e.File) {
			files = append(files, e.File)
		}
	}
	return files
}

// open hashes a file and looks its hash up.
func (s *Shelf) open(ctx context.Context, path string) (Model, int64, error) {
	sha256, size, err := hashFile(ctx, path)
	if err != nil {
		return Model{}, 0, err
	}
	m := Model{Name: strings.TrimSuffix(filepath.Base(path), modelSuffix), Path: path, SHA256: sha256}
	if e, ok := byHash(s.catalogue, sha256); ok {
		m.Name, m.Entry = e.Name, &e
	}
	return m, size, nil
}

// model reads a built-in model.
func (b builtIn) model() (Model, error) {
	data, err := b.read()
	if err != nil {
		return Model{}, err
	}
	e := b.entry()
	e.Size = int64(len(data))
	return Model{Name: b.Name, Data: data, SHA256: b.SHA256, Entry: &e}, nil
}

// notFound says where was looked and what to do.
func (s *Shelf) notFound(name string) error {
	e, known := byName(s.catalogue, name)
	if !known {
		all := names(s.catalogue)
		for _, b := range s.builtIn {
			all = append(all, b.Name)
		}
		return notFoundf("there is no such file, no %s %s, and the models known by name are %s",
			s.fileNames(name)[0], s.searched(), strings.Join(all, ", "))
	}
	return notFoundf("it is not %s; run footfall models pull %s, with --from FILE where there is no internet",
		s.searched(), e.Name)
}

// plainError is one of the errors of models whose text says all there is to say; its name would only repeat it.
type plainError struct {
	kind error
	text string
}

func notFoundf(format string, args ...any) error {
	return &plainError{models.ErrNotFound, fmt.Sprintf(format, args...)}
}

func invalidf(format string, args ...any) error {
	return &plainError{models.ErrInvalid, fmt.Sprintf(format, args...)}
}

func (e *plainError) Error() string { return e.text }

// Is makes errors.Is hold with the kind.
func (e *plainError) Is(target error) bool { return target == e.kind }

// searched names the folders for a sentence that says where nothing was.
func (s *Shelf) searched() string {
	if len(s.folders) == 0 {
		return "in any folder, for none is configured"
	}
	return "in " + strings.Join(s.folders, " or ")
}
