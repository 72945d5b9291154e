package api_test

import (
	"net/http"
	"strings"
	"testing"
)

// room is an app that says where it was asked.
type room struct{}

func (room) Paths() []string { return []string{"/", "/live", "/live/*", "/assets/*"} }

func (room) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "of the app")
	_, _ = w.Write([]byte("app at " + r.URL.Path))
}

// The app has its own paths and no others: the API, and what nobody knows, are answered as without it.
func TestTheAppIsServed(t *testing.T) {
	t.Parallel()
	d := open(t)
	for path, want := range map[string]string{
		"/": "app at /", "/live": "app at /live", "/live/lobby": "app at /live/lobby", "/assets/x.js": "app at /assets/x.js",
	} {
		status, header, body := d.ask(t, "GET", path, "")
		if status != http.StatusOK || body != want || header.Get("Content-Security-Policy") != "of the app" {
			t.Errorf("%s: %d %q %v", path, status, body, header)
		}
	}
	for path, want := range map[string]int{"/nowhere": 404, "/api/v1/nowhere": 404, "/preview": 301, "/healthz": 200} {
		if status, _, body := d.ask(t, "GET", path, ""); status != want || strings.Contains(body, "app at") {
			t.Errorf("%s: %d %q, want %d", path, status, body, want)
		}
	}
}
