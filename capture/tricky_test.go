package capture

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Whatever a camera's address looks like, nothing that listens where cameras may not be is ever connected to: other spellings
// of loopback and of metadata services, users that look like hosts, other schemes, FFmpeg's own protocols.
func TestTrickyAddressesReachNobody(t *testing.T) {
	t.Parallel()
	var listen net.ListenConfig
	var connections atomic.Int64
	var where []net.Listener
	first, err := listen.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(first.Addr().String())
	where = append(where, first)
	if second, err := listen.Listen(t.Context(), "tcp6", "[::1]:"+port); err == nil {
		where = append(where, second)
	}
	var accepting sync.WaitGroup
	for _, l := range where {
		accepting.Go(func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				connections.Add(1)
				_ = conn.Close()
			}
		})
	}
	defer func() {
		for _, l := range where {
			_ = l.Close()
		}
		accepting.Wait()
	}()
	addresses := trickyAddresses(port)
	if len(addresses) < 300 {
		t.Fatalf("only %d addresses", len(addresses))
	}
	limit := make(chan struct{}, 32)
	var asking sync.WaitGroup
	for _, address := range addresses {
		asking.Go(func() {
			limit <- struct{}{}
			defer func() { <-limit }()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // a name that nobody knows may take longer
			defer cancel()
			if target, err := Preflight(ctx, CameraAddress{URL: address, Timeout: time.Second}); err == nil {
				t.Errorf("%s is a camera at %s", address, target.Address)
			} else if strings.Contains(err.Error(), "t0psecret") {
				t.Errorf("%s: the refusal shows the password: %v", address, err)
			}
		})
	}
	asking.Wait()
	if n := connections.Load(); n > 0 {
		t.Errorf("%d connections were made", n)
	}
	t.Logf("%d addresses, %d connections", len(addresses), connections.Load())
}

// trickyAddresses all mean this machine, a metadata service, or something that is no camera, to somebody who reads them.
func trickyAddresses(port string) (all []string) {
	hosts := []string{
		"127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "0", "0.0.0.0", "00000", "2130706433", "0x7f000001", "0x7f.1", "0x7f.0.0.1",
		"0177.0.0.1", "0177.1", "017700000001", "127.000.000.001", "127.0.0.1.", "localhost", "LOCALHOST", "localhost.", "ip6-localhost",
		"[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]",
		"[2002:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]", "[::1%25lo]", "169.254.169.254", "[fd00:ec2::254]", "2852039166", "0xa9fea9fe",
		"[::ffff:169.254.169.254]", "100.100.100.200", "224.0.0.1", "255.255.255.255", "[ff02::1]", "240.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1",
		"%31%32%37.0.0.1", "127.0.0.1%00.example.org", "127.0.0.1%0d%0a",
	}
	users := []string{"", "viewer:t0psecret@", "203.0.113.9@", "203.0.113.9%23@", "a:t0psecret%40203.0.113.9@", "rtsp%3a%2f%2f203.0.113.9@"}
	for _, host := range hosts {
		for _, user := range users {
			all = append(all, fmt.Sprintf("rtsp://%s%s:%s/s1", user, host, port))
		}
		all = append(all, fmt.Sprintf("rtsps://%s:%s/", host, port))
	}
	for _, scheme := range []string{
		"http", "https", "file", "ftp", "concat", "subfile,,start,0,end,0,,", "data", "pipe", "tcp", "udp", "rtp", "rtmp", "unix", "gopher",
		"crypto+rtsp", "async", "cache", "hls+http", "RTSP+file", "rtsp+http", "tee", "srt", "sftp", "smb", "rtspu", "rtspt", "",
	} {
		all = append(all, scheme+"://127.0.0.1:"+port+"/s1", scheme+":127.0.0.1:"+port, scheme+":/etc/passwd")
	}
	return append(all,
		"rtsp:127.0.0.1:"+port, "rtsp:/127.0.0.1:"+port, "rtsp:///127.0.0.1:"+port, `rtsp:\\127.0.0.1:`+port, "//127.0.0.1:"+port, "127.0.0.1:"+port,
		" rtsp://127.0.0.1:"+port, "rtsp://127.0.0.1:"+port+"\r\nHost: x", "rtsp://203.0.113.9:"+port+"@127.0.0.1:"+port, "rtsp://[::1]:"+port+"#@203.0.113.9/",
		"rtsp://127.0.0.1:"+port+"\\@203.0.113.9/", "rtsp://[127.0.0.1]:"+port+"/", "rtsp://127.0.0.1:"+port+":554/", "rtsp://127.0.0.1:0"+port+"/",
		"rtsp://127.0.0.1:-1/", "rtsp://127.0.0.1:99999/", "rtsp://:"+port+"/", "rtsp://@:"+port+"/", "-i", "rtsp://", "",
	)
}
