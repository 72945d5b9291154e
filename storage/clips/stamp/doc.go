// Package stamp asks a time-stamping authority to confirm that something was there at a moment, and checks what it has
// said (RFC 3161). Footfall's own key proves who sealed a clip; a time stamp proves when, to somebody who does not
// trust the clock or the key of the installation.
//
// The package starts nothing.
package stamp
