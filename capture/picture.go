package capture

import (
	"time"

	"footfall/capture/frame"
	"footfall/models"
)

// steady is how soon one picture must follow another to show that a camera is there: among garbage a picture gets
// through now and then by chance.
const steady = 2 * time.Second

// count enters a picture into the statistics and says whether it is due.
func (c *Camera) count(a *attempt, at time.Time, key bool) (wanted bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.attempt != a {
		return false, errLeftBehind
	}
	if a.pictures.Load() == 1 && c.seq > 0 {
		c.status.Reconnects++
	}
	c.seq++
	c.rate.add(at)
	c.status.FramesSeen++
	c.status.LastFrame = at.UTC().Round(0)
	c.key = c.key || key
	c.steady = at.Sub(c.previous) <= steady
	c.previous = at
	if c.config.MaxFPS <= 0 {
		return true, nil
	}
	if at.Before(c.due) {
		return false, nil
	}
	every := time.Duration(float64(time.Second) / c.config.MaxFPS)
	if c.due = c.due.Add(every); c.due.Before(at) {
		c.due = at.Add(every) // the camera is slower than that, or was away: nothing to catch up with
	}
	return true, nil
}

// judge looks at the picture and shows what it means for the camera.
func (c *Camera) judge(a *attempt, f *frame.Frame, at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.attempt != a {
		return errLeftBehind
	}
	f.At, f.Seq = at, c.seq
	c.status.Width, c.status.Height = f.Width(), f.Height()
	verdict := c.health.look(f, c.key)
	c.key = false
	switch {
	case verdict == models.ReasonFrozen:
		f.Blind = true
		c.show(models.Degraded, verdict, "the camera repeats the same picture")
	case verdict == models.ReasonDark:
		f.Blind = true
		c.show(models.Degraded, verdict, "the picture is black, or the camera is covered")
	case c.steady:
		c.show(models.Online, "", "")
	}
	return nil
}
