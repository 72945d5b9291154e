package clips

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"footfall/models"
)

// Spool keeps the videos of a worker on disk until they are in the store. It is bounded: when it is full the oldest
// clips go, because facts and newer clips need the room. It is safe for any number of goroutines.
type Spool struct {
	folder string
	most   int64
	log    *slog.Logger
	filled chan struct{}

	mu      sync.Mutex
	waiting []spooled // oldest first
	busy    models.FactID
	dropped uint64
	sent    uint64
	failed  uint64
	trouble string
}

// spooled is one video that waits.
type spooled struct {
	fact  models.Fact
	bytes int64
}

// Keeping is how long a store shall keep the clip of a fact, where it can.
type Keeping func(models.Fact) time.Time

// OpenSpool opens a spool of so many bytes in a folder, which is made when it is not there. The facts of what waits in
// it are to be told again: whoever told them may have died before the journal knew.
func OpenSpool(folder string, mostBytes int64, log *slog.Logger) (*Spool, []models.Fact, error) {
	s := &Spool{folder: folder, most: mostBytes, log: log, filled: make(chan struct{}, 1)}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, nil, fmt.Errorf("open spool of clips: %w", err)
	}
	facts, err := s.load()
	if err != nil {
		return nil, nil, fmt.Errorf("open spool of clips: %w", err)
	}
	s.ring()
	return s, facts, nil
}

// load finds what waits, and clears away what was never finished.
func (s *Spool) load() ([]models.Fact, error) {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	var facts []models.Fact
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), models.ManifestEnding) {
			continue
		}
		one, err := s.read(entry.Name())
		if err != nil {
			s.log.Warn("a clip in the spool cannot be read and is left out", "file", entry.Name(), "error", err)
			continue
		}
		known[string(one.fact.ID)] = true
		s.waiting = append(s.waiting, one)
		facts = append(facts, one.fact)
	}
	for _, entry := range entries {
		id, _, _ := strings.Cut(entry.Name(), ".")
		if !known[id] && !entry.IsDir() {
			if err := os.Remove(filepath.Join(s.folder, entry.Name())); err != nil {
				return nil, err
			}
		}
	}
	return facts, nil
}

func (s *Spool) read(name string) (spooled, error) {
	var one spooled
	text, err := os.ReadFile(filepath.Join(s.folder, name))
	if err != nil {
		return one, err
	}
	if err := json.Unmarshal(text, &one.fact); err != nil {
		return one, err
	}
	if one.fact.Clip == nil || string(one.fact.ID)+models.ManifestEnding != name {
		return one, models.Invalidf("fact", "is of no clip")
	}
	info, err := os.Stat(s.path(one.fact.ID, models.VideoEnding))
	if err != nil {
		return one, err
	}
	one.bytes = info.Size()
	return one, nil
}

func (s *Spool) path(id models.FactID, ending string) string {
	return filepath.Join(s.folder, string(id)+ending)
}

// Take takes a video over, a file on the same disk. When it returns nil, the video will come into the store whatever
// happens to this process. Older ones may have had to go for it.
func (s *Spool) Take(_ context.Context, fact models.Fact, video string) error {
	if err := s.take(fact, video); err != nil {
		return fmt.Errorf("spool clip %s: %w", fact.ID, reason(err))
	}
	return nil
}

func (s *Spool) take(fact models.Fact, video string) error {
	text, err := json.Marshal(fact)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.makeRoom(fact.Clip.Bytes); err != nil {
		return err
	}
	file, err := os.OpenFile(video, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(video, s.path(fact.ID, models.VideoEnding)); err != nil {
		return err
	}
	// The fact beside it is what makes it one that waits.
	side := s.path(fact.ID, models.ManifestEnding)
	err = writeDurably(side, text)
	if err == nil {
		err = flush(s.folder)
	}
	if err != nil {
		_ = os.Remove(side)
		_ = os.Remove(s.path(fact.ID, models.VideoEnding)) // what cannot be removed goes at the next start
		return err
	}
	s.waiting = append(s.waiting, spooled{fact, fact.Clip.Bytes})
	s.ring()
	return nil
}

func writeDurably(path string, text []byte) error {
	part := path + ".part"
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, path)
}

