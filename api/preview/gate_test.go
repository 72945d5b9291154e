package preview

import (
	"errors"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"footfall/models"
)

func openGate(t testing.TB, change func(*GateConfig)) (*Gate, *Relay) {
	t.Helper()
	relay := NewRelay(place{}, nil)
	config := GateConfig{
		Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler),
		Status: func(models.CameraID) models.CameraStatus { return models.CameraStatus{State: models.Online} },
	}
	if change != nil {
		change(&config)
	}
	g, err := NewGate(t.Context(), config, relay)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g, relay
}

// offer is what a browser would send; the peer is closed with the test.
func offer(t testing.TB, kind webrtc.RTPCodecType) (*webrtc.PeerConnection, string) {
	t.Helper()
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	peer, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(usualCodecs(t))).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = peer.Close() })
	if _, err := peer.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		t.Fatal(err)
	}
	if _, err := peer.CreateDataChannel("news", nil); err != nil {
		t.Fatal(err)
	}
	description, err := peer.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(peer)
	if err := peer.SetLocalDescription(description); err != nil {
		t.Fatal(err)
	}
	<-gathered
	return peer, peer.LocalDescription().SDP
}

func usualCodecs(t testing.TB) *webrtc.MediaEngine {
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	return media
}

// A viewer connects and gets pictures with the times they were taken at; all of them go through one port.
func TestASessionCarriesPictures(t *testing.T) {
	t.Parallel()
	g, relay := openGate(t, nil)
	peer, sdp := offer(t, webrtc.RTPCodecTypeVideo)
	came := make(chan uint32, 100)
	peer.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			packet, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			if packet.Marker {
				came <- packet.Timestamp
			}
		}
	})
	answer, err := g.Open(tile(), sdp, func() {})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(answer.SDP) {
		if strings.HasPrefix(line, "a=candidate:") && !strings.Contains(line, " "+strconv.Itoa(g.Port())+" typ host") {
			t.Errorf("a candidate is elsewhere: %s", line)
		}
	}
	if !strings.Contains(answer.SDP, "udp") || !strings.Contains(answer.SDP, " tcptype passive") {
		t.Errorf("the answer has not both UDP and TCP:\n%s", answer.SDP)
	}
	if err := peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer.SDP}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var stamps []uint32
	for seq := uint64(1); len(stamps) < 3; seq++ {
		next := shot(seq, true)
		next.At = began.Add(time.Duration(seq) * 100 * time.Millisecond)
		next.Data = []byte("\x00\x00\x00\x01\x65picture")
		relay.Show(next)
		select {
		case stamp := <-came:
			stamps = append(stamps, stamp)
		case <-tick.C:
		}
	}
	if step := stamps[2] - stamps[1]; step%9000 != 0 || step == 0 {
		t.Errorf("pictures a tenth of a second apart are %d ticks apart, want multiples of 9000", step)
	}
	if err := g.End("lobby", answer.Session); err != nil {
		t.Error(err)
	}
	if err := g.End("lobby", answer.Session); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("ended twice: %v", err)
	}
}

func TestOffersThatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	g, relay := openGate(t, nil)
	_, audio := offer(t, webrtc.RTPCodecTypeAudio)
	_, video := offer(t, webrtc.RTPCodecTypeVideo)
	for name, test := range map[string]struct {
		offer string
		want  error
	}{
		"nothing":       {"", models.ErrInvalid},
		"no SDP":        {"hello", models.ErrInvalid},
		"half an offer": {video[:len(video)/2], models.ErrInvalid},
		"sound only":    {audio, ErrNotAcceptable},
		"no H.264":      {strings.ReplaceAll(video, "H264/90000", "VP9/90000"), ErrNotAcceptable},
		"random bytes":  {"v=0\r\n\x00\xff\xfe", models.ErrInvalid},
	} {
		if _, err := g.Open(tile(), test.offer, func() {}); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error has several lines: %q", name, err)
		}
	}
	if c := g.Counts(); c.Sessions != 0 {
		t.Errorf("%d sessions are left of offers that were refused", c.Sessions)
	}
	if v := relay.Counts().Viewers; len(v) != 0 {
		t.Errorf("seats are left: %v", v)
	}
}

