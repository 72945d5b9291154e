package main

import (
	"context"
	"time"

	"footfall/api"
	"footfall/api/access"
	"footfall/api/access/provider"
	"footfall/models/config"
)

// elsewhere is the provider of identities of the configuration.
type elsewhere struct {
	*provider.Provider

	name string
}

// openProvider makes it; nil where there is none.
func openProvider(cfg config.Config, key []byte) (api.Provider, error) {
	if cfg.OIDC.Issuer == "" {
		return nil, nil //nolint:nilnil // none is nothing wrong
	}
	cookies, err := derived(key, "sign-ins at the provider")
	if err != nil {
		return nil, err
	}
	return elsewhere{provider.New(provider.Options{
		Issuer: cfg.OIDC.Issuer, ClientID: cfg.OIDC.ClientID, ClientSecret: cfg.OIDC.ClientSecret.Reveal(),
		Callback: cfg.Server.PublicURL + "/api/v1/session/provider/callback", Scopes: cfg.OIDC.Scopes,
		GroupsClaim: cfg.OIDC.GroupsClaim, Key: cookies, Now: time.Now,
	}), cfg.OIDC.Name}, nil
}

// Name is what people call the provider.
func (e elsewhere) Name() string { return e.name }

// Finish implements api.Provider.
func (e elsewhere) Finish(ctx context.Context, cookie, state, code string) (access.Guest, string, error) {
	who, page, err := e.Provider.Finish(ctx, cookie, state, code)
	return access.Guest(who), page, err
}
