package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"footfall/models"
)

// ClientConfig says who the worker is and where its server is.
type ClientConfig struct {
	URL         string // nats://TOKEN@HOST:PORT
	Worker      string // stays the same over restarts: the outbox belongs to it
	Incarnation string // new for every process: a UUID
	Version     string // of the program
	Capacity    int    // how many cameras this worker can watch
	// Resources measures what the process holds, for every beat; nil tells nothing.
	Resources func() Resources
	// TryLines says what lines would have counted lately, for the server; nil answers nothing. It may take seconds.
	TryLines func(camera models.CameraID, lines []models.Line) (models.LineTrial, error)
	// Every is the time between two beats; zero means a second. The server calls a worker silent after three.
	Every time.Duration
	// Now is the worker's clock; nil means the system's.
	Now func() time.Time
}

// Duty is the watching itself: what the worker makes of its orders. Its methods are called from one goroutine and must
// return quickly.
type Duty interface {
	// Statuses is how the cameras are now, for the next beat.
	Statuses() []models.CameraStatus
	// Assign hands over all cameras to watch from now on, and the settings. It is called with the first answer of the
	// server and whenever anything but a lease's Until has changed. While the server is silent nothing is called: what
	// was assigned last goes on being watched. A camera that comes with another lease is a new watch: facts of the old
	// one keep the old lease. Settings are nil if the server sends none.
	Assign(assignments []Assignment, settings json.RawMessage)
}

// Outbox is where the worker keeps facts until the server has committed them.
type Outbox interface {
	// Pending is the oldest facts, oldest first, at most limit.
	Pending(ctx context.Context, limit int) ([]models.Fact, error)
	// Remove forgets facts; one that is not there is no error.
	Remove(ctx context.Context, ids ...models.FactID) error
	// Wait blocks until there is a fact.
	Wait(ctx context.Context) error
	// Len is how many facts there are.
	Len() int
}

// Client is the worker's end of the link.
type Client struct {
	cfg    ClientConfig
	duty   Duty
	outbox Outbox
	log    *slog.Logger

	wake  chan struct{} // beat now
	clear chan struct{} // the way may be free: send facts now
	asked questions
	clock clock
	tally tally
}

// NewClient checks the configuration and starts nothing.
func NewClient(cfg ClientConfig, duty Duty, outbox Outbox, log *slog.Logger) (*Client, error) {
	if err := models.ValidateID("worker name", cfg.Worker); err != nil {
		return nil, err
	}
	if _, err := readAddress(cfg.URL); err != nil {
		return nil, err
	}
	if cfg.Incarnation == "" || len(cfg.Incarnation) > maxIncarnated {
		return nil, models.Invalidf("incarnation", "is missing or longer than %d bytes", maxIncarnated)
	}
	if cfg.Every <= 0 {
		cfg.Every = time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Client{
		cfg: cfg, duty: duty, outbox: outbox,
		log:   log.With("worker", cfg.Worker),
		wake:  make(chan struct{}, 1),
		clear: make(chan struct{}, 1),
	}, nil
}

// lastWord bounds each of the two things the client does after ctx ended: empty the outbox, say goodbye.
const lastWord = time.Second

// Run talks to the server until ctx ends, then sends what it can of the outbox and says goodbye, so that the cameras
// are free at once. Stop the watching before ending ctx, so that its last facts are in the outbox. What could not be
// sent stays there for the next start. Without a server Run goes on trying for ever; it gives up only with
// ErrSuperseded: another process runs under this name, and this one must end.
//
// A ctx that was cancelled with a cause of its own is no good order: the facts are sent, but no goodbye is said, so
// that the server sees a crash.
func (c *Client) Run(ctx context.Context) error {
	tell := events{up: c.reconnected, down: c.asked.giveUp}
	conn, err := connect(c.cfg.URL, "footfall worker "+c.cfg.Worker, inboxOf(c.cfg.Worker), tell, c.log)
	if err != nil {
		return err
	}
	defer closeAndWait(conn)
	if _, err := conn.Subscribe(subjectWake+c.cfg.Worker, func(*nats.Msg) { poke(c.wake) }); err != nil {
		return fmt.Errorf("listen for wake-up calls: %w", err)
	}
	if c.cfg.TryLines != nil {
		if _, err := conn.Subscribe(subjectLines+c.cfg.Worker, c.answerLines); err != nil {
			return fmt.Errorf("listen for questions about lines: %w", err)
		}
	}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return c.beats(running, conn) })
	group.Go(func() error { return c.drain(running, conn) })
	err = group.Wait()
	if ctx.Err() == nil {
		return fmt.Errorf("link of worker %s: %w", c.cfg.Worker, err)
	}
	c.lastly(ctx, conn, c.empty)
	if errors.Is(context.Cause(ctx), context.Canceled) {
		c.lastly(ctx, conn, c.leave)
	}
	return nil
}

// lastly does something that must be tried although ctx has ended.
func (c *Client) lastly(ctx context.Context, conn *nats.Conn, do func(context.Context, *nats.Conn)) {
	last, done := context.WithTimeout(context.WithoutCancel(ctx), lastWord)
	defer done()
	do(last, conn)
}

// reconnected is called when the connection came up: neither beat nor facts need to wait.
func (c *Client) reconnected() {
	poke(c.wake)
	poke(c.clear)
}

// Ahead is how far the worker's clock is ahead of the server's, as far as it is known; 0 before.
func (c *Client) Ahead() time.Duration {
	if estimate := c.clock.estimate(); estimate != nil {
		return estimate.Offset
	}
	return 0
}

// poke leaves a message for a loop that sleeps; one is enough.
func poke(bell chan<- struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// closeAndWait closes the connection and waits for its goroutines' last callback.
func closeAndWait(conn *nats.Conn) {
	closed := make(chan struct{})
	conn.SetClosedHandler(func(*nats.Conn) { close(closed) })
	conn.Close()
	<-closed
}
