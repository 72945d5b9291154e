package models

import (
	"fmt"
	"log/slog"
)

// String is the camera for people, without what its address carries of users and passwords: a camera that is printed
// by accident gives nothing away. JSON has the whole address, because workers need it.
func (c Camera) String() string {
	type plain Camera // without this method
	c.URL = RedactURL(c.URL)
	return fmt.Sprintf("%+v", plain(c))
}

// GoString is String.
func (c Camera) GoString() string { return c.String() }

// LogValue is the camera in a log line, without users and passwords.
func (c Camera) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", string(c.ID)), slog.String("url", RedactURL(c.URL)))
}
