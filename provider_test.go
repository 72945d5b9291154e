package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oauth2-proxy/mockoidc"

	"footfall/api"
	"footfall/api/access/provider/providertest"
)

// withProvider is a service that people may sign in to at a provider of identities, which runs beside it.
func withProvider(t *testing.T) (*service, *mockoidc.MockOIDC) {
	t.Helper()
	m := providertest.Start(t)
	// The address that people know leads to the service, whose port is known only when it runs.
	var there atomic.Pointer[string]
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, *there.Load()+r.URL.RequestURI(), http.StatusTemporaryRedirect)
	}))
	t.Cleanup(front.Close)
	s := serve(t, fmt.Sprintf(nobodyThere+`server: {public_url: %q}
oidc: {issuer: %q, client_id: %q, client_secret: %q, name: Example ID, scopes: [profile, groups]}
groups:
  - {group: guards, roles: [viewer], permissions: [preview.clean]}
  - {group: leads, roles: [manager]}
`, front.URL, m.Issuer(), m.ClientID, m.ClientSecret))
	there.Store(&s.url)
	return s, m
}

// browser keeps cookies, and follows wherever it is led but to the pages of the app.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.Path, "/sign-in") || r.URL.Path == "/live" || r.URL.Path == "/" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// led is where a browser is led in the end.
func (s *service) led(client *http.Client, path string) string {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.Header.Get("Location")
}

// People come in through the provider with what their groups are given, and nobody else does.
func TestSignInAtTheProvider(t *testing.T) {
	t.Parallel()
	s, m := withProvider(t)
	const begin = "/api/v1/session/provider?page=%2Flive"
	m.QueueUser(&mockoidc.MockUser{Subject: "1", PreferredUsername: "Kim", Groups: []string{"guards", "leads", "others"}})
	kim := browser(t)
	if got := s.led(kim, begin); got != "/live" {
		t.Fatalf("led to %s", got)
	}
	var who api.WhoAmI
	s.asBrowser(kim, "/api/v1/session", &who)
	if who.Name != "kim" || strings.Join(who.Roles, " ") != "manager viewer" || !who.External || who.MustChangePassword {
		t.Errorf("%+v", who)
	}
	for _, c := range kim.Jar.Cookies(&url.URL{Scheme: "http", Host: "127.0.0.1", Path: "/api/v1/session/provider/callback"}) {
		if c.Name == "footfall_begun" {
			t.Error("an answer could be given twice")
		}
	}
	for path, status := range map[string]int{"/api/v1/users/kim/reset": http.StatusConflict, "/api/v1/users/admin/reset": http.StatusOK} {
		if body, got := s.request(http.MethodPost, path, ""); got != status {
			t.Errorf("%s: %d %s", path, got, body)
		}
	}

	// Nobody is let in without a role, with the name of somebody else, or by an answer that is not the provider's to
	// this browser.
	m.QueueUser(&mockoidc.MockUser{Subject: "2", PreferredUsername: "bo", Groups: []string{"others"}})
	refused := s.led(browser(t), begin)
	m.QueueUser(&mockoidc.MockUser{Subject: "3", PreferredUsername: "admin", Groups: []string{"guards"}})
	taken := s.led(browser(t), begin)
	if refused != "/sign-in?refused=no-role" || taken != refused {
		t.Errorf("led to %s and %s", refused, taken)
	}
	for name, path := range map[string]string{
		"no cookie":    "callback?state=x&code=y",
		"more is sent": "callback?state=x&code=y&session_state=1&iss=" + url.QueryEscape(m.Issuer()),
		"an error":     "callback?error=access_denied&error_description=%3Cb%3E",
	} {
		if got := s.led(browser(t), "/api/v1/session/provider/"+path); got != "/sign-in?refused=failed" {
			t.Errorf("%s: led to %s", name, got)
		}
	}
	begun := browser(t)
	begun.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.led(begun, begin)
	if got := s.led(begun, "/api/v1/session/provider/callback?state=forged&code=y"); got != "/sign-in?refused=failed" {
		t.Errorf("a forged answer leads to %s", got)
	}
	// A server that does not know the provider's description yet, while it is away.
	s.stop()
	_ = m.Server.Close()
	s.start()
	if got := s.led(browser(t), begin); got != "/sign-in?refused=away" {
		t.Errorf("while the provider is away, led to %s", got)
	}
	log, _ := s.request(http.MethodGet, "/api/v1/audit?limit=100", "")
	for _, want := range []string{
		"none of your groups has a role", "another account has the name admin", "has not begun to sign in", "(state)",
	} {
		if !strings.Contains(string(log), want) {
			t.Errorf("the audit log does not say %q", want)
		}
	}
}

// asBrowser asks the API with the cookies of a browser.
func (s *service) asBrowser(client *http.Client, path string, answer any) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	got, err := client.Do(r)
	if err == nil && got.StatusCode != http.StatusOK {
		err = errors.New(got.Status)
	}
	if err == nil {
		err = json.NewDecoder(got.Body).Decode(answer)
		_ = got.Body.Close()
	}
	if err != nil {
		s.t.Fatalf("%s: %v", path, err)
	}
}

// The button is there, leads in, and back to where somebody wanted to go; whoever has no role is told so.
func TestTheAppSignsInElsewhere(t *testing.T) {
	t.Parallel()
	app(t)
	s, m := withProvider(t)
	m.QueueUser(&mockoidc.MockUser{Subject: "2", PreferredUsername: "bo", Groups: []string{"others"}})
	m.QueueUser(&mockoidc.MockUser{Subject: "1", PreferredUsername: "kim", Groups: []string{"guards"}})
	s.browse("elsewhere.mjs")
}
