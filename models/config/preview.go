package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

func itself(text string) string { return text }

// plainSecretField is a secret that somebody else has made, of whatever length.
func plainSecretField(path string, to *Secret) field {
	f := one(path, func(text string) error { *to = Secret(text); return nil }, func() string { return string(*to) })
	f.secret = true
	return f
}

// parseAddress reads a plain IP address.
func parseAddress(text string) (string, error) {
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" || ip.IsUnspecified() {
		return "", errors.New("is not an address such as 203.0.113.7; WebRTC takes no names")
	}
	return ip.String(), nil
}

// parseICE reads the address of a STUN or TURN server (RFC 7064, RFC 7065).
func parseICE(schemes ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		for _, scheme := range schemes {
			if rest, found := strings.CutPrefix(text, scheme); found && rest != "" &&
				!strings.ContainsAny(rest, " \t\n\"<>;,@/") {
				return text, nil
			}
		}
		return "", fmt.Errorf("is not of the form %sHOST:PORT", schemes[0])
	}
}

// parseOrigin reads the origin of a page as browsers send it.
func parseOrigin(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil ||
		u.Scheme+"://"+u.Host != text {
		return "", errors.New("is not the origin of a page, such as https://wall.example.org")
	}
	return strings.ToLower(text), nil
}
