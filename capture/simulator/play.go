package simulator

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// farewell is how long readers may take to leave after they were told that the stream has ended.
const farewell = 5 * time.Second

// play sends the clip, once or for ever. Every picture is due at a time counted from the very first one, so that
// waiting late never adds up.
func (c *Camera) play(ctx context.Context) error {
	if c.options.OnDemand {
		select {
		case <-c.firstReader:
		case <-ctx.Done():
			return nil
		}
	}
	clip := c.options.Clip
	clock := pace{start: time.Now(), speed: c.options.Speed}
	for number := 1; ; number++ {
		begun := int64(number-1) * clip.length
		for i := range clip.pictures {
			ticks := clock.ticks(begun + clip.pictures[i].at)
			if !clock.wait(ctx, ticks) {
				return nil
			}
			if i == 0 {
				c.announce(Loop{Number: number, At: clock.due(ticks)})
			}
			if err := c.show(i, ticks); err != nil {
				return err
			}
		}
		if c.options.Once {
			over := clock.ticks(begun + clip.length)
			if clock.wait(ctx, over) {
				c.end(ctx, clock.due(over))
			}
			return nil
		}
	}
}

// pace turns the time of a clip into the time of day.
type pace struct {
	start time.Time // with its monotonic reading
	speed float64
}

// ticks is a time of the clip as a time of the stream.
func (p pace) ticks(clip int64) int64 { return int64(float64(clip) / p.speed) }

func (p pace) due(ticks int64) time.Time { return p.start.Add(ticksToDuration(ticks)) }

// wait returns at a time of the stream, or with false when ctx ends before.
func (p pace) wait(ctx context.Context, ticks int64) bool {
	timer := time.NewTimer(time.Until(p.due(ticks)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *Camera) announce(loop Loop) {
	c.mu.Lock()
	c.loop = loop
	c.mu.Unlock()
	if c.options.OnLoop != nil {
		c.options.OnLoop(loop)
	}
}

// show sends what the camera shows in place of picture i of its clip.
func (c *Camera) show(i int, ticks int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := c.onAir.pictures[i].key
	if key {
		c.showing = c.fault
		c.onAir = c.next
		c.format.SafeSetParams(c.onAir.rawSPS, c.onAir.rawPPS)
	}
	if c.showing != Frozen {
		c.frozen = nil
	}
	if len(c.readers) == 0 && c.showing != Frozen {
		return nil
	}
	switch c.showing {
	case Healthy:
		unit, err := c.onAir.unit(i)
		if err != nil {
			return err
		}
		return c.send(unit, ticks, key)
	case Frozen:
		if err := c.freeze(i); err != nil {
			return err
		}
		return c.send(c.frozen, ticks, true)
	case Black:
		return c.send(c.onAir.black[i%len(c.onAir.black)], ticks, true)
	case Garbage:
		return c.sendGarbage(c.onAir.pictures[i].size, ticks)
	case Refused, Hung, Silent:
	}
	return nil
}

// freeze keeps the key frame that was shown last before picture i, once.
func (c *Camera) freeze(i int) (err error) {
	if c.frozen == nil {
		c.frozen, err = c.onAir.unit(c.onAir.keyBefore(i))
	}
	return err
}

func (c *Camera) send(unit accessUnit, ticks int64, key bool) error {
	packets, err := c.packets.Encode(unit)
	if err != nil {
		return err
	}
	c.deliver(packets, ticks, func(r *reader) bool {
		r.inStep = r.inStep || key
		return r.inStep
	})
	return nil
}

// sendGarbage sends about as many bytes as the picture has, in packets in which only the RTP header means anything.
func (c *Camera) sendGarbage(size int, ticks int64) error {
	const payload = 1200
	var packets []*rtp.Packet
	for ; size > 0; size -= payload {
		noise := make([]byte, min(size, payload))
		rand.Read(noise)
		// As a single NAL unit, which RTP carries as it is: the sequence numbers go on.
		packet, err := c.packets.Encode([][]byte{noise})
		if err != nil {
			return err
		}
		packet[0].Marker = size <= payload
		packets = append(packets, packet...)
	}
	c.deliver(packets, ticks, func(*reader) bool { return true }) // nobody can be out of step with garbage
	return nil
}

// deliver queues the packets of one picture for every reader that can make use of it. A reader that is too slow
// loses packets and sees nothing more until the next key frame; nobody waits for it.
func (c *Camera) deliver(packets []*rtp.Packet, ticks int64, useful func(*reader) bool) {
	sent := false
	for session, reader := range c.readers {
		if !useful(reader) {
			continue
		}
		for i, packet := range packets {
			packet.Timestamp = c.origin + uint32(ticks)
			if err := session.WritePacketRTP(c.media, packet); err != nil {
				c.stats.PacketsLost += uint64(len(packets) - i)
				reader.inStep = false
				break
			}
		}
		sent = true
	}
	if sent {
		c.stats.FramesSent++
	}
}

// end tells every reader that there is nothing more, and waits until they have left, but not for ever.
func (c *Camera) end(ctx context.Context, at time.Time) {
	if c.options.OnEnd != nil {
		c.options.OnEnd(at)
	}
	if !c.sayGoodbye() {
		return
	}
	timer := time.NewTimer(farewell)
	defer timer.Stop()
	select {
	case <-c.lastLeft:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// sayGoodbye reports whether anybody was there to hear it.
func (c *Camera) sayGoodbye() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	if c.showing == Silent || c.showing == Hung {
		return len(c.readers) > 0
	}
	source := c.stream.Stats().Medias[c.media].Formats[c.format].LocalSSRC
	// With the company that RFC 3550, section 6.1, demands: on its own it is too short for FFmpeg to look at.
	goodbye := &rtcp.CompoundPacket{
		&rtcp.ReceiverReport{SSRC: source},
		rtcp.NewCNAMESourceDescription(source, "footfall-simulator"),
		&rtcp.Goodbye{Sources: []uint32{source}},
	}
	for session := range c.readers {
		// One whose queue is full will see the connection end instead.
		_ = session.WritePacketRTCP(c.media, goodbye)
	}
	return len(c.readers) > 0
}
