package clips

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"footfall/models"
)

// Files shows a store as a file system, as far as walking and reading goes; it lives as long as ctx.
func Files(ctx context.Context, s Store) fs.FS { return &files{ctx: ctx, store: s} }

//nolint:containedctx // fs.FS has no place for one; see Files
type files struct {
	ctx   context.Context
	store Store
}

// Open implements fs.FS.
func (f *files) Open(name string) (fs.File, error) {
	fail := func(err error) (fs.File, error) { return nil, &fs.PathError{Op: "open", Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	if name != "." {
		reader, object, err := f.store.Get(f.ctx, name)
		if err == nil {
			return &openFile{reader, object}, nil
		}
		if !errors.Is(err, models.ErrNotFound) {
			return fail(err)
		}
	}
	entries, err := f.folder(name)
	if err != nil {
		return fail(err)
	}
	if len(entries) == 0 && name != "." {
		return fail(fs.ErrNotExist)
	}
	return &openFolder{name, entries}, nil
}

// folder is what lies directly in a folder.
func (f *files) folder(name string) ([]fs.DirEntry, error) {
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	var entries []fs.DirEntry
	last := ""
	err := f.store.List(f.ctx, prefix, func(o Object) error {
		first, _, deeper := strings.Cut(strings.TrimPrefix(o.Key, prefix), "/")
		if first == last {
			return nil
		}
		last = first
		entries = append(entries, entry{Object{path.Join(name, first), o.Bytes, o.Modified}, deeper})
		return nil
	})
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// entry is a file or a folder.
type entry struct {
	object Object
	folder bool
}

// Name implements fs.DirEntry and fs.FileInfo.
func (e entry) Name() string { return path.Base(e.object.Key) }

// IsDir implements fs.DirEntry and fs.FileInfo.
func (e entry) IsDir() bool { return e.folder }

// Type implements fs.DirEntry.
func (e entry) Type() fs.FileMode { return e.Mode().Type() }

// Info implements fs.DirEntry.
func (e entry) Info() (fs.FileInfo, error) { return e, nil }

// Size implements fs.FileInfo.
func (e entry) Size() int64 { return e.object.Bytes }

// Mode implements fs.FileInfo.
func (e entry) Mode() fs.FileMode {
	if e.folder {
		return fs.ModeDir | 0o500
	}
	return 0o400
}

// ModTime implements fs.FileInfo.
func (e entry) ModTime() time.Time { return e.object.Modified }

// Sys implements fs.FileInfo.
func (e entry) Sys() any { return nil }

// openFile is a file that is being read.
type openFile struct {
	Reader

	object Object
}

// Stat implements fs.File.
func (f *openFile) Stat() (fs.FileInfo, error) { return entry{f.object, false}, nil }

// openFolder is a folder that is being read.
type openFolder struct {
	name string
	left []fs.DirEntry
}

// Stat implements fs.File.
func (f *openFolder) Stat() (fs.FileInfo, error) { return entry{Object{Key: f.name}, true}, nil }

// Read implements fs.File.
func (f *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.name, Err: errors.New("it is a folder")}
}

// Close implements fs.File.
func (f *openFolder) Close() error { return nil }

// ReadDir implements fs.ReadDirFile.
func (f *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(f.left) {
		n = len(f.left)
	}
	some := f.left[:n]
	f.left = f.left[n:]
	return some, nil
}
