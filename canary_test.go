package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"footfall/capture/simulator"
)

// canaries are secrets, by the place that takes them. Whoever shows one is caught by its song.
func canaries() map[string]string {
	songs := map[string]string{}
	for i, place := range []string{
		"camera", "camera in the query", "camera of the file", "tried camera", "webhook", "webhook of the file", "mail",
		"mqtt", "s3", "turn", "link", "person", "second person", "provider",
	} {
		songs[place] = fmt.Sprintf("canary%02dsings", i)
	}
	// A webhook's secret is written in Base64, and meant are the bytes: neither may be shown.
	for _, place := range []string{"webhook", "webhook of the file"} {
		songs[place+", decoded"] = songs[place] + songs[place]
		songs[place] = base64.StdEncoding.EncodeToString([]byte(songs[place] + songs[place]))
	}
	return songs
}

// Secrets are put into every place that takes one, all is used, and then everything that anybody can read is searched:
// answers of the whole API and refusals, metrics, the audit log, what the programs print, and the files of the database.
func TestSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	songs := canaries()
	camera := play(t, simulator.CameraOptions{
		Clip: clipOf(t, busyPlace), User: "viewer", Password: songs["camera"], Path: "stream1",
	})
	address := strings.Replace(camera.URL(), songs["camera"], "%s", 1)
	s := serve(t, fmt.Sprintf(`workers: {local: 1}
link: {token: %q}
preview: {turn: ["turn:127.0.0.1:9"], turn_user: footfall, turn_password: %q}
mail: {server: "127.0.0.1:9", user: footfall, password: %q, from: "a@b.example"}
report: {to: ["c@d.example"]}
mqtt: {url: "mqtt://127.0.0.1:9", user: footfall, password: %q}
clips: {s3_endpoint: "http://127.0.0.1:9", s3_bucket: clips, s3_access_key: footfall, s3_secret_key: %q}
server: {public_url: "http://127.0.0.1:9"}
oidc: {issuer: "http://127.0.0.1:9", client_id: footfall, client_secret: %q}
groups: [{group: staff, roles: [viewer]}]
webhooks:
  - {id: declared, url: "http://127.0.0.1:9/", secret: %s, events: [count.1m]}
cameras:
  - {id: declared, url: "rtsp://viewer:%s@127.0.0.1:9/"}
`, songs["link"]+songs["link"], songs["turn"], songs["mail"], songs["mqtt"], songs["s3"], songs["provider"],
		"whsec_"+songs["webhook of the file"], songs["camera of the file"]))
	var shown strings.Builder // whatever the server has said
	say := func(method, path, body string) {
		answer, status := s.request(method, path, body)
		fmt.Fprintf(&shown, "%s %s: %d %s\n", method, path, status, answer)
	}

	say(http.MethodPost, "/api/v1/camera-trials", fmt.Sprintf(`{"url": %q}`, fmt.Sprintf(address, songs["tried camera"])))
	say(http.MethodPost, "/api/v1/cameras", fmt.Sprintf(`{"id": "door", "url": %q}`, camera.URL()))
	say(http.MethodPost, "/api/v1/cameras", fmt.Sprintf(`{"id": "door", "url": %q}`, camera.URL())) // again: refused
	say(http.MethodPost, "/api/v1/cameras", fmt.Sprintf(`{"id": "query", "url": "rtsp://127.0.0.1:9/?pwd=%s"}`, songs["camera in the query"]))
	say(http.MethodPost, "/api/v1/cameras", fmt.Sprintf(`{"id": "wrong", "url": "http://u:%s@[::1/"}`, songs["camera"]))
	say(http.MethodPatch, "/api/v1/cameras/door", fmt.Sprintf(`{"url": %q, "max_fps": -4}`, camera.URL()))
	say(http.MethodPost, "/api/v1/webhooks", fmt.Sprintf(`{"id": "till", "url": "http://127.0.0.1:9/", "events": ["count.1m"], "secret": %q}`,
		"whsec_"+songs["webhook"]))
	say(http.MethodPost, "/api/v1/webhooks/till/test", "")
	s.online("door")
	s.eventually("somebody has crossed or was seen", func() bool { return s.camera("door").Status.AnalysedFps > 0 })
	token := s.tokenOf(t)
	once := s.newcomer("anna", "viewer")
	s.settle("anna", once, songs["person"])
	say(http.MethodPost, "/api/v1/session", fmt.Sprintf(`{"name": "anna", "password": %q}`, songs["second person"]))
	say(http.MethodPost, "/api/v1/session", fmt.Sprintf(`{"name": %q, "password": "x"}`, "nobody"))
	say(http.MethodPost, "/api/v1/session", fmt.Sprintf(`{"name": "anna", "password": %q`, songs["person"])) // broken
	say(http.MethodGet, "/metrics", "")
	for _, path := range everyGet(t, s) {
		say(http.MethodGet, path, "")
	}
	checked := footfall(t, "serve", "--check", "--config", s.config)
	shown.WriteString(checked.stdout + checked.stderr)
	s.kill()

	songs["token"], songs["one-time password"] = token, once
	s.searched(shown.String()+s.log.String(), "what the server said", songs, map[string]bool{
		"turn": true, // browsers that may watch are told it, as they need it
	})
	files := 0
	err := filepath.WalkDir(filepath.Join(s.folder, "data"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "console.json") || strings.HasSuffix(path, "link.token") {
			return err
		}
		content, err := os.ReadFile(path)
		files++
		s.searched(string(content), path, songs, nil)
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files were searched: %v", files, err)
	}
	t.Logf("%d secrets are nowhere in %d bytes that the server said and %d files", len(songs), shown.Len(), files)
}

