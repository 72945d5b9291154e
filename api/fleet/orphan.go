package fleet

import (
	"context"
	"io"
)

// UntilOrphaned is for a worker that a Supervisor started: the context it returns ends when parent does, the standard
// input that the supervisor holds open as long as it lives. The goroutine that reads it ends with the process.
func UntilOrphaned(ctx context.Context, parent io.Reader) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, parent) // any end is the end
	}()
	return ctx, cancel
}
