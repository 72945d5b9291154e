package capture

import (
	"math/rand/v2"
	"time"

	"footfall/models"
)

// backoff says how long to wait before the next attempt. Waits double from shortest to longest; each is made up to a
// quarter shorter by chance, so that the cameras of a building that lost its power do not all come at once.
type backoff struct {
	shortest, longest time.Duration
	password          time.Duration // the wait while the camera refuses the password
	next              time.Duration
}

const (
	shortestWait = 500 * time.Millisecond
	// longestWait plus opening stays below the 15 s in which a healed camera must be back.
	longestWait = 8 * time.Second
	// passwordWait is for a camera that refuses the password: slow, so that it does not lock the account, but not so
	// slow that a password which is put right on the camera's side is noticed late.
	passwordWait = 10 * time.Second
)

func newBackoff() backoff {
	return backoff{shortest: shortestWait, longest: longestWait, password: passwordWait, next: shortestWait}
}

// after is the wait after an attempt that ended for this reason.
func (b *backoff) after(reason models.Reason) time.Duration {
	if reason == models.ReasonAuth {
		b.next = b.longest
		return shortened(b.password)
	}
	wait := b.next
	b.next = min(2*b.next, b.longest)
	return shortened(wait)
}

// reset begins again with the shortest wait: the attempt was a success.
func (b *backoff) reset() { b.next = b.shortest }

func shortened(d time.Duration) time.Duration {
	return d - time.Duration(rand.Int64N(int64(d)/4+1))
}
