package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"footfall/api"
	"footfall/api/access"
	"footfall/api/fleet"
	"footfall/api/link"
	"footfall/api/mqtt"
	"footfall/api/preview"
	reports "footfall/api/report"
	"footfall/api/webhook"
	"footfall/models"
	"footfall/models/config"
	archive "footfall/storage/clips"
	"footfall/storage/counts"
	"footfall/storage/outlet"
	"footfall/storage/registry"
	"footfall/storage/sql"
	"footfall/vision"
)

// house is the server: everything but the watching, which its worker processes do.
type house struct {
	cfg        config.Config
	log        *slog.Logger
	database   *sql.DB
	counts     *counts.Store
	registry   *registry.Registry
	outlet     *outlet.Store
	clips      *archive.Index
	clipStore  archive.Store
	archive    *archive.Archive
	evidence   models.SigningKey
	public     []byte // its public half, in PEM
	desk       *access.Desk
	provider   api.Provider // nil: there is none
	deeds      deeds
	shown      *certificate // nil: neither the server nor the link encrypts
	consoleKey string       // the token of the console
	webhooks   *webhook.Office
	postman    *reports.Postman
	herald     *mqtt.Herald // nil: there is no broker
	broker     *link.Broker
	fleet      *fleet.Fleet
	feed       *api.Feed
	relay      *preview.Relay
	gate       *preview.Gate
	inside     *occupancies
	http       *api.Server
	metrics    *prometheus.Registry
	detector   vision.Info              // that the local workers use; without any it is empty
	workerArgs []string                 // of the worker command, before what the house adds
	hub        atomic.Pointer[link.Hub] // made when the broker has an address
	spent      time.Duration            // by that detector, on a frame
	cores      int                      // of this machine
}

// openHouse puts the server together, bottom-up, and takes its address. It starts nothing.
func openHouse(ctx context.Context, cfg config.Config, workerArgs []string, log *slog.Logger) (_ *house, err error) {
	h := &house{
		cfg: cfg, log: log, workerArgs: workerArgs, metrics: prometheus.NewRegistry(), feed: api.NewFeed(log),
		cores: runtime.NumCPU(),
	}
	if err := h.tryDetector(ctx); err != nil {
		return nil, err
	}
	for _, camera := range cfg.Cameras {
		if err := h.Know(camera.Classes); err != nil {
			return nil, fmt.Errorf("camera %s: %w", camera.ID, err)
		}
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder (data_dir): %w", err)
	}
	if h.database, err = sql.Open(ctx, cfg.Storage.Database()); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	opened := h.database
	defer func() {
		if err != nil {
			err = errors.Join(err, opened.Close())
		}
	}()
	var key []byte
	if h.registry, key, err = openRegistry(ctx, h.database, cfg); err != nil {
		return nil, fmt.Errorf("open the registry: %w", err)
	}
	if h.counts, err = counts.New(ctx, h.database); err != nil {
		return nil, fmt.Errorf("open the counts: %w", err)
	}
	if h.outlet, err = outlet.New(ctx, h.database, key); err != nil {
		return nil, fmt.Errorf("open the outlet: %w", err)
	}
	if err := h.openDesk(ctx, key); err != nil {
		return nil, err
	}
	if err := h.openClips(ctx); err != nil {
		return nil, err
	}
	if err := h.openDoors(ctx); err != nil {
		return nil, err
	}
	declared := registry.Declaration{Cameras: cfg.Cameras, Sites: cfg.Sites, Areas: cfg.Areas}
	if err := h.registry.DeclareAll(ctx, declared); err != nil { // last: whatever is refused leaves no trace
		return nil, fmt.Errorf("take over what the configuration declares: %w", err)
	}
	if err := h.outlet.DeclareWebhooks(ctx, cfg.Webhooks, time.Now()); err != nil {
		return nil, fmt.Errorf("take over the webhooks of the configuration: %w", err)
	}
	if err := h.noteConfiguration(ctx, key); err != nil { // before fit, which chooses what is left open
		return nil, err
	}
	if err := h.fit(ctx); err != nil {
		return nil, err
	}
	return h, writeConsole(cfg.DataDir, h.console())
}

