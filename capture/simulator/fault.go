package simulator

import "fmt"

// Fault is a way in which a camera is broken. A camera has one at a time, from Break until Heal.
type Fault string

// The faults.
const (
	// Healthy: none.
	Healthy Fault = ""
	// Refused: the port is closed. Who connects is refused, and every connection there was is cut: a camera without
	// power behind a router that says so, or one that restarts.
	Refused Fault = "refused"
	// Hung: the system accepts connections, and nobody answers. Connections there were stay open without a packet or
	// an answer. What clients said meanwhile is answered after Heal.
	Hung Fault = "hung"
	// Silent: connections stay, requests are answered, but no packet comes.
	Silent Fault = "silent"
	// Frozen: the last key frame is repeated at the clip's pace, with time stamps that go on. Every repetition
	// decodes to exactly the same pixels.
	Frozen Fault = "frozen"
	// Black: a black picture at the clip's pace and size, with time stamps that go on.
	Black Fault = "black"
	// Garbage: at the clip's pace, RTP packets in good order that hold random bytes instead of H.264.
	Garbage Fault = "garbage"
)

// Break breaks the camera at once: no packet of a healthy one is queued any more when it returns. A fault that there
// was is replaced.
//
// The clip's clock goes on, as the world goes on before a camera that does not see it.
func (c *Camera) Break(fault Fault) error {
	switch fault {
	case Healthy:
		return fmt.Errorf("break camera %s: use Heal to make it healthy", c.Address())
	case Refused, Hung, Silent, Frozen, Black, Garbage:
	default:
		return fmt.Errorf("break camera %s: fault %q is unknown", c.Address(), fault)
	}
	c.breaking.Lock()
	defer c.breaking.Unlock()
	if err := c.setPort(fault); err != nil {
		return fmt.Errorf("break camera %s: %w", c.Address(), err)
	}
	c.mu.Lock()
	c.fault, c.showing = fault, fault
	c.mu.Unlock()
	if fault == Refused {
		c.Drop()
	}
	return nil
}

// Heal undoes Break, SwitchTo and RequirePassword. The port opens and answers at once; readers get pictures from the
// clip's next key frame on, and what the fault sent until then, so that every decoder finds its feet.
func (c *Camera) Heal() error {
	c.breaking.Lock()
	defer c.breaking.Unlock()
	c.mu.Lock()
	c.fault = Healthy
	c.next = c.options.Clip
	c.user, c.password = c.options.User, c.options.Password
	c.mu.Unlock()
	if err := c.setPort(Healthy); err != nil {
		return fmt.Errorf("heal camera %s: %w", c.Address(), err)
	}
	return nil
}

// setPort also undoes what the fault before did to the port.
func (c *Camera) setPort(fault Fault) error {
	c.gate.strikeDumb(fault == Hung)
	if fault == Refused {
		c.gate.shut()
		return nil
	}
	return c.gate.open()
}

// Drop closes every connection and forgets every reader. They may come back at once.
func (c *Camera) Drop() {
	c.gate.cut()
	c.mu.Lock()
	defer c.mu.Unlock()
	for session := range c.readers {
		session.Close()
		delete(c.readers, session)
	}
}

// SwitchTo changes, at the next key frame, to the same clip in another size: readers keep their connection and get
// a new SPS and PPS in mid-stream. The clip must be made from the same source with the same Limit and KeyFrames.
func (c *Camera) SwitchTo(clip *Clip) error {
	if err := c.options.Clip.inStepWith(clip); err != nil {
		return fmt.Errorf("switch camera %s to clip %s: it %w", c.Address(), clip.Name(), err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = clip
	return nil
}

// RequirePassword asks everybody for another user and password from now on, and closes every connection as a camera
// does whose password was changed. An empty user asks nobody. URL has the new ones.
func (c *Camera) RequirePassword(user, password string) {
	c.mu.Lock()
	c.user, c.password = user, password
	c.mu.Unlock()
	c.Drop()
}
