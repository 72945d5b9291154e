package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"footfall/models"
)

func TestSummaries(t *testing.T) {
	t.Parallel()
	d := open(t)
	for path, want := range map[string]string{
		"/api/v1/summaries/2026-03-10":                     "2026-03-10 false true",
		"/api/v1/summaries/2026-03-10?as=text&period=week": "2026-03-10 true false",
	} {
		if status, header, body := d.ask(t, "GET", path, ""); status != http.StatusOK || body != want ||
			strings.Contains(header.Get("Content-Type"), "html") != strings.HasSuffix(want, "true") {
			t.Errorf("%s: %d %v %s", path, status, header, body)
		}
	}
	if status, _, body := d.ask(t, "GET", "/api/v1/summaries/yesterday", ""); status != http.StatusBadRequest || !strings.Contains(body, `"field":"day"`) {
		t.Errorf("yesterday: %d %s", status, body)
	}
	if status, _, body := d.ask(t, "POST", "/api/v1/summaries/2026-03-10/send?period=week", ""); status != http.StatusNoContent {
		t.Errorf("send: %d %s", status, body)
	}
	d.notNow = fmt.Errorf("send mail through smtp: %w", models.ErrUnavailable)
	if status, _, body := d.ask(t, "POST", "/api/v1/summaries/2026-03-11/send", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "smtp") {
		t.Errorf("send without a server: %d %s", status, body)
	}
	if fmt.Sprint(d.mailed) != "[2026-03-10 true 2026-03-11 false]" {
		t.Errorf("mailed %v", d.mailed)
	}
}