// console is how the commands of this machine reach the house.
func (h *house) console() consoleKey {
	key := consoleKey{URL: h.http.URL(), Token: h.consoleKey}
	if h.cfg.Server.Encrypts() {
		key.Certificate = h.shown.fingerprint()
	}
	return key
}

// sayWhere tells the commands of this machine of another certificate.
func (h *house) sayWhere() {
	if err := writeConsole(h.cfg.DataDir, h.console()); err != nil {
		h.log.Error("the commands of this machine will not know the certificate", "error", err)
	}
}

// Know refuses classes that the model of the local workers does not know. What remote workers know is not known here.
func (h *house) Know(classes []models.Class) error {
	if h.localWorkers() == 0 {
		return nil
	}
	return h.detector.Knows(classes)
}

func (h *house) localWorkers() int { return h.cfg.Workers.Local.Processes(h.cores) }

// ready reports why the house cannot do its work.
func (h *house) ready(ctx context.Context) error {
	if err := h.database.Ping(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	select {
	case <-h.broker.Ready():
		return nil
	default:
		return errors.New("the link to the workers is not up yet")
	}
}

// Close gives back what openHouse opened, after Run or without it.
func (h *house) Close() error {
	return errors.Join(h.gate.Close(), removeConsole(h.cfg.DataDir), h.database.Close())
}

// Run serves until ctx ends. Workers stop first, so that their last facts are in; then drained is called, if there is
// one, while everything can still be asked.
func (h *house) Run(ctx context.Context, drained func(ctx context.Context) error) error {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	group, serving := errgroup.WithContext(serving)
	group.Go(func() error { return h.broker.Run(serving) })
	address, err := h.broker.URL(serving)
	if err != nil {
		stop()
		return errors.Join(err, group.Wait())
	}
	hub, err := link.NewHub(address, h.fleet, intake{h.counts, h.clips, h.feed, h.inside, h.webhooks}, nil, h.log)
	if err != nil {
		stop()
		return errors.Join(err, group.Wait())
	}
	h.hub.Store(hub)
	screen, err := link.NewScreen(address, h.relay, h.log)
	if err != nil {
		stop()
		return errors.Join(err, group.Wait())
	}
	group.Go(func() error { return screen.Run(serving) })
	group.Go(func() error { return h.gate.Run(serving) })
	group.Go(func() error { return hub.Run(serving) })
	group.Go(func() error { return h.fleet.Run(serving) })
	group.Go(func() error { return h.http.Run(serving) })
	group.Go(func() error { return h.desk.Run(serving) })
	if h.shown != nil {
		group.Go(func() error { return h.shown.Run(serving) })
	}
	group.Go(func() error { return h.tellOfCameras(serving) })
	group.Go(func() error { return h.followRegistry(serving) })
	group.Go(func() error { return h.keepClips(serving) })
	group.Go(func() error { return h.followRecordings(serving) })
	group.Go(func() error { return h.prune(serving) })
	group.Go(func() error { return h.keepDays(serving) })
	group.Go(func() error { return h.inside.Run(serving) })
	group.Go(func() error { return h.webhooks.Run(serving) })
	group.Go(func() error { return h.postman.Run(serving) })
	if h.herald != nil {
		group.Go(func() error { return h.herald.Run(serving) })
	}
	group.Go(func() error {
		defer stop()
		working, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(serving, cancel)() // whatever else fails ends the workers too
		if err := h.supervisor(address).Run(working); err != nil {
			return err
		}
		<-working.Done() // without workers of its own the supervisor has nothing to do
		if drained == nil || serving.Err() != nil {
			return nil
		}
		return drained(serving)
	})
	return group.Wait()
}

// supervisor keeps the local workers alive. They get the link's address through the environment, where other users of
// the machine cannot read it.
func (h *house) supervisor(address string) *fleet.Supervisor {
	names := make([]string, h.localWorkers())
	for i := range names {
		names[i] = fmt.Sprintf("local-%d", i+1)
	}
	return fleet.NewSupervisor(fleet.SupervisorConfig{
		Workers: names,
		Command: func(name string) *exec.Cmd {
			args := append([]string{"worker", "--supervised", "--name", name}, h.workerArgs...)
			command := exec.Command(ownProgram(), args...) //nolint:noctx // the supervisor ends it
			command.Env = append(os.Environ(), "FOOTFALL_LINK_URL="+address, "FOOTFALL_DATA_DIR="+h.cfg.DataDir)
			command.Env = append(command.Env, h.inherited()...)
			return command
		},
	}, h.fleet, h.log)
}

// inherited is what the command line of serve has set and its workers must know.
func (h *house) inherited() []string {
	allowed := "false"
	if h.cfg.LoopbackCameras() {
		allowed = "true"
	}
	return []string{
		"FOOTFALL_DETECTOR_MODEL=" + h.cfg.Detector.Model,
		"FOOTFALL_DETECTOR_ENGINE=" + string(h.cfg.Detector.Engine),
		"FOOTFALL_DETECTOR_THREADS=" + itoa(h.cfg.Detector.Threads),
		"FOOTFALL_CAPTURE_ALLOW_LOOPBACK=" + allowed,
		"FOOTFALL_CLIPS_ENABLED=" + strconv.FormatBool(h.cfg.Clips.Enabled),
		"FOOTFALL_CLIPS_FOLDER=" + h.cfg.Clips.Folder,
		"FOOTFALL_PREVIEW_ENCODER=" + string(h.cfg.Preview.Encoder),
		"FOOTFALL_PREVIEW_ENCODER_DEVICE=" + h.cfg.Preview.EncoderDevice,
		"FOOTFALL_LOG_FORMAT=json", // which the supervisor reads and passes on as our own log's format and level
		"FOOTFALL_LOG_LEVEL=" + strings.ToLower(h.cfg.Log.Level.String()),
	}
}

// ownProgram is this very binary, also after it was replaced on disk.
func ownProgram() string {
	if path, err := os.Executable(); err == nil {
		return path
	}
	return filepath.Join("/proc", "self", "exe")
}

// followRegistry tells the fleet of every change of the cameras.
func (h *house) followRegistry(ctx context.Context) error {
	changes, stop := h.registry.Subscribe()
	defer stop()
	for {
		cameras, err := h.registry.All(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("read the cameras: %w", err)
		}
		h.fleet.SetCameras(cameras)
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
		}
	}
}

// keepDays keeps the days of the sites' zones, so that long reports are fast. A zone that is new takes a while to be
// added up, and is answered for more slowly until then.
func (h *house) keepDays(ctx context.Context) error {
	changes, stop := h.registry.Subscribe()
	defer stop()
	for {
		sites, err := h.registry.Sites(ctx)
		for _, s := range sites {
			if err == nil {
				err = h.counts.KeepDays(ctx, s.Zone)
			}
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			h.log.Error("the days of a zone are not kept; reports are slower", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
		}
	}
}

// tellOfCameras tells the readers of events how cameras are doing.
func (h *house) tellOfCameras(ctx context.Context) error {
	var seen fleet.Revision
	for {
		changes, now, err := h.fleet.Changes(ctx, seen)
		if err != nil {
			return nil //nolint:nilerr // only the context's end ends the waiting
		}
		seen = now
		for _, change := range changes {
			if change.Removed {
				continue
			}
			h.feed.Camera(change.Status)
			if err := h.webhooks.Camera(ctx, change.Status); err != nil && ctx.Err() == nil {
				h.log.Error("webhooks were not told of a camera", "camera", change.Status.Camera, "error", err)
			}
		}
	}
}
