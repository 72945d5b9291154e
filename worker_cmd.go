package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"footfall/api/fleet"
	"footfall/api/link"
	"footfall/models"
	"footfall/models/config"
	"footfall/storage/outbox"
)

type workerCmd struct {
	Link       string `required:"" env:"FOOTFALL_LINK_URL" help:"Where the server is; its token stands in the address, which is better given in FOOTFALL_LINK_URL." placeholder:"tls://TOKEN@HOST:PORT?sha256=KEY"`
	LinkCA     string `env:"FOOTFALL_LINK_CA" help:"Who vouches for the server, in PEM, or its own certificate; whom the system trusts if not given." placeholder:"FILE" type:"path"`
	Config     string `help:"Configuration file: detector, capture, log and data_dir are used." placeholder:"FILE" type:"path"`
	Name       string `help:"Name of this worker, the same after every start; the host's name if not given." placeholder:"NAME"`
	Supervised bool   `hidden:"" help:"End when standard input does."`
}

// Run watches cameras until ctx ends.
func (cmd *workerCmd) Run(ctx context.Context, c *console) error {
	cfg, err := config.Load(config.Sources{File: cmd.Config, Environ: os.Environ()})
	if err != nil {
		return err
	}
	if cmd.Supervised {
		var cancel context.CancelFunc
		ctx, cancel = fleet.UntilOrphaned(ctx, os.Stdin)
		defer cancel()
	}
	if cmd.Name == "" {
		if cmd.Name, err = os.Hostname(); err != nil {
			return fmt.Errorf("name this worker: %w; give --name", err)
		}
	}
	if err := models.ValidateID("--name", cmd.Name); err != nil {
		return err
	}
	if !cmd.Supervised && cfg.Capture.AllowLoopback == config.SwitchAuto {
		// Auto speaks of the server's own machine, and that is elsewhere.
		cfg.Capture.AllowLoopback = config.SwitchOff
	}
	if !cmd.Supervised { // whose address says all
		if cmd.Link, err = link.KnownBy(cmd.Link, cmd.LinkCA); err != nil {
			return err
		}
	}
	log := newLog(c, cfg.Log).With("worker", cmd.Name)
	return work(ctx, cmd, cfg, log)
}

// work opens what a worker needs, bottom-up, and runs it.
func work(ctx context.Context, cmd *workerCmd, cfg config.Config, log *slog.Logger) (err error) {
	folder := filepath.Join(cfg.DataDir, "workers")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the worker's folder: %w", err)
	}
	queue, err := outbox.Open(ctx, filepath.Join(folder, cmd.Name+".outbox.db"), outbox.Limits{})
	if err != nil {
		return fmt.Errorf("open the outbox: %w", err)
	}
	spool, err := openSpool(ctx, folder, cmd.Name, cfg.Clips, queue, log)
	if err != nil {
		return err
	}
	//nolint:contextcheck // what is held in memory is brought to disk though the context has ended
	defer func() { err = errors.Join(err, queue.Close()) }()

	finder, modelVersion, err := openDetector(ctx, cfg.Detector, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, finder.Close()) }()
	info := finder.Info()
	log.Info("ready to watch", "model", modelVersion, "engine", info.Engine, "why", info.EngineWhy,
		"input", fmt.Sprintf("%dx%d", info.Width, info.Height), "threads", info.Threads)

	var duty *duty
	var client *link.Client
	projector, err := link.NewProjector(cmd.Link, cmd.Name, func() time.Duration { return client.Ahead() },
		func(wanted []models.Wanted, until time.Time) { duty.Want(wanted, until) }, log)
	if err != nil {
		return err
	}
	duty = newDuty(cfg, newLane(finder), newJournal(queue, log), modelVersion,
		showing{preview: cfg.Preview, send: projector.Send, counts: projector.Counts}, spool, log)
	client, err = link.NewClient(link.ClientConfig{
		URL: cmd.Link, Worker: cmd.Name, Incarnation: newID(), Version: version,
		TryLines: func(camera models.CameraID, lines []models.Line) (models.LineTrial, error) {
			return duty.TryLines(camera, lines)
		},
		Capacity: cfg.Workers.CamerasPerWorker, Resources: func() link.Resources {
			held := resources()
			held.Encoders, held.Shots, held.ShotsDropped = duty.shown()
			held.Spool = spool.status()
			return held
		},
	}, duty, queue, log)
	if err != nil {
		return err
	}
	store, err := cmd.clipStore(cfg, spool, log)
	if err != nil {
		return err
	}
	return onDuty(ctx, duty, client, projector, spool.sending(store))
}

// onDuty watches and talks. The watching ends first, so that its last facts still go out. When it fails, the server is
// not told a goodbye: it shall see a worker that crashed, and look for the camera that did it.
func onDuty(
	ctx context.Context, duty *duty, client *link.Client, projector *link.Projector, send func(context.Context) error,
) error {
	talking, hangUp := context.WithCancelCause(context.WithoutCancel(ctx))
	defer hangUp(nil)
	group, watching := errgroup.WithContext(ctx)
	group.Go(func() error {
		err := duty.Run(watching)
		hangUp(err)
		return err
	})
	group.Go(func() error { return client.Run(talking) })
	group.Go(func() error { return projector.Run(watching) })
	group.Go(func() error { return send(watching) })
	return group.Wait()
}

// newID is a UUIDv7: ids that are made later sort later, which databases like.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// newLog writes the log to stderr.
func newLog(c *console, cfg config.Log) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.Level}
	if cfg.Format == config.LogJSON {
		return slog.New(slog.NewJSONHandler(c.err, options))
	}
	return slog.New(slog.NewTextHandler(c.err, options))
}

// workerSettings is what the server tells all workers, so that they count alike.
type workerSettings struct {
	UTurn time.Duration `json:"u_turn_ns"`
	Clips clipSettings  `json:"clips"`
}
