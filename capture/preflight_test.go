package capture

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"footfall/capture/simulator"
	"footfall/models"
)

// onThisMachine allows loopback, where the cameras of the tests are.
var onThisMachine = AddressRules{AllowLoopback: true}

// device is a camera of which the test says every answer: odd ones that no RTSP library would give.
type device struct {
	address string
	answer  func(method, target string) string // status line and headers, without CSeq and the empty line; "" hangs up
	asked   chan string                        // the request lines and credentials that came
}

func startDevice(t *testing.T, answer func(method, target string) string) *device {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &device{address: listener.Addr().String(), answer: answer, asked: make(chan string, 100)}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { d.serve(conn) })
		}
	})
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
	return d
}

func (d *device) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	lines := bufio.NewScanner(conn)
	var request []string
	for lines.Scan() {
		if lines.Text() != "" {
			request = append(request, lines.Text())
			continue
		}
		method, rest, _ := strings.Cut(request[0], " ")
		target, _, _ := strings.Cut(rest, " ")
		cseq, shown := "", request[0]
		for _, header := range request[1:] {
			if strings.HasPrefix(header, "CSeq") {
				cseq = header
			}
			if strings.HasPrefix(header, "Authorization") {
				shown += " with credentials"
			}
		}
		d.asked <- shown
		answer := d.answer(method, target)
		if answer == "" {
			return
		}
		head, body, _ := strings.Cut(answer, "\n\n")
		_, _ = fmt.Fprintf(conn, "%s\r\n%s\r\nContent-Length: %d\r\n\r\n%s",
			strings.ReplaceAll(head, "\n", "\r\n"), cseq, len(body), body)
		request = nil
	}
}

// announce is the answer to DESCRIBE with these media lines.
func announce(media string) string {
	return "RTSP/1.0 200 OK\nContent-Type: application/sdp\n\n" +
		"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=Stream\r\nt=0 0\r\n" + media
}

const ok = "RTSP/1.0 200 OK\nPublic: DESCRIBE, SETUP, PLAY"

func TestWhyACameraCannotBeWatched(t *testing.T) {
	t.Parallel()
	describes := func(answer string) func(string, string) string {
		return func(method, _ string) string {
			if method == "OPTIONS" {
				return ok
			}
			return answer
		}
	}
	cases := []struct {
		name   string
		answer func(method, target string) string
		user   string
		reason models.Reason
		detail string
	}{
		{
			"no stream", describes("RTSP/1.0 404 Not Found"), "", models.ReasonNotFound,
			"the camera answers 404 Not Found: it has no stream at this path",
		},
		{
			"asks who is there", describes("RTSP/1.0 401 Who Is There\nWWW-Authenticate: Basic realm=\"c\""), "",
			models.ReasonAuth, "the camera asks for a user and password",
		},
		{
			"wrong password", describes("RTSP/1.0 401 Who Is There\nWWW-Authenticate: Basic realm=\"c\""), "u:secret@",
			models.ReasonAuth, "the camera refuses this user and password",
		},
		{
			"unknown authentication", describes("RTSP/1.0 401 Who Is There\nWWW-Authenticate: Riddle q=\"?\""), "u:secret@",
			models.ReasonAuth, "the camera wants a kind of authentication that is not known",
		},
		{
			"forbidden", describes("RTSP/1.0 403 Forbidden"), "u:secret@", models.ReasonAuth,
			"the camera refuses this user and password",
		},
		{
			"too many viewers", describes("RTSP/1.0 453 Not Enough Bandwidth"), "", models.ReasonUnreachable,
			"the camera answers 453 Not Enough Bandwidth",
		},
		{
			"hangs up", func(string, string) string { return "" }, "", models.ReasonUnreachable,
			"the connection was broken off",
		},
		{
			"only sound", describes(announce("m=audio 0 RTP/AVP 0\r\na=control:a\r\n")), "", models.ReasonUnsupported,
			"the camera announces no video, only audio",
		},
	}
	for _, c := range cases {
		d := startDevice(t, c.answer)
		_, err := Preflight(t.Context(), CameraAddress{URL: "rtsp://" + c.user + d.address + "/x", Addresses: onThisMachine})
		var got *ReasonError
		if !errors.As(err, &got) || got.Reason != c.reason || got.Detail != c.detail {
			t.Errorf("%s: got %v, want %s: %s", c.name, err, c.reason, c.detail)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows the password: %v", c.name, err)
		}
	}
}

