package clips

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"footfall/models"
)

// Folder is a store in a folder of a file system.
type Folder struct{ root string }

// NewFolder is the store in a folder, which is made with the first clip.
func NewFolder(root string) *Folder { return &Folder{root} }

// String implements Store.
func (f *Folder) String() string { return "folder " + f.root }

// upload is what the names of files begin with that are not complete yet.
const upload = ".upload-"

func (f *Folder) path(key string) (string, error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	return filepath.Join(f.root, filepath.FromSlash(key)), nil
}

// Put implements Store.
func (f *Folder) Put(ctx context.Context, key string, content Content) error {
	if err := f.put(ctx, key, content); err != nil {
		return fmt.Errorf("store %s in %s: %w", key, f, err)
	}
	return nil
}

func (f *Folder) put(ctx context.Context, key string, content Content) error {
	path, err := f.path(key)
	if err != nil {
		return err
	}
	if _, err := content.Body.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return reason(err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), upload+"*")
	if err != nil {
		return reason(err)
	}
	_, err = io.Copy(file, content.Body)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = readBack(ctx, loose{f, file.Name()}, key, content)
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(reason(err), os.Remove(file.Name()))
	}
	return flush(filepath.Dir(path))
}

// loose is a folder in which any key is one file.
type loose struct {
	*Folder

	file string
}

// Get implements Store.
func (l loose) Get(context.Context, string) (Reader, Object, error) {
	file, err := os.Open(l.file)
	return file, Object{}, err
}

// reason is a file's error without its path, which the caller names.
func reason(err error) error {
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// flush makes the names in a folder durable.
func flush(folder string) error {
	file, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// Get implements Store.
func (f *Folder) Get(_ context.Context, key string) (Reader, Object, error) {
	path, err := f.path(key)
	if err != nil {
		return nil, Object{}, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, Object{}, f.failed("read", key, err)
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, Object{}, errors.Join(f.failed("read", key, err), file.Close())
	}
	return file, Object{key, info.Size(), info.ModTime()}, nil
}

func (f *Folder) failed(what, key string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		err = models.ErrNotFound
	}
	return fmt.Errorf("%s %s in %s: %w", what, key, f, reason(err))
}

// Stat implements Store.
func (f *Folder) Stat(_ context.Context, key string) (Object, error) {
	path, err := f.path(key)
	if err != nil {
		return Object{}, err
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return Object{}, f.failed("find", key, err)
	}
	return Object{key, info.Size(), info.ModTime()}, nil
}

// List implements Store.
func (f *Folder) List(ctx context.Context, prefix string, each func(Object) error) error {
	return filepath.WalkDir(f.root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // there is no folder yet, or what was in it has just gone
		case err != nil:
			return fmt.Errorf("list %s: %w", f, err)
		case ctx.Err() != nil:
			return ctx.Err()
		}
		rel, err := filepath.Rel(f.root, name)
		if err != nil {
			return err
		}
		key := filepath.ToSlash(rel)
		if entry.IsDir() || strings.HasPrefix(path.Base(key), upload) || !strings.HasPrefix(key, prefix) {
			return nil
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list %s: %w", f, err)
		}
		return each(Object{key, info.Size(), info.ModTime()})
	})
}

// Remove implements Store. Folders that become empty go too.
func (f *Folder) Remove(_ context.Context, key string) error {
	path, err := f.path(key)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f.failed("delete", key, err)
	}
	for folder := filepath.Dir(path); len(folder) > len(f.root); folder = filepath.Dir(folder) {
		if os.Remove(folder) != nil {
			break // it is not empty
		}
	}
	return nil //nolint:nilerr // what is not there is no error
}

// Hold implements Store: it does nothing, because a folder cannot refuse anybody who may write to it.
func (f *Folder) Hold(context.Context, string, bool) error { return nil }

// Link implements Store: a folder has no address.
func (f *Folder) Link(context.Context, string, time.Duration) (string, error) { return "", nil }

// Abilities implements Store.
func (f *Folder) Abilities(context.Context) (Abilities, error) {
	return Abilities{Detail: "a folder: who may write to it can delete clips, which the check of the chains shows"}, nil
}
