package storetest

import (
	"context"
	"testing"
	"time"

	"footfall/models"
)

// ReportStore is what the suite Reports is about.
type ReportStore interface {
	BeginReport(ctx context.Context, m models.ReportMail, now time.Time) (attempt int, err error)
	EndReport(ctx context.Context, m models.ReportMail, state models.MailState, next time.Time, detail string) error
	StrandReports(ctx context.Context) (int64, error)
}

// Reports is what every store of sent reports must do: whatever happens, nobody gets one twice.
func Reports(t *testing.T, s ReportStore) {
	ctx := t.Context()
	ada := models.ReportMail{Report: "daily", Day: "2026-03-10", Recipient: "ada@example.org"}
	begin := func(m models.ReportMail, now time.Time, want int) {
		t.Helper()
		attempt, err := s.BeginReport(ctx, m, now)
		must(t, err)
		if attempt != want {
			t.Errorf("attempt %d, want %d", attempt, want)
		}
	}
	begin(ada, Noon(), 1)
	begin(ada, Noon(), 0) // it is being sent
	must(t, s.EndReport(ctx, ada, models.MailPending, Noon().Add(time.Minute), "busy"))
	begin(ada, Noon(), 0) // not yet
	begin(ada, Noon().Add(time.Minute), 2)
	must(t, s.EndReport(ctx, ada, models.MailSent, time.Time{}, ""))
	begin(ada, Noon().Add(time.Hour), 0)

	weekly, bea := ada, ada
	weekly.Report, bea.Recipient = "weekly", "bea@example.org"
	begin(weekly, Noon(), 1)
	begin(bea, Noon(), 1)
	n, err := s.StrandReports(ctx) // the server starts anew
	must(t, err)
	if n != 2 {
		t.Errorf("%d were being sent, want 2", n)
	}
	begin(bea, Noon().Add(time.Hour), 0)
	if n, err := s.StrandReports(ctx); n != 0 || err != nil {
		t.Errorf("%d were being sent: %v", n, err)
	}
}
