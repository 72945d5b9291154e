package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"footfall/api"
	"footfall/api/fleet"
	"footfall/api/preview"
	"footfall/models"
	"footfall/models/config"
	"footfall/storage/counts"
	"footfall/storage/registry"
)

// iceServers is what browsers are told.
func iceServers(p config.Preview) api.ICEServers {
	return api.ICEServers{
		URLs: append(append([]string{}, p.STUN...), p.TURN...), User: p.TURNUser, Password: p.TURNPassword.Reveal(),
	}
}

// theatre is the previews as the API wants them.
type theatre struct {
	relay *preview.Relay
	gate  *preview.Gate
}

func (t theatre) Open(
	stream models.Stream, offer string, ended func(),
) (session, tag, answer string, err error) {
	a, err := t.gate.Open(stream, offer, ended)
	if errors.Is(err, preview.ErrNotAcceptable) {
		err = fmt.Errorf("%w: %w", api.ErrNoVideo, err)
	}
	return a.Session, a.Tag, a.SDP, err
}

func (t theatre) Trickle(camera models.CameraID, session, tag, fragment string) error {
	err := t.gate.Trickle(camera, session, tag, fragment)
	if errors.Is(err, preview.ErrOtherSession) {
		return api.ErrOtherTag
	}
	return err
}

func (t theatre) End(camera models.CameraID, session string) error {
	return t.gate.End(camera, session)
}

func (t theatre) Watch(stream models.Stream) api.Seat { return t.relay.Join(stream) }

func (t theatre) Last(stream models.Stream) (models.Shot, bool) {
	shot, _, there := t.relay.Last(stream)
	return shot, there
}

func (t theatre) Close() { t.relay.Close() }

// frontOfHouse tells the relay what it must know of the cameras.
type frontOfHouse struct {
	fleet    *fleet.Fleet
	registry *registry.Registry
	counts   *counts.Store
	now      func() time.Time
}

// Watcher is the worker that watches a camera.
func (f frontOfHouse) Watcher(camera models.CameraID) string { return f.fleet.Status(camera).Worker }

// Totals are the counts of today, by this machine's clock and time zone.
func (f frontOfHouse) Totals(ctx context.Context, id models.CameraID) ([]models.LineTotal, error) {
	camera, err := f.registry.Camera(ctx, id)
	if err != nil || len(camera.Lines) == 0 {
		return nil, err
	}
	refs := make([]counts.LineRef, len(camera.Lines))
	for i, line := range camera.Lines {
		refs[i] = counts.LineRef{Camera: id, Line: line.ID}
	}
	now := f.now().Local()
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	page, err := f.counts.Buckets(ctx, counts.Query{
		Lines: refs, From: today, To: now.Truncate(time.Minute).Add(time.Minute), Limit: len(refs),
	})
	if err != nil {
		return nil, err
	}
	var totals []models.LineTotal
	for _, b := range page.Buckets {
		if b.Observed > 0 || b.RawIn+b.RawOut > 0 { // else nothing is known, which is not 0
			totals = append(totals, models.LineTotal{
				Line: b.Line, In: b.In, Out: b.Out, RawIn: b.RawIn, RawOut: b.RawOut,
			})
		}
	}
	return totals, nil
}
