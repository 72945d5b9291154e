package api_test

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"footfall/api"
)

// Who asks too much is told when to come back, and holds up nobody else: strangers by their address, others by who they are.
func TestLimits(t *testing.T) {
	t.Parallel()
	h := &house{}
	log := slog.New(slog.DiscardHandler)
	server, err := api.New(t.Context(), api.Options{
		Listen: "127.0.0.1:0", Registry: h, Statuses: h, Counts: h, Fleet: h, Feed: api.NewFeed(log), Entrance: guests{}, Journal: silent{},
		Limits:  api.Limits{Strangers: api.Rate{PerSecond: 0.01, Burst: 10}, Each: api.Rate{PerSecond: 0.01, Burst: 20}},
		Metrics: prometheus.NewRegistry(), Now: now, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	d := &door{house: h, server: server}
	let := func(n int, token string) (in, out int) {
		t.Helper()
		for range n {
			header := []string{}
			if token != "" {
				header = []string{"Authorization", "Bearer " + token}
			}
			switch status, h, _ := d.send(t, http.MethodGet, "/api/v1/workers", "", header...); status {
			case http.StatusTooManyRequests:
				if out++; h.Get("Retry-After") == "" {
					t.Error("nobody says when to come back")
				}
			default:
				in++
			}
		}
		return in, out
	}
	if in, out := let(30, "D-"); in != 20 || out != 10 {
		t.Errorf("somebody known: %d let in, %d not", in, out)
	}
	if in, out := let(5, "V-"); in != 5 || out != 0 {
		t.Errorf("somebody else, from the same address: %d let in, %d not", in, out)
	}
	if in, out := let(15, ""); in != 10 || out != 5 {
		t.Errorf("strangers: %d let in, %d not", in, out)
	}
	if in, out := let(3, "wrong"); in != 0 || out != 3 {
		t.Errorf("guesses of tokens from there: %d let in, %d not", in, out)
	}
	if in, out := let(5, "M-"); in != 5 || out != 0 {
		t.Errorf("somebody known, where strangers have asked too much: %d let in, %d not", in, out)
	}
}
