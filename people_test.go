package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"footfall/api"
	"footfall/models"
)

// nobodyThere is a server without cameras and workers.
const nobodyThere = "workers: {local: 0}\n"

// People and tokens are looked after from the console, whether or not the server runs.
func TestPeopleFromTheConsole(t *testing.T) {
	t.Parallel()
	s := serve(t, nobodyThere)
	data := filepath.Join(s.folder, "data")
	if !strings.Contains(s.log.String(), "The first administrator is admin, with the password ") {
		t.Errorf("the first start does not say how to get in: %s", s.log)
	}
	run := func(args ...string) string {
		t.Helper()
		got := footfall(t, append(args, "--data", data)...)
		if got.code != exitDone || got.stderr != "" {
			t.Fatalf("%v: exit code %d: %s%s", args, got.code, got.stdout, got.stderr)
		}
		return strings.TrimSpace(got.stdout)
	}
	run("users", "add", "anna", "--role", "viewer", "--role", "manager", "--permission", "preview.clean", "--site", "mall")
	cookieOf(t, s.url, "anna", run("users", "reset", "anna"))
	token := run("tokens", "add", "the till", "--role", "manager")
	if !strings.HasPrefix(token, "footfall_") {
		t.Errorf("a token is %s", token)
	}
	s.stop()

	// The same without a server, in the database itself.
	berta := run("users", "add", "berta", "--role", "auditor", "--camera", "lobby", "--full-name", "Berta B.")
	if !strings.HasPrefix(run("tokens", "add", "hall-2", "--worker"), "footworker_") {
		t.Error("a worker's token is not one")
	}
	var users api.Users
	if err := json.Unmarshal([]byte(run("users", "list", "--json")), &users); err != nil || len(users.Items) != 3 {
		t.Fatalf("%v, %+v", err, users)
	}
	if anna := users.Items[1]; anna.Name != "anna" || strings.Join(anna.Roles, " ") != "viewer manager" ||
		strings.Join(anna.Permissions, " ") != "preview.clean" || strings.Join(anna.Sites, " ") != "mall" {
		t.Errorf("anna is %+v", anna)
	}
	var tokens api.Tokens
	if err := json.Unmarshal([]byte(run("tokens", "list", "--json")), &tokens); err != nil || len(tokens.Items) != 2 {
		t.Fatalf("%v, %+v", err, tokens)
	}
	for _, list := range []string{run("users", "list"), run("tokens", "list")} {
		if strings.Contains(list, strings.TrimPrefix(token, tokens.Items[1].Prefix)) || strings.Contains(list, berta) {
			t.Errorf("a secret is listed: %s", list)
		}
	}
	run("users", "remove", "anna")
	run("tokens", "revoke", tokens.Items[0].Id)

	s.start()
	cookieOf(t, s.url, "berta", berta)
	if _, status := s.request("DELETE", "/api/v1/users/admin", ""); status != 409 {
		t.Errorf("the last administrator is removed: %d", status)
	}
	for args, want := range map[string]string{
		"users add berta":              "there is one already",
		"users add Berta":              "is no name to sign in with",
		"users add kim --role king":    `"king" is unknown`,
		"users reset nobody":           "not found",
		"tokens revoke nothing":        "not found",
		"tokens add x --permission no": `"no" is unknown`,
	} {
		got := footfall(t, append(strings.Fields(args), "--data", data)...)
		if got.code == 0 || strings.Count(got.stderr, "\n") != 1 || !strings.Contains(got.stderr, want) {
			t.Errorf("%s: exit code %d, said %q, want %q", args, got.code, got.stderr, want)
		}
	}
	got := footfall(t, "users", "list", "--url", s.url)
	if got.code != exitFailed || !strings.Contains(got.stderr, "sign in first") {
		t.Errorf("without a token: %+v", got)
	}
}

