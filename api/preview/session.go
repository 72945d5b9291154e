package preview

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/cc"
	"github.com/pion/interceptor/pkg/gcc"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"footfall/models"
)

// The ways in which an offer or a trickle can be wrong beside being invalid.
var (
	// ErrNotAcceptable: an offer that asks for nothing we have.
	ErrNotAcceptable = errors.New("only H.264 video, packetization mode 1, can be sent; offer to receive that")
	// ErrOtherSession: the ICE credentials are not those of this session: it was restarted, or is another.
	ErrOtherSession = errors.New("these are the ICE credentials of another session")
)

// Answer is what a viewer gets for an offer.
type Answer struct {
	Session string // its id
	Tag     string // of the ICE session: the entity tag of WHEP, without quotes
	SDP     string
}

// session is one viewer over WebRTC.
type session struct {
	gate   *Gate
	id     string
	camera models.CameraID
	stream models.Stream // as asked for
	opened time.Time
	ended  func()
	peer   *webrtc.PeerConnection
	track  *track
	seat   *Seat
	cancel context.CancelFunc
	once   sync.Once

	tag       string
	connected atomic.Bool
	estimate  atomic.Pointer[gcc.SendSideBWE]
}

// Open makes a session of an offer: it asks for the picture at once, so that it is there when the viewer has connected.
// ended is called once, when a session that was opened is over; it must not wait.
func (g *Gate) Open(stream models.Stream, offer string, ended func()) (Answer, error) {
	s := &session{gate: g, camera: stream.Camera, stream: stream, opened: time.Now(), ended: ended}
	if err := g.admit(s); err != nil {
		return Answer{}, err
	}
	answer, err := s.open(offer)
	if err != nil {
		s.end()
		return Answer{}, err
	}
	return answer, nil
}

// Trickle takes in further candidates of a viewer (RFC 8840). tag is the entity tag that the viewer holds.
func (g *Gate) Trickle(camera models.CameraID, id, tag, fragment string) error {
	s, err := g.find(camera, id)
	if err != nil {
		return err
	}
	if tag != s.tag && tag != "*" {
		return ErrOtherSession
	}
	for line := range strings.Lines(fragment) {
		text, found := strings.CutPrefix(strings.TrimSpace(line), "a=candidate:")
		if !found {
			continue
		}
		mid, index := "", uint16(0)
		err := s.peer.AddICECandidate(webrtc.ICECandidateInit{
			Candidate: "candidate:" + text, SDPMid: &mid, SDPMLineIndex: &index,
		})
		if err != nil {
			return models.Invalidf("candidate", "cannot be read")
		}
	}
	return nil
}

// End ends a session.
func (g *Gate) End(camera models.CameraID, id string) error {
	s, err := g.find(camera, id)
	if err != nil {
		return err
	}
	s.end()
	return nil
}

// open negotiates and starts what feeds the viewer.
func (s *session) open(offer string) (Answer, error) {
	api, err := s.api()
	if err != nil {
		return Answer{}, err
	}
	if s.peer, err = api.NewPeerConnection(webrtc.Configuration{}); err != nil {
		return Answer{}, fmt.Errorf("open preview: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.peer.OnConnectionStateChange(s.changed)
	s.peer.OnDataChannel(func(channel *webrtc.DataChannel) {
		channel.OnOpen(func() { s.run(func() { s.tellNews(ctx, channel) }) })
	})
	if s.track, err = newTrack(); err != nil {
		return Answer{}, err
	}
	sender, err := s.peer.AddTrack(s.track.local)
	if err != nil {
		return Answer{}, fmt.Errorf("open preview: %w", err)
	}
	answer, err := s.negotiate(offer)
	if err != nil {
		return Answer{}, err
	}
	s.run(func() { s.listen(sender) })
	s.run(func() { s.feed(ctx) })
	s.run(func() { s.follow(ctx) })
	return answer, nil
}

// run starts a goroutine that the gate waits for.
func (s *session) run(do func()) {
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	if !s.gate.closed {
		s.gate.running.Go(do)
	}
}

// negotiate answers the offer, with all our candidates in the answer: they are known without asking anybody.
func (s *session) negotiate(offer string) (Answer, error) {
	asked := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}
	if err := s.peer.SetRemoteDescription(asked); err != nil {
		return Answer{}, models.Invalidf("body", "is not an SDP offer that can be answered: %s", firstLine(err.Error()))
	}
	answer, err := s.peer.CreateAnswer(nil)
	if errors.Is(err, webrtc.ErrSenderWithNoCodecs) {
		return Answer{}, ErrNotAcceptable
	}
	if err != nil {
		return Answer{}, models.Invalidf("body", "is not an SDP offer that can be answered: %s", firstLine(err.Error()))
	}
	s.seat = s.gate.relay.Join(s.stream) // the picture is on its way while the viewer connects
	gathered := webrtc.GatheringCompletePromise(s.peer)
	if err := s.peer.SetLocalDescription(answer); err != nil {
		return Answer{}, fmt.Errorf("open preview: %w", err)
	}
	const patience = 2 * time.Second
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-gathered:
	case <-timer.C: // with the candidates there are
	}
	description := s.peer.LocalDescription()
	if !sendsVideo(s.peer) {
		return Answer{}, ErrNotAcceptable
	}
	parsed, err := description.Unmarshal()
	if err != nil {
		return Answer{}, fmt.Errorf("open preview: %w", err)
	}
	s.tag, _ = parsed.Attribute("ice-ufrag")
	for _, media := range parsed.MediaDescriptions {
		if fragment, found := media.Attribute("ice-ufrag"); found {
			s.tag = fragment
		}
	}
	return Answer{Session: s.id, Tag: s.tag, SDP: description.SDP}, nil
}

