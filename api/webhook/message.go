package webhook

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"footfall/api"
	"footfall/models"
)

// maxItems bounds the rows of one message; more go into the next.
const maxItems = 500

// message is the body that is sent. Its shapes are described in openapi.yaml as WebhookMessage.
type message struct {
	Type      models.WebhookEvent `json:"type"`
	Timestamp time.Time           `json:"timestamp"`
	Data      any                 `json:"data"`
}

type counted struct {
	Step  models.Step `json:"step"`
	Late  bool        `json:"late,omitempty"` // told before, and changed since
	Items []api.Count `json:"items"`
}

// newDelivery makes a message. Its id is a UUIDv7, so that ids sort by time.
func newDelivery(w models.WebhookID, event models.WebhookEvent, data any, now time.Time) (models.Delivery, error) {
	body, err := json.Marshal(message{Type: event, Timestamp: now.UTC(), Data: data})
	if err != nil {
		return models.Delivery{}, fmt.Errorf("write a message for webhook %s: %w", w, err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return models.Delivery{}, fmt.Errorf("name a message: %w", err)
	}
	return models.Delivery{
		ID: "msg_" + id.String(), Webhook: w, Event: event, Body: body, Created: now, State: models.DeliveryPending,
	}, nil
}

// countDeliveries makes messages of rows, none of none.
func countDeliveries(
	w models.WebhookID, event models.WebhookEvent, rows []models.Bucket, late bool, now time.Time,
) ([]models.Delivery, error) {
	var made []models.Delivery
	for len(rows) > 0 {
		n := min(len(rows), maxItems)
		data := counted{Step: event.Step(), Late: late}
		for _, row := range rows[:n] {
			data.Items = append(data.Items, api.CountOf(row, time.UTC))
		}
		d, err := newDelivery(w, event, data, now)
		if err != nil {
			return nil, err
		}
		made = append(made, d)
		rows = rows[n:]
	}
	return made, nil
}
