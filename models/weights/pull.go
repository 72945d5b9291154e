package weights

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"footfall/models"
)

// PullOptions say where a model comes from. The zero value is its official source.
type PullOptions struct {
	// From replaces the source: a folder or a file of this machine, or the address (http or https) of a folder on a
	// mirror. The file there has the name that the catalogue gives it.
	From string
	// Progress is told how many bytes of how many are there; nil tells nobody.
	Progress func(done, total int64)
	// Client makes the requests; nil is one with the system's proxies. Its rule about redirects is replaced: one from
	// https to http is not followed.
	Client *http.Client
}

// Pull puts a model of the catalogue into the model folder and returns it. What is there already and right is not
// fetched again; what was begun is resumed. A file with another hash than the catalogue's is refused and nothing of it
// is kept. A download that breaks off is kept as FILE.part for the next time.
func (s *Shelf) Pull(ctx context.Context, name string, o PullOptions) (Model, error) {
	m, err := s.pull(ctx, name, o)
	if err != nil {
		return Model{}, fmt.Errorf("pull model %s: %w", name, err)
	}
	return m, nil
}

func (s *Shelf) pull(ctx context.Context, name string, o PullOptions) (Model, error) {
	e, ok := byName(s.catalogue, name)
	if !ok {
		return Model{}, notFoundf("it is not in the catalogue, which has %s", strings.Join(names(s.catalogue), ", "))
	}
	if len(s.folders) == 0 {
		return Model{}, models.Invalidf("model folder", "none is configured")
	}
	// 1. Is it there?
	path := filepath.Join(s.folders[0], e.File)
	if m, _, err := s.open(ctx, path); err == nil && m.SHA256 == e.SHA256 {
		return m, nil
	}
	// 2. Nobody else may write the same file.
	if err := os.MkdirAll(s.folders[0], 0o755); err != nil { //nolint:gosec // models are not secret
		return Model{}, err
	}
	part, err := openPart(path+".part", e)
	if err != nil {
		return Model{}, err
	}
	defer part.close()
	// 3. Fetch it, and only what has the right hash becomes the model.
	if err := part.fill(ctx, o); err != nil {
		return Model{}, err
	}
	if err := part.become(path); err != nil {
		return Model{}, err
	}
	return Model{Name: e.Name, Path: path, SHA256: e.SHA256, Entry: &e}, nil
}

// part is a model's file while it is not whole. It is locked.
type part struct {
	file  *os.File
	path  string
	entry Entry
}

func openPart(path string, e Entry) (*part, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644) //nolint:gosec // models are not secret
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close() // it was not written to
		return nil, fmt.Errorf("somebody else is pulling it right now (%s): %w", path, models.ErrConflict)
	}
	// Whoever had the lock before may have made the model of this very file.
	mine, err := file.Stat()
	if err != nil {
		_ = file.Close() // it was not written to
		return nil, err
	}
	if there, err := os.Stat(path); err != nil || !os.SameFile(mine, there) {
		_ = file.Close() // it was not written to
		return nil, fmt.Errorf("somebody else has just pulled it (%s): %w", path, models.ErrConflict)
	}
	return &part{file: file, path: path, entry: e}, nil
}

// close keeps what was fetched, unless there is nothing.
func (p *part) close() {
	if n, err := p.size(); err == nil && n == 0 {
		_ = os.Remove(p.path) // an empty file does no harm either
	}
	_ = p.file.Close() // what matters was synced in become
}

func (p *part) size() (int64, error) {
	info, err := p.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// fill fetches what is missing and checks the whole. What was left over from an earlier time may be of another file:
// then it starts anew, once.
func (p *part) fill(ctx context.Context, o PullOptions) error {
	leftover, err := p.size()
	if err != nil {
		return err
	}
	if leftover > p.entry.Size {
		leftover = 0
		if err := p.file.Truncate(0); err != nil {
			return err
		}
	}
	err = p.fetch(ctx, o)
	if err == nil {
		err = p.check(ctx)
	}
	if leftover > 0 && errors.Is(err, errWrongHash) {
		if err = p.fetch(ctx, o); err == nil {
			err = p.check(ctx)
		}
	}
	return err
}

// fetch gets the rest of the file from where the options say.
func (p *part) fetch(ctx context.Context, o PullOptions) error {
	progress := o.Progress
	if progress == nil {
		progress = func(int64, int64) {}
	}
	isURL := strings.HasPrefix(o.From, "http://") || strings.HasPrefix(o.From, "https://")
	if o.From != "" && !isURL {
		return p.copyFrom(ctx, o.From, progress)
	}
	sources := p.entry.Sources
	if isURL {
		sources = []string{strings.TrimSuffix(o.From, "/") + "/" + p.entry.File}
	}
	if len(sources) == 0 {
		return invalidf("the catalogue knows no source of it; use --from")
	}
	d := newDownload(p, o.Client, progress)
	var failed []error
	for _, url := range sources {
		err := d.from(ctx, url)
		if err == nil {
			return nil
		}
		failed = append(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	return inOneLine(failed)
}

// copyFrom takes the file from this machine: from a folder under its usual names, or a file itself.
func (p *part) copyFrom(ctx context.Context, from string, progress func(done, total int64)) error {
	info, err := os.Stat(from)
	if err == nil && info.IsDir() {
		folder := from
		from = filepath.Join(folder, p.entry.File)
		info, err = os.Stat(from)
		if errors.Is(err, fs.ErrNotExist) {
			return notFoundf("there is no %s in %s", p.entry.File, folder)
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return notFoundf("--from %s: there is no such file or folder; "+
			"give %s, the folder it is in, or the http or https address of a mirror", from, p.entry.File)
	case err != nil:
		return err
	}
	if info.Size() != p.entry.Size {
		return models.Invalidf(from, "has %d bytes, %s has %d", info.Size(), p.entry.Name, p.entry.Size)
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }() // it was only read
	if err := p.startOver(); err != nil {
		return err
	}
	_, err = io.Copy(p.file, &counted{Reader: stoppable{ctx, source}, total: p.entry.Size, tell: progress})
	return err
}

// startOver throws away what is there.
func (p *part) startOver() error {
	if err := p.file.Truncate(0); err != nil {
		return err
	}
	_, err := p.file.Seek(0, io.SeekStart)
	return err
}

var errWrongHash = errors.New("its hash is wrong")

// check compares the hash; what has another one is thrown away.
func (p *part) check(ctx context.Context) error {
	got, size, err := hashFile(ctx, p.path)
	if err != nil {
		return err
	}
	if got == p.entry.SHA256 {
		return nil
	}
	if err := p.startOver(); err != nil {
		return err
	}
	return fmt.Errorf("%w: SHA-256 %s of %d bytes, the catalogue has %s of %d; nothing was kept",
		errWrongHash, got, size, p.entry.SHA256, p.entry.Size)
}

// become makes the whole part the model, in one step: whoever looks sees the old file or the new one.
func (p *part) become(path string) error {
	if err := p.file.Sync(); err != nil {
		return err
	}
	return os.Rename(p.path, path)
}

// counted tells of every read how many bytes there are now.
type counted struct {
	io.Reader

	done, total int64
	tell        func(done, total int64)
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.done += int64(n)
	if n > 0 {
		c.tell(c.done, c.total)
	}
	return n, err
}

// inOneLine joins errors with semicolons: errors.Join would put each on a line of its own.
func inOneLine(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	joined := errs[0]
	for _, err := range errs[1:] {
		joined = fmt.Errorf("%w; %w", joined, err)
	}
	return joined
}
