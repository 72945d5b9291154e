package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
)

// viewer watches a camera as any WHEP client would: it is written against the draft, not against our code.
type viewer struct {
	peer    *webrtc.PeerConnection
	session string // its URL
	tag     string
	asked   time.Time

	pictures chan arrived // the newest few; older ones are dropped when nobody takes them
	news     chan map[string]any
	decoder  *decoder
	once     sync.Once
	gone     chan struct{} // closed by close
}

// arrived is an access unit.
type arrived struct {
	data []byte
	at   time.Time
}

// whep is the address of a camera's pictures.
func (s *service) whep(camera, class string) string {
	return s.url + "/api/v1/cameras/" + camera + "/whep?class=" + class
}

// watch opens a viewer, or fails.
func watch(t testing.TB, address string) *viewer {
	t.Helper()
	return watchBy(t, address, webrtc.Configuration{})
}

// watchBy opens a viewer that goes by the ICE servers of a configuration.
func watchBy(t testing.TB, address string, by webrtc.Configuration) *viewer {
	t.Helper()
	v, err := dialWHEP(t.Context(), address, by)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.close)
	return v
}

func dialWHEP(ctx context.Context, address string, by webrtc.Configuration) (*viewer, error) {
	v := &viewer{asked: time.Now(), pictures: make(chan arrived, 100), news: make(chan map[string]any, 100), gone: make(chan struct{})}
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	registry := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(media, registry); err != nil {
		return nil, err
	}
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	var err error
	v.peer, err = webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry),
		webrtc.WithSettingEngine(settings)).NewPeerConnection(by)
	if err != nil {
		return nil, err
	}
	v.peer.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { v.receive(track) })
	if err := v.offer(ctx, address); err != nil {
		v.close() //nolint:contextcheck // it is closed though ctx may have ended
		return nil, err
	}
	return v, nil
}

func (v *viewer) offer(ctx context.Context, address string) error {
	_, err := v.peer.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo,
		webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	if err != nil {
		return err
	}
	channel, err := v.peer.CreateDataChannel("news", nil)
	if err != nil {
		return err
	}
	channel.OnMessage(func(m webrtc.DataChannelMessage) {
		var news map[string]any
		if json.Unmarshal(m.Data, &news) == nil {
			select {
			case v.news <- news:
			default:
			}
		}
	})
	offer, err := v.peer.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(v.peer)
	if err := v.peer.SetLocalDescription(offer); err != nil {
		return err
	}
	<-gathered
	answer, header, err := send(ctx, http.MethodPost, address, "application/sdp", v.peer.LocalDescription().SDP, "")
	if err != nil {
		return err
	}
	if header.status != http.StatusCreated {
		return fmt.Errorf("%s: %d %s", address, header.status, answer)
	}
	base, _, _ := strings.Cut(address, "/api/")
	v.session, v.tag = base+header.Get("Location"), header.Get("ETag")
	return v.peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
}

// answered is the head of an answer.
type answered struct {
	http.Header

	status int
}

func send(ctx context.Context, method, address, kind, body, ifMatch string) (string, answered, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return "", answered{}, err
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	if ifMatch != "" {
		request.Header.Set("If-Match", ifMatch)
	}
	response, err := visitor.Do(request)
	if err != nil {
		return "", answered{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return string(text), answered{response.Header, response.StatusCode}, err
}

// receive puts packets together until the track ends.
func (v *viewer) receive(track *webrtc.TrackRemote) {
	var unit []byte
	var stamp uint32
	depacketizer := &codecs.H264Packet{}
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		payload, err := depacketizer.Unmarshal(packet.Payload)
		if err != nil {
			continue
		}
		if packet.Timestamp != stamp {
			unit, stamp = nil, packet.Timestamp
		}
		unit = append(unit, payload...)
		if !packet.Marker {
			continue
		}
		select {
		case v.pictures <- arrived{unit, time.Now()}:
		default:
		}
		unit = nil
	}
}

func (v *viewer) close() {
	v.once.Do(func() {
		close(v.gone)
		if v.session != "" {
			_, _, _ = send(context.Background(), http.MethodDelete, v.session, "", "", "")
		}
		_ = v.peer.Close()
		if v.decoder != nil {
			v.decoder.close()
		}
	})
}

// picture waits for the next access unit.
func (v *viewer) picture(t testing.TB) arrived {
	t.Helper()
	select {
	case p := <-v.pictures:
		return p
	case <-time.After(patience):
		t.Fatal("no picture comes")
		return arrived{}
	}
}

// idle takes pictures and does nothing with them, until the viewer is closed.
func (v *viewer) idle() {
	for {
		select {
		case <-v.pictures:
		case <-v.gone:
			return
		}
	}
}

// told waits until the news say something.
func (v *viewer) told(t testing.TB, what string, holds func(map[string]any) bool) map[string]any {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case news := <-v.news:
			if holds(news) {
				return news
			}
		case <-deadline:
			t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

// decoder makes grey pictures of access units, each as soon as it is in.
type decoder struct {
	command *exec.Cmd
	in      io.WriteCloser
	done    chan struct{}
}

// develop gives every picture to see, from a goroutine of its own, until close.
func develop(t testing.TB, width, height int, see func(grey []byte, at time.Time)) *decoder {
	t.Helper()
	d := &decoder{done: make(chan struct{})}
	d.command = exec.Command("ffmpeg", "-v", "quiet", "-probesize", "32", "-analyzeduration", "0", "-flags", "low_delay",
		"-threads", "1", "-f", "h264", "-i", "pipe:0", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray",
		"-flush_packets", "1", "pipe:1")
	var err error
	if d.in, err = d.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := d.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(d.done)
		grey := make([]byte, width*height)
		for {
			if _, err := io.ReadFull(out, grey); err != nil {
				return
			}
			see(grey, time.Now())
		}
	}()
	return d
}

// write decodes a unit. The delimiter of the next one goes with it: without it the parser would wait for that.
func (d *decoder) write(unit []byte) {
	_, _ = d.in.Write(append(unit[:len(unit):len(unit)], 0, 0, 0, 1, 9, 0xf0))
}

func (d *decoder) close() {
	_ = d.in.Close()
	<-d.done
	_ = d.command.Wait()
}
