package models

import "time"

// WebhookProgress is how far a webhook has been told of one event.
type WebhookProgress struct {
	Webhook WebhookID
	Event   WebhookEvent
	// Since is when it began to be told, Until the end of the last interval that was turned into a message. Both lie on
	// the event's step.
	Since, Until time.Time
}

// LateMinute is a minute of a line that changed after it may have been told; an empty Line is all lines of the camera.
type LateMinute struct {
	Camera CameraID
	Line   string
	Start  time.Time
}

// WebhookStep is what one turn of planning changes, all or nothing.
type WebhookStep struct {
	Deliveries []Delivery        // new ones; they get their places when they are stored
	Progress   []WebhookProgress // Until only
	LateUpTo   int64             // late minutes up to this place are told by the deliveries; 0: none are
}

// WebhookTrial is what came of sending a webhook a message that says nothing.
type WebhookTrial struct {
	Taken  bool
	Status int // 0: no answer
	Detail string
	Took   time.Duration
}
