package models

import (
	"fmt"
	"log/slog"
)

// String is the webhook for people, without its secret and without what its address may hide.
func (w Webhook) String() string {
	type plain Webhook // without this method
	w.URL = RedactURL(w.URL)
	if w.Secret != "" {
		w.Secret = "***"
	}
	return fmt.Sprintf("%+v", plain(w))
}

// GoString is String.
func (w Webhook) GoString() string { return w.String() }

// LogValue is the webhook in a log line.
func (w Webhook) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", string(w.ID)), slog.String("url", RedactURL(w.URL)))
}
