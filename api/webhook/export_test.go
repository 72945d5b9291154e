package webhook

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// PlanOnce makes messages once.
func (o *Office) PlanOnce(ctx context.Context) error { return o.plan(ctx) }

// SendOnce tries what is due once, and waits for it.
func (o *Office) SendOnce(ctx context.Context) error {
	var sending errgroup.Group
	sending.SetLimit(sendersAtOnce)
	err := o.handOut(ctx, &sending)
	_ = sending.Wait()
	return err
}

// Judge says what an answer means.
func Judge(status int, retryAfter time.Duration, attempt int, giveUpAfter time.Duration) (string, time.Duration) {
	v, wait := judge(answer{status: status, retryAfter: retryAfter}, attempt, giveUpAfter)
	return string(v), wait
}
