package webhook

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"footfall/api"
	"footfall/models"
)

// Store keeps webhooks and messages.
type Store interface {
	Webhooks(ctx context.Context, after models.WebhookID, limit int) ([]models.Webhook, error)
	Webhook(ctx context.Context, id models.WebhookID) (models.Webhook, error)
	Standing(ctx context.Context, id models.WebhookID) (models.WebhookStanding, error)
	// Progress is how far a webhook has been told, event by event; Told the latest of all.
	Progress(ctx context.Context, id models.WebhookID) ([]models.WebhookProgress, error)
	Told(ctx context.Context) (time.Time, error)
	NoteLate(ctx context.Context, minutes []models.LateMinute) error
	Late(ctx context.Context, limit int) (minutes []models.LateMinute, upTo int64, err error)
	Plan(ctx context.Context, step models.WebhookStep) error
	// Due is the first message of each webhook, if it may be tried by now.
	Due(ctx context.Context, now time.Time) ([]models.Delivery, error)
	Taken(ctx context.Context, d models.Delivery, now time.Time) error
	Failed(ctx context.Context, d models.Delivery, now time.Time) error
	Refused(ctx context.Context, d models.Delivery, now time.Time) error
	PruneDead(ctx context.Context, before time.Time) (int64, error)
}

// Book knows what all lines counted in [from, to), ordered by camera, line and start; an empty step is one row a line.
type Book interface {
	Rows(ctx context.Context, from, to time.Time, step models.Step, in *time.Location) iter.Seq2[models.Bucket, error]
}

// Options is what an office is made of.
type Options struct {
	Store     Store
	Book      Book
	Addresses Addresses
	// Timeout is how long one attempt may take, GiveUpAfter how long a message is tried.
	Timeout, GiveUpAfter time.Duration
	// UTurn is how far back a crossing may change the count of another.
	UTurn   time.Duration
	Version string // of the program, for the header User-Agent
	Now     func() time.Time
	Log     *slog.Logger
}

// Office makes messages and sends them. Make it with New, run it with Run.
type Office struct {
	options Options
	sender  *sender
	claimed atomic.Int64 // Unix seconds: intervals that end by then may have been read to be told
	due     chan struct{}

	mu      sync.Mutex
	busy    map[models.WebhookID]bool // one message at a time each
	results map[result]int64
	cameras map[models.CameraID]models.CameraStatus // as they were last told
}

type result struct {
	webhook models.WebhookID
	verdict verdict
}

const (
	sendersAtOnce = 8
	// settleFor is how long after its end an interval is told: facts take a second or two, observed time is written
	// down every five.
	settleFor = 30 * time.Second
	planEvery = 5 * time.Second
	sendEvery = time.Second
	// deadKept is how long dead letters can be sent again.
	deadKept = 30 * 24 * time.Hour
)

// New makes an office. It starts nothing.
func New(ctx context.Context, o Options) (*Office, error) {
	told, err := o.Store.Told(ctx)
	if err != nil {
		return nil, fmt.Errorf("open webhooks: %w", err)
	}
	office := &Office{
		options: o, sender: newSender(o.Addresses, o.Timeout, "footfall/"+o.Version), due: make(chan struct{}, 1),
		busy: map[models.WebhookID]bool{}, results: map[result]int64{},
		cameras: map[models.CameraID]models.CameraStatus{},
	}
	office.claimed.Store(told.Unix())
	return office, nil
}

// Run makes and sends messages until ctx ends.
func (o *Office) Run(ctx context.Context) error {
	defer o.sender.client.CloseIdleConnections()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		o.every(ctx, planEvery, nil, "make messages for webhooks", o.plan)
		return nil
	})
	group.Go(func() error {
		sending := errgroup.Group{}
		sending.SetLimit(sendersAtOnce)
		o.every(ctx, sendEvery, o.due, "look for messages to send", func(ctx context.Context) error {
			return o.handOut(ctx, &sending)
		})
		return sending.Wait()
	})
	group.Go(func() error {
		o.every(ctx, time.Hour, nil, "forget old dead letters", func(ctx context.Context) error {
			_, err := o.options.Store.PruneDead(ctx, o.options.Now().Add(-deadKept))
			return err
		})
		return nil
	})
	return group.Wait()
}

// every does something again and again until ctx ends. What fails is said, and tried again at the next turn.
func (o *Office) every(
	ctx context.Context, interval time.Duration, called <-chan struct{}, what string, do func(context.Context) error,
) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			o.options.Log.Error("could not "+what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-called:
		}
	}
}

// handOut gives every webhook whose first message is due to a sender, while there is one free.
func (o *Office) handOut(ctx context.Context, sending *errgroup.Group) error {
	due, err := o.options.Store.Due(ctx, o.options.Now())
	if err != nil {
		return err
	}
	for _, d := range due {
		if !o.occupy(d.Webhook) {
			continue
		}
		started := sending.TryGo(func() error {
			defer o.wake()
			defer o.release(d.Webhook)
			if err := o.deliver(ctx, d); err != nil && ctx.Err() == nil {
				o.options.Log.Error("a webhook's message was not settled; it will be sent again", "webhook", d.Webhook,
					"message", d.ID, "error", err)
			}
			return nil
		})
		if !started {
			o.release(d.Webhook)
			return nil // who becomes free looks again
		}
	}
	return nil
}

