// Package provider lets people sign in where their organisation keeps its identities: OpenID Connect, authorization
// code flow with PKCE. It knows nothing of accounts; see access.Desk.Welcome.
package provider

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"footfall/models"
)

// Options is what a provider must be told, and what it is asked for.
type Options struct {
	Issuer, ClientID, ClientSecret string
	Callback                       string   // where the provider sends browsers back to
	Scopes                         []string // beside openid
	GroupsClaim                    string
	Key                            []byte // cookies are proved with it
	Now                            func() time.Time
}

// Person is who the provider says somebody is.
type Person struct {
	Identity string // "ISSUER SUBJECT"
	Name     string // that is typed elsewhere; may be empty
	FullName string
	Groups   []string
}

const (
	patience   = 10 * time.Second // of all that is asked of the provider for one sign-in
	mostBytes  = 1 << 20          // of one answer of it
	begunFor   = 10 * time.Minute // how long somebody may take at the provider
	askAgain   = 5 * time.Second  // after it could not be asked
	mostReason = 200              // bytes of what is told of an error of the provider
)

// Provider is one provider. Make it with New; it is asked for its description when it is first needed, so that a
// server starts while its provider is away. It is safe for any number of goroutines.
type Provider struct {
	o      Options
	client *http.Client

	asking singleflight.Group // however many want to sign in, it is asked once
	mu     sync.Mutex
	found  *oidc.Provider
	away   error     // why it could not be asked
	again  time.Time // it is not asked before
}

// New asks nobody for anything yet.
func New(o Options) *Provider {
	return &Provider{o: o, client: &http.Client{
		Timeout: patience, Transport: bounded{http.DefaultTransport.(*http.Transport).Clone()},
		CheckRedirect: func(*http.Request, []*http.Request) error { // a secret must not follow one elsewhere
			return http.ErrUseLastResponse
		},
	}}
}

// Close lets go of connections that are open.
func (p *Provider) Close() { p.client.CloseIdleConnections() }

// bounded cuts off answers that are too long.
type bounded struct{ *http.Transport }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, mostBytes), answer.Body}
	return answer, nil
}

// describe is what the provider says of itself, asked for once.
func (p *Provider) describe(ctx context.Context) (*oidc.Provider, error) {
	if found, err := p.known(); found != nil || err != nil {
		return found, err
	}
	_, err, _ := p.asking.Do("", func() (any, error) {
		if found, err := p.known(); found != nil || err != nil {
			return nil, err // somebody else has just asked
		}
		// The keys are fetched again with this context long after, so it must not end with the request.
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.o.Issuer)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.found, p.away, p.again = found, nil, p.o.Now().Add(askAgain)
		if err != nil {
			p.away = fmt.Errorf("the provider %s cannot be asked; sign in with a password or try again: %s: %w",
				p.o.Issuer, line(err), models.ErrUnavailable)
		}
		return nil, p.away
	})
	if err != nil {
		return nil, err
	}
	return p.known()
}

// known is what was found out when the provider was asked last, if that still holds.
func (p *Provider) known() (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away != nil && p.o.Now().Before(p.again) {
		return nil, p.away
	}
	return p.found, nil
}

func (p *Provider) flow(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret, RedirectURL: p.o.Callback,
		Endpoint: found.Endpoint(), Scopes: append([]string{oidc.ScopeOpenID}, p.o.Scopes...),
	}
}

// Begin is where a browser is sent, and the cookie that it must bring back: it binds the answer to this browser.
func (p *Provider) Begin(ctx context.Context, page string) (address, cookie string, err error) {
	found, err := p.describe(ctx)
	if err != nil {
		return "", "", err
	}
	b := begun{
		State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Page: ownPage(page),
		Until: p.o.Now().Add(begunFor),
	}
	address = p.flow(found).AuthCodeURL(b.State, oidc.Nonce(b.Nonce), oauth2.S256ChallengeOption(b.Verifier))
	return address, b.seal(p.o.Key), nil
}

// Finish checks what a browser brings back. Whatever does not hold is models.ErrSignIn.
func (p *Provider) Finish(ctx context.Context, cookie, state, code string) (who Person, page string, err error) {
	b, err := unseal(p.o.Key, cookie, p.o.Now())
	if err != nil {
		return Person{}, "", err
	}
	if subtle.ConstantTimeCompare([]byte(state), []byte(b.State)) != 1 {
		return Person{}, "", refusal("the answer is not to the question of this browser (state)")
	}
	if code == "" {
		return Person{}, "", refusal("the provider let nobody in")
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), patience)
	defer cancel()
	found, err := p.describe(ctx)
	if err != nil {
		return Person{}, "", err
	}
	token, err := p.flow(found).Exchange(ctx, code, oauth2.VerifierOption(b.Verifier))
	if err != nil {
		if answer := (*oauth2.RetrieveError)(nil); errors.As(err, &answer) {
			return Person{}, "", refusal("the provider does not take the code")
		}
		return Person{}, "", fmt.Errorf("the provider cannot be asked: %s: %w", line(err), models.ErrUnavailable)
	}
	raw, _ := token.Extra("id_token").(string)
	who, err = p.read(ctx, found, raw, b.Nonce)
	return who, b.Page, err
}

// read is who an id_token is about, once all of it holds.
func (p *Provider) read(ctx context.Context, found *oidc.Provider, raw, nonce string) (Person, error) {
	verifier := found.VerifierContext(ctx, &oidc.Config{ClientID: p.o.ClientID, Now: p.o.Now})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return Person{}, refusal("the id_token does not hold: " + line(err))
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1 {
		return Person{}, refusal("the id_token is not for this sign-in (nonce)")
	}
	var claims struct {
		Name     string `json:"name"`
		Username string `json:"preferred_username"`
		Mail     string `json:"email"`
	}
	all := map[string]any{}
	if err := errors.Join(token.Claims(&claims), token.Claims(&all)); err != nil {
		return Person{}, refusal("the id_token cannot be read")
	}
	who := Person{
		Identity: token.Issuer + " " + token.Subject, Name: cmp.Or(claims.Username, claims.Mail, token.Subject),
		FullName: claims.Name,
	}
	switch groups := all[p.o.GroupsClaim].(type) {
	case string:
		who.Groups = []string{groups}
	case []any:
		for _, g := range groups {
			if text, ok := g.(string); ok {
				who.Groups = append(who.Groups, text)
			}
		}
	}
	return who, nil
}

func refusal(reason string) error { return fmt.Errorf("%s: %w", reason, models.ErrSignIn) }

// line is an error in one line that is not long, whatever the provider wrote.
func line(err error) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "")), " ")
	if len(text) > mostReason {
		text = strings.ToValidUTF8(text[:mostReason], "")
	}
	return text
}
