package config

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// OIDC is the provider of identities at which people may sign in; an empty Issuer is none.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret Secret // empty: a public client
	Name         string // what people call the provider
	Scopes       []string
	GroupsClaim  string
}

func (c *Config) oidcFields() []field {
	return []field{
		textField("oidc.issuer", &c.OIDC.Issuer, isEmptyOrIssuer),
		textField("oidc.client_id", &c.OIDC.ClientID, isAnything),
		passwordField("oidc.client_secret", &c.OIDC.ClientSecret),
		textField("oidc.name", &c.OIDC.Name, isShort),
		listField("oidc.scopes", &c.OIDC.Scopes, parseScope, itself),
		textField("oidc.groups_claim", &c.OIDC.GroupsClaim, isGivenText),
	}
}

// validateOIDC refuses a provider at which nobody could sign in.
func (l *loader) validateOIDC() error {
	c := l.config
	if c.OIDC.Issuer == "" {
		if len(c.Groups) > 0 {
			return refuse(l.places["groups"], "groups",
				"say what people of a provider may do, but there is none; set oidc.issuer")
		}
		return nil
	}
	missing := func(key, why string) error {
		return refuse(l.places["oidc.issuer"], key, "is missing, but oidc.issuer is given%s", why)
	}
	switch {
	case c.OIDC.ClientID == "":
		return missing("oidc.client_id", "; the provider knows this server by it")
	case c.Server.PublicURL == "":
		return missing("server.public_url", "; the provider sends browsers back there")
	case len(c.Groups) == 0:
		return missing("groups", "; without one, nobody of the provider may do anything")
	}
	return nil
}

// isShort accepts what fits on a button.
func isShort(text string) error {
	const most = 60
	if len(text) > most {
		return errors.New("is too long for a button")
	}
	return nil
}

func isEmptyOrIssuer(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || !secureAddress(u) || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("is not the address of a provider, such as https://id.example.org/realms/main")
	}
	return nil
}

// isEmptyOrOrigin accepts the beginning of addresses that passwords may be sent to.
func isEmptyOrOrigin(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || !secureAddress(u) || u.User != nil || u.Path != "" || u.RawQuery != "" ||
		u.Fragment != "" {
		return errors.New("is not the address of a server without a path, such as https://footfall.example.org")
	}
	return nil
}

// secureAddress reports whether an address encrypts, or is on this machine.
func secureAddress(u *url.URL) bool {
	host := u.Hostname()
	ip := net.ParseIP(host)
	here := host == "localhost" || ip != nil && ip.IsLoopback()
	return host != "" && (u.Scheme == "https" || u.Scheme == "http" && here)
}

// parseScope reads a scope (RFC 6749, 3.3).
func parseScope(text string) (string, error) {
	odd := func(r rune) bool { return r <= ' ' || r == '"' || r == '\\' || r > '~' }
	if text == "" || strings.ContainsFunc(text, odd) {
		return "", errors.New("is not a scope, such as profile or groups")
	}
	return text, nil
}
