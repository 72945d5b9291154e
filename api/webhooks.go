package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// Webhooks keeps webhooks and the messages that they have not taken. Changes are refused with models.ErrReadOnly for
// webhooks of the configuration file.
type Webhooks interface {
	Webhooks(ctx context.Context, after models.WebhookID, limit int) ([]models.Webhook, error)
	Webhook(ctx context.Context, id models.WebhookID) (models.Webhook, error)
	Standing(ctx context.Context, id models.WebhookID) (models.WebhookStanding, error)
	AddWebhook(ctx context.Context, w models.Webhook, now time.Time) (models.Webhook, error)
	// UpdateWebhook refuses with models.ErrConflict if the webhook's version is no longer w.Version.
	UpdateWebhook(ctx context.Context, w models.Webhook, now time.Time) (models.Webhook, error)
	RemoveWebhook(ctx context.Context, id models.WebhookID) error
	Deliveries(ctx context.Context, id models.WebhookID, state models.DeliveryState, after int64, limit int) (
		[]models.Delivery, error)
	// Redeliver sends a dead letter again, or with an empty message all of them, and says how many.
	Redeliver(ctx context.Context, id models.WebhookID, message string) (int, error)
}

// WebhookTester sends a webhook a message that says nothing.
type WebhookTester interface {
	Test(ctx context.Context, w models.Webhook) (models.WebhookTrial, error)
}

type webhooks struct {
	store  Webhooks
	tester WebhookTester
	now    func() time.Time
}

// ListWebhooks is GET /webhooks.
func (h webhooks) ListWebhooks(c echo.Context, params ListWebhooksParams) error {
	limit, after := 100, ""
	set(&limit, params.Limit)
	set(&after, params.Cursor)
	found, err := h.store.Webhooks(c.Request().Context(), models.WebhookID(after), limit+1)
	if err != nil {
		return err
	}
	page := WebhookList{Items: []Webhook{}}
	if len(found) > limit {
		found = found[:limit]
		page.NextCursor = optional(string(found[limit-1].ID))
	}
	for _, w := range found {
		shown, err := h.show(c.Request().Context(), w)
		if err != nil {
			return err
		}
		page.Items = append(page.Items, shown)
	}
	return c.JSON(http.StatusOK, page)
}

// GetWebhook is GET /webhooks/{id}.
func (h webhooks) GetWebhook(c echo.Context, id WebhookID) error {
	w, err := h.store.Webhook(c.Request().Context(), models.WebhookID(id))
	if err != nil {
		return err
	}
	return h.answer(c, http.StatusOK, w)
}

// AddWebhook is POST /webhooks. A secret that was made here is shown in this answer and never again.
func (h webhooks) AddWebhook(c echo.Context) error {
	var body NewWebhook
	if err := c.Bind(&body); err != nil {
		return err
	}
	w := models.Webhook{ID: models.WebhookID(body.Id), URL: body.Url}
	var made *string
	if body.Secret == nil {
		made = newSecret()
		body.Secret = made
	}
	changeWebhook(&w, WebhookChange{
		Secret: body.Secret, Events: &body.Events, Cameras: body.Cameras, Lines: body.Lines, Disabled: body.Disabled,
	})
	w, err := h.store.AddWebhook(c.Request().Context(), w, h.now())
	if err != nil {
		return err
	}
	shown, err := h.show(c.Request().Context(), w)
	if err != nil {
		return err
	}
	shown.Secret = made
	c.Response().Header().Set(echo.HeaderLocation, "/api/v1/webhooks/"+string(w.ID))
	return c.JSON(http.StatusCreated, shown)
}

// newSecret is 32 random bytes, as Standard Webhooks writes them.
func newSecret() *string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails: see crypto/rand
	text := models.SecretPrefix + base64.StdEncoding.EncodeToString(key)
	return &text
}

// ChangeWebhook is PATCH /webhooks/{id}.
func (h webhooks) ChangeWebhook(c echo.Context, id WebhookID) error {
	var body WebhookChange
	if err := c.Bind(&body); err != nil {
		return err
	}
	ctx := c.Request().Context()
	w, err := h.store.Webhook(ctx, models.WebhookID(id))
	if err != nil {
		return err
	}
	set(&w.Version, body.Version)
	changeWebhook(&w, body)
	if w, err = h.store.UpdateWebhook(ctx, w, h.now()); err != nil {
		return err
	}
	return h.answer(c, http.StatusOK, w)
}

