package fleet

import (
	"encoding/json"
	"time"
)

// Config says how patient the fleet is. The zero value is filled with the defaults.
type Config struct {
	// LeaseDuration is how long a worker may be silent before its cameras go to others. Longer: a longer gap when a
	// machine dies. Shorter: cameras move, and start anew, for a network that only hiccups. Zero means 15 s.
	LeaseDuration time.Duration
	// SilentAfter is how long after its last beat a worker is called silent. Zero means 3 s: two lost beats are
	// no news.
	SilentAfter time.Duration
	// ClockTolerance is how far a worker's clock may be off before it gets no more cameras. Zero means 2 s.
	ClockTolerance time.Duration
	// Workers is how many workers are expected soon after the start. Until they are there, each gets its share of the
	// cameras and not more. Zero means: give everything to whoever comes first.
	Workers int
	// Settings go to every worker with its orders.
	Settings json.RawMessage
	// Now is the server's clock; nil means the system's.
	Now func() time.Time
}

// The paces of the fleet.
const (
	turnEvery     = 500 * time.Millisecond // how late silence, lapsed leases and ended trials may be noticed
	settleTime    = 10 * time.Second       // how long expected workers are waited for
	levelEvery    = 30 * time.Second       // a camera is moved for balance at most this often
	forgetWorkers = 10 * time.Minute       // a silent worker without cameras leaves the list after this time
	maxRetired    = 16                     // incarnations of a worker that are remembered as superseded
)

func (c Config) withDefaults() Config {
	if c.LeaseDuration <= 0 {
		c.LeaseDuration = 15 * time.Second
	}
	if c.SilentAfter <= 0 {
		c.SilentAfter = 3 * time.Second
	}
	if c.ClockTolerance <= 0 {
		c.ClockTolerance = 2 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}