// errTooLarge: a clip would not fit into an empty spool.
var errTooLarge = errors.New("it is larger than the whole spool; make the spool larger (clips.spool_mb)")

// makeRoom drops the oldest until so many bytes fit, but never the one that is on its way. The lock is held.
func (s *Spool) makeRoom(bytes int64) error {
	if bytes > s.most {
		return errTooLarge
	}
	for used := s.used(); used+bytes > s.most; used = s.used() {
		i := slices.IndexFunc(s.waiting, func(w spooled) bool { return w.fact.ID != s.busy })
		if i < 0 {
			return fmt.Errorf("the spool is full: %d of %d bytes", used, s.most)
		}
		oldest := s.waiting[i]
		if err := s.forget(oldest.fact.ID); err != nil {
			return err
		}
		s.dropped++
		s.log.Error("a clip is lost: the store is away, and the spool is full", "clip", oldest.fact.ID,
			"camera", oldest.fact.Camera, "bytes", oldest.bytes)
	}
	return nil
}

func (s *Spool) used() (bytes int64) {
	for _, w := range s.waiting {
		bytes += w.bytes
	}
	return bytes
}

// forget removes a clip from disk and list. The lock is held.
func (s *Spool) forget(id models.FactID) error {
	for _, ending := range []string{models.ManifestEnding, models.VideoEnding} { // the fact first: see load
		if err := os.Remove(s.path(id, ending)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(w spooled) bool { return w.fact.ID == id })
	return nil
}

func (s *Spool) ring() {
	select {
	case s.filled <- struct{}{}:
	default:
	}
}

// Failed notes that an attempt at sending failed; it is for the Patience of the store. A store that cannot be reached
// fails many times before Run hears of it.
func (s *Spool) Failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed++
	s.trouble = oneLine(err.Error())
}

// Status is how the spool is doing now.
func (s *Spool) Status() models.SpoolStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := models.SpoolStatus{
		Clips: len(s.waiting), Bytes: s.used(), Sent: s.sent, Lost: s.dropped, Failures: s.failed, Trouble: s.trouble,
	}
	if len(s.waiting) > 0 {
		status.Oldest = s.waiting[0].fact.Clip.End
	}
	return status
}

// Run brings what waits to the store, oldest first, until ctx ends. The store should be patient (Retry).
func (s *Spool) Run(ctx context.Context, store Store, keep Keeping) error {
	for ctx.Err() == nil {
		next, there := s.next()
		if !there {
			select {
			case <-ctx.Done():
			case <-s.filled:
			}
			continue
		}
		err := s.send(ctx, store, next, keep)
		s.mu.Lock()
		s.busy = ""
		switch {
		case err == nil:
			s.sent++
			s.trouble = ""
			err = s.forget(next.fact.ID)
		case errors.Is(err, errSpoilt), errors.Is(err, fs.ErrNotExist):
			s.dropped++
			s.log.Error("a clip is lost", "clip", next.fact.ID, "camera", next.fact.Camera, "error", err)
			err = s.forget(next.fact.ID)
		}
		s.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			s.Failed(err)
			s.log.Error("a clip is not in the store yet; trying again", "clip", next.fact.ID, "error", err)
			s.pause(ctx)
		}
	}
	return nil
}

// errSpoilt: the disk has not kept what was written.
var errSpoilt = errors.New("the video in the spool is not what was filmed")

// next is the oldest that waits; it is not dropped while it is on its way.
func (s *Spool) next() (spooled, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == 0 {
		return spooled{}, false
	}
	s.busy = s.waiting[0].fact.ID
	return s.waiting[0], true
}

// pauseAfter is the wait after an error that the patience of the store did not help against.
const pauseAfter = 10 * time.Second

func (s *Spool) pause(ctx context.Context) {
	timer := time.NewTimer(pauseAfter)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (s *Spool) send(ctx context.Context, store Store, one spooled, keep Keeping) (err error) {
	file, err := os.Open(s.path(one.fact.ID, models.VideoEnding))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	clip := one.fact.Clip
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != clip.SHA256 {
		return errSpoilt
	}
	return store.Put(ctx, clip.Key, Content{
		Body: file, Bytes: clip.Bytes, SHA256: clip.SHA256, Type: "video/mp4", Until: keep(one.fact),
	})
}
