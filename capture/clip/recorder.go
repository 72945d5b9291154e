package clip

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"footfall/models"
)

// Journal keeps facts durably; Append returns when they are on disk.
type Journal interface {
	Append(ctx context.Context, facts ...models.Fact) error
}

// Spool takes over a finished video, with the fact that tells of it, and brings it to the store.
type Spool interface {
	Take(ctx context.Context, fact models.Fact, video string) error
}

// Config says whose clips a Recorder makes, and which.
type Config struct {
	Camera       models.Camera
	Lease        models.LeaseID
	ModelVersion string

	Before, After time.Duration // around a crossing
	Rate          float64       // of the crossings, 0 to 1
	Sampler       Sampler
	Folder        string // where videos are made, on the disk of the spool
	FFmpeg        string // the program; empty means ffmpeg on the PATH

	Ring    *Ring
	Spool   Spool
	Journal Journal
	NewID   func() models.FactID
	Now     func() time.Time
	Random  func() float64 // in [0, 1)
	Log     *slog.Logger
}

// Recorder makes the clips of one camera. Its methods may be called from any goroutine and wait for nothing.
type Recorder struct {
	cfg  Config
	woke chan struct{}

	mu        sync.Mutex
	wishes    wishes
	known     map[string]time.Time // what was wanted before, and until when
	crossings []models.ClipCrossing
}

// NewRecorder makes a recorder; it starts nothing.
func NewRecorder(cfg Config) *Recorder {
	return &Recorder{cfg: cfg, woke: make(chan struct{}, 1), known: map[string]time.Time{}}
}

// remembered is how many crossings are known to a clip that is cut now.
const remembered = 4096

// Crossed tells of a crossing, which is in the journal already.
func (r *Recorder) Crossed(f models.Fact) {
	c := f.Crossing
	if c == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.crossings = append(r.crossings, models.ClipCrossing{
		ID: f.ID, Line: c.Line, Direction: c.Direction, Class: c.Class, Time: c.Time, Reverses: c.Reverses,
	})
	if extra := len(r.crossings) - remembered; extra > 0 {
		r.crossings = slices.Delete(r.crossings, 0, extra)
	}
	if r.cfg.Random() < r.cfg.Rate {
		r.want(models.ClipTrigger{
			Kind: models.TriggerCrossing, ID: string(f.ID),
			From: c.Time.Add(-r.cfg.Before), To: c.Time.Add(r.cfg.After),
		})
	}
}

// Record tells of all that people want recorded now.
func (r *Recorder) Record(recordings []models.Recording) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range recordings {
		r.want(models.ClipTrigger{Kind: n.Kind, ID: n.ID, From: n.From.UTC(), To: n.To.UTC()})
	}
}

// want takes a wish in, once. The lock is held.
func (r *Recorder) want(t models.ClipTrigger) {
	name := fmt.Sprint(t.Kind, t.ID, t.From.UnixNano())
	if _, known := r.known[name]; known || !t.To.After(r.cfg.Now().Add(-time.Hour)) {
		return
	}
	r.known[name] = t.To
	r.wishes.add(want{t, t.From, t.To})
	select {
	case r.woke <- struct{}{}:
	default:
	}
}

// lookEvery is how late a moment of the lottery may be noticed: the ring has it still.
const lookEvery = time.Second

// Run makes clips until ctx ends; what is being filmed then is finished. A clip that fails is said and given up.
func (r *Recorder) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		r.draw()
		if s, due := r.begin(); due {
			if err := r.shoot(ctx, s); err != nil {
				r.cfg.Log.Error("a clip was not made", "from", s.from, "to", s.to, "error", err)
			}
			if ctx.Err() == nil {
				continue
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-r.woke:
		}
	}
}

// draw wants the moments that the lottery has drawn for now, and forgets what is long over.
func (r *Recorder) draw() {
	now := r.cfg.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.cfg.Sampler.Due(r.cfg.Camera.ID, now) {
		r.want(models.ClipTrigger{Kind: models.TriggerSample, From: w.From, To: w.To})
	}
	for name, to := range r.known {
		if now.Sub(to) > 2*time.Hour {
			delete(r.known, name)
		}
	}
}

func (r *Recorder) begin() (span, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wishes.begin(r.cfg.Now())
}

// join makes a span longer by what was wanted meanwhile.
func (r *Recorder) join(s *span) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wishes.join(s)
}

