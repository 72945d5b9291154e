package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"footfall/models"
)

// WebhookStore is what the suite Webhooks is about.
type WebhookStore interface {
	Webhooks(ctx context.Context, after models.WebhookID, limit int) ([]models.Webhook, error)
	Webhook(ctx context.Context, id models.WebhookID) (models.Webhook, error)
	AddWebhook(ctx context.Context, w models.Webhook, now time.Time) (models.Webhook, error)
	UpdateWebhook(ctx context.Context, w models.Webhook, now time.Time) (models.Webhook, error)
	RemoveWebhook(ctx context.Context, id models.WebhookID) error
	DeclareWebhooks(ctx context.Context, hooks []models.Webhook, now time.Time) error
	Standing(ctx context.Context, id models.WebhookID) (models.WebhookStanding, error)
	Progress(ctx context.Context, id models.WebhookID) ([]models.WebhookProgress, error)
	Told(ctx context.Context) (time.Time, error)
	NoteLate(ctx context.Context, minutes []models.LateMinute) error
	Late(ctx context.Context, limit int) (minutes []models.LateMinute, upTo int64, err error)
	Plan(ctx context.Context, step models.WebhookStep) error
	Due(ctx context.Context, now time.Time) ([]models.Delivery, error)
	Deliveries(ctx context.Context, id models.WebhookID, state models.DeliveryState, after int64, limit int) (
		[]models.Delivery, error)
	Taken(ctx context.Context, d models.Delivery, now time.Time) error
	Failed(ctx context.Context, d models.Delivery, now time.Time) error
	Refused(ctx context.Context, d models.Delivery, now time.Time) error
	Redeliver(ctx context.Context, id models.WebhookID, message string) (int, error)
	PruneDead(ctx context.Context, before time.Time) (int64, error)
}

// Webhooks is what every store of webhooks must do. It needs an empty one for itself.
func Webhooks(t *testing.T, s WebhookStore) {
	t.Run("a webhook is added, changed and removed", func(t *testing.T) { webhookLife(t, s) })
	t.Run("the file is followed", func(t *testing.T) { webhooksDeclared(t, s) })
	t.Run("messages keep their order", func(t *testing.T) { deliveryOrder(t, s) })
	t.Run("dead letters are kept and sent again", func(t *testing.T) { deadLetters(t, s) })
	t.Run("progress goes one way", func(t *testing.T) { webhookProgress(t, s) })
	t.Run("a late minute is not forgotten with an earlier one", func(t *testing.T) { lateMinutes(t, s) })
}

// Hook is a webhook that wants everything about a camera.
func Hook(id models.WebhookID) models.Webhook {
	return models.Webhook{
		ID: id, URL: "https://192.0.2.9/in?token=t0psecret", Secret: "whsec_" + strings.Repeat("c2VjcmV0", 4),
		Events: []models.WebhookEvent{
			models.CountedMinute, models.CountedQuarter, models.CountedHour, models.CameraChanged,
		},
		Cameras: []models.CameraID{"lobby"}, Lines: []string{"door", "gate"},
	}
}