// Another key seals everything; the server goes on with it, also when the change was interrupted.
func TestKeysAreRotated(t *testing.T) {
	t.Parallel()
	s := serve(t, nobodyThere)
	data := filepath.Join(s.folder, "data")
	const camera = `{"id": "lobby", "url": "rtsp://viewer:t0psecret@192.0.2.7/s1"}`
	s.change("POST", "/api/v1/cameras", camera, 201)
	rotate := func() outcome { return footfall(t, "keys", "rotate", "--data", data) }
	if got := rotate(); got.code != exitFailed || !strings.Contains(got.stderr, "stop the server first") {
		t.Errorf("while the server runs: %+v", got)
	}
	key := func() string {
		text, err := os.ReadFile(filepath.Join(data, "camera.key"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before := key()
	s.stop()
	if got := rotate(); got.code != exitDone || key() == before {
		t.Fatalf("%+v", got)
	}
	after := key()
	// As if the machine had stopped between sealing and putting the key in its place.
	for name, text := range map[string]string{"camera.key": before, "camera.key.next": after} {
		if err := os.WriteFile(filepath.Join(data, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.start()
	if got := s.camera("lobby"); got.Url != "rtsp://***@192.0.2.7/s1" || key() != after {
		t.Errorf("the camera is %s", got.Url)
	}
	s.stop()
	// And as if it had stopped before.
	if err := os.WriteFile(filepath.Join(data, "camera.key.next"), []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	if _, err := os.Stat(filepath.Join(data, "camera.key.next")); err == nil || key() != after {
		t.Error("a key that nothing was sealed with is still there")
	}
}

// What was done, and what was refused, is in the audit log, which holds together, and no secret is.
func TestWhoDidWhat(t *testing.T) {
	t.Parallel()
	s := serve(t, nobodyThere)
	s.change("POST", "/api/v1/cameras", `{"id": "lobby", "url": "rtsp://viewer:t0psecret@192.0.2.7/s1?pw=t0psecret"}`, 201)
	s.change("PATCH", "/api/v1/cameras/lobby", `{"name": "Lobby", "url": "rtsp://viewer:t0psecret2@192.0.2.7/s1"}`, 200)
	s.change("POST", "/api/v1/sites", `{"id": "mall", "zone": "UTC"}`, 201)
	s.change("POST", "/api/v1/webhooks", `{"id": "till", "url": "https://till.invalid/?t=t0psecret", "events": ["count.1h"]}`, 201)
	once := s.newcomer("anna", "viewer")
	cookie := cookieOf(t, s.url, "anna", once)
	refused := func(want int, method, path, body string, header ...string) {
		t.Helper()
		if got := plainly(t, method, s.url+path, body, header...); got != want {
			t.Errorf("%s %s %v: %d, want %d", method, path, header, got, want)
		}
	}
	refused(401, "POST", "/api/v1/session", `{"name": "anna", "password": "t0psecret guess"}`)
	refused(403, "GET", "/api/v1/cameras", "", "Cookie", cookie) // before another password is set
	const fresh = "seven t0psecret guards"
	refused(204, "PUT", "/api/v1/session/password", `{"old": "`+once+`", "password": "`+fresh+`"}`, "Cookie", cookie)
	refused(401, "GET", "/api/v1/cameras", "", "Cookie", cookie) // the cookie from before
	cookie = cookieOf(t, s.url, "anna", fresh)
	refused(200, "GET", "/api/v1/cameras", "", "Cookie", cookie)
	refused(403, "GET", "/api/v1/counts", "", "Cookie", cookie)
	refused(403, "DELETE", "/api/v1/session", "", "Cookie", cookie, "Origin", "http://evil.example")
	refused(403, "DELETE", "/api/v1/session", "", "Cookie", cookie, "Sec-Fetch-Site", "same-site")
	refused(204, "DELETE", "/api/v1/session", "", "Cookie", cookie)
	refused(401, "GET", "/api/v1/cameras", "", "Cookie", cookie) // stolen before
	refused(401, "GET", "/api/v1/cameras", "", "Authorization", "Bearer footfall_t0psecret")
	var far api.Token
	answer := s.change("POST", "/api/v1/tokens", `{"name": "far", "permissions": ["counts.read"], "sites": ["mall"]}`, 201)
	if err := json.Unmarshal([]byte(answer), &far); err != nil || far.Secret == nil {
		t.Fatalf("%v in %s", err, answer)
	}
	s.change("POST", "/api/v1/sites", `{"id": "airport", "zone": "UTC"}`, 201)
	refused(403, "GET", "/api/v1/counts?site=airport", "", "Authorization", "Bearer "+*far.Secret)
	refused(401, "GET", "/api/v1/cameras", "")
	var brief api.Token
	answer = s.change("POST", "/api/v1/tokens", `{"name": "brief", "roles": ["manager"], "expires": "`+
		time.Now().Add(2*time.Second).UTC().Format(time.RFC3339Nano)+`"}`, 201)
	if err := json.Unmarshal([]byte(answer), &brief); err != nil || brief.Secret == nil {
		t.Fatalf("%v in %s", err, answer)
	}
	s.eventually("a token is out of date", func() bool {
		return plainly(t, "GET", s.url+"/api/v1/cameras", "", "Authorization", "Bearer "+*brief.Secret) == 401
	})
	s.stop()

	record, closeIt := s.record()
	defer closeIt()
	entries, err := record.List(t.Context(), models.AuditQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		lines = append(lines, strings.Join([]string{string(e.Outcome), e.Actor.ID, e.Action, e.Object, string(e.Details)}, " "))
	}
	all := strings.Join(lines, "\n")
	at := 0
	for _, want := range []string{
		"done console user.add admin", "done console camera.add lobby", "done console camera.change lobby", "done console site.add mall",
		"done console webhook.add till", "done console user.add anna", "done anna session.open anna", "denied  session.open anna",
		"denied anna request.refuse listCameras", "done anna password.change anna", "denied  request.refuse listCameras", "done anna session.open anna",
		"denied anna request.refuse getCounts", "denied anna request.refuse closeSession", "done anna session.end anna", "denied  request.refuse listCameras", "denied " + far.Id + " request.refuse getCounts",
		"the token is out of date since",
	} {
		i := strings.Index(all[at:], want)
		if i < 0 {
			t.Errorf("%q is missing, or not in its place:\n%s", want, all)
			break
		}
		at += i + len(want)
	}
	for _, secret := range []string{"t0psecret", once, cookie[20:]} {
		if strings.Contains(all, secret) || strings.Contains(s.log.String(), secret) {
			t.Errorf("%s is written down", secret)
		}
	}
	if report, err := record.Check(t.Context()); err != nil || len(report.Findings) > 0 {
		t.Errorf("the log does not hold together: %+v, %v", report, err)
	}
}
