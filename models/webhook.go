package models

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"time"
)

// WebhookID names a webhook; see ValidateID.
type WebhookID string

// WebhookEvent is something that a webhook can be told of.
type WebhookEvent string

// The events. What a line has counted is told when the interval is over, and again when late facts change it.
const (
	CountedMinute  WebhookEvent = "count.1m"
	CountedQuarter WebhookEvent = "count.15m"
	CountedHour    WebhookEvent = "count.1h"
	CameraChanged  WebhookEvent = "camera.state"
	// AreaFilled is told when an area becomes nearly full, full, or free again.
	AreaFilled WebhookEvent = "area.fill"
	// WebhookTest is sent when somebody tries a webhook; nobody subscribes to it.
	WebhookTest WebhookEvent = "test"
)

// WebhookEvents are those that can be subscribed to.
func WebhookEvents() []WebhookEvent {
	return []WebhookEvent{CountedMinute, CountedQuarter, CountedHour, CameraChanged, AreaFilled}
}

// Step is the length of the intervals that an event tells of; empty if it tells of something else.
func (e WebhookEvent) Step() Step {
	switch e {
	case CountedMinute:
		return Minute
	case CountedQuarter:
		return QuarterHour
	case CountedHour:
		return Hour
	case CameraChanged, AreaFilled, WebhookTest:
	}
	return ""
}

// Webhook is an address of somebody else's program that is told of events by HTTP.
type Webhook struct {
	ID     WebhookID
	URL    string // http or https; its query may hold a token and is write-only, see RedactURL
	Secret string // what messages are signed with: whsec_ and 24 to 64 bytes in Base64; write-only
	Events []WebhookEvent
	// Cameras and Lines are those to tell of; empty: all.
	Cameras  []CameraID
	Lines    []string
	Disabled bool
	// Refused: the other side answered that it is gone for good (410). Enabling it again clears this.
	Refused bool

	Declared bool  // it stands in the configuration file and can only be changed there
	Version  int64 // grows with every change
}

// Wants reports whether the webhook is to be told of this event of this camera and, if it is about one, this line.
func (w Webhook) Wants(event WebhookEvent, camera CameraID, line string) bool {
	return slices.Contains(w.Events, event) && (len(w.Cameras) == 0 || slices.Contains(w.Cameras, camera)) &&
		(line == "" || len(w.Lines) == 0 || slices.Contains(w.Lines, line))
}

// WantsAreas reports whether the webhook is to be told how full areas are. Whoever names cameras or lines wants those.
func (w Webhook) WantsAreas() bool {
	return slices.Contains(w.Events, AreaFilled) && len(w.Cameras)+len(w.Lines) == 0
}

// SecretPrefix begins every secret, as Standard Webhooks has it.
const SecretPrefix = "whsec_"

// SecretKey is the key that a secret stands for (Standard Webhooks 1.0: whsec_ and Base64, 24 to 64 bytes).
func SecretKey(secret string) ([]byte, error) {
	text, found := strings.CutPrefix(secret, SecretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !found || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, Invalidf("secret", "is not %s followed by 24 to 64 bytes in Base64; leave it out to have one made",
			SecretPrefix)
	}
	return key, nil
}

// Validate refuses a webhook that could not be told of anything. Whether its address may be reached is decided when it
// has been resolved.
func (w Webhook) Validate() error {
	if err := ValidateID("id", string(w.ID)); err != nil {
		return err
	}
	if err := validateWebhookURL(w.URL); err != nil {
		return err
	}
	if _, err := SecretKey(w.Secret); err != nil {
		return err
	}
	if len(w.Events) == 0 {
		return Invalidf("events", "is empty; choose of count.1m, count.15m, count.1h, camera.state and area.fill")
	}
	for i, e := range w.Events {
		if !slices.Contains(WebhookEvents(), e) {
			return Invalidf("events", "%q is unknown; use count.1m, count.15m, count.1h, camera.state or area.fill", e)
		}
		if slices.Contains(w.Events[:i], e) {
			return Invalidf("events", "%s is there twice", e)
		}
	}
	if slices.Contains(w.Events, AreaFilled) && !w.WantsAreas() {
		return Invalidf("events", "area.fill is about areas, and this webhook names cameras or lines: make another")
	}
	for _, camera := range w.Cameras {
		if err := ValidateID("cameras", string(camera)); err != nil {
			return err
		}
	}
	for _, line := range w.Lines {
		if err := ValidateID("lines", line); err != nil {
			return err
		}
	}
	return nil
}

// validateWebhookURL never repeats the address: its query may hold a token.
func validateWebhookURL(raw string) error {
	const want = "a webhook's address is https://HOST/PATH or http://HOST/PATH"
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return Invalidf("url", "is missing; "+want)
	case err != nil || len(raw) > 2000:
		return Invalidf("url", "cannot be read as an address; "+want)
	case u.Scheme != "https" && u.Scheme != "http":
		return Invalidf("url", "scheme %q is not allowed; "+want, u.Scheme)
	case u.Hostname() == "":
		return Invalidf("url", "has no host; "+want)
	case u.User != nil:
		return Invalidf("url", "holds a user or password; messages are signed instead, see docs/api.md")
	case u.Fragment != "":
		return Invalidf("url", "has a part after #, which is never sent")
	}
	return nil
}

// DeliveryState is what has become of a message.
type DeliveryState string

// The states of a message. One that was taken is forgotten.
const (
	DeliveryPending DeliveryState = "pending"
	DeliveryDead    DeliveryState = "dead" // given up; it can be sent again by hand
)

// Delivery is a message to a webhook that was not taken yet.
type Delivery struct {
	ID       string // the same at every attempt, so that the other side can tell a repetition
	Webhook  WebhookID
	Event    WebhookEvent
	Body     []byte // JSON
	Created  time.Time
	State    DeliveryState
	Attempts int
	Next     time.Time // not before
	// Status and Detail are of the last attempt: what was answered (0: nothing), and what that means in one line.
	Status int
	Detail string
	// Place orders the messages of a webhook.
	Place int64
}

// WebhookStanding is how a webhook is doing.
type WebhookStanding struct {
	Pending, Dead int64
	LastTaken     time.Time // when the other side last took a message
	LastFailed    time.Time
	LastDetail    string // of the last failure
}
