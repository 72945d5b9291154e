package main

import (
	"context"
	"net/netip"
	"net/url"

	"footfall/capture"
	"footfall/models"
	"footfall/models/config"
)

// addressBook refuses addresses that stand in a camera's URL and break the rules. A name is resolved where the camera
// is watched, and checked there again.
type addressBook struct{ cfg config.Config }

func (b addressBook) Allowed(_ context.Context, rawURL string) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		return models.ValidateCameraURL(rawURL)
	}
	address, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return nil //nolint:nilerr // it is a name
	}
	rules := capture.AddressRules{Allow: b.cfg.Capture.AllowAddresses, AllowLoopback: b.cfg.LoopbackCameras()}
	if err := rules.Check(address); err != nil {
		return models.Invalidf("url", "%s (capture.allow_addresses)", err)
	}
	return nil
}
