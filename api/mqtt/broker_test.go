package mqtt_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// broker is a real mosquitto with TLS and a password, behind a wire that can be cut.
type broker struct {
	t       *testing.T
	folder  string
	program string
	address string // of the program itself
	trusted *tls.Config
	process *exec.Cmd
	wire    *wire
}

func startBroker(t *testing.T) *broker {
	t.Helper()
	program, err := exec.LookPath("mosquitto")
	if err != nil {
		program = "/usr/sbin/mosquitto"
	}
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("mosquitto is not installed: deploy/setup.sh test")
		}
		t.Skip("mosquitto is not installed: deploy/setup.sh test")
	}
	b := &broker{t: t, folder: t.TempDir(), program: program}
	b.certify()
	b.write("passwords", "")
	for _, user := range []string{"counter:hunter2-mqtt", "reader:reading"} {
		name, password, _ := strings.Cut(user, ":")
		hash := exec.Command("mosquitto_passwd", "-b", filepath.Join(b.folder, "passwords"), name, password)
		if text, err := hash.CombinedOutput(); err != nil {
			t.Fatalf("mosquitto_passwd: %v: %s", err, text)
		}
	}
	if err := os.Chmod(filepath.Join(b.folder, "passwords"), 0o644); err != nil { // it gives up being root
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.address = listener.Addr().String()
	_, port, _ := net.SplitHostPort(b.address)
	if err := listener.Close(); err != nil { // mosquitto cannot choose a port of its own
		t.Fatal(err)
	}
	b.write("mosquitto.conf", fmt.Sprintf("listener %s 127.0.0.1\nallow_anonymous false\npassword_file %[2]s/passwords\n"+
		"certfile %[2]s/certificate.pem\nkeyfile %[2]s/key.pem\nlog_dest stderr\n", port, b.folder))
	for folder := b.folder; folder != filepath.Dir(folder) && folder != os.TempDir(); folder = filepath.Dir(folder) {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b.start()
	t.Cleanup(b.stop)
	b.wire = newWire(t, b.address)
	return b
}

func (b *broker) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.folder, name), []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// certify makes a certificate of our own for 127.0.0.1.
func (b *broker) certify() {
	b.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		b.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		b.t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	b.write("certificate.pem", string(text))
	b.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	b.trusted = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	b.trusted.RootCAs.AppendCertsFromPEM(text)
}

// start returns when the broker takes connections.
func (b *broker) start() {
	b.t.Helper()
	b.process = exec.Command(b.program, "-c", filepath.Join(b.folder, "mosquitto.conf"))
	log, err := b.process.StderrPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.process.Start(); err != nil {
		b.t.Fatal(err)
	}
	var said []string
	for lines := bufio.NewScanner(log); lines.Scan(); {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), "running") {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return
		}
	}
	b.t.Fatalf("mosquitto ended: %s", strings.Join(said, "; "))
}

// kill ends the broker; it forgets everything, for it keeps nothing on disk.
func (b *broker) kill() {
	_ = b.process.Process.Kill()
	_ = b.process.Wait()
}

func (b *broker) stop() { b.kill() }

// wire passes bytes on, until it is cut.
type wire struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	cut      bool
	ends     map[net.Conn]bool
	all      sync.WaitGroup
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, to: to, ends: map[net.Conn]bool{}}
	w.all.Go(w.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		w.sever()
		w.all.Wait()
	})
	return w
}

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", w.to)
		w.mu.Lock()
		if err != nil || w.cut {
			_ = near.Close()
			if far != nil {
				_ = far.Close()
			}
			w.mu.Unlock()
			continue
		}
		w.ends[near], w.ends[far] = true, true
		w.mu.Unlock()
		pass := func(to, from net.Conn) {
			_, _ = io.Copy(to, from)
			_, _ = to.Close(), from.Close()
		}
		w.all.Go(func() { pass(far, near) })
		w.all.Go(func() { pass(near, far) })
	}
}

// sever cuts the wire; mend lets new connections through.
func (w *wire) sever() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = true
	for end := range w.ends {
		_ = end.Close()
	}
	w.ends = map[net.Conn]bool{}
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = false
}
