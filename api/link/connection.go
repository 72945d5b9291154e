package link

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
)

// reconnectMax bounds the wait between two attempts to connect; a server that is back is found within it.
const reconnectMax = 2 * time.Second

// events are what somebody wants to know about a connection.
type events struct{ up, down func() }

// connect makes a connection that is never given up: it may not be there yet, it may break, it comes back.
// Answers come to the inbox; empty is the library's.
func connect(rawURL, name, inbox string, tell events, log *slog.Logger) (*nats.Conn, error) {
	server, err := readAddress(rawURL)
	if err != nil {
		return nil, err
	}
	if inbox == "" {
		inbox = nats.InboxPrefix[:len(nats.InboxPrefix)-1]
	}
	var failed string // why the last attempt did, to say it once
	options := []nats.Option{
		nats.IgnoreDiscoveredServers(), // the address is the operator's to say
		nats.CustomInboxPrefix(inbox),
		nats.Name(name),
		nats.Token(server.token),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(), // a wrong token may be put right on the other side
		nats.CustomReconnectDelay(backoff{first: 100 * time.Millisecond, most: reconnectMax}.after),
		nats.ReconnectBufSize(-1), // ask again instead of keeping a question that nobody waits for any more
		nats.Timeout(2 * time.Second),
		nats.PingInterval(2 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.ConnectHandler(func(*nats.Conn) { tell.up() }),
		nats.ReconnectHandler(func(*nats.Conn) {
			log.Info("link is up again")
			tell.up()
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("link is down; trying again", "error", err)
			}
			tell.down()
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Warn("link", "error", err)
		}),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) {
			if why := explained(err); why != failed {
				failed = why
				log.Warn("no link to the server; trying again", "error", why)
			}
		}),
	}
	if server.encrypted {
		options = append(options, nats.Secure(server.tls))
	} else {
		options = append(options, func(o *nats.Options) error {
			o.TLSConfig = server.tls
			return nil
		})
	}
	conn, err := nats.Connect(server.url, options...)
	if err != nil {
		return nil, fmt.Errorf("connect link to %s: %w", server.url, err)
	}
	return conn, nil
}

// backoff is how long to wait before the next of many attempts: doubling from first up to most, and spread out, so that
// a hundred workers do not come back in step.
type backoff struct{ first, most time.Duration }

// after is the wait after the n-th failure in a row, n from 1: between half and all of the doubled value.
func (b backoff) after(n int) time.Duration {
	wait := b.most
	if n < 20 { // no overflow
		wait = min(b.most, b.first<<max(0, n-1))
	}
	return wait/2 + rand.N(wait/2+1)
}