// searched fails for every canary that sings.
func (s *service) searched(text, where string, songs map[string]string, allowed map[string]bool) {
	s.t.Helper()
	for _, place := range slices.Sorted(maps.Keys(songs)) {
		if at := strings.Index(text, songs[place]); at >= 0 && !allowed[place] {
			s.t.Errorf("%s shows the secret of %s: ...%q", where, place, text[max(0, at-120):min(len(text), at+40)])
		}
	}
}

// everyGet is the path of every question that the description knows, asked about the things that there are.
func everyGet(t *testing.T, s *service) (paths []string) {
	t.Helper()
	description := string(s.fetch("/api/v1/openapi.yaml"))
	things := map[string]string{"/cameras/": "door", "/webhooks/": "till", "/users/": "anna"}
	for _, part := range regexp.MustCompile(`(?m)^  (/\S*):\n((?:    .*\n|\n)*)`).FindAllStringSubmatch(description, -1) {
		if !strings.Contains(part[2], "\n    get:") && !strings.HasPrefix(part[2], "    get:") {
			continue
		}
		path := part[1]
		if path == "/events" || strings.HasSuffix(path, "preview.mjpeg") {
			continue // they do not end
		}
		for prefix, id := range things {
			if strings.HasPrefix(path, prefix) {
				path = strings.Replace(path, "{id}", id, 1)
			}
		}
		path = regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "x")
		paths = append(paths, "/api/v1"+path+"?reason=searching+for+secrets")
	}
	if len(paths) < 40 {
		t.Errorf("only %d questions are known: %v", len(paths), paths)
	}
	return paths
}

// tokenOf makes a token of a program, and uses it.
func (s *service) tokenOf(t *testing.T) string {
	t.Helper()
	var made struct {
		Token string `json:"secret"`
	}
	answer := s.change(http.MethodPost, "/api/v1/tokens", `{"name": "till", "roles": ["manager"]}`, http.StatusCreated)
	if err := json.Unmarshal([]byte(answer), &made); err != nil || made.Token == "" {
		t.Fatalf("%v in %s", err, answer)
	}
	if status := plainly(t, http.MethodGet, s.url+"/api/v1/sites", "", "Authorization", "Bearer "+made.Token); status != http.StatusOK {
		t.Errorf("the token opens nothing: %d", status)
	}
	return made.Token
}

// settle signs a newcomer in and sets the password.
func (s *service) settle(name, once, password string) {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	for _, step := range []struct{ method, path, body string }{
		{http.MethodPost, "/api/v1/session", fmt.Sprintf(`{"name": %q, "password": %q}`, name, once)},
		{http.MethodPut, "/api/v1/session/password", fmt.Sprintf(`{"old": %q, "password": %q}`, once, password)},
	} {
		request, err := http.NewRequestWithContext(s.t.Context(), step.method, s.url+step.path, strings.NewReader(step.body))
		if err != nil {
			s.t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		answer, err := browser.Do(request)
		if err != nil {
			s.t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode >= http.StatusBadRequest {
			s.t.Fatalf("%s %s: %d", step.method, step.path, answer.StatusCode)
		}
	}
}