// shoot makes one clip and hands it over.
func (r *Recorder) shoot(ctx context.Context, s span) (err error) {
	id := r.cfg.NewID()
	path := filepath.Join(r.cfg.Folder, string(id)+".part")
	defer func() { err = errors.Join(err, removeIfThere(path)) }()
	// 1. Film, for as long as it is wanted.
	shot, err := r.film(ctx, &s, path)
	if err != nil {
		return err
	}
	if shot.pictures < 2 {
		r.cfg.Log.Warn("there are no pictures for a clip", "from", s.from, "to", s.to)
		return nil
	}
	// 2. Crossings are known a moment after they happened.
	r.settle(ctx, shot.end)
	// 3. Tell.
	fact := models.Fact{ID: id, Camera: r.cfg.Camera.ID, Lease: r.cfg.Lease, Clip: r.describe(s, shot)}
	fact.Clip.Key = models.ClipKey(fact.Camera, models.ClipID(id), fact.Clip.Start) + models.VideoEnding
	if fact.Clip.Bytes, fact.Clip.SHA256, err = fingerprint(path); err != nil {
		return err
	}
	// A clip that was filmed is kept even if the watch is being stopped at this moment. The spool comes first: it would
	// tell of the clip again, should we die before the journal knows.
	lasting := context.WithoutCancel(ctx)
	if err := r.cfg.Spool.Take(lasting, fact, path); err != nil {
		return err
	}
	return r.cfg.Journal.Append(lasting, fact)
}

// patience is how long a film waits for a picture beyond its end before it takes the camera for gone.
const patience = 5 * time.Second

// film makes a video of the pictures of a span, which may become longer meanwhile.
func (r *Recorder) film(ctx context.Context, s *span, path string) (shot footage, err error) {
	number := r.cfg.Ring.Since(s.from)
	var e *encoder
	defer func() {
		if e != nil && err != nil {
			e.kill()
		}
	}()
	var buffer []byte
	for {
		p, at, ok := r.next(ctx, s, number, buffer)
		if !ok {
			break
		}
		buffer, number = p.JPEG, at+1
		r.join(s)
		if p.At.After(s.to) || shot.pictures > 0 && (p.Width != shot.width || p.Height != shot.height) {
			break // a camera that changes its resolution ends the clip
		}
		if e == nil {
			if e, err = startEncoder(context.WithoutCancel(ctx), r.cfg.FFmpeg, path); err != nil {
				return shot, err
			}
		}
		if err = e.write(p); err != nil {
			return shot, err
		}
		shot.add(p)
	}
	if e == nil {
		return shot, nil
	}
	closing := e
	e = nil
	return shot, closing.close()
}

// next is the next picture for a span; false if none will come.
func (r *Recorder) next(ctx context.Context, s *span, number uint64, buffer []byte) (Picture, uint64, bool) {
	for {
		p, at, ok, more := r.cfg.Ring.Next(number, buffer)
		if ok {
			return p, at, true
		}
		if !r.waits(ctx, s, more) {
			return p, at, false
		}
	}
}

// waits waits for the next picture of a span; false if none will come.
func (r *Recorder) waits(ctx context.Context, s *span, more <-chan struct{}) bool {
	left := s.to.Add(patience).Sub(r.cfg.Now())
	if left <= 0 {
		return false
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-more:
		return true
	case <-timer.C:
		r.join(s)
		return r.cfg.Now().Before(s.to.Add(patience))
	case <-ctx.Done():
		return false
	}
}

// settling is how long after a picture the crossings on it are known.
const settling = 3 * time.Second

func (r *Recorder) settle(ctx context.Context, end time.Time) {
	left := end.Add(settling).Sub(r.cfg.Now())
	if left <= 0 {
		return
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// describe is the clip without its bytes.
func (r *Recorder) describe(s span, shot footage) *models.Clip {
	camera := r.cfg.Camera
	c := &models.Clip{
		Start: shot.start.UTC(), End: shot.end.UTC(), Triggers: s.triggers,
		Width: shot.width, Height: shot.height, Pictures: shot.pictures, Observed: shot.observed,
		Lines: append([]models.Line{}, camera.Lines...), ConfigVersion: camera.Version,
		ModelVersion: r.cfg.ModelVersion, Privacy: camera.Privacy, Crossings: []models.ClipCrossing{},
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, crossing := range r.crossings {
		if !crossing.Time.Before(c.Start) && !crossing.Time.After(c.End) {
			c.Crossings = append(c.Crossings, crossing)
		}
	}
	slices.SortStableFunc(c.Crossings, func(a, b models.ClipCrossing) int { return a.Time.Compare(b.Time) })
	c.Counts = models.CountCrossings(c.Lines, c.Crossings)
	return c
}

// fingerprint is the size and the hash of a file.
func fingerprint(path string) (size int64, hash string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sum := sha256.New()
	if size, err = io.Copy(sum, file); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(sum.Sum(nil)), nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
