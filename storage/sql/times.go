package sql

import "time"

// Instant is the time that a column stands for, in nanoseconds since 1970; 0 is the zero time.
func Instant(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// Column is how a time is stored; see Instant.
func Column(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
