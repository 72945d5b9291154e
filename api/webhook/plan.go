package webhook

import (
	"context"
	"slices"
	"time"

	"footfall/models"
)

const (
	// backlog is how many messages of a webhook may wait before counts are turned into more: what waits in the counts
	// needs no second place to wait in.
	backlog = 100
	// intervalsAtOnce bounds what one turn reads for one webhook and event.
	intervalsAtOnce = 60
	// catchUp is how far back a webhook is told when it, or the server, was away.
	catchUp = 7 * 24 * time.Hour
	// lateAtOnce bounds how many late minutes one turn tells.
	lateAtOnce = 5000
)

// plan makes messages of the intervals that are over, then of the minutes that changed behind them.
func (o *Office) plan(ctx context.Context) error {
	hooks, err := o.hooks(ctx)
	if err != nil {
		return err
	}
	for _, w := range hooks {
		standing, err := o.options.Store.Standing(ctx, w.ID)
		if err != nil {
			return err
		}
		if standing.Pending >= backlog {
			continue
		}
		if err := o.planIntervals(ctx, w); err != nil {
			return err
		}
	}
	return o.planLate(ctx, hooks)
}

// planIntervals makes the messages of one webhook for what is over and was not told yet.
func (o *Office) planIntervals(ctx context.Context, w models.Webhook) error {
	list, err := o.options.Store.Progress(ctx, w.ID)
	if err != nil {
		return err
	}
	for _, p := range list {
		from, to := o.next(p)
		if !from.Before(to) {
			continue
		}
		// From here on a minute that changes in there is late: whether it is read now or not, it is told once more.
		o.claim(to)
		rows, err := o.rows(ctx, w, p.Event, from, to, nil)
		if err != nil {
			return err
		}
		work := models.WebhookStep{Progress: []models.WebhookProgress{{Webhook: w.ID, Event: p.Event, Until: to}}}
		if work.Deliveries, err = o.byInterval(w.ID, p.Event, rows); err != nil {
			return err
		}
		if err := o.options.Store.Plan(ctx, work); err != nil {
			return err
		}
		o.wake()
	}
	return nil
}

// next is the time that a webhook is to be told of in this turn.
func (o *Office) next(p models.WebhookProgress) (from, to time.Time) {
	step, now := p.Event.Step(), o.options.Now()
	end := step.Floor(now.Add(-settleFor), time.UTC)
	from = later(p.Until, step.Floor(now.Add(-catchUp), time.UTC))
	if from.After(p.Until) {
		o.options.Log.Warn("a webhook was away for so long that it is not told of all", "webhook", p.Webhook,
			"left out from", p.Until, "to", from)
	}
	to = from
	for i := 0; i < intervalsAtOnce && to.Before(end); i++ {
		to = step.Next(to, time.UTC)
	}
	return from, to
}

// byInterval makes messages of rows in the order of time; a message tells of one interval.
func (o *Office) byInterval(
	w models.WebhookID, event models.WebhookEvent, rows []models.Bucket,
) ([]models.Delivery, error) {
	var all []models.Delivery
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(b models.Bucket) bool { return !b.Start.Equal(rows[0].Start) })
		if n < 0 {
			n = len(rows)
		}
		made, err := countDeliveries(w, event, rows[:n], false, o.options.Now())
		if err != nil {
			return nil, err
		}
		all = append(all, made...)
		rows = rows[n:]
	}
	return all, nil
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// claim moves the mark behind which minutes are late.
func (o *Office) claim(to time.Time) {
	for {
		have := o.claimed.Load()
		if have >= to.Unix() || o.claimed.CompareAndSwap(have, to.Unix()) {
			return
		}
	}
}

// rows reads what a webhook is told of an interval, in the order of time. only, if there is one, chooses rows.
func (o *Office) rows(
	ctx context.Context, w models.Webhook, event models.WebhookEvent, from, to time.Time, only func(models.Bucket) bool,
) ([]models.Bucket, error) {
	var rows []models.Bucket
	for b, err := range o.options.Book.Rows(ctx, from, to, event.Step(), time.UTC) {
		if err != nil {
			return nil, err
		}
		if w.Wants(event, b.Camera, b.Line) && (only == nil || only(b)) {
			rows = append(rows, b)
		}
	}
	slices.SortStableFunc(rows, func(a, b models.Bucket) int { return a.Start.Compare(b.Start) })
	return rows, nil
}

