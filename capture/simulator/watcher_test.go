package simulator

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"sync/atomic"
	"testing"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/pion/rtp"
)

// watcher is a reader of the RTSP library's own, which shows what FFmpeg hides: packets and time stamps.
type watcher struct {
	t       *testing.T
	client  *gortsplib.Client
	packets chan *rtp.Packet
	ended   chan error
	sdp     *format.H264
	blocked atomic.Pointer[chan struct{}]
}

// block stops reading until the channel is closed.
func (w *watcher) block(until chan struct{}) { w.blocked.Store(&until) }

func (w *watcher) take(packet *rtp.Packet) {
	if blocked := w.blocked.Load(); blocked != nil {
		<-*blocked
	}
	w.packets <- packet
}

// watch plays a camera until the test ends.
func watch(t *testing.T, camera *Camera) *watcher {
	t.Helper()
	w, err := tryToWatch(t, camera, camera.URL())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func tryToWatch(t *testing.T, camera *Camera, address string) (*watcher, error) {
	t.Helper()
	url, err := base.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	tcp := gortsplib.ProtocolTCP
	w := &watcher{
		t:       t,
		client:  &gortsplib.Client{Scheme: url.Scheme, Host: url.Host, Protocol: &tcp, TLSConfig: trust(camera)},
		packets: make(chan *rtp.Packet, 100_000), // more than any test waits for: the library is never held up
		ended:   make(chan error, 1),
	}
	if err := w.client.Start(); err != nil {
		return nil, err
	}
	t.Cleanup(w.client.Close)
	description, _, err := w.client.Describe(url)
	if err != nil {
		return nil, err
	}
	media := description.FindFormat(&w.sdp)
	if _, err := w.client.Setup(description.BaseURL, media, 0, 0); err != nil {
		return nil, err
	}
	w.client.OnPacketRTP(media, w.sdp, w.take)
	if _, err := w.client.Play(nil); err != nil {
		return nil, err
	}
	go func() { w.ended <- w.client.Wait() }()
	return w, nil
}

func trust(camera *Camera) *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(camera.Certificate())
	return &tls.Config{RootCAs: roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
}

// shown is one picture as it came in.
type shown struct {
	unit    accessUnit
	stamp   uint32
	key     bool
	packets []*rtp.Packet
}

func (s shown) same(o shown) bool {
	if len(s.unit) != len(o.unit) {
		return false
	}
	for i := range s.unit {
		if !bytes.Equal(s.unit[i], o.unit[i]) {
			return false
		}
	}
	return true
}

// packet waits for the next packet.
func (w *watcher) packet(ctx context.Context) *rtp.Packet {
	w.t.Helper()
	select {
	case packet := <-w.packets:
		return packet
	case err := <-w.ended:
		w.t.Fatalf("the stream ended: %v", err)
	case <-ctx.Done():
		w.t.Fatal("no packet came")
	}
	return nil
}

// picture waits for the next picture that makes sense.
func (w *watcher) picture(ctx context.Context) shown {
	w.t.Helper()
	depacketise, err := w.sdp.CreateDecoder()
	if err != nil {
		w.t.Fatal(err)
	}
	var packets []*rtp.Packet
	for {
		packet := w.packet(ctx)
		packets = append(packets, packet)
		unit, err := depacketise.Decode(packet)
		if err != nil || !packet.Marker {
			continue
		}
		return shown{unit: unit, stamp: packet.Timestamp, key: h264.IsRandomAccess(unit), packets: packets}
	}
}

// until waits for the first picture of which something is true.
func (w *watcher) until(what func(shown) bool) shown {
	w.t.Helper()
	ctx := within(w.t)
	for {
		if picture := w.picture(ctx); what(picture) {
			return picture
		}
	}
}

// next waits for n pictures.
func (w *watcher) next(n int) []shown {
	w.t.Helper()
	ctx := within(w.t)
	var pictures []shown
	for range n {
		pictures = append(pictures, w.picture(ctx))
	}
	return pictures
}

// parameters reads the SPS that a picture brings along.
func (s shown) size(t *testing.T) (width, height int) {
	t.Helper()
	for _, nalu := range s.unit {
		if h264.NALUType(nalu[0]&0x1f) == h264.NALUTypeSPS {
			var sps h264.SPS
			if err := sps.Unmarshal(nalu); err != nil {
				t.Fatal(err)
			}
			return sps.Width(), sps.Height()
		}
	}
	t.Fatal("the picture has no SPS")
	return 0, 0
}
