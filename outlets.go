package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footfall/api/webhook"
	"footfall/capture"
	"footfall/models"
)

// openOutlets makes what carries counts out of the house.
func (h *house) openOutlets(ctx context.Context) (err error) {
	h.webhooks, err = webhook.New(ctx, webhook.Options{
		Store: h.outlet, Book: ledger{h.registry, h.counts},
		Addresses: capture.AddressRules{
			Allow: h.cfg.Sending.AllowAddresses, AllowLoopback: h.cfg.LoopbackWebhooks(),
		},
		Timeout: h.cfg.Sending.Timeout, GiveUpAfter: h.cfg.Sending.GiveUpAfter, UTurn: h.cfg.Counting.UTurn,
		Version: version, Now: time.Now, Log: h.log,
	})
	return err
}

// webhooks shows how webhooks are doing. A scrape that finds the database slow goes without.
func (g *gauges) webhooks(put func(*prometheus.Desc, prometheus.ValueType, float64, ...string)) {
	g.house.webhooks.Attempts(func(id, result string, n int64) {
		put(g.webhookAttempts, prometheus.CounterValue, float64(n), id, result)
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	hooks, err := g.house.outlet.Webhooks(ctx, "", 1000)
	if err != nil {
		return
	}
	for _, w := range hooks {
		standing, err := g.house.outlet.Standing(ctx, w.ID)
		if err != nil {
			return
		}
		for state, n := range map[models.DeliveryState]int64{
			models.DeliveryPending: standing.Pending, models.DeliveryDead: standing.Dead,
		} {
			put(g.webhookMessages, prometheus.GaugeValue, float64(n), string(w.ID), string(state))
		}
	}
}
