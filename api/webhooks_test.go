package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"footfall/api"
	"footfall/models"
)

const till = `{"id":"till","url":"https://till.example.org/in?token=t0psecret","events":["count.15m","camera.state"],"cameras":["a"]}`

func TestWebhookLife(t *testing.T) {
	t.Parallel()
	d := open(t)
	status, header, body := d.ask(t, "POST", "/api/v1/webhooks", till)
	if status != http.StatusCreated || header.Get("Location") != "/api/v1/webhooks/till" {
		t.Fatalf("add: %d %v %s", status, header, body)
	}
	var added api.Webhook
	if err := json.Unmarshal([]byte(body), &added); err != nil {
		t.Fatal(err)
	}
	if added.Secret == nil || !strings.HasPrefix(*added.Secret, "whsec_") || added.Url != "https://till.example.org/in?***" ||
		len(added.Events) != 2 || added.Version != 1 {
		t.Fatalf("added %s", body)
	}
	secret := *added.Secret
	_, _, second := d.ask(t, "POST", "/api/v1/webhooks", strings.Replace(till, `"till"`, `"wall"`, 1))
	if strings.Contains(second, secret) {
		t.Error("two webhooks have one secret")
	}
	status, _, body = d.ask(t, "PATCH", "/api/v1/webhooks/till", `{"url":"https://till.example.org/in?***","disabled":true,"lines":["door"],"version":1}`)
	if status != http.StatusOK || !strings.Contains(body, `"disabled":true`) {
		t.Fatalf("change: %d %s", status, body)
	}
	kept, err := d.hooks.Webhook(t.Context(), "till")
	if err != nil || kept.Secret != secret || !strings.HasSuffix(kept.URL, "t0psecret") || kept.Lines[0] != "door" {
		t.Errorf("kept %v, %v", kept, err)
	}
	if status, _, body = d.ask(t, "PATCH", "/api/v1/webhooks/till", `{"disabled":false,"version":1}`); status != http.StatusConflict {
		t.Errorf("change of an old version: %d %s", status, body)
	}
	status, _, body = d.ask(t, "POST", "/api/v1/webhooks/till/test", "")
	if status != http.StatusOK || body != `{"detail":"answered 503","milliseconds":7,"status":503,"taken":false}`+"\n" ||
		len(d.tested) != 1 || d.tested[0].Secret != secret {
		t.Errorf("test: %d %s", status, body)
	}
	_, _, list := d.ask(t, "GET", "/api/v1/webhooks?limit=1", "")
	_, _, rest := d.ask(t, "GET", "/api/v1/webhooks?cursor=till", "")
	_, _, one := d.ask(t, "GET", "/api/v1/webhooks/till", "")
	if !strings.Contains(list, `"next_cursor":"till"`) || !strings.Contains(rest, `"wall"`) || strings.Contains(rest, `"till"`) {
		t.Errorf("lists: %s and %s", list, rest)
	}
	if all := list + rest + one; strings.Contains(all, secret) || strings.Contains(all, "t0psecret") || strings.Contains(all, "whsec_") {
		t.Errorf("a secret is shown: %s", all)
	}
	if status, _, _ = d.ask(t, "DELETE", "/api/v1/webhooks/till", ""); status != http.StatusNoContent {
		t.Fatalf("remove: %d", status)
	}
	if status, _, _ = d.ask(t, "GET", "/api/v1/webhooks/till", ""); status != http.StatusNotFound {
		t.Fatalf("removed: %d", status)
	}
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.ask(t, "POST", "/api/v1/webhooks", till)
	for _, id := range []string{"m1", "m2", "m3"} {
		letter := models.Delivery{ID: id, Webhook: "till", Event: models.CountedQuarter, Body: []byte(`{"id":"` + id + `"}`), Created: now()}
		err := d.hooks.Plan(t.Context(), models.WebhookStep{Deliveries: []models.Delivery{letter}})
		letter.State, letter.Attempts, letter.Status, letter.Detail = models.DeliveryDead, 3, 400, "answered 400"
		if err == nil && id != "m3" {
			err = d.hooks.Failed(t.Context(), letter, now())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	_, _, body := d.ask(t, "GET", "/api/v1/webhooks/till/deliveries?limit=1", "")
	var page api.Deliveries
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != 1 || page.Items[0].Id != "m1" || page.Items[0].Body != `{"id":"m1"}` || *page.Items[0].Status != 400 || page.NextCursor == nil {
		t.Fatalf("dead: %s", body)
	}
	if _, _, body = d.ask(t, "GET", "/api/v1/webhooks/till/deliveries?limit=1&cursor="+*page.NextCursor, ""); !strings.Contains(body, `"m2"`) ||
		strings.Contains(body, "next_cursor") {
		t.Errorf("second page: %s", body)
	}
	if _, _, body = d.ask(t, "GET", "/api/v1/webhooks/till", ""); !strings.Contains(body, `"dead":2`) || !strings.Contains(body, `"pending":1`) {
		t.Errorf("standing: %s", body)
	}
	if status, _, body := d.ask(t, "POST", "/api/v1/webhooks/till/deliveries/m1/redeliver", ""); status != http.StatusAccepted {
		t.Errorf("again: %d %s", status, body)
	}
	if status, _, body := d.ask(t, "POST", "/api/v1/webhooks/till/deliveries/m1/redeliver", ""); status != http.StatusNotFound {
		t.Errorf("again what waits: %d %s", status, body)
	}
	if status, _, body := d.ask(t, "POST", "/api/v1/webhooks/till/redeliver", ""); status != http.StatusAccepted || body != `{"messages":1}`+"\n" {
		t.Errorf("all again: %d %s", status, body)
	}
	if _, _, body = d.ask(t, "GET", "/api/v1/webhooks/till/deliveries?state=pending", ""); strings.Count(body, `"id":"m`) != 3 {
		t.Errorf("waiting: %s", body)
	}
}

func TestWebhookRefusals(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.ask(t, "POST", "/api/v1/webhooks", till)
	declared := models.Webhook{
		ID: "file", URL: "https://h/", Secret: "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", Events: models.WebhookEvents(),
	}
	if err := d.hooks.DeclareWebhooks(t.Context(), []models.Webhook{declared}, now()); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		method, path, body string
		status             int
		detail             string
	}{
		"there already":  {"POST", "/webhooks", till, 409, "conflict"},
		"no events":      {"POST", "/webhooks", `{"id":"x","url":"https://h/","events":[]}`, 400, `"field":"events"`},
		"unknown event":  {"POST", "/webhooks", `{"id":"x","url":"https://h/","events":["count.2m"]}`, 400, `count.1m`},
		"ftp":            {"POST", "/webhooks", `{"id":"x","url":"ftp://h/","events":["count.1m"]}`, 400, `scheme \"ftp\"`},
		"password":       {"POST", "/webhooks", `{"id":"x","url":"https://u:hunter2@h/","events":["count.1m"]}`, 400, `holds a user`},
		"short secret":   {"POST", "/webhooks", `{"id":"x","url":"https://h/","events":["count.1m"],"secret":"whsec_aGk="}`, 400, `24 to 64 bytes`},
		"bad id":         {"POST", "/webhooks", `{"id":"../x","url":"https://h/","events":["count.1m"]}`, 400, `"field":"id"`},
		"unknown field":  {"POST", "/webhooks", `{"id":"x","url":"https://h/","event":["count.1m"]}`, 400, `event`},
		"declared":       {"PATCH", "/webhooks/file", `{"disabled":true}`, 409, "read-only"},
		"nobody":         {"POST", "/webhooks/nobody/test", ``, 404, "not found"},
		"nobody's dead":  {"GET", "/webhooks/nobody/deliveries", ``, 404, "not found"},
		"unknown state":  {"GET", "/webhooks/till/deliveries?state=lost", ``, 400, `"field":"state"`},
		"foreign cursor": {"GET", "/webhooks/till/deliveries?cursor=x", ``, 400, `"field":"cursor"`},
	} {
		status, _, body := d.ask(t, test.method, "/api/v1"+test.path, test.body)
		if status != test.status || !strings.Contains(body, test.detail) || strings.Contains(body, "hunter2") {
			t.Errorf("%s: answered %d %s, want %d and %q", name, status, body, test.status, test.detail)
		}
	}
}
