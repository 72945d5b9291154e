package report

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"footfall/models"
)

// Store remembers what was sent to whom.
type Store interface {
	// BeginReport says whether a report is to be sent now, and at which attempt (from 1); 0: it is not.
	BeginReport(ctx context.Context, m models.ReportMail, now time.Time) (attempt int, err error)
	EndReport(ctx context.Context, m models.ReportMail, state models.MailState, next time.Time, detail string) error
	StrandReports(ctx context.Context) (int64, error)
}

// Options is what a postman is made of.
type Options struct {
	Mailer   Mailer
	To       []string
	Weekly   bool
	At       time.Duration // after midnight, by the clock
	Location *time.Location
	Book     Book
	Registry Registry
	Store    Store
	Now      func() time.Time
	Log      *slog.Logger
}

// Postman sends reports when they are due. Make one with New, run it with Run.
type Postman struct {
	options Options
}

const (
	lookEvery = 30 * time.Second
	// missedFor is how late a report may be: a server that was down in the morning sends it at noon, but one that was
	// installed in the evening does not begin with yesterday.
	missedFor   = 12 * time.Hour
	firstWait   = time.Minute
	longestWait = 30 * time.Minute
)

// New makes a postman. It starts nothing.
func New(o Options) *Postman { return &Postman{o} }

// Run sends reports until ctx ends.
func (p *Postman) Run(ctx context.Context) error {
	if len(p.options.To) == 0 {
		return nil
	}
	if n, err := p.options.Store.StrandReports(ctx); err != nil {
		return err
	} else if n > 0 {
		p.options.Log.Warn("reports were being sent when the server stopped; nobody knows whether they arrived, "+
			"so they are not sent again (footfall report --send does)", "reports", n)
	}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if err := p.Turn(ctx); err != nil && ctx.Err() == nil {
			p.options.Log.Error("a report was not sent", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Turn sends what is due now and was not sent.
func (p *Postman) Turn(ctx context.Context) error {
	period, due := p.due()
	if !due {
		return nil
	}
	var report *Report
	var failures []error
	for _, to := range p.options.To {
		m := models.ReportMail{Report: "daily", Day: period.From.Format(time.DateOnly), Recipient: to}
		if p.options.Weekly {
			m.Report = "weekly"
		}
		attempt, err := p.options.Store.BeginReport(ctx, m, p.options.Now())
		if err != nil || attempt == 0 {
			failures = append(failures, err)
			continue
		}
		if report == nil {
			made, err := Build(ctx, p.options.Book, p.options.Registry, period)
			if err != nil {
				failures = append(failures, err, p.end(ctx, m, later, attempt, err))
				continue
			}
			report = &made
		}
		result, err := p.options.Mailer.send(ctx, *report, to)
		failures = append(failures, p.end(ctx, m, result, attempt, err))
	}
	return errors.Join(failures...)
}

// due is the period whose report is to be there by now, and whether it is not too late for it.
func (p *Postman) due() (Period, bool) {
	now := p.options.Now().In(p.options.Location)
	period := Day(now, p.options.Location)
	if p.options.Weekly {
		period = Week(now, p.options.Location)
	}
	y, mo, d := period.From.Date()
	at := time.Date(y, mo, d, 0, int(p.options.At/time.Minute), 0, 0, p.options.Location)
	before := period.From.Add(-time.Hour)
	if p.options.Weekly {
		period = Week(before, p.options.Location)
	} else {
		period = Day(before, p.options.Location)
	}
	return period, !now.Before(at) && now.Sub(at) < missedFor
}

// end notes what came of it. It does so also when ctx has ended: the mail may have arrived.
func (p *Postman) end(ctx context.Context, m models.ReportMail, result outcome, attempt int, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	log := p.options.Log.With("report", m.Report, "day", m.Day, "to", m.Recipient)
	detail := ""
	if why != nil {
		detail = why.Error()
	}
	switch result {
	case sent:
		log.Info("a report was sent")
		return p.options.Store.EndReport(ctx, m, models.MailSent, time.Time{}, "")
	case refused:
		log.Error("a report was refused and is not sent again", "reason", detail)
		return p.options.Store.EndReport(ctx, m, models.MailRefused, time.Time{}, detail)
	case unknown:
		log.Warn("nobody knows whether a report arrived; it is not sent again", "reason", detail)
		return p.options.Store.EndReport(ctx, m, models.MailUnknown, time.Time{}, detail)
	case later:
	}
	wait := longestWait
	if attempt < 6 {
		wait = firstWait << (attempt - 1)
	}
	next := p.options.Now().Add(wait)
	log.Warn("a report was not taken; it is tried again", "next", next.UTC().Format(time.RFC3339), "reason", detail)
	return p.options.Store.EndReport(ctx, m, models.MailPending, next, detail)
}

// period is that of a date.
func (p *Postman) period(day time.Time, weekly bool) Period {
	y, mo, d := day.Date()
	noon := time.Date(y, mo, d, 12, 0, 0, 0, p.options.Location)
	if weekly {
		return Week(noon, p.options.Location)
	}
	return Day(noon, p.options.Location)
}

// Page is the report of a date, or of the week that it lies in, as HTML or as plain text.
func (p *Postman) Page(ctx context.Context, day time.Time, weekly, html bool) (string, error) {
	report, err := Build(ctx, p.options.Book, p.options.Registry, p.period(day, weekly))
	switch {
	case err != nil:
		return "", err
	case html:
		return report.HTML()
	}
	return report.Text(), nil
}

// Mail sends the report of a date to everybody at once, whether or not they have it.
func (p *Postman) Mail(ctx context.Context, day time.Time, weekly bool) error {
	if len(p.options.To) == 0 {
		return fmt.Errorf("send a report: nobody gets one; set report.to: %w", models.ErrUnavailable)
	}
	report, err := Build(ctx, p.options.Book, p.options.Registry, p.period(day, weekly))
	if err != nil {
		return err
	}
	var failures []error
	for _, to := range p.options.To {
		if result, err := p.options.Mailer.send(ctx, report, to); result != sent {
			failures = append(failures, fmt.Errorf("to %s: %w: %w", to, err, models.ErrUnavailable))
		}
	}
	return errors.Join(failures...)
}