func webhookLife(t *testing.T, s WebhookStore) {
	ctx := t.Context()
	w, err := s.AddWebhook(ctx, Hook("life"), Noon())
	must(t, err)
	kept, err := s.Webhook(ctx, "life")
	must(t, err)
	want(t, fmt.Sprint(kept), fmt.Sprint(w))
	if w.Version != 1 || kept.URL != Hook("").URL || kept.Secret != Hook("").Secret {
		t.Errorf("kept %+v", kept)
	}
	if _, err := s.AddWebhook(ctx, Hook("life"), Noon()); !errors.Is(err, models.ErrConflict) {
		t.Errorf("added twice: %v", err)
	}
	w.URL, w.Secret, w.Lines, w.Disabled = models.RedactURL(w.URL), "", nil, true // as a reader of the API has it
	w, err = s.UpdateWebhook(ctx, w, Noon())
	must(t, err)
	if w.URL != Hook("").URL || w.Secret != Hook("").Secret || w.Version != 2 {
		t.Errorf("changed %+v", w)
	}
	old := w
	old.Version = 1
	if _, err := s.UpdateWebhook(ctx, old, Noon()); !errors.Is(err, models.ErrConflict) {
		t.Errorf("changed from an old version: %v", err)
	}
	bad := w
	bad.URL = "ftp://192.0.2.9/"
	if _, err := s.UpdateWebhook(ctx, bad, Noon()); !errors.Is(err, models.ErrInvalid) {
		t.Errorf("a bad address: %v", err)
	}
	must(t, s.Plan(ctx, models.WebhookStep{Deliveries: []models.Delivery{letter("life", "m1")}}))
	must(t, s.RemoveWebhook(ctx, "life"))
	if _, err := s.Webhook(ctx, "life"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("removed: %v", err)
	}
	if err := s.RemoveWebhook(ctx, "life"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	// What was planned meanwhile goes nowhere.
	must(t, s.Plan(ctx, models.WebhookStep{Deliveries: []models.Delivery{letter("life", "m2")}}))
	w, err = s.AddWebhook(ctx, Hook("life"), Noon())
	must(t, err)
	left, err := s.Standing(ctx, "life")
	must(t, err)
	if w.Version != 4 || left != (models.WebhookStanding{}) {
		t.Errorf("added again: version %d with %+v", w.Version, left)
	}
	must(t, s.RemoveWebhook(ctx, "life"))
}

func webhooksDeclared(t *testing.T, s WebhookStore) {
	ctx := t.Context()
	must(t, s.DeclareWebhooks(ctx, []models.Webhook{Hook("file-1"), Hook("file-2")}, Noon()))
	_, err := s.AddWebhook(ctx, Hook("by-hand"), Noon())
	must(t, err)
	must(t, s.DeclareWebhooks(ctx, []models.Webhook{Hook("file-1"), Hook("by-hand")}, Noon()))
	all, err := s.Webhooks(ctx, "", 10)
	must(t, err)
	var said []string
	for _, w := range all {
		said = append(said, fmt.Sprintf("%s %d %t", w.ID, w.Version, w.Declared))
	}
	want(t, strings.Join(said, ", "), "by-hand 2 true, file-1 1 true")
	if err := s.RemoveWebhook(ctx, "file-1"); !errors.Is(err, models.ErrReadOnly) {
		t.Errorf("a declared webhook was removed: %v", err)
	}
	page, err := s.Webhooks(ctx, "by-hand", 1)
	must(t, err)
	if len(page) != 1 || page[0].ID != "file-1" {
		t.Errorf("the page after by-hand is %v", page)
	}
	must(t, s.DeclareWebhooks(ctx, nil, Noon()))
}

func letter(w models.WebhookID, id string) models.Delivery {
	return models.Delivery{
		ID: id, Webhook: w, Event: models.CameraChanged, Body: []byte(`{"n":"` + id + `"}`), Created: Noon(),
	}
}

func ids(list []models.Delivery) string {
	var names []string
	for _, d := range list {
		names = append(names, d.ID)
	}
	return strings.Join(names, " ")
}

func deliveryOrder(t *testing.T, s WebhookStore) {
	ctx := t.Context()
	for _, id := range []models.WebhookID{"a", "b", "off"} {
		w := Hook(id)
		w.Disabled = id == "off"
		_, err := s.AddWebhook(ctx, w, Noon())
		must(t, err)
	}
	must(t, s.Plan(ctx, models.WebhookStep{Deliveries: []models.Delivery{
		letter("a", "a1"), letter("off", "o1"), letter("b", "b1"), letter("a", "a2"),
	}}))
	due := func(at time.Time) []models.Delivery {
		found, err := s.Due(ctx, at)
		must(t, err)
		return found
	}
	first := due(Noon())
	want(t, ids(first), "a1 b1")
	if d := first[0]; string(d.Body) != `{"n":"a1"}` || !d.Created.Equal(Noon()) ||
		d.Event != models.CameraChanged || d.Attempts != 0 {
		t.Errorf("kept %+v", d)
	}
	// What waits for another attempt holds up those behind it, not other webhooks.
	a1 := first[0]
	a1.Attempts, a1.Next, a1.Status, a1.Detail = 1, Noon().Add(time.Minute), 503, "answered 503"
	must(t, s.Failed(ctx, a1, Noon()))
	must(t, s.Taken(ctx, first[1], Noon()))
	want(t, ids(due(Noon())), "")
	again := due(Noon().Add(time.Minute))
	want(t, ids(again), "a1")
	if again[0].Attempts != 1 || again[0].Status != 503 || again[0].Detail != "answered 503" ||
		again[0].State != models.DeliveryPending {
		t.Errorf("kept %+v", again[0])
	}
	standing, err := s.Standing(ctx, "a")
	must(t, err)
	if standing.Pending != 2 || standing.Dead != 0 || !standing.LastFailed.Equal(Noon()) ||
		standing.LastDetail != "answered 503" || !standing.LastTaken.IsZero() {
		t.Errorf("a stands at %+v", standing)
	}
	must(t, s.Taken(ctx, again[0], Noon()))
	want(t, ids(due(Noon())), "a2")
	// Gone for good: nothing more, until it is enabled again.
	must(t, s.Refused(ctx, due(Noon())[0], Noon()))
	must(t, s.Plan(ctx, models.WebhookStep{Deliveries: []models.Delivery{letter("a", "a3")}}))
	want(t, ids(due(Noon().Add(time.Hour))), "")
	w, err := s.Webhook(ctx, "a")
	must(t, err)
	if !w.Refused {
		t.Error("it is not refused")
	}
	w.Refused = false
	_, err = s.UpdateWebhook(ctx, w, Noon())
	must(t, err)
	want(t, ids(due(Noon())), "a3")
	for _, id := range []models.WebhookID{"a", "b", "off"} {
		must(t, s.RemoveWebhook(ctx, id))
	}
}

func deadLetters(t *testing.T, s WebhookStore) {
	ctx := t.Context()
	_, err := s.AddWebhook(ctx, Hook("dead"), Noon())
	must(t, err)
	for i := range 4 {
		d := letter("dead", fmt.Sprintf("d%d", i))
		d.Created = Noon().Add(time.Duration(i) * time.Hour)
		must(t, s.Plan(ctx, models.WebhookStep{Deliveries: []models.Delivery{d}}))
		if i == 3 {
			break
		}
		d.State, d.Attempts, d.Detail = models.DeliveryDead, 9, "answered 400"
		must(t, s.Failed(ctx, d, Noon()))
	}
	list := func(state models.DeliveryState, after int64, limit int) []models.Delivery {
		found, err := s.Deliveries(ctx, "dead", state, after, limit)
		must(t, err)
		return found
	}
	page := list(models.DeliveryDead, 0, 2)
	want(t, ids(page), "d0 d1")
	want(t, ids(list(models.DeliveryDead, page[1].Place, 2)), "d2")
	want(t, ids(list(models.DeliveryPending, 0, 10)), "d3")
	if n, err := s.Redeliver(ctx, "dead", "d1"); n != 1 || err != nil {
		t.Errorf("sent again %d: %v", n, err)
	}
	for _, id := range []string{"d1", "d3", "nothing"} { // they are no dead letters
		if _, err := s.Redeliver(ctx, "dead", id); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("send %s again: %v", id, err)
		}
	}
	waiting := list(models.DeliveryPending, 0, 10)
	want(t, ids(waiting), "d3 d1")
	if waiting[1].Attempts != 0 || !waiting[1].Next.IsZero() {
		t.Errorf("sent again as %+v", waiting[1])
	}
	if n, err := s.PruneDead(ctx, Noon().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("forgot %d: %v", n, err)
	}
	if n, err := s.Redeliver(ctx, "dead", ""); n != 1 || err != nil {
		t.Errorf("all sent again: %d: %v", n, err)
	}
	want(t, ids(list(models.DeliveryPending, 0, 10)), "d3 d1 d2")
	if _, err := s.Redeliver(ctx, "nobody", ""); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
}

