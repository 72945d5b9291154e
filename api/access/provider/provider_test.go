package provider

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"

	"footfall/api/access/provider/providertest"
	"footfall/models"
)

// start is a provider that runs, whose id_tokens forge may change.
func start(
	t *testing.T, forge func(m *mockoidc.MockOIDC, claims jwt.MapClaims) string,
) (*Provider, *mockoidc.MockOIDC) {
	t.Helper()
	m := providertest.Start(t, func(m *mockoidc.MockOIDC, next http.Handler) http.Handler {
		if forge == nil {
			return next
		}
		return forged(t, next, func(claims jwt.MapClaims) string { return forge(m, claims) })
	})
	p := New(Options{
		Issuer: m.Issuer(), ClientID: m.ClientID, ClientSecret: m.ClientSecret, Callback: "http://here/callback",
		Scopes: []string{"profile", "groups"}, GroupsClaim: "groups", Key: bytes.Repeat([]byte("k"), 32), Now: time.Now,
	})
	t.Cleanup(p.Close)
	return p, m
}

// forged gives out id_tokens that forge makes of the claims of real ones.
func forged(t *testing.T, next http.Handler, forge func(jwt.MapClaims) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != mockoidc.TokenEndpoint {
			next.ServeHTTP(w, r)
			return
		}
		kept := httptest.NewRecorder()
		next.ServeHTTP(kept, r)
		if kept.Code != http.StatusOK { // the client tries another way to say who it is
			w.WriteHeader(kept.Code)
			_, _ = w.Write(kept.Body.Bytes())
			return
		}
		answer, claims := map[string]any{}, jwt.MapClaims{}
		if err := json.Unmarshal(kept.Body.Bytes(), &answer); err != nil {
			t.Error(err)
		}
		text, _ := answer["id_token"].(string)
		if _, _, err := jwt.NewParser().ParseUnverified(text, claims); err != nil {
			t.Error(err)
		}
		answer["id_token"] = forge(claims)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	})
}

// browse is what a browser brings back from the provider.
func browse(t *testing.T, p *Provider, page string) (cookie, state, code string) {
	t.Helper()
	address, cookie, err := p.Begin(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	if u, _ := url.Parse(address); u.Query().Get("code_challenge_method") != "S256" {
		t.Errorf("no PKCE in %s", address)
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	answer, err := p.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		t.Fatal(err)
	}
	return cookie, back.Query().Get("state"), back.Query().Get("code")
}

func TestSignInAtAProvider(t *testing.T) {
	p, _ := start(t, nil)
	cookie, state, code := browse(t, p, "/counts?site=a")
	who, page, err := p.Finish(t.Context(), cookie, state, code)
	if err != nil || page != "/counts?site=a" || who.Name != "jane.doe" || strings.Join(who.Groups, " ") != "engineering design" {
		t.Fatalf("%+v %q %v", who, page, err)
	}
	for name, try := range map[string][3]string{
		"replayed code":  {cookie, state, code},
		"wrong state":    {cookie, "x", code},
		"missing state":  {cookie, "", code},
		"no cookie":      {"", state, code},
		"changed cookie": {"x" + cookie, state, code},
		"no code":        {cookie, state, ""},
	} {
		_, _, err := p.Finish(t.Context(), try[0], try[1], try[2])
		oneRefusal(t, name, err)
	}
	p.o.Now = func() time.Time { return time.Now().Add(begunFor) }
	_, _, err = p.Finish(t.Context(), cookie, state, code)
	oneRefusal(t, "late", err)
}

func oneRefusal(t *testing.T, name string, err error) {
	t.Helper()
	if !errors.Is(err, models.ErrSignIn) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: %v", name, err)
	}
}

func TestForgedTokens(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signed := func(change func(jwt.MapClaims)) func(*mockoidc.MockOIDC, jwt.MapClaims) string {
		return func(m *mockoidc.MockOIDC, claims jwt.MapClaims) string {
			change(claims)
			text, err := m.Keypair.SignJWT(claims)
			if err != nil {
				t.Error(err)
			}
			return text
		}
	}
	with := func(method jwt.SigningMethod, key any) func(*mockoidc.MockOIDC, jwt.MapClaims) string {
		return func(m *mockoidc.MockOIDC, claims jwt.MapClaims) string {
			token := jwt.NewWithClaims(method, claims)
			token.Header["kid"], _ = m.Keypair.KeyID()
			text, err := token.SignedString(key)
			if err != nil {
				t.Error(err)
			}
			return text
		}
	}
	past := time.Now().Add(-time.Hour).Unix()
	for name, forge := range map[string]func(*mockoidc.MockOIDC, jwt.MapClaims) string{
		"":               signed(func(jwt.MapClaims) {}), // holds
		"wrong issuer":   signed(func(c jwt.MapClaims) { c["iss"] = "https://elsewhere" }),
		"wrong audience": signed(func(c jwt.MapClaims) { c["aud"] = "another" }),
		"expired":        signed(func(c jwt.MapClaims) { c["exp"] = past }),
		"wrong nonce":    signed(func(c jwt.MapClaims) { c["nonce"] = "x" }),
		"no nonce":       signed(func(c jwt.MapClaims) { delete(c, "nonce") }),
		"other key":      with(jwt.SigningMethodRS256, other),
		"secret as key":  with(jwt.SigningMethodHS256, []byte("secret")),
		"alg none":       with(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		"no token":       func(*mockoidc.MockOIDC, jwt.MapClaims) string { return "" },
	} {
		p, _ := start(t, forge)
		cookie, state, code := browse(t, p, "/")
		_, _, err := p.Finish(t.Context(), cookie, state, code)
		if name != "" {
			oneRefusal(t, name, err)
		} else if err != nil {
			t.Errorf("one that holds: %v", err)
		}
	}
}

func TestAwayAndElsewhere(t *testing.T) {
	p, m := start(t, nil)
	_ = m.Server.Close()
	if _, _, err := p.Begin(context.Background(), "/"); !errors.Is(err, models.ErrUnavailable) ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("away: %v", err)
	}
	for _, page := range []string{
		"https://evil", "//evil", "/\\evil", "\\\\evil", "/%2fevil", "/%5cevil", "javascript:1", "evil", "", "/\t/evil", "/a\r\nb",
	} {
		if got := ownPage(page); got != "/" {
			t.Errorf("%q leads to %q", page, got)
		}
	}
}
