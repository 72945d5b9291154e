package api

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// proxies are those that are believed when they say for whom they ask. What anybody else says about that is not read.
type proxies []netip.Prefix

func (p proxies) trusted(address string) bool {
	ip, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(ip.Unmap()) })
}

// client is the address that a request comes from: the last one on its way that is not a trusted proxy's.
func (p proxies) client(r *http.Request) string {
	address := r.RemoteAddr
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	way := strings.Split(strings.Join(r.Header.Values(echo.HeaderXForwardedFor), ","), ",")
	for i := len(way) - 1; i >= 0 && p.trusted(address); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(way[i]))
		if err != nil {
			break
		}
		address = before.Unmap().String()
	}
	return address
}

// secure reports whether a request came over TLS, to us or to a trusted proxy.
func (p proxies) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	return err == nil && p.trusted(host) && r.Header.Get(echo.HeaderXForwardedProto) == "https"
}
