package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"time"

	cut "footfall/capture/clip"
	"footfall/models"
	"footfall/models/config"
	archive "footfall/storage/clips"
	"footfall/storage/outbox"
	"footfall/vision"
	"footfall/vision/pipeline"
)

// clipSettings is what the server tells workers of clips, so that all make the same.
type clipSettings struct {
	Enabled      bool          `json:"enabled"`
	Secret       []byte        `json:"secret"` // of the lottery
	SampleCount  int           `json:"sample_count"`
	SampleLength time.Duration `json:"sample_length_ns"`
	Rate         float64       `json:"rate"` // of crossings
	Before       time.Duration `json:"before_ns"`
	After        time.Duration `json:"after_ns"`
	FPS          int           `json:"fps"`
	Retention    time.Duration `json:"retention_ns"`
	// RetentionOf are the cameras with another one.
	RetentionOf map[models.CameraID]time.Duration `json:"retention_of_ns,omitempty"`
}

func newClipSettings(c config.Clips, secret []byte) clipSettings {
	s := clipSettings{
		Enabled: c.Enabled, Secret: secret, SampleCount: c.SampleCount, SampleLength: c.SampleLength,
		Rate: float64(c.CrossingsPercent) / 100, Before: c.Before, After: c.After, FPS: c.FPS, Retention: c.Retention,
	}
	for _, of := range c.RetentionOf {
		if s.RetentionOf == nil {
			s.RetentionOf = map[models.CameraID]time.Duration{}
		}
		s.RetentionOf[of.Camera] = of.Time
	}
	return s
}

// clipSpool is where a worker's clips wait for the store; nil where none are made.
type clipSpool struct {
	*archive.Spool

	folder    string
	retention func(models.CameraID) time.Duration
}

// openSpool opens a worker's spool, and tells the journal of what waits in it once more.
func openSpool(
	ctx context.Context, folder, worker string, cfg config.Clips, queue *outbox.Outbox, log *slog.Logger,
) (*clipSpool, error) {
	if !cfg.Enabled {
		return nil, nil
	}
	folder = filepath.Join(folder, worker+".clips")
	const megabyte = 1 << 20
	spool, facts, err := archive.OpenSpool(folder, int64(cfg.SpoolMB)*megabyte, log)
	if err != nil {
		return nil, err
	}
	if len(facts) > 0 {
		if err := newJournal(queue, log).Append(ctx, facts...); err != nil {
			return nil, fmt.Errorf("tell of the clips in the spool: %w", err)
		}
	}
	return &clipSpool{spool, folder, cfg.RetentionFor}, nil
}

// status is how the clips that wait are doing; nil where none are made.
func (s *clipSpool) status() *models.SpoolStatus {
	if s == nil {
		return nil
	}
	status := s.Status()
	return &status
}

// clipStore is where this worker brings its clips; nil if nowhere.
func (cmd *workerCmd) clipStore(cfg config.Config, spool *clipSpool, log *slog.Logger) (archive.Store, error) {
	if spool == nil {
		return nil, nil
	}
	if !cmd.Supervised && cfg.Clips.S3Endpoint == "" {
		log.Warn("clips go to a folder of this machine: unless it is the server's own, mounted here, they are not " +
			"found there; configure object storage (clips.s3_endpoint), or switch clips off (clips.enabled)")
	}
	store, err := openClipStore(cfg.Clips)
	if err != nil {
		return nil, err
	}
	return archive.Retry(store, archive.Patience{
		First: 500 * time.Millisecond, Most: 30 * time.Second, Each: 5 * time.Minute, Failed: spool.Failed,
	}), nil
}

// sending brings what waits to the store.
func (s *clipSpool) sending(store archive.Store) func(context.Context) error {
	if s == nil || store == nil {
		return func(context.Context) error { return nil }
	}
	return func(ctx context.Context) error {
		return s.Run(ctx, store, func(fact models.Fact) time.Time {
			return archive.KeepUntil(fact.Clip.End.Add(s.retention(fact.Camera)))
		})
	}
}

// What the ring of a camera holds: enough to save the last half minute after a person has thought about it.
const (
	ringBytes   = 8 << 20
	ringAge     = 40 * time.Second
	clipWidth   = 640
	clipHeight  = 360
	clipQuality = 75
)

// newRecorder makes what makes clips of a watch, and says what the studio shall keep for it; nil where none are made.
func (p *post) newRecorder(o orders) (*cut.Recorder, *vision.Keeping) {
	s := o.settings.Clips
	spool := p.duty.spool
	if spool == nil || !s.Enabled {
		return nil, nil
	}
	ring := cut.NewRing(ringBytes, ringAge)
	recorder := cut.NewRecorder(cut.Config{
		Camera: o.Camera, Lease: o.Lease.ID, ModelVersion: p.duty.modelVersion,
		Before: s.Before, After: s.After, Rate: s.Rate,
		Sampler: cut.Sampler{Secret: s.Secret, Count: s.SampleCount, Length: s.SampleLength},
		Folder:  spool.folder, Ring: ring, Spool: spool, Journal: p.duty.journal,
		NewID: func() models.FactID { return models.FactID(newID()) }, Now: time.Now, Random: rand.Float64, Log: p.log,
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recorder = recorder
	recorder.Record(p.recordings)
	return recorder, &vision.Keeping{
		Width: clipWidth, Height: clipHeight, FPS: float64(s.FPS), Quality: clipQuality,
		Deliver: func(shot models.Shot) {
			ring.Add(cut.Picture{At: shot.At, Width: shot.Width, Height: shot.Height, JPEG: shot.Data})
		},
	}
}

// record tells of the clips that people want of the camera.
func (p *post) record(recordings []models.Recording) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recordings = recordings
	if p.recorder != nil {
		p.recorder.Record(recordings)
	}
}

// overheard tells a recorder of the crossings that are in the journal.
type overheard struct {
	pipeline.Journal

	recorder *cut.Recorder // nil: nobody is told
}

// Append implements pipeline.Journal.
func (o overheard) Append(ctx context.Context, facts ...models.Fact) error {
	err := o.Journal.Append(ctx, facts...)
	if err == nil && o.recorder != nil {
		for _, fact := range facts {
			o.recorder.Crossed(fact)
		}
	}
	return err
}

// openClipStore is the store that is configured.
func openClipStore(c config.Clips) (archive.Store, error) {
	if c.S3Endpoint == "" {
		return archive.NewFolder(c.Folder), nil
	}
	return openBucket(c)
}
