package api

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// ownHosts lets through only requests that were meant for this server: a web page elsewhere can make a browser send
// requests to an address of ours under a name of its own (DNS rebinding), but it cannot make it lie about the name.
// Loopback names and plain addresses are ours; allowed are the further names.
func ownHosts(allowed []string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			host := c.Request().Host
			if name, _, err := net.SplitHostPort(host); err == nil {
				host = name
			}
			host = strings.ToLower(strings.Trim(host, "[]"))
			if host == "localhost" || net.ParseIP(host) != nil || slices.Contains(allowed, host) {
				return next(c)
			}
			return echo.NewHTTPError(http.StatusMisdirectedRequest,
				"this server is not known as "+host+"; add the name to server.allowed_hosts")
		}
	}
}

// sameSite refuses changes that a page of another site makes a browser send. Programs send no Origin and pass.
func (d *door) sameSite(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
		friend, _ := c.Get(fromFriend).(bool)
		if reads || friend || ownOrigin(r, d.proxies.secure(r)) && ownFetch(r) {
			return next(c)
		}
		err := fmt.Errorf("changes from a page of another site are refused: %w", models.ErrForbidden)
		d.refused(c, err)
		return err
	}
}

// ownOrigin reports whether a request's Origin is ours, or there is none.
func ownOrigin(r *http.Request, secure bool) bool {
	origin := r.Header.Get(echo.HeaderOrigin)
	return origin == "" || origin == "https://"+r.Host || !secure && origin == "http://"+r.Host
}

// ownFetch reports whether a browser says that a page of ours, or nobody's, made it send a request (Fetch Metadata,
// W3C).
func ownFetch(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "same-origin" || site == "none"
}

// secureHeaders says to browsers what an answer of ours may not be used for, and after an encrypted one that they shall
// not ask otherwise for a year.
func (d *door) secureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		h.Set("Content-Security-Policy",
			"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; "+
				"base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		if d.proxies.secure(c.Request()) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}
