package main

import (
	"context"
	"slices"

	"footfall/api"
	"footfall/api/link"
	"footfall/api/webhook"
	"footfall/models"
	archive "footfall/storage/clips"
	"footfall/storage/counts"
	"footfall/storage/registry"
)

// ledger answers questions for counts: the registry knows which lines there are, the store what they counted.
type ledger struct {
	registry *registry.Registry
	counts   *counts.Store
}

func (l ledger) Buckets(ctx context.Context, q api.CountQuery) ([]models.Bucket, string, error) {
	lines, err := l.lines(ctx, q)
	if err != nil || len(lines) == 0 {
		return nil, "", err
	}
	page, err := l.counts.Buckets(ctx, counts.Query{
		Lines: lines, Classes: q.Classes, Carrying: q.Carrying, From: q.From, To: q.To, Step: q.Step,
		Location: q.Location, Cursor: q.Cursor, Limit: q.Limit, AsOf: q.AsOf,
	})
	return page.Buckets, page.Next, err
}

// ledgerBook answers questions for totals: a zone is known when it is drawn, or when anything was ever told of it.
type ledgerBook struct {
	*counts.Store

	registry *registry.Registry
}

func (b ledgerBook) KnownZones(ctx context.Context) ([]models.ZoneRef, error) {
	zones, err := b.Store.KnownZones(ctx)
	if err != nil {
		return nil, err
	}
	cameras, err := b.registry.All(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range cameras {
		for _, z := range c.Zones {
			if ref := (models.ZoneRef{Camera: c.ID, Zone: z.ID}); !slices.Contains(zones, ref) {
				zones = append(zones, ref)
			}
		}
	}
	return zones, nil
}

// lines are those that the query asks for. One that is not watched any more is listed if it has counted something in
// the interval: totals of the past must not shrink because a line was redrawn.
func (l ledger) lines(ctx context.Context, q api.CountQuery) ([]counts.LineRef, error) {
	known, err := l.registry.KnownLines(ctx)
	if err != nil {
		return nil, err
	}
	var watched, removed []counts.LineRef
	for _, k := range known {
		if len(q.Cameras) > 0 && !slices.Contains(q.Cameras, k.Camera) ||
			len(q.Lines) > 0 && !slices.Contains(q.Lines, k.Line) {
			continue
		}
		if ref := (counts.LineRef{Camera: k.Camera, Line: k.Line}); k.Removed {
			removed = append(removed, ref)
		} else {
			watched = append(watched, ref)
		}
	}
	if len(removed) == 0 {
		return watched, nil
	}
	totals, err := l.counts.Buckets(ctx, counts.Query{Lines: removed, From: q.From, To: q.To, Limit: len(removed)})
	if err != nil {
		return nil, err
	}
	for _, b := range totals.Buckets {
		if b.RawIn > 0 || b.RawOut > 0 {
			watched = append(watched, counts.LineRef{Camera: b.Camera, Line: b.Line})
		}
	}
	return watched, nil
}

// intake takes facts off the link into the store, and tells the readers of events what they changed.
type intake struct {
	counts   *counts.Store
	clips    *archive.Index
	feed     *api.Feed
	inside   *occupancies
	webhooks *webhook.Office
}

func (i intake) Accept(ctx context.Context, _ string, facts []models.Fact) (link.Receipt, error) {
	facts, receipt, err := i.acceptClips(ctx, facts)
	if err != nil || len(facts) == 0 {
		return receipt, err
	}
	committed, err := i.counts.Ingest(ctx, facts)
	if err != nil {
		return link.Receipt{}, err
	}
	// Before the worker may forget its facts: what was told already and is not true any more must be told again.
	if err := i.webhooks.Note(ctx, facts, committed.Changed); err != nil {
		return link.Receipt{}, err
	}
	for _, crossing := range committed.Crossings {
		i.feed.Crossing(crossing.Camera, crossing.Crossing)
	}
	for _, bucket := range committed.Changed {
		if bucket.Line != "" {
			i.feed.Count(bucket)
			i.inside.changed(bucket.Camera, bucket.Line)
		}
	}
	receipt.Accepted, receipt.Later = append(receipt.Accepted, committed.Accepted...), committed.Later
	for _, refusal := range committed.Refused {
		receipt.Refused = append(receipt.Refused, link.Refusal{ID: refusal.ID, Reason: refusal.Reason})
	}
	return receipt, nil
}
