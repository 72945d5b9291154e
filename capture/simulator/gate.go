package simulator

import (
	"context"
	"fmt"
	"net"
	"sync"

	"golang.org/x/sys/unix"
)

// gate is the camera's port: a listener that can close and come back at the same address, and whose connections can
// be cut or struck dumb. The RTSP server behind it notices nothing but clients that leave.
type gate struct {
	address *net.TCPAddr

	mu       sync.Mutex
	listener net.Listener // nil while the port is shut
	reserved int          // a socket that keeps the port ours while it is shut, or -1
	opened   chan struct{}
	connects map[*gateConn]struct{}
	dumb     chan struct{} // not nil while nothing that clients say is heard; closed when it is again
	closed   bool
}

func newGate(address string) (*gate, error) {
	listener, err := listen(address)
	if err != nil {
		return nil, err
	}
	return &gate{
		address:  listener.Addr().(*net.TCPAddr),
		listener: listener,
		reserved: -1,
		opened:   make(chan struct{}),
		connects: make(map[*gateConn]struct{}),
	}, nil
}

// listen needs no context: an address of this machine is bound at once or not at all.
func listen(address string) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(context.Background(), "tcp", address)
}

// Addr is where clients connect.
func (g *gate) Addr() net.Addr { return g.address }

// Accept waits for a client, through any time in which the port is shut.
func (g *gate) Accept() (net.Conn, error) {
	for {
		g.mu.Lock()
		listener, opened, closed := g.listener, g.opened, g.closed
		g.mu.Unlock()
		if closed {
			return nil, net.ErrClosed
		}
		if listener == nil {
			<-opened // closed by open and by Close
			continue
		}
		conn, err := listener.Accept()
		if err != nil && g.listens(listener) {
			return nil, err
		}
		if err == nil {
			if admitted := g.admit(conn, listener); admitted != nil {
				return admitted, nil
			}
		}
	}
}

func (g *gate) listens(listener net.Listener) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.listener == listener
}

// admit lists a client; one that slipped in while the port was being shut is sent away.
func (g *gate) admit(conn net.Conn, listener net.Listener) net.Conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != listener {
		_ = conn.Close() // it never got in
		return nil
	}
	admitted := &gateConn{Conn: conn, gate: g, gone: make(chan struct{})}
	g.connects[admitted] = struct{}{}
	return admitted
}

// shut closes the port: who connects is refused by the system, as by a machine on which nothing listens.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener == nil {
		return
	}
	_ = g.listener.Close() // it accepted until now; there is nothing to lose
	g.listener = nil
	g.reserved = reserve(g.address)
}

// open undoes shut.
func (g *gate) open() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil || g.closed {
		return nil
	}
	listener, err := listen(g.address.String())
	if err != nil {
		return fmt.Errorf("open port %s again: %w", g.address, err)
	}
	release(g.reserved)
	g.listener, g.reserved = listener, -1
	close(g.opened)
	g.opened = make(chan struct{})
	return nil
}

// cut closes every connection.
func (g *gate) cut() {
	g.mu.Lock()
	var all []*gateConn
	for conn := range g.connects {
		all = append(all, conn)
	}
	g.mu.Unlock()
	for _, conn := range all {
		_ = conn.Close() // that is the purpose
	}
}

// strikeDumb lets clients connect and speak and be heard by nobody, until it is undone.
func (g *gate) strikeDumb(dumb bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case dumb && g.dumb == nil:
		g.dumb = make(chan struct{})
	case !dumb && g.dumb != nil:
		close(g.dumb)
		g.dumb = nil
	}
}

func (g *gate) dumbness() chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.dumb
}

// Close ends Accept for good. Connections stay; whoever accepted them closes them.
func (g *gate) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil
	}
	g.closed = true
	release(g.reserved)
	g.reserved = -1
	close(g.opened)
	if g.listener == nil {
		return nil
	}
	listener := g.listener
	g.listener = nil
	return listener.Close()
}

// gateConn is one client's connection.
type gateConn struct {
	net.Conn
	gate *gate
	once sync.Once
	gone chan struct{}
}

// Read hands on what the client says, unless the gate is dumb: then when it no longer is.
func (c *gateConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if dumb := c.gate.dumbness(); dumb != nil {
		select {
		case <-dumb:
		case <-c.gone:
			return 0, net.ErrClosed
		}
	}
	return n, err
}

// Close closes the connection and wakes a Read that nobody was to hear.
func (c *gateConn) Close() error {
	c.once.Do(func() {
		close(c.gone)
		c.gate.mu.Lock()
		delete(c.gate.connects, c)
		c.gate.mu.Unlock()
	})
	return c.Conn.Close()
}

// reserve binds a socket to the address without listening: connections are refused, and nobody else gets the port.
// When that fails, the port is merely unguarded until it is opened again.
func reserve(address *net.TCPAddr) int {
	ip := address.IP.To4()
	if ip == nil {
		return -1
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		release(fd)
		return -1
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: address.Port, Addr: [4]byte(ip)}); err != nil {
		release(fd)
		return -1
	}
	return fd
}

func release(fd int) {
	if fd >= 0 {
		_ = unix.Close(fd) // it holds nothing
	}
}
