package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"footfall/models"
	"footfall/storage/outbox"
)

// journal keeps facts in the outbox. That the disk takes none is an alarm, said when it begins and when it is over,
// but no reason to stop counting.
type journal struct {
	queue *outbox.Outbox
	log   *slog.Logger

	mu      sync.Mutex
	trouble error // what was said last: outbox.ErrHeld, outbox.ErrFull, or nil
}

func newJournal(queue *outbox.Outbox, log *slog.Logger) *journal {
	return &journal{queue: queue, log: log}
}

// Append returns when the facts are on disk, or as safe as they can be made.
func (j *journal) Append(ctx context.Context, facts ...models.Fact) error {
	err := j.queue.Append(ctx, facts...)
	switch {
	case err == nil:
		j.say(nil, err)
	case errors.Is(err, outbox.ErrHeld):
		j.say(outbox.ErrHeld, err)
	case errors.Is(err, outbox.ErrFull):
		j.say(outbox.ErrFull, err)
	default:
		return err
	}
	return nil
}

// say logs a change from one trouble to another.
func (j *journal) say(trouble, detail error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if errors.Is(trouble, j.trouble) {
		return
	}
	j.trouble = trouble
	switch {
	case trouble == nil:
		j.log.Info("facts go to disk again")
	case errors.Is(trouble, outbox.ErrHeld):
		j.log.Warn("facts are held in memory: the disk does not take them", "error", detail)
	default:
		j.log.Error("facts are lost: neither the disk nor memory takes them", "error", detail)
	}
}
