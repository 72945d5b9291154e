// Package providertest runs a provider of identities for tests, inside their process: the real protocol over HTTP, with
// people whom the test makes up. It owns the provider's server, which ends with the test, and is part of no binary.
package providertest

import (
	"net"
	"net/http"
	"testing"

	"github.com/oauth2-proxy/mockoidc"
)

// Start is a provider that runs on a port of its own until the test ends. What it is wrapped in sees, and may change,
// what it is asked and answers.
func Start(t testing.TB, wrapped ...func(*mockoidc.MockOIDC, http.Handler) http.Handler) *mockoidc.MockOIDC {
	t.Helper()
	m, err := mockoidc.NewServer(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrap := range wrapped {
		if err := m.AddMiddleware(func(next http.Handler) http.Handler { return wrap(m, next) }); err != nil {
			t.Fatal(err)
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Start(listener, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Server.Close() })
	return m
}
