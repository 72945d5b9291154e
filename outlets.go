package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footfall/api/mqtt"
	reports "footfall/api/report"
	"footfall/api/webhook"
	"footfall/capture"
	"footfall/models"
	"footfall/models/config"
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
	if err != nil {
		return err
	}
	if err := h.openPostman(); err != nil || h.cfg.MQTT.URL == "" {
		return err
	}
	return h.openHerald()
}

// openPostman makes what writes and mails reports.
func (h *house) openPostman() error {
	trusted, err := trusting(h.cfg.Mail.CAFile)
	if err != nil {
		return fmt.Errorf("mail.ca_file: %w", err)
	}
	zone, err := time.LoadLocation(h.cfg.Report.TZ)
	if err != nil {
		return fmt.Errorf("report.tz: %w", err)
	}
	mailer := reports.Mailer{
		Server: h.cfg.Mail.Server, TLS: trusted, User: h.cfg.Mail.User, Password: h.cfg.Mail.Password.Reveal(),
		From: h.cfg.Mail.From, Version: version,
	}
	switch h.cfg.Mail.Security {
	case config.MailSTARTTLS:
		mailer.Security = reports.STARTTLS
	case config.MailTLS:
		mailer.Security = reports.TLS
	case config.MailPlain:
		mailer.Security = reports.Plain
	}
	h.postman = reports.New(reports.Options{
		Mailer: mailer, To: h.cfg.Report.To, Weekly: h.cfg.Report.Every == config.ReportWeekly, At: h.cfg.Report.At,
		Location: zone, Book: ledger{h.registry, h.counts}, Registry: h.registry, Store: h.outlet, Now: time.Now,
		Log: h.log,
	})
	return nil
}

// openHerald makes what tells the MQTT broker.
func (h *house) openHerald() error {
	trusted, err := trusting(h.cfg.MQTT.CAFile)
	if err != nil {
		return fmt.Errorf("mqtt.ca_file: %w", err)
	}
	zone, err := time.LoadLocation(h.cfg.MQTT.TZ)
	if err != nil {
		return fmt.Errorf("mqtt.tz: %w", err)
	}
	h.herald, err = mqtt.New(mqtt.Options{
		URL: h.cfg.MQTT.URL, User: h.cfg.MQTT.User, Password: h.cfg.MQTT.Password.Reveal(), TLS: trusted,
		ClientID: h.cfg.MQTT.ClientID, Topic: h.cfg.MQTT.Topic, Discovery: h.cfg.MQTT.Discovery, Location: zone,
		Registry: h.registry, Statuses: h.fleet, Book: ledger{h.registry, h.counts},
		Insides: insides{h.registry, h.counts}, Version: version, Now: time.Now, Log: h.log,
	})
	return err
}

// trusting is TLS that trusts whom the file names, in PEM, instead of whom the system trusts; an empty name is the
// system's.
func trusting(file string) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if file == "" {
		return c, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(text) {
		return nil, models.Invalidf(file, "holds no certificate in PEM")
	}
	return c, nil
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