// Note is told of facts that are in the database, before their worker is told so, and of the minutes that they changed.
// Minutes that may have been told already are noted to be told again. Given the same facts once more it notes the same
// minutes, so that a worker that got no answer repeats that, too.
func (o *Office) Note(ctx context.Context, facts []models.Fact, changed []models.Bucket) error {
	claimed := time.Unix(o.claimed.Load(), 0)
	late := map[models.LateMinute]bool{}
	note := func(camera models.CameraID, line string, at time.Time) {
		if minute := at.UTC().Truncate(time.Minute); minute.Before(claimed) {
			late[models.LateMinute{Camera: camera, Line: line, Start: minute}] = true
		}
	}
	for _, f := range facts {
		switch {
		case f.Crossing != nil:
			from := f.Crossing.Time
			if f.Crossing.Reverses != "" { // the way there, which is told as no way now
				from = from.Add(-o.options.UTurn)
			}
			for at := from.Truncate(time.Minute); !at.After(f.Crossing.Time); at = at.Add(time.Minute) {
				note(f.Camera, f.Crossing.Line, at)
			}
		case f.Coverage != nil:
			note(f.Camera, "", f.Coverage.Minute)
		}
	}
	for _, b := range changed {
		note(b.Camera, b.Line, b.Start)
	}
	if len(late) == 0 {
		return nil
	}
	minutes := make([]models.LateMinute, 0, len(late))
	for m := range late {
		minutes = append(minutes, m)
	}
	return o.options.Store.NoteLate(ctx, minutes)
}

// planLate makes messages of minutes that changed after they were told.
func (o *Office) planLate(ctx context.Context, hooks []models.Webhook) error {
	minutes, upTo, err := o.options.Store.Late(ctx, lateAtOnce)
	if err != nil || len(minutes) == 0 {
		return err
	}
	work := models.WebhookStep{LateUpTo: upTo}
	for _, w := range hooks {
		list, err := o.options.Store.Progress(ctx, w.ID)
		if err != nil {
			return err
		}
		for _, p := range list {
			made, err := o.lateDeliveries(ctx, w, p, minutes)
			if err != nil {
				return err
			}
			work.Deliveries = append(work.Deliveries, made...)
		}
	}
	defer o.wake()
	return o.options.Store.Plan(ctx, work)
}

// lateDeliveries tells a webhook again of the intervals that hold late minutes and that it was told of, hour by hour.
func (o *Office) lateDeliveries(
	ctx context.Context, w models.Webhook, p models.WebhookProgress, minutes []models.LateMinute,
) ([]models.Delivery, error) {
	changed := map[models.LateMinute]bool{} // Start is the interval's here
	var hours []time.Time
	for _, m := range minutes {
		start := p.Event.Step().Floor(m.Start, time.UTC)
		if start.Before(p.Since) || !start.Before(p.Until) {
			continue // not told before, or to be told yet
		}
		changed[models.LateMinute{Camera: m.Camera, Line: m.Line, Start: start}] = true
		hours = append(hours, models.Hour.Floor(start, time.UTC))
	}
	slices.SortFunc(hours, time.Time.Compare)
	var made []models.Delivery
	for _, hour := range slices.CompactFunc(hours, time.Time.Equal) {
		rows, err := o.rows(ctx, w, p.Event, hour, hour.Add(time.Hour), func(b models.Bucket) bool {
			return changed[models.LateMinute{Camera: b.Camera, Line: b.Line, Start: b.Start}] ||
				changed[models.LateMinute{Camera: b.Camera, Start: b.Start}]
		})
		if err != nil {
			return nil, err
		}
		more, err := countDeliveries(w.ID, p.Event, rows, true, o.options.Now())
		if err != nil {
			return nil, err
		}
		made = append(made, more...)
	}
	return made, nil
}
