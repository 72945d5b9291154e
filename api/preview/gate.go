package preview

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"

	"footfall/models"
)

// GateConfig says where and how WebRTC sessions are let in.
type GateConfig struct {
	// Listen is HOST:PORT, for UDP and for TCP. Port 0 lets the kernel choose.
	Listen string
	// Hosts are further addresses under which Listen is reached from outside: of the machine around a container, of
	// the router before a NAT.
	Hosts []string
	// Most is how many sessions there may be at once; 0 means 500.
	Most int
	// Status tells how a camera is doing.
	Status func(models.CameraID) models.CameraStatus
	Log    *slog.Logger
}

// Gate lets viewers in. Make it with NewGate, look after it with Run.
type Gate struct {
	config GateConfig
	relay  *Relay
	udp    net.PacketConn
	tcp    net.Listener
	muxes  []interface{ Close() error }
	engine webrtc.SettingEngine

	mu       sync.Mutex
	sessions map[string]*session
	closed   bool
	opened   uint64
	running  sync.WaitGroup // goroutines of sessions
}

// NewGate makes a gate and takes its ports, so that one in use is known at once. Run or Close gives them back.
func NewGate(ctx context.Context, config GateConfig, relay *Relay) (*Gate, error) {
	if config.Most <= 0 {
		config.Most = 500
	}
	for _, host := range config.Hosts {
		if net.ParseIP(host) == nil {
			return nil, models.Invalidf("preview.hosts", "%q is not an address: WebRTC takes no names", host)
		}
	}
	g := &Gate{config: config, relay: relay, sessions: map[string]*session{}}
	if err := g.listen(ctx); err != nil {
		return nil, fmt.Errorf("listen for previews on %s: %w; choose another with preview.listen", config.Listen, err)
	}
	g.settle()
	return g, nil
}

// listen takes the same port for UDP and TCP; when the kernel chooses, several are tried.
func (g *Gate) listen(ctx context.Context) error {
	var listen net.ListenConfig
	host, port, err := net.SplitHostPort(g.config.Listen)
	if err != nil {
		return err
	}
	const tries = 20
	for try := 1; ; try++ {
		if g.udp, err = listen.ListenPacket(ctx, "udp", g.config.Listen); err != nil {
			return reason(err)
		}
		chosen := udpAddress(g.udp).Port
		if g.tcp, err = listen.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(chosen))); err == nil {
			return nil
		}
		_ = g.udp.Close()
		if port != "0" || try == tries {
			return reason(err)
		}
	}
}

// reason is an error of the network without the address, which the caller names.
func reason(err error) error {
	var network *net.OpError
	if errors.As(err, &network) {
		return network.Err
	}
	return err
}

// settle prepares what all sessions share.
func (g *Gate) settle() {
	udp := webrtc.NewICEUDPMux(nil, g.udp)
	const waiting = 64 // packets of a viewer over TCP, before it is too slow
	tcp := ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener: g.tcp, Logger: quiet{}.NewLogger("tcp"), ReadBufferSize: waiting, WriteBufferSize: 1 << 20,
	})
	g.muxes = []interface{ Close() error }{udp, tcp}
	e := &g.engine
	e.LoggerFactory = quiet{}
	e.SetICEUDPMux(udp)
	e.SetICETCPMux(tcp)
	e.SetNetworkTypes([]webrtc.NetworkType{
		webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6,
	})
	// Browsers hide their addresses behind names of mDNS. They reach us, so that theirs need not be known.
	e.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.SetICETimeouts(4*time.Second, 10*time.Second, time.Second)
	e.DisableActiveTCP(true) // viewers come to us
	if udpAddress(g.udp).IP.IsLoopback() {
		e.SetIncludeLoopbackCandidate(true)
	}
	if len(g.config.Hosts) > 0 {
		rules := webrtc.ICEAddressRewriteRule{
			External: g.config.Hosts, AsCandidateType: webrtc.ICECandidateTypeHost,
			Mode: webrtc.ICEAddressRewriteAppend,
		}
		if err := e.SetICEAddressRewriteRules(rules); err != nil {
			g.config.Log.Error("preview.hosts are not announced", "error", err)
		}
	}
}

// Port is where viewers come, by UDP and by TCP.
func (g *Gate) Port() int { return udpAddress(g.udp).Port }

func udpAddress(conn net.PacketConn) *net.UDPAddr {
	address, _ := conn.LocalAddr().(*net.UDPAddr) // it is UDP
	return address
}

// GateCounts is how many sessions there are and have been.
type GateCounts struct {
	Sessions int
	Opened   uint64
}

// Counts is how many sessions there are and have been.
func (g *Gate) Counts() GateCounts {
	g.mu.Lock()
	defer g.mu.Unlock()
	return GateCounts{Sessions: len(g.sessions), Opened: g.opened}
}

// unconnected is how long a session may take to connect: whoever never does is forgotten.
const unconnected = 15 * time.Second

// Run looks after the sessions until ctx ends, then closes them and gives the ports back.
func (g *Gate) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return g.Close()
		case now := <-tick.C:
			for _, s := range g.all() {
				if s.isOver(now) {
					s.end()
				}
			}
		}
	}
}

func (g *Gate) all() []*session {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]*session, 0, len(g.sessions))
	for _, s := range g.sessions {
		all = append(all, s)
	}
	return all
}

// Close ends all sessions and gives the ports back. Closing twice is harmless.
func (g *Gate) Close() error {
	g.mu.Lock()
	was := g.closed
	g.closed = true
	g.mu.Unlock()
	if was {
		return nil
	}
	for _, s := range g.all() {
		s.end()
	}
	g.running.Wait()
	var errs []error
	for _, m := range g.muxes {
		if err := m.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	_, _ = g.udp.Close(), g.tcp.Close() // closed by their muxes, as a rule
	return errors.Join(errs...)
}

// admit makes room for a session, or says that there is none.
func (g *Gate) admit(s *session) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return fmt.Errorf("the server is stopping: %w", models.ErrUnavailable)
	}
	if len(g.sessions) >= g.config.Most {
		return fmt.Errorf("%d previews are open, which is the most (preview.max_sessions): %w", len(g.sessions),
			models.ErrUnavailable)
	}
	s.id = rand.Text()
	g.sessions[s.id] = s
	g.opened++
	return nil
}

func (g *Gate) forget(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.sessions, s.id)
}

// find is a session of a camera.
func (g *Gate) find(camera models.CameraID, id string) (*session, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.sessions[id]
	if s == nil || s.camera != camera {
		return nil, fmt.Errorf("preview session: %w; open another one", models.ErrNotFound)
	}
	return s, nil
}
