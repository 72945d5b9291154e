package main

import (
	"context"
	"time"

	"footfall/api"
)

// prune forgets, hour by hour, what is older than it is kept: single facts, and entries of the audit log.
func (h *house) prune(ctx context.Context) error {
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		h.forget(ctx, "facts", h.cfg.Storage.FactsRetention, h.counts.Prune)
		h.forget(ctx, "entries of the audit log", h.cfg.Storage.AuditRetention, h.deeds.record.Prune)
		select {
		case <-ctx.Done():
			return nil
		case <-hourly.C:
		}
	}
}

// forget removes what is older than kept; 0 is for ever.
func (h *house) forget(
	ctx context.Context, what string, kept time.Duration, remove func(context.Context, time.Time) (int64, error),
) {
	if kept <= 0 {
		return
	}
	n, err := remove(ctx, time.Now().Add(-kept))
	switch {
	case ctx.Err() != nil:
	case err != nil:
		h.log.Error("what is too old was not removed", "what", what, "error", err)
	case n > 0:
		h.log.Info("what is too old was removed", "what", what, "removed", n)
	}
}

// keeping is what the page of data protection says.
func (h *house) keeping() api.Keeping {
	return api.Keeping{
		Facts: h.cfg.Storage.FactsRetention, Audit: h.cfg.Storage.AuditRetention,
		Clips: h.cfg.Clips.Retention, ClipsOf: h.cfg.Clips.RetentionFor, NoClips: !h.cfg.Clips.Enabled,
		SessionIdle: h.cfg.Server.SessionIdle, SessionWhole: h.cfg.Server.SessionMax,
	}
}
