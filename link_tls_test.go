package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"footfall/api"
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

// invited makes a token for a worker, and returns what the console prints: the token, and the address for the worker.
func (s *service) invited(name string) (token, address string) {
	s.t.Helper()
	got := footfall(s.t.(*testing.T), "tokens", "add", name, "--worker", "--config", s.config, "--data", filepath.Join(s.folder, "data"))
	lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
	if got.code != exitDone || len(lines) != 2 || !strings.HasPrefix(lines[1], "FOOTFALL_LINK_URL='") {
		s.t.Fatalf("tokens add: %+v", got)
	}
	return lines[0], strings.Trim(strings.TrimPrefix(lines[1], "FOOTFALL_LINK_URL="), "'")
}

// workers are those that the server knows, by name.
func (s *service) workers() map[string]api.Worker {
	s.t.Helper()
	var list api.Workers
	s.get("/api/v1/workers", &list)
	named := map[string]api.Worker{}
	for _, w := range list.Items {
		named[w.Name] = w
	}
	return named
}

// The address that the console prints, whether the server runs or not, lets a worker in, and out again when its token is
// revoked. Whoever knows the server otherwise, or not, is told what to do.
func TestWorkersAreInvited(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	camera := play(t, simulator.CameraOptions{Clip: clipOf(t, busyPlace)})
	s := serve(t, fmt.Sprintf("link: {listen: %q, tls: on}\n%s", address, watching(0, map[string]*simulator.Camera{"far": camera})))
	token, invitation := s.invited("far-1")
	s.stop()
	other, later := s.invited("far-2")
	s.start()
	if digest := regexp.MustCompile(`\?sha256=[0-9a-f]{64}$`).FindString(invitation); digest == "" ||
		invitation != "tls://"+token+"@"+address+digest || later != "tls://"+other+"@"+address+digest {
		t.Fatal("the addresses are not those of the server")
	}
	startWorker(t, "far-1", invitation)
	s.online("far")
	startWorker(t, "far-2", "tls://"+other+"@"+address, "FOOTFALL_LINK_CA="+filepath.Join(s.folder, "data", "tls.crt"))
	s.eventually("the second worker is there", func() bool { return s.workers()["far-2"].State == api.WorkerStateOnline })

	plain, _, _ := strings.Cut("nats"+strings.TrimPrefix(later, "tls"), "?")
	wrong, unknown := later[:len(later)-64]+strings.Repeat("0", 64), "tls://"+other+"@"+address
	for dial, want := range map[string]string{
		plain: "the server encrypts its link, and was told nothing: write tls:// for nats://, as in the address that footfall " +
			"tokens add NAME --worker prints",
		wrong: "the server shows another key than the address names, and was told nothing; footfall tokens add NAME --worker " +
			"prints an address with its key",
		unknown: "the server's certificate is not trusted here (x509: certificate signed by unknown authority): name who vouches " +
			"for it with --link-ca, or its key in the address, as footfall tokens add NAME --worker prints it",
	} {
		said := startWorker(t, "far-2", dial)
		s.eventually("a worker says: "+want, func() bool { return strings.Contains(said.String(), `error="`+want+`"`) })
		if strings.Contains(said.String(), other) {
			t.Errorf("the token is told: %s", said)
		}
	}

	var made api.Tokens
	s.get("/api/v1/tokens", &made)
	for _, m := range made.Items {
		s.change(http.MethodDelete, "/api/v1/tokens/"+m.Id, "", http.StatusNoContent)
	}
	s.eventually("both are shown out", func() bool {
		there := s.workers()
		return there["far-1"].State != api.WorkerStateOnline && there["far-2"].State != api.WorkerStateOnline
	})
}

// A certificate that is put in the place of another while the server runs is shown to workers, too.
func TestWorkersAreShownARenewedCertificate(t *testing.T) {
	t.Parallel()
	folder, address := t.TempDir(), freeAddress(t)
	certFile, keyFile := filepath.Join(folder, "a.crt"), filepath.Join(folder, "a.key")
	renew := func() {
		t.Helper()
		cert, key, err := selfMade([]string{"counts.example"}, time.Now(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for file, text := range map[string][]byte{keyFile: key, certFile: cert} {
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	renew()
	s := serve(t, fmt.Sprintf("%sserver: {tls: off, tls_cert: %q, tls_key: %q}\nlink: {listen: %q, tls: on, token: %s}\n",
		nobodyThere, certFile, keyFile, address, "a-token-of-this-test"))
	dial := "tls://a-token-of-this-test@" + address
	startWorker(t, "early", dial, "FOOTFALL_LINK_CA="+certFile)
	s.eventually("a worker is there", func() bool { return s.workers()["early"].State == api.WorkerStateOnline })
	_, before := s.invited("early")
	renew()
	s.eventually("another certificate is in force", func() bool { return strings.Contains(s.log.String(), "another certificate is in force") })
	_, after := s.invited("late")
	if digest := before[len(before)-64:]; strings.HasSuffix(after, digest) {
		t.Error("the address names the old key")
	}
	startWorker(t, "late", after)
	s.eventually("both are there", func() bool {
		there := s.workers()
		return there["early"].State == api.WorkerStateOnline && there["late"].State == api.WorkerStateOnline
	})
}

// A worker that is to encrypt does not speak to a server that does not.
func TestAWorkerInsistsOnEncryption(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	s := serve(t, fmt.Sprintf("%slink: {listen: %q, tls: off}\n", nobodyThere, address))
	token, invitation := s.invited("far")
	if invitation != "nats://"+token+"@"+address {
		t.Errorf("the address is not that of a link in clear")
	}
	between := tap(t, address)
	said := startWorker(t, "far", "tls://"+token+"@"+between.listener.Addr().String())
	const want = "the server does not encrypt its link, and was told nothing: set link.tls there, or begin the address with " +
		"nats:// in a network you trust"
	s.eventually("the worker says so", func() bool { return strings.Contains(said.String(), `error="`+want+`"`) })
	if heard := between.all(); bytes.Contains(heard, []byte(token)) || !bytes.Contains(heard, []byte("INFO ")) {
		t.Errorf("between them is heard %q", heard)
	}
}