func webhookProgress(t *testing.T, s WebhookStore) {
	ctx := t.Context()
	w := Hook("progress")
	w.Events = []models.WebhookEvent{models.CountedMinute, models.CountedHour}
	w, err := s.AddWebhook(ctx, w, Noon().Add(90*time.Second))
	must(t, err)
	show := func() string {
		list, err := s.Progress(ctx, w.ID)
		must(t, err)
		var said []string
		for _, p := range list {
			said = append(said, fmt.Sprintf("%s %s %s", p.Event, p.Since.Format("15:04"), p.Until.Format("15:04")))
		}
		return strings.Join(said, ", ")
	}
	want(t, show(), "count.1h 12:00 12:00, count.1m 12:01 12:01")
	move := func(to time.Time) {
		must(t, s.Plan(ctx, models.WebhookStep{Progress: []models.WebhookProgress{
			{Webhook: w.ID, Event: models.CountedMinute, Until: to},
		}}))
	}
	move(Noon().Add(10 * time.Minute))
	move(Noon().Add(5 * time.Minute)) // an older turn that was slow
	want(t, show(), "count.1h 12:00 12:00, count.1m 12:01 12:10")
	told, err := s.Told(ctx)
	must(t, err)
	if told.Before(Noon().Add(10 * time.Minute)) {
		t.Errorf("told until %s", told)
	}
	w.Events = []models.WebhookEvent{models.CountedMinute, models.CountedQuarter, models.CameraChanged}
	_, err = s.UpdateWebhook(ctx, w, Noon().Add(20*time.Minute))
	must(t, err)
	want(t, show(), "count.15m 12:15 12:15, count.1m 12:01 12:10")
}

func lateMinutes(t *testing.T, s WebhookStore) {
	ctx := t.Context()
	show := func(limit int) (string, int64) {
		minutes, upTo, err := s.Late(ctx, limit)
		must(t, err)
		var said []string
		for _, m := range minutes {
			said = append(said, string(m.Camera)+"/"+m.Line+m.Start.Format(" 15:04"))
		}
		return strings.Join(said, ", "), upTo
	}
	note := func(minutes ...models.LateMinute) { must(t, s.NoteLate(ctx, minutes)) }
	at := func(camera models.CameraID, line string, minute int) models.LateMinute {
		return models.LateMinute{Camera: camera, Line: line, Start: Noon().Add(time.Duration(minute) * time.Minute)}
	}
	note(at("a", "door", 1), at("a", "", 2))
	note(at("b", "door", 1))
	if got, _ := show(1); got != "a/ 12:02, a/door 12:01" { // what was noted at once stays together
		t.Errorf("first %s", got)
	}
	got, upTo := show(100)
	want(t, got, "a/ 12:02, a/door 12:01, b/door 12:01")
	note(at("a", "door", 1)) // it changes while it is being told
	must(t, s.Plan(ctx, models.WebhookStep{LateUpTo: upTo}))
	got, upTo = show(100)
	want(t, got, "a/door 12:01")
	must(t, s.Plan(ctx, models.WebhookStep{LateUpTo: upTo}))
	if got, upTo := show(100); got != "" || upTo != 0 {
		t.Errorf("left %s up to %d", got, upTo)
	}
}
