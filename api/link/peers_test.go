package link

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/outbox"
)

const testToken = "a-token-of-the-tests"

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// running is something with a Run that was started by a test; stop ends it and waits.
type running struct {
	cancel context.CancelFunc
	ended  chan error
	once   sync.Once
	err    error
}

func start(t *testing.T, run func(context.Context) error) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	r := &running{cancel: cancel, ended: make(chan error, 1)}
	go func() { r.ended <- run(ctx) }()
	t.Cleanup(func() { _ = r.stop() })
	return r
}

func (r *running) stop() error {
	r.cancel()
	return r.wait()
}

func (r *running) wait() error {
	r.once.Do(func() { r.err = <-r.ended })
	return r.err
}

// startBroker starts a broker on an address and waits until it listens.
func startBroker(t *testing.T, listen string) (*Broker, *running) {
	t.Helper()
	broker, err := NewBroker(BrokerConfig{Listen: listen, Token: testToken}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, broker.Run)
	select {
	case <-broker.Ready():
	case err := <-r.ended:
		t.Fatalf("broker: %v", err)
	}
	return broker, r
}

// urlOf is the broker's URL.
func urlOf(t *testing.T, broker *Broker) string {
	t.Helper()
	u, err := broker.URL(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// startHub starts the server's end and waits until it listens.
func startHub(t *testing.T, url string, fleet Fleet, ingest Ingest) (*Hub, *running) {
	t.Helper()
	hub, err := NewHub(url, fleet, ingest, nil, quiet())
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, hub.Run)
	select {
	case <-hub.Ready():
	case err := <-r.ended:
		t.Fatalf("hub: %v", err)
	}
	return hub, r
}

// fakeFleet answers beats as the test says.
type fakeFleet struct {
	beats chan Beat   // what was said
	calls chan string // whom to wake
	mu    sync.Mutex
	reply func(Beat) (Orders, error)
}

func newFleet() *fakeFleet {
	return &fakeFleet{beats: make(chan Beat, 1000), calls: make(chan string, 10)}
}

func (f *fakeFleet) answer(reply func(Beat) (Orders, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reply = reply
}

func (f *fakeFleet) Beat(_ context.Context, b Beat) (Orders, error) {
	f.mu.Lock()
	reply := f.reply
	f.mu.Unlock()
	select {
	case f.beats <- b:
	default:
	}
	if reply == nil {
		return Orders{}, nil
	}
	return reply(b)
}

func (f *fakeFleet) Calls(ctx context.Context) ([]string, error) {
	select {
	case worker := <-f.calls:
		return []string{worker}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ledger is an Ingest that remembers what was counted, and judges facts as the test says.
type ledger struct {
	mu      sync.Mutex
	counted []models.FactID
	seen    map[models.FactID]bool
	changed chan struct{} // closed and replaced with every batch
	judge   func(models.Fact) string
	fail    func() error // after the commit: the answer is lost
	batches int
}

func newLedger() *ledger {
	return &ledger{seen: map[models.FactID]bool{}, changed: make(chan struct{})}
}

func (l *ledger) Accept(_ context.Context, _ string, facts []models.Fact) (Receipt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batches++
	defer func() {
		close(l.changed)
		l.changed = make(chan struct{})
	}()
	var r Receipt
	for _, f := range facts {
		verdict := ""
		if l.judge != nil {
			verdict = l.judge(f)
		}
		switch verdict {
		case "later":
			r.Later = append(r.Later, f.ID)
		case "":
			if !l.seen[f.ID] {
				l.seen[f.ID] = true
				l.counted = append(l.counted, f.ID)
			}
			r.Accepted = append(r.Accepted, f.ID)
		default:
			r.Refused = append(r.Refused, Refusal{ID: f.ID, Reason: verdict})
		}
	}
	if l.fail != nil {
		if err := l.fail(); err != nil {
			return Receipt{}, err
		}
	}
	return r, nil
}

// set changes how the ledger behaves.
func (l *ledger) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

// until waits for a state of the ledger.
func (l *ledger) until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for {
		l.mu.Lock()
		ok, changed := done(), l.changed
		l.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatalf("waited for %s in vain", what)
		}
	}
}

// duty is a worker that only remembers its orders.
type duty struct {
	orders   chan []Assignment
	settings chan json.RawMessage
	statuses []models.CameraStatus
}

func newDuty(statuses ...models.CameraStatus) *duty {
	return &duty{orders: make(chan []Assignment, 100), settings: make(chan json.RawMessage, 100), statuses: statuses}
}

func (d *duty) Statuses() []models.CameraStatus { return d.statuses }

func (d *duty) Assign(list []Assignment, settings json.RawMessage) {
	d.orders <- list
	d.settings <- settings
}

// openOutbox opens a real outbox in a folder of its own.
func openOutbox(t *testing.T) *outbox.Outbox {
	t.Helper()
	box, err := outbox.Open(t.Context(), filepath.Join(t.TempDir(), "outbox.db"), outbox.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	return box
}

// put appends facts with these numbers.
func put(t *testing.T, box *outbox.Outbox, from, to int) {
	t.Helper()
	var facts []models.Fact
	for i := from; i <= to; i++ {
		facts = append(facts, fact(i))
	}
	if err := box.Append(t.Context(), facts...); err != nil {
		t.Fatal(err)
	}
}

func fact(i int) models.Fact {
	return models.Fact{
		ID: factID(i), Camera: "a", Lease: "L",
		Crossing: &models.Crossing{
			Line: "door", Direction: models.In, Class: models.Person,
			Time: time.Date(2026, 5, 4, 12, 0, i, 0, time.UTC),
		},
	}
}

func factID(i int) models.FactID { return models.FactID(fmt.Sprintf("fact-%04d", i)) }

// client makes a worker's end that beats rarely: whatever a test sees sooner was pushed.
func client(t *testing.T, url string, duty Duty, box Outbox) *Client {
	t.Helper()
	return beating(t, time.Hour, url, duty, box)
}

// beating makes a worker's end that beats as often as in real life, or as the test likes: for tests in which the worker
// may find the broker before the server does.
func beating(t *testing.T, every time.Duration, url string, duty Duty, box Outbox) *Client {
	t.Helper()
	c, err := NewClient(ClientConfig{
		URL: url, Worker: "w1", Incarnation: "1", Version: "v0", Capacity: 4, Every: every,
	}, duty, box, quiet())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// cable is a TCP connection between worker and broker that a test can cut.
type cable struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]struct{}
	wg    sync.WaitGroup
}

// layCable puts a cable before the broker and returns the URL at its other end.
func layCable(t *testing.T, brokerURL string) (*cable, string) {
	t.Helper()
	u, err := url.Parse(brokerURL)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{listener: listener, to: u.Host, conns: map[net.Conn]struct{}{}}
	c.wg.Add(1)
	go c.accept()
	t.Cleanup(func() {
		_ = listener.Close()
		c.sever(true)
		c.wg.Wait()
	})
	u.Host = listener.Addr().String()
	return c, u.String()
}

func (c *cable) accept() {
	defer c.wg.Done()
	for {
		near, err := c.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", c.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		if !c.join(near, far) {
			continue
		}
		c.wg.Add(2)
		go c.carry(near, far)
		go c.carry(far, near)
	}
}

// join remembers both ends, or closes them if the cable is cut.
func (c *cable) join(ends ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, end := range ends {
		if c.cut {
			_ = end.Close()
		} else {
			c.conns[end] = struct{}{}
		}
	}
	return !c.cut
}

func (c *cable) carry(to, from net.Conn) {
	defer c.wg.Done()
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = from.Close()
}

// sever cuts the cable, or mends it.
func (c *cable) sever(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	if cut {
		for conn := range c.conns {
			_ = conn.Close()
		}
		clear(c.conns)
	}
}
