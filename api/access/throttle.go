package access

import (
	"context"
	"encoding/base64"
	"net/netip"
	"strings"
	"time"

	"footfall/models"
)

// Failed attempts cost time. Who is made to wait is chosen so that nobody can keep somebody else out: attempts from one
// address at one account hold up that address at that account, and those of a browser that has been signed in to the
// account before count for that browser alone (OWASP: device cookies). Only browsers that never were can be held up by
// a crowd of addresses.
const (
	freeAttempts    = 5   // of an address, or a known browser, at an account
	freeOfAddress   = 30  // of an address, at any accounts
	freeOfStrangers = 100 // of all unknown browsers, at an account
	longestWait     = 15 * time.Minute
	forgottenAfter  = 24 * time.Hour
)

// burden is who pays for a failed attempt.
type burden struct {
	key  string
	free int
}

// burdens are those that an attempt is counted for, before it is looked at: attempts at the same time count, too.
func (d *Desk) burdens(name, address, device string) []burden {
	key := func(words ...string) string { return sealed(d.key, words...) }
	if device != "" {
		return []burden{{key("device", name, device), freeAttempts}}
	}
	address = Network(address)
	return []burden{
		{key("pair", name, address), freeAttempts},
		{key("address", address), freeOfAddress},
		{key("strangers", name), freeOfStrangers},
	}
}

// Network is what one user of the Internet has: an IPv4 address, or the /64 of an IPv6 one.
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}

// charge counts an attempt, or says how long to wait.
func (d *Desk) charge(ctx context.Context, burdens []burden) error {
	now := d.now()
	for _, b := range burdens {
		p, err := d.store.Penalty(ctx, b.key)
		if err != nil {
			return err
		}
		if wait := p.Until.Sub(now); wait > 0 {
			return &models.LaterError{After: wait, Reason: "too many attempts to sign in"}
		}
	}
	for _, b := range burdens {
		err := d.store.Punish(ctx, b.key, func(p *models.Penalty) {
			if now.Sub(p.Last) > forgottenAfter {
				p.Failures = 0
			}
			p.Failures++
			p.Last = now
			if over := p.Failures - b.free; over >= 0 {
				p.Until = now.Add(min(longestWait, time.Second<<min(over, 20)))
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// refund takes back what an attempt that was right has cost, and forgets the failures of who made it.
func (d *Desk) refund(ctx context.Context, burdens []burden) error {
	if err := d.store.Forgive(ctx, burdens[0].key); err != nil {
		return err
	}
	for _, b := range burdens[1:] {
		err := d.store.Punish(ctx, b.key, func(p *models.Penalty) {
			p.Failures = max(0, p.Failures-1)
			if p.Failures < b.free {
				p.Until = time.Time{}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// deviceOf is which browser shows a mark that it was given when it signed in to the account; empty when it shows none.
func (d *Desk) deviceOf(name, mark string) string {
	device, proof, found := strings.Cut(mark, ".")
	if !found || device == "" || len(mark) > 200 || sealed(d.key, "mark", name, device) != proof {
		return ""
	}
	return device
}

// markOf is what a browser is given when it signs in to an account.
func (d *Desk) markOf(name, device string) string {
	return device + "." + sealed(d.key, "mark", name, device)
}

func newDevice() string { return base64.RawURLEncoding.EncodeToString([]byte(newID())) }
