package link

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"footfall/models"
)

// Projector is the worker's end of previews: it hears what is wanted, and sends shots. When the server or the network
// is slower than the pictures come, old ones are dropped and counted.
type Projector struct {
	url, worker string
	ahead       func() time.Duration
	wanted      func(wanted []models.Wanted, until time.Time)
	log         *slog.Logger
	filled      chan struct{}

	mu      sync.Mutex
	queue   []models.Shot
	dropped uint64
	sent    uint64
}

// NewProjector makes the worker's end; it starts nothing. ahead is how far the worker's clock is ahead of the server's,
// in whose time shots are stamped on their way. wanted is told everything that is wanted and until when by the worker's
// clock, about once a second while something is; it must return quickly.
func NewProjector(
	url, worker string, ahead func() time.Duration, wanted func([]models.Wanted, time.Time), log *slog.Logger,
) (*Projector, error) {
	if err := models.ValidateID("worker name", worker); err != nil {
		return nil, err
	}
	if _, err := readAddress(url); err != nil {
		return nil, err
	}
	return &Projector{
		url: url, worker: worker, ahead: ahead, wanted: wanted, log: log, filled: make(chan struct{}, 1),
	}, nil
}

// waitingShots is how many shots of one stream may wait to be sent. More would only be older.
const waitingShots = 4

// Send takes a shot to be sent, and never waits. When too many of its stream wait already, they are dropped, and so is
// this one unless it is a key frame: without them it could not be decoded. The server sees the gap and asks for one.
func (p *Projector) Send(shot models.Shot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting := 0
	for _, s := range p.queue {
		if s.Stream == shot.Stream {
			waiting++
		}
	}
	if waiting >= waitingShots {
		kept := p.queue[:0]
		for _, s := range p.queue {
			if s.Stream != shot.Stream {
				kept = append(kept, s)
			}
		}
		clear(p.queue[len(kept):])
		p.queue = kept
		p.dropped += uint64(waiting)
		if !shot.Key {
			p.dropped++
			return
		}
	}
	p.queue = append(p.queue, shot)
	poke(p.filled)
}

// Counts is how many shots were sent and dropped so far.
func (p *Projector) Counts() (sent, dropped uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent, p.dropped
}

// Run listens and sends until ctx ends, whatever happens to the connection.
func (p *Projector) Run(ctx context.Context) error {
	tell := events{up: func() {}, down: func() {}}
	conn, err := connect(p.url, "footfall pictures of "+p.worker, inboxOf(p.worker), tell, p.log)
	if err != nil {
		return err
	}
	defer closeAndWait(conn)
	if _, err := conn.Subscribe(subjectWanted+p.worker, p.hear); err != nil {
		return fmt.Errorf("listen for wishes: %w", err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.filled:
		}
		for shot, ok := p.next(); ok; shot, ok = p.next() {
			p.send(conn, shot)
		}
	}
}

func (p *Projector) hear(message *nats.Msg) {
	wishes, err := DecodeWishes(message.Data)
	if err != nil {
		p.log.Warn("wishes for previews cannot be read", "error", err)
		return
	}
	p.wanted(wishes.Wanted, time.Now().Add(time.Duration(wishes.For)*time.Millisecond))
}

func (p *Projector) next() (models.Shot, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return models.Shot{}, false
	}
	shot := p.queue[0]
	p.queue[0] = models.Shot{}
	p.queue = p.queue[1:]
	return shot, true
}

func (p *Projector) send(conn *nats.Conn, shot models.Shot) {
	shot.At = shot.At.Add(-p.ahead()).UTC()
	message, err := encodeShot(shot)
	if err == nil {
		err = conn.Publish(subjectShot+p.worker+"."+shot.String(), message)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil { // the link is down, which it has said itself
		p.dropped++
		return
	}
	p.sent++
}