// Sessions that are opened and abandoned are gone in time, and there are no more than there may be.
func TestAbandonedSessionsAreForgotten(t *testing.T) {
	t.Parallel()
	g, relay := openGate(t, func(c *GateConfig) { c.Most = 20 })
	_, sdp := offer(t, webrtc.RTPCodecTypeVideo)
	for range 20 {
		if _, err := g.Open(tile(), sdp, func() {}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := g.Open(tile(), sdp, func() {}); !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("one too many: %v", err)
	}
	for _, s := range g.all() {
		if s.isOver(time.Now()) {
			t.Error("a session is over that has just begun")
		}
		if !s.isOver(time.Now().Add(unconnected + time.Second)) {
			t.Error("a session that never connected goes on")
		}
		s.end() // as Run does
	}
	if c := g.Counts(); c.Sessions != 0 || c.Opened != 20 {
		t.Errorf("%+v are left", c)
	}
	if v := relay.Counts().Viewers; len(v) != 0 {
		t.Errorf("seats are left: %v", v)
	}
	if _, err := g.Open(tile(), sdp, func() {}); err != nil {
		t.Errorf("there is room again: %v", err)
	}
}

func TestTrickling(t *testing.T) {
	t.Parallel()
	g, _ := openGate(t, nil)
	_, sdp := offer(t, webrtc.RTPCodecTypeVideo)
	a, err := g.Open(tile(), sdp, func() {})
	if err != nil {
		t.Fatal(err)
	}
	const candidate = "a=mid:0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\na=end-of-candidates\r\n"
	for name, test := range map[string]struct {
		camera       models.CameraID
		session, tag string
		fragment     string
		want         error
	}{
		"a candidate":      {"lobby", a.Session, a.Tag, candidate, nil},
		"none":             {"lobby", a.Session, a.Tag, "", nil},
		"nonsense":         {"lobby", a.Session, a.Tag, "a=candidate:x\r\n", models.ErrInvalid},
		"another tag":      {"lobby", a.Session, "other", candidate, ErrOtherSession},
		"another camera's": {"yard", a.Session, a.Tag, candidate, models.ErrNotFound},
		"no session":       {"lobby", "none", a.Tag, candidate, models.ErrNotFound},
	} {
		if err := g.Trickle(test.camera, test.session, test.tag, test.fragment); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}

func TestGateSaysWhatItCannotHave(t *testing.T) {
	t.Parallel()
	taken, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, err = NewGate(t.Context(), GateConfig{Listen: taken.LocalAddr().String()}, NewRelay(place{}, nil))
	if err == nil || !strings.Contains(err.Error(), taken.LocalAddr().String()+": bind: address already in use; choose another with preview.listen") {
		t.Errorf("a port in use: %v", err)
	}
	if _, err := NewGate(t.Context(), GateConfig{Listen: "127.0.0.1:0", Hosts: []string{"door.example.org"}}, nil); !errors.Is(err, models.ErrInvalid) {
		t.Errorf("a name among the hosts: %v", err)
	}
}

// Further addresses are announced beside our own.
func TestHostsAreAnnounced(t *testing.T) {
	t.Parallel()
	g, _ := openGate(t, func(c *GateConfig) { c.Hosts = []string{"203.0.113.7"} })
	_, sdp := offer(t, webrtc.RTPCodecTypeVideo)
	a, err := g.Open(tile(), sdp, func() {})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"203.0.113.7 " + strconv.Itoa(g.Port()), "127.0.0.1 " + strconv.Itoa(g.Port())} {
		if !strings.Contains(a.SDP, want) {
			t.Errorf("%s is not announced:\n%s", want, a.SDP)
		}
	}
}
