package clip

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"footfall/models"
)

// Sampler draws the moments of the day that are kept to see how well is counted. It is a lottery that nobody knows the
// draw of who does not know the secret, and that needs no memory: whoever watches the camera, and however often he was
// started anew, draws the same. Every moment of a day is as likely as any other, so what is seen in the samples is an
// unbiased estimate of the whole.
type Sampler struct {
	Secret []byte
	Count  int // a day
	Length time.Duration
}

// Window is a stretch of time that was drawn.
type Window struct{ From, To time.Time }

const day = 24 * time.Hour

// Windows are those that begin on the UTC day of a time, in order. One may reach into the next day.
func (s Sampler) Windows(camera models.CameraID, on time.Time) []Window {
	start := on.UTC().Truncate(day)
	windows := make([]Window, s.Count)
	for i := range windows {
		mac := hmac.New(sha256.New, s.Secret)
		_, _ = fmt.Fprintf(mac, "sample %s %s %d", camera, start.Format(time.DateOnly), i) // a hash takes all
		// 2^64 is so much more than the milliseconds of a day that the remainder favours none by 1 in 10^11.
		at := time.Duration(binary.BigEndian.Uint64(mac.Sum(nil))%uint64(day/time.Millisecond)) * time.Millisecond
		windows[i] = Window{start.Add(at), start.Add(at + s.Length)}
	}
	slices.SortFunc(windows, func(a, b Window) int { return a.From.Compare(b.From) })
	return windows
}

// Due are the windows that are open at a time.
func (s Sampler) Due(camera models.CameraID, now time.Time) []Window {
	var due []Window
	for _, of := range []time.Time{now.Add(-day), now} {
		for _, w := range s.Windows(camera, of) {
			if !now.Before(w.From) && now.Before(w.To) {
				due = append(due, w)
			}
		}
	}
	return due
}
