package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"footfall/models"
)

// Audience is who watches, on the server. Its methods are called from one goroutine each.
type Audience interface {
	// Wishes waits until something else is wanted, or a second has passed, and says what each worker shall show: all
	// of it. A worker that is not named any more is told nothing, and stops when its wishes lapse.
	Wishes(ctx context.Context) (map[string][]models.Wanted, error)
	// Show takes a shot. It must not wait.
	Show(shot models.Shot)
	// Watcher is the worker that watches a camera now; empty if none does.
	Watcher(camera models.CameraID) string
}

// Screen is the server's end of previews.
type Screen struct {
	url      string
	audience Audience
	log      *slog.Logger
	shots    atomic.Uint64
	bad      atomic.Uint64
	lost     atomic.Uint64
}

// NewScreen makes the server's end; it starts nothing.
func NewScreen(url string, audience Audience, log *slog.Logger) (*Screen, error) {
	if _, err := readAddress(url); err != nil {
		return nil, err
	}
	return &Screen{url: url, audience: audience, log: log}, nil
}

// wishesHold is how long a worker goes on when it hears nothing more: the server may be gone.
const wishesHold = 5 * time.Second

// The most shots, and bytes of them, that may wait for the server. What is more is dropped.
const (
	pendingShots = 512
	pendingBytes = 32 << 20
)

// Counts is how many shots came, could not be read, and were known to be lost on the server's side.
func (s *Screen) Counts() (shots, bad, lost uint64) {
	return s.shots.Load(), s.bad.Load(), s.lost.Load()
}

// Run passes on wishes and shots until ctx ends.
func (s *Screen) Run(ctx context.Context) error {
	conn, err := connect(s.url, "footfall screen", "", events{up: func() {}, down: func() {}}, s.log)
	if err != nil {
		return err
	}
	defer closeAndWait(conn)
	shots, err := conn.SubscribeSync(subjectShot + "*.*.*")
	if err != nil {
		return fmt.Errorf("listen for shots: %w", err)
	}
	if err := shots.SetPendingLimits(pendingShots, pendingBytes); err != nil {
		return fmt.Errorf("bound the shots that wait: %w", err)
	}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return s.show(running, shots) })
	group.Go(func() error { return s.wish(running, conn) })
	if err := group.Wait(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("previews: %w", err)
	}
	return nil
}

func (s *Screen) show(ctx context.Context, shots *nats.Subscription) error {
	for {
		message, err := shots.NextMsgWithContext(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, nats.ErrSlowConsumer):
			s.lost.Add(1) // which ones the numbers of the next will tell
			continue
		case err != nil:
			return fmt.Errorf("read %s: %w", shots.Subject, err)
		}
		shot, err := DecodeShot(message.Data)
		if err == nil && s.audience.Watcher(shot.Camera) != workerIn(message.Subject) {
			continue // it lost the camera, or never had it: only who watches a camera shows it
		}
		if err != nil {
			if s.bad.Add(1) == 1 {
				s.log.Warn("a shot cannot be read", "error", err)
			}
			continue
		}
		s.shots.Add(1)
		s.audience.Show(shot)
	}
}

func (s *Screen) wish(ctx context.Context, conn *nats.Conn) error {
	for ctx.Err() == nil { // a broker that is gone takes the time of every round: the next wishes are due at once
		wishes, err := s.audience.Wishes(ctx)
		if err != nil {
			return err
		}
		for worker, wanted := range wishes {
			data, err := json.Marshal(Wishes{Protocol: Protocol, For: wishesHold.Milliseconds(), Wanted: wanted})
			if err != nil {
				return fmt.Errorf("write wishes: %w", err)
			}
			// One that is lost is repeated within a second.
			_ = conn.Publish(subjectWanted+worker, data)
		}
		_ = conn.FlushTimeout(time.Second) // now, not when the library thinks fit
	}
	return ctx.Err()
}
