package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"footfall/models"
)

// BrokerConfig says where the embedded NATS server listens.
type BrokerConfig struct {
	Listen string // HOST:PORT; port 0 = chosen by the kernel; empty = 127.0.0.1:0
	Token  string // what a client must know; never empty
	// TLS is how it encrypts; nil: it does not.
	TLS *tls.Config
	// CertFile has the certificate in PEM, by which those on this machine know the broker.
	CertFile string
	// Workers knows the tokens of single workers, which open less; nil: there are none.
	Workers Credentials
}

const (
	// maxPayload is the largest message: assignments of a few hundred cameras with their lines.
	maxPayload = 2 << 20
	// maxPending is what a client that does not read may hold up in the server before it is cut off.
	maxPending     = 16 << 20
	maxConnections = 4096
	minToken       = 16
	startPoll      = 50 * time.Millisecond
	startPolls     = 200             // ten seconds
	greeting       = 5 * time.Second // in which a client must have agreed on how to encrypt
)

// Broker is a NATS server inside this process: no persistence, no cluster. It is what makes one machine
// enough; nothing but its URL is known to the rest.
type Broker struct {
	options *server.Options
	token   string
	cert    string
	gate    *gatekeeper
	log     *slog.Logger

	ready chan struct{}
	addr  net.Addr // valid once ready is closed
}

// NewBroker checks the configuration and starts nothing.
func NewBroker(cfg BrokerConfig, log *slog.Logger) (*Broker, error) {
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	host, text, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return nil, models.Invalidf("link listen", "%q is not HOST:PORT", cfg.Listen)
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, models.Invalidf("link listen", "%q has no port between 0 and 65535", cfg.Listen)
	}
	if len(cfg.Token) < minToken {
		return nil, models.Invalidf("link token", "is shorter than %d characters", minToken)
	}
	number := int(port)
	if number == 0 {
		number = server.RANDOM_PORT
	}
	gate := &gatekeeper{token: cfg.Token, workers: cfg.Workers, inside: map[uint64]string{}}
	return &Broker{
		token: cfg.Token,
		cert:  cfg.CertFile,
		gate:  gate,
		log:   log,
		ready: make(chan struct{}),
		options: &server.Options{
			ServerName: "footfall",
			Host:       host,
			Port:       number,
			MaxPayload: maxPayload,
			// Whoever shows no token is refused by it.
			CustomClientAuthentication: gate,
			TLSConfig:                  cfg.TLS,
			TLSTimeout:                 greeting.Seconds(),
			MaxPending:                 maxPending,
			MaxConn:                    maxConnections,
			// A worker whose network went away without a word is dropped after about fifteen seconds.
			PingInterval:  5 * time.Second,
			MaxPingsOut:   2,
			WriteDeadline: 5 * time.Second,
			NoSigs:        true, // signals are main's
		},
	}, nil
}

// Run serves until ctx ends. It returns an error if it could not listen. Run it once.
func (b *Broker) Run(ctx context.Context) error {
	ns, err := server.NewServer(b.options)
	if err != nil {
		return fmt.Errorf("start message broker: %w", err)
	}
	failed := make(chan error, 1)
	ns.SetLoggerV2(&brokerLog{log: b.log, fatal: failed}, false, false, false)
	go ns.Start() // returns when the listener is up; Shutdown below waits for what it left running
	defer ns.WaitForShutdown()
	defer ns.Shutdown()
	if err := untilListening(ns, failed); err != nil {
		return fmt.Errorf("start message broker: %w", err)
	}
	b.addr = ns.Addr()
	close(b.ready)
	b.log.Info("message broker listens", "address", b.addr.String())
	checking, done := context.WithCancel(ctx)
	var recheck sync.WaitGroup
	recheck.Go(func() { b.gate.recheck(checking, ns) })
	defer recheck.Wait()
	defer done()
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return fmt.Errorf("message broker: %w", err)
	}
}

// untilListening waits for the listener, or for the reason why there will be none. The library can only be polled.
func untilListening(ns *server.Server, failed <-chan error) error {
	for range startPolls {
		if ns.ReadyForConnections(startPoll) {
			return nil
		}
		select {
		case err := <-failed:
			return err
		default:
		}
	}
	return errors.New("not ready in time")
}

// Ready is closed when clients can connect.
func (b *Broker) Ready() <-chan struct{} { return b.ready }

// URL is where clients connect; it contains the token, so it is never logged or shown. It waits until the broker is
// ready.
func (b *Broker) URL(ctx context.Context) (string, error) {
	select {
	case <-b.ready:
	case <-ctx.Done():
		return "", fmt.Errorf("wait for message broker: %w", ctx.Err())
	}
	host, port, err := net.SplitHostPort(b.addr.String())
	if err != nil {
		return "", fmt.Errorf("address of message broker: %w", err)
	}
	// Listening everywhere means: reachable here as well.
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	u := url.URL{Scheme: "nats", User: url.User(b.token), Host: net.JoinHostPort(host, port)}
	if b.options.TLSConfig != nil {
		u.Scheme, u.RawQuery = "tls", url.Values{byFile: {b.cert}}.Encode()
	}
	return u.String(), nil
}

// Port is where the broker listens; zero until it is ready.
func (b *Broker) Port() int {
	select {
	case <-b.ready:
	default:
		return 0
	}
	if at, ok := b.addr.(*net.TCPAddr); ok {
		return at.Port
	}
	return 0
}
