package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"footfall/capture/simulator"
)

// wire is what somebody hears who sits between two machines: it passes everything on, and keeps it.
type wire struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	heard bytes.Buffer
}

func tap(t *testing.T, to string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, to: to}
	var passing sync.WaitGroup
	passing.Go(func() {
		for {
			one, err := listener.Accept()
			if err != nil {
				return
			}
			passing.Go(func() { w.pass(one) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		passing.Wait()
	})
	return w
}

// pass carries one connection until either side hangs up.
func (w *wire) pass(one net.Conn) {
	other, err := net.Dial("tcp", w.to)
	if err != nil {
		_ = one.Close()
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{one, other}, {other, one}} {
		both.Go(func() {
			_, _ = io.Copy(way[1], io.TeeReader(way[0], w))
			_ = one.Close()
			_ = other.Close()
		})
	}
	both.Wait()
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heard.Write(p)
}

func (w *wire) all() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Clone(w.heard.Bytes())
}

// Whoever listens between a worker elsewhere and the server reads neither the worker's token nor a camera's password.
// Without encryption they would, which shows that this test could fail.
func TestTheLinkIsEncrypted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		tls     string
		legible bool
	}{{"on", false}, {"off", true}} {
		t.Run(test.tls, func(t *testing.T) {
			t.Parallel()
			const token, password = "a-token-that-is-secret", "a-password-that-is-secret"
			address := freeAddress(t)
			camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace), User: "viewer", Password: password})
			s := serve(t, fmt.Sprintf("link: {listen: %q, token: %s, tls: %s}\n%s", address, token, test.tls,
				watching(0, map[string]*simulator.Camera{"far": camera})))
			between := tap(t, address)
			dial := "nats://" + token + "@" + between.listener.Addr().String()
			if test.tls == "on" {
				printed := regexp.MustCompile(`tls://TOKEN@\S+\?sha256=[0-9a-f]{64}`).FindString(s.log.String())
				if printed == "" {
					t.Fatalf("the server does not print where workers dial:\n%s", s.log.String())
				}
				dial = strings.NewReplacer("TOKEN", token, address, between.listener.Addr().String()).Replace(printed)
			}
			startWorker(t, "elsewhere-"+test.tls, dial)
			s.online("far")
			heard := between.all()
			for what, secret := range map[string]string{"token": token, "password": password} {
				if got := bytes.Contains(heard, []byte(secret)); got != test.legible {
					t.Errorf("link.tls %s: the %s can be read between them: %v, of %d bytes", test.tls, what, got, len(heard))
				}
			}
		})
	}
}

// The server's own workers need no set-up, and find the server again when its certificate was renewed.
func TestOwnWorkersOnAnEncryptedLink(t *testing.T) {
	t.Parallel()
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace)})
	s := serve(t, "link: {tls: on}\n"+watching(1, map[string]*simulator.Camera{"near": camera}))
	s.online("near")
	s.stop()
	for _, file := range []string{"tls.crt", "tls.key"} {
		if err := os.Remove(s.folder + "/data/" + file); err != nil {
			t.Fatal(err)
		}
	}
	s.start()
	s.online("near")
}
