package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"footfall/api"
	"footfall/api/fleet"
	"footfall/api/link"
	"footfall/api/preview"
	"footfall/api/web"
)

// openDoors makes what talks to workers and to people.
func (h *house) openDoors(ctx context.Context) error {
	if err := h.openLink(); err != nil {
		return err
	}
	if err := h.openOutlets(ctx); err != nil {
		return err
	}
	h.inside = newOccupancies(h.registry, h.counts, h.feed, h.webhooks, h.doorFilms(), h.log)
	if err := h.openStage(ctx); err != nil {
		return err
	}
	if err := h.openFront(ctx); err != nil {
		return errors.Join(err, h.gate.Close())
	}
	return nil
}

// openLink makes what workers dial, and what gives them cameras.
func (h *house) openLink() error {
	token, err := linkToken(h.cfg)
	if err != nil {
		return err
	}
	open := link.BrokerConfig{Listen: h.cfg.Link.Listen, Token: token, Workers: h.desk}
	if h.cfg.Link.Encrypts() {
		shown, err := h.certificate()
		if err != nil {
			return err
		}
		open.TLS, open.CertFile = shown.config(), shown.certFile
	}
	if h.broker, err = link.NewBroker(open, h.log); err != nil {
		return err
	}
	secret, err := lotterySecret(h.cfg.DataDir)
	if err != nil {
		return err
	}
	settings, err := json.Marshal(workerSettings{
		UTurn: h.cfg.Counting.UTurn, Clips: newClipSettings(h.cfg.Clips, secret),
	})
	if err != nil {
		return fmt.Errorf("write the workers' settings: %w", err)
	}
	h.fleet = fleet.New(fleet.Config{Workers: h.localWorkers(), Settings: settings}, h.counts, h.log)
	return nil
}

// openStage makes what shows live pictures.
func (h *house) openStage(ctx context.Context) (err error) {
	h.relay = preview.NewRelay(frontOfHouse{h.fleet, h.registry, h.counts, time.Now}, time.Now)
	h.gate, err = preview.NewGate(ctx, preview.GateConfig{
		Listen: h.cfg.PreviewListen(), Hosts: h.cfg.Preview.Hosts, Most: h.cfg.Preview.MaxSessions,
		Status: h.fleet.Status, Log: h.log,
	}, h.relay)
	return err
}

// openFront makes the API and the web app.
func (h *house) openFront(ctx context.Context) error {
	encrypting, err := h.encrypting()
	if err != nil {
		return err
	}
	app, err := web.New()
	if err != nil {
		return err
	}
	if h.cfg.Clips.S3Endpoint != "" && h.cfg.Clips.S3Links > 0 {
		app.AllowMedia(strings.TrimRight(h.cfg.Clips.S3Endpoint, "/"))
	}
	h.metrics.MustRegister(newGauges(h))
	h.http, err = api.New(ctx, api.Options{
		Listen: h.cfg.Server.Listen, AllowedHosts: h.cfg.Server.Hosts(),
		Registry: notedCameras{h.registry, h.deeds}, Addresses: addressBook{h.cfg}, Detectors: h, Statuses: h.fleet,
		Counts: ledger{h.registry, h.counts}, Places: notedPlaces{h.registry, h.deeds},
		Book:       notedBook{ledgerBook{h.counts, h.registry}, h.deeds},
		SmallCount: h.cfg.Privacy.SmallCount, Fleet: h.fleet, Feed: h.feed,
		CameraTester: h.newTrials(), LineTester: h, Webhooks: notedWebhooks{h.outlet, h.deeds}, Tester: h.webhooks,
		Summaries: notedPost{h.postman, h.deeds},
		Entrance:  h.desk, Desk: h.desk, Provider: h.provider, Journal: h.deeds,
		TLS: encrypting, Proxies: h.cfg.Server.TrustedProxies, WorkerAddress: h.workerAddress,
		Previews: theatre{h.relay, h.gate}, ICE: iceServers(h.cfg.Preview),
		PreviewOrigins: h.cfg.Preview.AllowOrigins, App: app,
		Clips: h.clips, ClipFiles: videos{h.clipStore, h.cfg.Clips.Retention, h.cfg.Clips.S3Links},
		Audit: h.deeds.record, Keeping: h.keeping(),
		Evidence: api.Evidence{Signer: h.evidence, Public: h.public},
		Ready:    h.ready, Metrics: h.metrics, Now: time.Now, Log: h.log,
	})
	return err
}

// encrypting is how the server encrypts; nil: it does not.
func (h *house) encrypting() (*tls.Config, error) {
	if !h.cfg.Server.Encrypts() {
		return nil, nil // no encryption
	}
	shown, err := h.certificate()
	if err != nil {
		return nil, err
	}
	return shown.config(), nil
}

// certificate is what browsers and workers elsewhere are shown; it is opened once.
func (h *house) certificate() (_ *certificate, err error) {
	if h.shown == nil {
		if h.shown, err = openCertificate(h.cfg, h.log, time.Now()); err != nil {
			return nil, err
		}
		h.shown.changed = func(string) { h.sayWhere() }
	}
	return h.shown, nil
}
