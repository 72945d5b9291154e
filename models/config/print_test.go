package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"footfall/models/config"
)

// TestNothingPrintsASecret prints a configuration in every way that somebody might think of.
func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	c, err := load(t, `
link: {token: hunter2-hunter2-hunter2}
mqtt: {password: hunter2}
mail: {password: hunter2}
server: {public_url: https://here}
oidc: {issuer: https://id, client_id: x, client_secret: hunter2}
groups: [{group: staff, roles: [manager]}]
webhooks: [{id: till, url: "https://till/in?token=hunter2", secret: whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==, events: [count.1h]}]
cameras: [{id: lobby, url: "rtsp://viewer:hunter2@camera/stream"}]
`, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Link.Token.Reveal() != "hunter2-hunter2-hunter2" || !strings.Contains(c.Cameras[0].URL, "hunter2") {
		t.Fatal("the secrets are not there to be hidden")
	}
	prints := map[string]string{"YAML": c.YAML(), "String": c.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		prints["config "+verb] = fmt.Sprintf(verb, c)
		prints["pointer "+verb] = fmt.Sprintf(verb, &c)
		prints["link "+verb] = fmt.Sprintf(verb, c.Link)
		prints["token "+verb] = fmt.Sprintf(verb, c.Link.Token)
	}
	prints["webhooks"] = fmt.Sprintf("%v %+v %#v %s", c.Webhooks, c.Webhooks, c.Webhooks, c.Webhooks)
	prints["cameras"] = fmt.Sprintf("%v %+v %#v", c.Cameras, c.Cameras, c.Cameras)
	for _, v := range []any{c, &c, c.Link, c.Link.Token} {
		var text, lines bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("start", "value", v)
		slog.New(slog.NewJSONHandler(&lines, nil)).Info("start", "value", v)
		prints[fmt.Sprintf("slog text %T", v)] = text.String()
		prints[fmt.Sprintf("slog JSON %T", v)] = lines.String()
		inJSON, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		inYAML, err := yaml.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		prints[fmt.Sprintf("JSON %T", v)], prints[fmt.Sprintf("YAML %T", v)] = string(inJSON), string(inYAML)
	}
	for how, text := range prints {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "viewer") || strings.Contains(text, "68756e74657232") || strings.Contains(text, "aHVudGVyMm") {
			t.Errorf("%s shows a secret: %s", how, text)
		}
	}
	for _, want := range []string{`token: "***"`, `url: "rtsp://***@camera/stream"`, "listen: \"127.0.0.1:8080\""} {
		if !strings.Contains(c.YAML(), want) {
			t.Errorf("%s is not in\n%s", want, c.YAML())
		}
	}
	if strings.Contains(config.Default().YAML(), "***") {
		t.Error("a token that is not there is shown as one")
	}
}