func (o *Office) wake() {
	select {
	case o.due <- struct{}{}:
	default:
	}
}

func (o *Office) occupy(id models.WebhookID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy[id] {
		return false
	}
	o.busy[id] = true
	return true
}

func (o *Office) release(id models.WebhookID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.busy, id)
}

// deliver makes one attempt and notes what came of it.
func (o *Office) deliver(ctx context.Context, d models.Delivery) error {
	w, err := o.options.Store.Webhook(ctx, d.Webhook)
	if err != nil {
		return err
	}
	a := o.sender.send(ctx, w, d.ID, d.Body, o.options.Now())
	if ctx.Err() != nil {
		return ctx.Err() // we stop: that was no failure of theirs
	}
	now := o.options.Now()
	d.Attempts++
	d.Status, d.Detail = a.status, a.detail
	verdict, wait := judge(a, d.Attempts, o.options.GiveUpAfter)
	o.count(d.Webhook, verdict)
	log := o.options.Log.With("webhook", d.Webhook, "message", d.ID, "attempt", d.Attempts, "reason", a.detail)
	switch verdict {
	case taken:
		return o.options.Store.Taken(ctx, d, now)
	case refused:
		log.Warn("a webhook is gone (410) and is told nothing more until it is enabled again")
		return o.options.Store.Refused(ctx, d, now)
	case dead:
		log.Warn("a webhook's message is given up; it can be sent again by hand")
		d.State = models.DeliveryDead
	case retried:
		log.Info("a webhook has not taken a message", "next", now.Add(wait).UTC().Format(time.RFC3339))
		d.Next = now.Add(wait)
	}
	return o.options.Store.Failed(ctx, d, now)
}

// Test sends a webhook a message that says nothing, at once and without queuing.
func (o *Office) Test(ctx context.Context, w models.Webhook) (models.WebhookTrial, error) {
	d, err := newDelivery(w.ID, models.WebhookTest, struct{}{}, o.options.Now())
	if err != nil {
		return models.WebhookTrial{}, err
	}
	began := o.options.Now()
	a := o.sender.send(ctx, w, d.ID, d.Body, began)
	if err := ctx.Err(); err != nil {
		return models.WebhookTrial{}, err
	}
	return models.WebhookTrial{
		Taken: a.status >= 200 && a.status < 300, Status: a.status, Detail: a.detail, Took: o.options.Now().Sub(began),
	}, nil
}

// Camera tells the webhooks that want it that a camera has changed its state, or the reason for it.
func (o *Office) Camera(ctx context.Context, status models.CameraStatus) error {
	o.mu.Lock()
	last, known := o.cameras[status.Camera]
	o.cameras[status.Camera] = status
	o.mu.Unlock()
	if known && last.State == status.State && last.Reason == status.Reason {
		return nil
	}
	return o.announce(ctx, models.CameraChanged, api.StatusOf(status), func(w models.Webhook) bool {
		return w.Wants(models.CameraChanged, status.Camera, "")
	})
}

// Area tells the webhooks that want it how full an area is. It is for the caller to know that this has changed.
func (o *Office) Area(ctx context.Context, occupancy models.Occupancy) error {
	return o.announce(ctx, models.AreaFilled, api.OccupancyOf(occupancy), models.Webhook.WantsAreas)
}

// announce queues a message for all webhooks that want it.
func (o *Office) announce(
	ctx context.Context, event models.WebhookEvent, data any, wants func(models.Webhook) bool,
) error {
	hooks, err := o.hooks(ctx)
	if err != nil {
		return err
	}
	var step models.WebhookStep
	for _, w := range hooks {
		if !wants(w) {
			continue
		}
		d, err := newDelivery(w.ID, event, data, o.options.Now())
		if err != nil {
			return err
		}
		step.Deliveries = append(step.Deliveries, d)
	}
	if len(step.Deliveries) == 0 {
		return nil
	}
	defer o.wake()
	return o.options.Store.Plan(ctx, step)
}

// hooks are those that are told things.
func (o *Office) hooks(ctx context.Context) ([]models.Webhook, error) {
	const page = 1000
	var told []models.Webhook
	for after := models.WebhookID(""); ; {
		found, err := o.options.Store.Webhooks(ctx, after, page)
		if err != nil {
			return nil, err
		}
		for _, w := range found {
			after = w.ID
			if !w.Disabled && !w.Refused {
				told = append(told, w)
			}
		}
		if len(found) < page {
			return told, nil
		}
	}
}

func (o *Office) count(id models.WebhookID, v verdict) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.results[result{id, v}]++
}

// Attempts visits how many attempts ended how since the start.
func (o *Office) Attempts(visit func(webhook, result string, n int64)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for r, n := range o.results {
		visit(string(r.webhook), string(r.verdict), n)
	}
}
