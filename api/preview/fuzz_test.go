package preview

import (
	"errors"
	"strings"
	"testing"

	"github.com/pion/webrtc/v4"

	"footfall/models"
)

// Whatever is offered, and sent after it, is answered or refused as the viewer's mistake, and leaves no session.
func FuzzOffer(f *testing.F) {
	g, _ := openGate(f, nil)
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		_, sdp := offer(f, kind)
		f.Add(sdp, "a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n")
		f.Add(strings.ReplaceAll(sdp, "m=video 9 ", "m=video 0 "), "a=candidate:x\r\na=end-of-candidates\r\n")
		f.Add(strings.Repeat(sdp, 2), strings.Repeat("a=candidate:\r\n", 50))
		f.Add(strings.ReplaceAll(sdp, "sha-256", "md5"), "m=audio 9 x\r\na=mid:9\r\n")
	}
	f.Add("", "")
	f.Add("v=0\r\no=- 1 1 IN IP4 0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "\x00")
	f.Fuzz(func(t *testing.T, sdp, fragment string) {
		answer, err := g.Open(models.Stream{Camera: "door"}, sdp, func() {})
		if err != nil {
			if !errors.Is(err, models.ErrInvalid) && !errors.Is(err, ErrNotAcceptable) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%v", err)
			}
			return
		}
		if err := g.Trickle("door", answer.Session, answer.Tag, fragment); err != nil && !errors.Is(err, models.ErrInvalid) {
			t.Errorf("candidates: %v", err)
		}
		if err := g.End("door", answer.Session); err != nil {
			t.Error(err)
		}
		if _, err := g.find("door", answer.Session); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("a session that was ended: %v", err)
		}
	})
}