// changeWebhook applies the fields that are there. One that was refused by the other side is asked again when it is
// enabled or gets another address.
func changeWebhook(w *models.Webhook, body WebhookChange) {
	set(&w.URL, body.Url)
	set(&w.Secret, body.Secret)
	set(&w.Lines, body.Lines)
	set(&w.Disabled, body.Disabled)
	if body.Url != nil || body.Disabled != nil && !*body.Disabled {
		w.Refused = false
	}
	if body.Events != nil {
		w.Events = nil
		for _, e := range *body.Events {
			w.Events = append(w.Events, models.WebhookEvent(e))
		}
	}
	if body.Cameras != nil {
		w.Cameras = nil
		for _, id := range *body.Cameras {
			w.Cameras = append(w.Cameras, models.CameraID(id))
		}
	}
}

// RemoveWebhook is DELETE /webhooks/{id}.
func (h webhooks) RemoveWebhook(c echo.Context, id WebhookID) error {
	if err := h.store.RemoveWebhook(c.Request().Context(), models.WebhookID(id)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// TestWebhook is POST /webhooks/{id}/test.
func (h webhooks) TestWebhook(c echo.Context, id WebhookID) error {
	ctx := c.Request().Context()
	w, err := h.store.Webhook(ctx, models.WebhookID(id))
	if err != nil {
		return err
	}
	trial, err := h.tester.Test(ctx, w)
	if err != nil {
		return fmt.Errorf("test webhook %s: %w", id, err)
	}
	return c.JSON(http.StatusOK, WebhookTrial{
		Taken: trial.Taken, Status: optional(trial.Status), Detail: optional(trial.Detail),
		Milliseconds: trial.Took.Milliseconds(),
	})
}

// ListDeliveries is GET /webhooks/{id}/deliveries.
func (h webhooks) ListDeliveries(c echo.Context, id WebhookID, params ListDeliveriesParams) error {
	ctx := c.Request().Context()
	if _, err := h.store.Webhook(ctx, models.WebhookID(id)); err != nil {
		return err
	}
	limit, state, after := 100, models.DeliveryDead, int64(0)
	set(&limit, params.Limit)
	if params.State != nil {
		state = models.DeliveryState(*params.State)
	}
	if params.Cursor != nil {
		var err error
		if after, err = strconv.ParseInt(*params.Cursor, 10, 64); err != nil {
			return models.Invalidf("cursor", "is not one that this list gave; start without a cursor")
		}
	}
	found, err := h.store.Deliveries(ctx, models.WebhookID(id), state, after, limit+1)
	if err != nil {
		return err
	}
	page := Deliveries{Items: []Delivery{}}
	if len(found) > limit {
		found = found[:limit]
		page.NextCursor = optional(strconv.FormatInt(found[limit-1].Place, 10))
	}
	for _, d := range found {
		page.Items = append(page.Items, Delivery{
			Id: d.ID, Event: string(d.Event), Created: d.Created.UTC(), State: DeliveryState(d.State),
			Attempts: d.Attempts, Next: optional(d.Next.UTC()), Status: optional(d.Status), Detail: optional(d.Detail),
			Body: string(d.Body),
		})
	}
	return c.JSON(http.StatusOK, page)
}

// RedeliverAll is POST /webhooks/{id}/redeliver.
func (h webhooks) RedeliverAll(c echo.Context, id WebhookID) error { return h.redeliver(c, id, "") }

// Redeliver is POST /webhooks/{id}/deliveries/{message}/redeliver.
func (h webhooks) Redeliver(c echo.Context, id WebhookID, message string) error {
	return h.redeliver(c, id, message)
}

func (h webhooks) redeliver(c echo.Context, id, message string) error {
	n, err := h.store.Redeliver(c.Request().Context(), models.WebhookID(id), message)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, Redelivered{Messages: n})
}

func (h webhooks) answer(c echo.Context, status int, w models.Webhook) error {
	shown, err := h.show(c.Request().Context(), w)
	if err != nil {
		return err
	}
	return c.JSON(status, shown)
}

// show is a webhook as anybody may see it: without secret, and without what its address may hide.
func (h webhooks) show(ctx context.Context, w models.Webhook) (Webhook, error) {
	standing, err := h.store.Standing(ctx, w.ID)
	if err != nil {
		return Webhook{}, err
	}
	shown := Webhook{
		Id: string(w.ID), Url: models.RedactURL(w.URL), Events: []WebhookEvent{}, Cameras: []string{},
		Lines: append([]string{}, w.Lines...), Disabled: w.Disabled, Refused: w.Refused, Declared: w.Declared,
		Version: w.Version, Pending: standing.Pending, Dead: standing.Dead,
		LastTaken: optional(standing.LastTaken.UTC()), LastFailed: optional(standing.LastFailed.UTC()),
		LastDetail: optional(standing.LastDetail),
	}
	for _, e := range w.Events {
		shown.Events = append(shown.Events, WebhookEvent(e))
	}
	for _, id := range w.Cameras {
		shown.Cameras = append(shown.Cameras, string(id))
	}
	return shown, nil
}
