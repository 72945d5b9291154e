package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"footfall/models"
)

// errDown ends a question whose answer cannot come any more.
var errDown = errors.New("the connection broke")

// questions are those that wait for an answer. NATS would let them wait although the connection they went out by is
// gone, and the time to recover from a cut would be that of the longest patience.
type questions struct {
	mu      sync.Mutex
	number  int
	waiting map[int]context.CancelCauseFunc
}

// giveUp ends all questions; it is called when the connection breaks.
func (q *questions) giveUp() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, end := range q.waiting {
		end(errDown)
	}
}

// wait makes a context for one question, and the function that ends it.
func (q *questions) wait(ctx context.Context, patience time.Duration) (context.Context, func()) {
	ctx, end := context.WithCancelCause(ctx)
	ctx, timeout := context.WithTimeout(ctx, patience)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting == nil {
		q.waiting = map[int]context.CancelCauseFunc{}
	}
	q.number++
	number := q.number
	q.waiting[number] = end
	return ctx, func() {
		timeout()
		end(nil)
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.waiting, number)
	}
}

// ask sends one question and waits for its answer, for at most patience and as long as the connection stands.
func (q *questions) ask(
	ctx context.Context, conn *nats.Conn, subject string, question any, patience time.Duration,
) ([]byte, error) {
	data, err := json.Marshal(question)
	if err != nil {
		return nil, fmt.Errorf("write message for %s: %w", subject, err)
	}
	waiting, done := q.wait(ctx, patience)
	defer done()
	answer, err := conn.RequestWithContext(waiting, subject, data)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return nil, fmt.Errorf("ask %s: no server listens: %w", subject, models.ErrUnavailable)
	case errors.Is(context.Cause(waiting), errDown):
		return nil, fmt.Errorf("ask %s: %w", subject, errDown)
	case err != nil:
		return nil, fmt.Errorf("ask %s: %w", subject, err)
	}
	return answer.Data, nil
}