func TestNobodyAtTheAddress(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Preflight(t.Context(), CameraAddress{URL: "rtsp://" + closed + "/x", Addresses: onThisMachine})
	if got := asReason(err, ""); got.Reason != models.ReasonUnreachable ||
		got.Detail != "connection refused: nothing listens at this address and port" {
		t.Errorf("a closed port: %s %q", got.Reason, got.Detail)
	}
	// Connections are taken by the kernel and never answered.
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	_, err = Preflight(t.Context(), CameraAddress{
		URL: "rtsp://" + silent.Addr().String() + "/x", Addresses: onThisMachine, Timeout: 200 * time.Millisecond,
	})
	if got := asReason(err, ""); got.Reason != models.ReasonUnreachable || got.Detail != "no answer in time" {
		t.Errorf("a silent port: %s %q", got.Reason, got.Detail)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("closing time")
	cancel(why)
	_, err = Preflight(ctx, CameraAddress{URL: "rtsp://" + silent.Addr().String() + "/x", Addresses: onThisMachine})
	if !errors.Is(err, why) {
		t.Errorf("a preflight that is told to end says %v", err)
	}
}

// What our library cannot read is left to FFmpeg, which has seen more cameras.
func TestAnOddAnnouncementIsNotARefusal(t *testing.T) {
	t.Parallel()
	d := startDevice(t, func(method, _ string) string {
		if method == "OPTIONS" {
			return ok
		}
		return announce("m=video 0 RTP/AVP nonsense\r\n")
	})
	target, err := Preflight(t.Context(), CameraAddress{URL: "rtsp://" + d.address + "/x", Addresses: onThisMachine})
	if err != nil || target.Codec != "" || target.Address.String() != d.address {
		t.Errorf("got %+v, %v; want a target without a codec", target, err)
	}
}

func TestARedirectIsCheckedBeforeItIsFollowed(t *testing.T) {
	t.Parallel()
	second := startDevice(t, func(method, _ string) string {
		if method == "OPTIONS" {
			return ok
		}
		return announce("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n")
	})
	for _, c := range []struct{ name, location, refusal string }{
		{"to another camera", "rtsp://" + second.address + "/live", ""},
		{"to the metadata service", "rtsp://169.254.169.254/latest/meta-data", "address 169.254.169.254 is not allowed: " +
			"it is a cloud metadata service; an administrator can allow its network"},
		{"to a file", "file:///etc/passwd", "the camera redirects to a file address; only rtsp and rtsps are allowed"},
		{"to a web server", "http://127.0.0.1/x", "the camera redirects to a http address; only rtsp and rtsps are allowed"},
		{"to nowhere", "rtsp:///x", "the camera redirects to an address without a host"},
		{"in circles", "", "the camera redirects more than 3 times"},
	} {
		var first *device
		first = startDevice(t, func(method, _ string) string {
			location := c.location
			if location == "" {
				location = "rtsp://" + first.address + "/again"
			}
			if method == "OPTIONS" {
				return ok
			}
			return "RTSP/1.0 302 Found\nLocation: " + location
		})
		target, err := Preflight(t.Context(), CameraAddress{
			URL: "rtsp://u:secret@" + first.address + "/x", Addresses: onThisMachine,
		})
		switch {
		case c.refusal != "" && (err == nil || err.Error() != c.refusal):
			t.Errorf("%s: got %v, want %q", c.name, err, c.refusal)
		case c.refusal == "" && (err != nil || target.Address.String() != second.address):
			t.Errorf("%s: got %+v, %v; want the address of the second", c.name, target, err)
		}
	}
}

func TestARedirectToAnotherHostGetsNoCredentials(t *testing.T) {
	t.Parallel()
	from := mustURL(t, "rtsp://u:secret@door.example/x")
	for _, c := range []struct{ location, want string }{
		{"rtsp://door.example:8554/y", "rtsp://u:secret@door.example:8554/y"},
		{"/y", "rtsp://u:secret@door.example/y"},
		{"rtsp://other.example/y", "rtsp://other.example/y"},
		{"rtsp://other:pw@other.example/y", "rtsp://other.example/y"},
	} {
		to, err := redirected(from, c.location)
		if err != nil || to.String() != c.want {
			t.Errorf("%s: got %v, %v; want %s", c.location, to, err, c.want)
		}
	}
	if _, err := redirected(mustURL(t, "rtsps://door.example/x"), "rtsp://door.example/x"); err == nil {
		t.Error("a camera may take the encryption away")
	}
}

func TestAProbeTellsWhatACameraIs(t *testing.T) {
	t.Parallel()
	clip := street(t)
	for _, c := range []struct {
		name      string
		options   simulator.CameraOptions
		transport models.Transport
		want      ProbeResult
	}{
		{"open", simulator.CameraOptions{Clip: clip}, models.TCP, ProbeResult{Transport: "tcp", Authentication: "none"}},
		{
			"over UDP",
			simulator.CameraOptions{Clip: clip},
			models.UDP,
			ProbeResult{Transport: "udp", Authentication: "none"},
		},
		{
			"encrypted",
			simulator.CameraOptions{Clip: clip, TLS: true},
			models.TCP,
			ProbeResult{Transport: "tcp", Authentication: "none"},
		},
		{
			"basic",
			simulator.CameraOptions{Clip: clip, User: "us er", Password: "p@ss/%", Login: "basic"},
			models.TCP,
			ProbeResult{Transport: "tcp", Authentication: "basic"},
		},
		{
			"digest",
			simulator.CameraOptions{Clip: clip, User: "us er", Password: "p@s:s/%", Login: "digest"},
			models.TCP,
			ProbeResult{Transport: "tcp", Authentication: "digest"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			camera := startCamera(t, c.options)
			got, err := Probe(t.Context(), CameraAddress{
				URL: camera.URL(), Transport: c.transport, Addresses: onThisMachine,
			}, Timeouts{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got.Frames == 0 || got.FPS <= 0 || got.Latency <= 0 || got.FirstFrame <= 0 {
				t.Errorf("nothing was measured: %+v", got)
			}
			if _, err := netip.ParseAddrPort(got.Address); err != nil {
				t.Errorf("address %q: %v", got.Address, err)
			}
			got = ProbeResult{
				Transport: got.Transport, Authentication: got.Authentication,
				Codec: got.Codec, Width: got.Width, Height: got.Height,
			}
			c.want.Codec, c.want.Width, c.want.Height = "H264", clip.Width(), clip.Height()
			if got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestAProbeWithAWrongPasswordSaysSo(t *testing.T) {
	t.Parallel()
	camera := startCamera(t, simulator.CameraOptions{Clip: street(t), User: "admin", Password: "right"})
	address := strings.Replace(camera.URL(), "right", "wrong", 1)
	_, err := Probe(t.Context(), CameraAddress{URL: address, Addresses: onThisMachine}, Timeouts{}, nil)
	want := "probe camera " + models.RedactURL(address) + ": the camera refuses this user and password"
	if err == nil || err.Error() != want || asReason(err, "").Reason != models.ReasonAuth {
		t.Errorf("got %v, want %s", err, want)
	}
}
