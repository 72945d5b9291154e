package preview

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"footfall/models"
)

// clockRate is that of video in RTP.
const clockRate = 90_000

// track makes RTP of a viewer's shots. Its clock is that of the pictures.
type track struct {
	local   *webrtc.TrackLocalStaticRTP
	packets rtp.Packetizer
	last    time.Time
	sent    atomic.Int64 // bytes
}

func newTrack() (*track, error) {
	local, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeH264, ClockRate: clockRate,
	}, "picture", "footfall")
	if err != nil {
		return nil, fmt.Errorf("open preview: %w", err)
	}
	const mtu = 1200 // passes every tunnel
	return &track{
		local:   local,
		packets: rtp.NewPacketizer(mtu, 0, 0, &codecs.H264Payloader{}, rtp.NewRandomSequencer(), clockRate),
	}, nil
}

// send sends one picture.
func (t *track) send(shot models.Shot) {
	if step := shot.At.Sub(t.last); !t.last.IsZero() {
		// A clock that was set back, or a camera that was away, is a step like any other.
		step = min(max(step, time.Millisecond), 10*time.Second)
		t.packets.SkipSamples(uint32(step.Seconds() * clockRate))
	}
	t.last = shot.At
	for _, packet := range t.packets.Packetize(shot.Data, 0) {
		t.sent.Add(int64(len(packet.Payload)))
		// Not connected yet, or not any more: then it is lost.
		_ = t.local.WriteRTP(packet)
	}
}

// feed passes on shots until ctx ends.
func (s *session) feed(ctx context.Context) {
	for {
		shot, err := s.seat.Next(ctx)
		if err != nil {
			return
		}
		if s.connected.Load() {
			s.track.send(shot)
		}
	}
}

// news is what a viewer is told beside the picture, about twice a second and when something has changed.
type news struct {
	Camera string `json:"camera"`
	Size   string `json:"class"` // of the picture now: it may be smaller than asked for
	State  string `json:"state"` // of the camera; see the API
	Reason string `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"`
	// Picture: live, or why nothing moves: waiting (none has come yet), stalled.
	Picture string `json:"picture"`
	// Age is how old the newest picture and its boxes were when this was sent, in milliseconds; absent before the
	// first.
	Age    *int64     `json:"age_ms,omitempty"`
	Taken  *time.Time `json:"taken,omitempty"`
	People int        `json:"people"`
	Lines  []lineNews `json:"lines"`
}

type lineNews struct {
	ID  string `json:"id"`
	In  int64  `json:"in"`
	Out int64  `json:"out"`
}

// stalledAfter is how long no picture may come before viewers are told.
const stalledAfter = 1200 * time.Millisecond

// tellNews tells the viewer the news until ctx ends.
func (s *session) tellNews(ctx context.Context, channel *webrtc.DataChannel) {
	const every = 500 * time.Millisecond
	const backlog = 64 << 10 // bytes; a viewer who does not take the news gets none
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if channel.BufferedAmount() < backlog {
			text, err := json.Marshal(s.news(time.Now()))
			if err != nil || channel.SendText(string(text)) != nil {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// follow shows what the viewer's line can carry, until ctx ends.
func (s *session) follow(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	steps := newLadder(s.stream.Size)
	for before := int64(0); ; {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			sent := s.track.sent.Load()
			if estimate := s.estimate.Load(); estimate != nil {
				to := s.stream
				to.Size = steps.step(estimate.GetTargetBitrate(), int(8*(sent-before)), now.Sub(s.opened), now)
				s.seat.Move(to)
			}
			before = sent
		}
	}
}

// news is how things are at a moment.
func (s *session) news(now time.Time) news {
	return s.gate.relay.news(s.seat.Stream(), s.gate.config.Status(s.camera), now)
}

// news is how a stream is at a moment.
func (r *Relay) news(stream models.Stream, status models.CameraStatus, now time.Time) news {
	n := news{
		Camera: string(stream.Camera), Size: string(stream.Size), State: string(status.State),
		Reason: string(status.Reason), Detail: status.Detail, Picture: "waiting", Lines: []lineNews{},
	}
	if shot, seen, ok := r.Last(stream); ok {
		age, taken := now.Sub(shot.At).Milliseconds(), shot.At.UTC()
		n.Age, n.Taken, n.People, n.Picture = &age, &taken, shot.People, "live"
		if now.Sub(seen) > stalledAfter {
			n.Picture, n.People = "stalled", 0
		}
	}
	for _, total := range r.Totals(stream.Camera) {
		n.Lines = append(n.Lines, lineNews{ID: total.Line, In: total.In, Out: total.Out})
	}
	return n
}
