package capture

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"footfall/models"
)

// AddressRules says which addresses cameras may have. A camera's address comes from whoever may add cameras, and the
// worker stands inside the network: without rules, a "camera" could be the cloud's metadata service or a database on
// loopback. Ordinary addresses, private ones included, are allowed: that is where cameras are.
type AddressRules struct {
	// Allow lists networks that are allowed in spite of every other rule.
	Allow []netip.Prefix
	// AllowLoopback allows this machine, for the demo and for relays that run beside the worker.
	AllowLoopback bool
}

// resolver finds the addresses of a name; *net.Resolver is one.
type resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Check refuses an address that breaks the rules and says which one.
func (r AddressRules) Check(addr netip.Addr) error {
	addr = addr.WithZone("").Unmap()
	for _, p := range r.Allow {
		if p.Contains(addr) {
			return nil
		}
	}
	if inner, ok := embedded(addr); ok {
		return r.Check(inner)
	}
	kind := ""
	switch {
	case isMetadata(addr):
		kind = "a cloud metadata service"
	case addr.IsLoopback():
		if r.AllowLoopback {
			return nil
		}
		kind = "this machine (loopback)"
	case addr.IsUnspecified() || prefixContains("0.0.0.0/8", addr):
		kind = "unspecified"
	case addr.IsLinkLocalUnicast():
		kind = "link-local"
	case addr.IsMulticast() || prefixContains("240.0.0.0/4", addr):
		kind = "multicast, broadcast or reserved"
	default:
		return nil
	}
	return &ReasonError{
		Reason: models.ReasonRefused,
		Detail: fmt.Sprintf("address %s is not allowed: it is %s; an administrator can allow its network", addr, kind),
	}
}

// isMetadata: where clouds answer questions about the machine, credentials included.
func isMetadata(addr netip.Addr) bool {
	switch addr.String() {
	case "169.254.169.254", "fd00:ec2::254", "100.100.100.200":
		return true
	}
	return false
}

// embedded is the IPv4 address inside an IPv6 address that a gateway translates (RFC 6052, RFC 8215, RFC 3056), or
// that stands for it in the old way (RFC 4291, 2.5.5.1).
func embedded(addr netip.Addr) (netip.Addr, bool) {
	if !addr.Is6() {
		return addr, false
	}
	b := addr.As16()
	switch {
	case prefixContains("64:ff9b::/96", addr), prefixContains("64:ff9b:1::/48", addr),
		prefixContains("::/96", addr) && !addr.IsUnspecified() && !addr.IsLoopback():
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case prefixContains("2002::/16", addr):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return addr, false
}

func prefixContains(prefix string, addr netip.Addr) bool {
	return netip.MustParsePrefix(prefix).Contains(addr)
}

// resolve finds the addresses of a camera's host that may be connected to, in the order to try them. When every one
// breaks the rules the error is the first one's.
func (r AddressRules) resolve(ctx context.Context, names resolver, u *url.URL) ([]netip.AddrPort, error) {
	port, err := portOf(u)
	if err != nil {
		return nil, err
	}
	var addrs []netip.Addr
	if addr, parseErr := netip.ParseAddr(u.Hostname()); parseErr == nil {
		addrs = []netip.Addr{addr}
	} else if addrs, err = names.LookupNetIP(ctx, "ip", u.Hostname()); err != nil || len(addrs) == 0 {
		return nil, &ReasonError{
			Reason: models.ReasonUnreachable, Detail: fmt.Sprintf("the name %s is not known", u.Hostname()), Err: err,
		}
	}
	var allowed []netip.AddrPort
	var refused error
	for _, addr := range addrs {
		if err := r.Check(addr); err == nil {
			allowed = append(allowed, netip.AddrPortFrom(addr.Unmap(), port))
		} else if refused == nil {
			refused = err
		}
	}
	if len(allowed) == 0 {
		return nil, refused
	}
	return allowed, nil
}

// portOf is the port of a camera's address, or the one that RFC 7826 gives its scheme.
func portOf(u *url.URL) (uint16, error) {
	text := u.Port()
	if text == "" {
		text = "554"
		if u.Scheme == "rtsps" {
			text = "322"
		}
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, models.Invalidf("url", "port %q is not a number from 1 to 65535", text)
	}
	return uint16(port), nil
}

// pinned is the address for FFmpeg: what was checked and connected to, not the name, which could be answered
// differently the second time.
func pinned(u *url.URL, addr netip.AddrPort) string {
	fixed := *u
	fixed.Host = addr.String()
	if strings.Contains(fixed.Host, "%") { // a zone, for a link-local address that was allowed
		fixed.Host = strings.ReplaceAll(fixed.Host, "%", "%25")
	}
	return fixed.String()
}
