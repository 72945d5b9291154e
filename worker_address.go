package main

import (
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"

	"footfall/api/link"
	"footfall/models/config"
)

// workerAddress is what a worker elsewhere takes as FOOTFALL_LINK_URL; empty where none can come.
func (h *house) workerAddress(token string) string {
	return workerAddress(h.cfg, h.broker.Port(), h.shown, token)
}

// workerAddress is the same where no server runs.
func (n near) workerAddress(token string) (_ string, err error) {
	var shown *certificate
	if n.cfg.Link.Encrypts() {
		if shown, err = openCertificate(n.cfg, n.log, time.Now()); err != nil {
			return "", err
		}
	}
	return workerAddress(n.cfg, 0, shown, token), nil
}

// workerAddress is the address of the link for others. port is where it listens if the kernel chose, zero when that is
// not known yet; shown is nil where the link does not encrypt.
func workerAddress(cfg config.Config, port int, shown *certificate, token string) string {
	host, chosen, err := net.SplitHostPort(cfg.Link.Listen)
	if err != nil {
		return "" // nobody is to come from elsewhere
	}
	if chosen != "0" {
		port, err = strconv.Atoi(chosen)
	}
	if err != nil || port == 0 {
		return ""
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = outside(cfg)
	}
	digest := ""
	if cfg.Link.Encrypts() {
		if digest = shown.digest(); digest == "" {
			host = shown.nameFor(host)
		}
	}
	return link.Address(net.JoinHostPort(host, strconv.Itoa(port)), token, cfg.Link.Encrypts(), digest)
}

// outside is what others call this machine, as far as it is known.
func outside(cfg config.Config) string {
	if hosts := cfg.Server.Hosts(); len(hosts) > 0 {
		return hosts[0]
	}
	if host, err := os.Hostname(); err == nil {
		return host
	}
	return "localhost"
}