// sendsVideo reports whether the viewer takes our video.
func sendsVideo(peer *webrtc.PeerConnection) bool {
	for _, t := range peer.GetTransceivers() {
		sends := t.Direction() == webrtc.RTPTransceiverDirectionSendonly ||
			t.Direction() == webrtc.RTPTransceiverDirectionSendrecv
		if t.Kind() == webrtc.RTPCodecTypeVideo && sends && t.Mid() != "" &&
			len(t.Sender().GetParameters().Codecs) > 0 {
			return true
		}
	}
	return false
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// api is pion with the codec, the feedback and the estimate that a session needs. Each has its own, because that is the
// only way to know whose estimate it is.
func (s *session) api() (*webrtc.API, error) {
	media := &webrtc.MediaEngine{}
	feedback := []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}}
	err := media.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeH264, ClockRate: clockRate, RTCPFeedback: feedback,
			SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
		},
		PayloadType: 96,
	}, webrtc.RTPCodecTypeVideo)
	if err != nil {
		return nil, fmt.Errorf("open preview: %w", err)
	}
	registry := &interceptor.Registry{}
	const first, least, most = 3_000_000, 100_000, 20_000_000 // bits a second
	control, err := cc.NewInterceptor(func() (cc.BandwidthEstimator, error) {
		return gcc.NewSendSideBWE(gcc.SendSideBWEInitialBitrate(first), gcc.SendSideBWEMinBitrate(least),
			gcc.SendSideBWEMaxBitrate(most), gcc.SendSideBWEPacer(gcc.NewNoOpPacer()), // pacing would cost time
			gcc.WithLoggerFactory(quiet{}))
	})
	if err != nil {
		return nil, fmt.Errorf("open preview: %w", err)
	}
	control.OnNewPeerConnection(func(_ string, estimator cc.BandwidthEstimator) {
		if bwe, ok := estimator.(*gcc.SendSideBWE); ok {
			s.estimate.Store(bwe)
		}
	})
	registry.Add(control)
	for _, configure := range []func(*webrtc.MediaEngine, *interceptor.Registry) error{
		webrtc.ConfigureTWCCHeaderExtensionSender, webrtc.ConfigureNack,
		func(_ *webrtc.MediaEngine, r *interceptor.Registry) error { return webrtc.ConfigureRTCPReports(r) },
	} {
		if err := configure(media, registry); err != nil {
			return nil, fmt.Errorf("open preview: %w", err)
		}
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry),
		webrtc.WithSettingEngine(s.gate.engine)), nil
}

// changed follows the connection.
func (s *session) changed(state webrtc.PeerConnectionState) {
	switch state {
	case webrtc.PeerConnectionStateConnected:
		s.connected.Store(true)
		s.seat.NeedKey() // what was sent before did not arrive
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		go s.end() // pion waits for this callback
	default:
	}
}

// isOver reports whether a session has not connected in time.
func (s *session) isOver(now time.Time) bool {
	return !s.connected.Load() && now.Sub(s.opened) > unconnected
}

// end ends the session, once, and forgets it.
func (s *session) end() {
	s.once.Do(func() {
		s.gate.forget(s)
		if s.cancel != nil {
			s.cancel()
		}
		if s.seat != nil {
			s.seat.Leave()
		}
		if s.peer != nil {
			_ = s.peer.Close() // it is over either way
		}
		s.ended()
	})
}

// listen hears what the viewer says of our pictures, until the session ends.
func (s *session) listen(sender *webrtc.RTPSender) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			switch p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				s.seat.NeedKey()
			}
		}
	}
}
