package simulator

import (
	"context"
	"fmt"
	"net"
	"strconv"
)

// udpPorts are two neighbouring UDP ports, the first one even: RTP and RTCP (RFC 3550, section 11).
type udpPorts struct {
	rtp, rtcp net.PacketConn
}

// takeUDPPorts looks for two free neighbours, beginning wherever the kernel says.
func takeUDPPorts(ip net.IP) (*udpPorts, error) {
	const attempts = 64
	var config net.ListenConfig
	bind := func(port int) (net.PacketConn, error) {
		return config.ListenPacket(context.Background(), "udp", net.JoinHostPort(ip.String(), strconv.Itoa(port)))
	}
	var reason error
	for range attempts {
		rtp, err := bind(0)
		if err != nil {
			return nil, err
		}
		port := rtp.LocalAddr().(*net.UDPAddr).Port
		if port%2 == 0 {
			rtcp, err := bind(port + 1)
			if err == nil {
				return &udpPorts{rtp: rtp, rtcp: rtcp}, nil
			}
			reason = err
		}
		_ = rtp.Close() // nothing came in yet
	}
	return nil, fmt.Errorf("find two neighbouring UDP ports: %w", reason)
}

// listen hands the ports over to the RTSP server, which asks for them by address.
func (p *udpPorts) listen(_, address string) (net.PacketConn, error) {
	for _, conn := range []net.PacketConn{p.rtp, p.rtcp} {
		if conn.LocalAddr().String() == address {
			return conn, nil
		}
	}
	return nil, fmt.Errorf("listen on udp %s: it was not taken", address)
}

func (p *udpPorts) close() {
	_, _ = p.rtp.Close(), p.rtcp.Close() // nothing is lost
}
