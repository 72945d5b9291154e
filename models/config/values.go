package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// day is what retention is counted in.
const day = 24 * time.Hour

func isAnything(string) error { return nil }

func isGiven(text string) error {
	if text == "" {
		return errors.New("is empty; name a folder")
	}
	return nil
}

func isEmptyOrHostPort(text string) error {
	if text == "" {
		return nil
	}
	return isHostPort(text)
}

// isHostPort accepts what net.Listen would, without names of ports.
func isHostPort(text string) error {
	host, port, err := net.SplitHostPort(text)
	if err != nil || strings.ContainsAny(host, " \t\n/@") {
		return errors.New("is not HOST:PORT; 127.0.0.1:8080 is one, :8080 means every interface")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return errors.New("has no port from 0 to 65535 after the colon")
	}
	return nil
}

// parseHost reads a name as the Host header has it, without its port.
func parseHost(text string) (string, error) {
	if text == "" || strings.ContainsAny(text, " \t\n/@*,") || strings.Contains(text, "://") {
		return "", errors.New("is not a host name; write it without scheme, path or wildcard: footfall.example.org")
	}
	if _, _, err := net.SplitHostPort(text); err == nil {
		return "", errors.New("has a port; write the name alone")
	}
	return strings.ToLower(text), nil
}

// parseNetwork reads 10.0.0.0/8 or a single address.
func parseNetwork(text string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(text); err == nil && ip.Zone() == "" {
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, errors.New("is neither an address nor a network such as 192.168.7.0/24")
	}
	if p != p.Masked() {
		return netip.Prefix{}, fmt.Errorf("has bits behind its mask; the network is %s", p.Masked())
	}
	return p, nil
}

// parseBool accepts true and false only: YAML's other words for them differ from one reader to the next.
func parseBool(text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errors.New("is neither true nor false")
}

// parseDuration reads a number with a unit, days included: 500ms, 10s, 1h30m, 90d.
func parseDuration(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return time.Duration(n) * day, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, errors.New("is not a duration; write a number and its unit, such as 500ms, 10s, 5m, 2h or 90d")
	}
	return d, nil
}

// formatDuration writes what parseDuration reads, in the largest unit that fits.
func formatDuration(d time.Duration) string {
	if d > 0 && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
