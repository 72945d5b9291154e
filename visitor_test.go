package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// visitor is how tests ask a service: as whoever was let in there.
var visitor = &http.Client{Transport: &visits}

var visits badges

// badges shows every service what its visitor was given.
type badges struct {
	mu     sync.Mutex
	header map[string]http.Header // by host
}

func (b *badges) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	header := b.header[r.URL.Host]
	b.mu.Unlock()
	if header != nil {
		r = r.Clone(r.Context())
		for name, values := range header {
			if r.Header.Get(name) == "" {
				r.Header[name] = values
			}
		}
	}
	if r.URL.Scheme == "https" {
		transport := consoleKey{Certificate: "any"}.transport()
		transport.TLSClientConfig.VerifyConnection = nil
		transport.DisableKeepAlives = true
		return transport.RoundTrip(r)
	}
	return http.DefaultTransport.RoundTrip(r)
}

func (b *badges) give(address, name, value string) {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.header == nil {
		b.header = map[string]http.Header{}
	}
	b.header[u.Host] = http.Header{name: {value}}
}

// asConsole lets the tests of a service in as the console of its machine.
func (s *service) asConsole() {
	s.t.Helper()
	key, err := readConsole(filepath.Join(s.folder, "data"))
	if err != nil {
		s.t.Fatal(err)
	}
	visits.give(s.url, "Authorization", "Bearer "+key.Token)
}

// signIn lets the tests of a service in as a person.
func (s *service) signIn(name, password string) {
	s.t.Helper()
	visits.give(s.url, "Cookie", cookieOf(s.t, s.url, name, password))
}

// cookieOf is what a browser holds of somebody who has signed in.
func cookieOf(t testing.TB, address, name, password string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"name": name, "password": password})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/api/v1/session",
		strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusCreated {
		text, _ := io.ReadAll(answer.Body)
		t.Fatalf("sign in as %s: %d %s", name, answer.StatusCode, text)
	}
	for _, c := range answer.Cookies() {
		if c.Name == "footfall_session" {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatal("signed in, and no cookie")
	return ""
}

// newcomer adds a person, and returns the password to be used once.
func (s *service) newcomer(name string, roles ...string) (once string) {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"name": name, "roles": roles})
	if err != nil {
		s.t.Fatal(err)
	}
	var user struct {
		Once string `json:"one_time_password"`
	}
	answer := s.change(http.MethodPost, "/api/v1/users", string(body), http.StatusCreated)
	if err := json.Unmarshal([]byte(answer), &user); err != nil || user.Once == "" {
		s.t.Fatalf("%v in %s", err, answer)
	}
	return user.Once
}

// plainly sends a request with nothing but these headers, and returns the status.
func plainly(t testing.TB, method, address, body string, header ...string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
