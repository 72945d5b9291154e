package link

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestAddressesAreTakenApart(t *testing.T) {
	t.Parallel()
	pin := strings.Repeat("ab", sha256.Size)
	for raw, url := range map[string]string{
		"nats://secret@10.0.0.5:4222":                                            "nats://10.0.0.5:4222",
		"tls://secret@server:4222":                                               "tls://server:4222",
		"tls://secret@server:4222?sha256=" + pin:                                 "tls://server:4222",
		"tls://secret@server:4222?sha256=" + strings.ToUpper(pin):                "tls://server:4222",
		"tls://secret@server:4222?sha256=ab:" + strings.Repeat("ab:", 30) + "ab": "tls://server:4222",
		"tls://secret@server:4222?cert=/srv/data/tls.crt":                        "tls://server:4222",
	} {
		got, err := readAddress(raw)
		if err != nil || got.url != url || got.token != "secret" || got.encrypted != strings.HasPrefix(raw, "tls") {
			t.Errorf("%s: %+v, %v", raw, got, err)
		}
	}
	for raw, want := range map[string]string{
		"":                            "not of the form",
		"http://secret@server":        "not of the form",
		"nats://a:secret@server:4222": "has a password",
		"nats://secret@server:4222?sha256=" + pin:  "must begin with tls://",
		"tls://secret@server:4222?sha256=abcd":     "not 64 hexadecimal digits",
		"tls://secret@server:4222?fingerprint=abc": "not sha256= or cert=",
	} {
		if _, err := readAddress(raw); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want %q and nothing secret", raw, err, want)
		}
	}
}

// identity is a certificate with its key, and a file that it lies in.
type identity struct {
	tls.Certificate

	file string
}

// identify makes an identity for a name, which nobody vouches for, or another one.
func identify(t *testing.T, name string, by *identity) identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if ip := net.ParseIP(name); ip != nil {
		template.DNSNames, template.IPAddresses = nil, []net.IP{ip}
	}
	parent, signer := template, any(key)
	if by != nil {
		parent, signer = by.Leaf, by.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tls.crt")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, file}
}

// fingerprint is that of the whole certificate.
func (i identity) fingerprint() string {
	sum := sha256.Sum256(i.Leaf.Raw)
	return hex.EncodeToString(sum[:])
}

// hide starts a broker that shows, to whoever connects, what shown holds then.
func hide(t *testing.T, shown *atomic.Pointer[identity]) string {
	t.Helper()
	broker, err := NewBroker(BrokerConfig{
		Token: testToken, CertFile: shown.Load().file,
		TLS: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return &shown.Load().Certificate, nil
		}},
	}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	start(t, broker.Run)
	return urlOf(t, broker)
}

// complaints is a log that passes on why there is no connection.
type complaints struct {
	slog.Handler

	heard chan string
}

func (c complaints) Enabled(context.Context, slog.Level) bool { return true }

func (c complaints) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" {
			select {
			case c.heard <- a.Value.String():
			default:
			}
		}
		return true
	})
	return nil
}

// dialled is "up", or why there is no connection.
func dialled(t *testing.T, url string) string {
	t.Helper()
	up, heard := make(chan struct{}, 1), make(chan string, 1)
	conn, err := connect(url, "test", "", events{up: func() { up <- struct{}{} }, down: func() {}},
		slog.New(complaints{slog.DiscardHandler, heard}))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	select {
	case <-up:
		return "up"
	case why := <-heard:
		return why
	case <-t.Context().Done():
		return "nothing"
	}
}

func TestTheServerIsKnownByItsCertificate(t *testing.T) {
	t.Parallel()
	authority, stranger := identify(t, "authority.example", nil), identify(t, "127.0.0.1", nil)
	here, elsewhere := identify(t, "127.0.0.1", &authority), identify(t, "elsewhere.example", &authority)
	plain, _ := startBroker(t, "")
	open := urlOf(t, plain)
	nothing := filepath.Join(t.TempDir(), "nothing.crt")
	if err := os.WriteFile(nothing, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	untrusted := func(why string) string {
		return "the server's certificate is not trusted here (x509: " + why + "): name who vouches for it with --link-ca, or its " +
			"key in the address, as footfall tokens add NAME --worker prints it"
	}
	const nobody = "certificate signed by unknown authority"
	for _, test := range []struct {
		name        string
		shown       identity
		known, want string
	}{
		{"by the key", here, "?sha256=" + KeyDigest(here.Leaf), "up"},
		{"by the key, under another name", elsewhere, "?sha256=" + KeyDigest(elsewhere.Leaf), "up"},
		{"by the certificate", here, "?sha256=" + here.fingerprint(), "up"},
		{"another key", here, "?sha256=" + KeyDigest(elsewhere.Leaf), errOther.Error()},
		{"another certificate", here, "?sha256=" + elsewhere.fingerprint(), errOther.Error()},
		{"by who vouches", here, "?cert=" + authority.file, "up"},
		{"by the file", stranger, "?cert=" + stranger.file, "up"},
		{"by the file, under another name", elsewhere, "?cert=" + elsewhere.file, "up"},
		{
			"by who vouches, under another name", elsewhere, "?cert=" + authority.file,
			untrusted("cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"),
		},
		{"another vouches", here, "?cert=" + stranger.file, untrusted(nobody)},
		{"nobody vouches", stranger, "?cert=" + authority.file, untrusted(nobody)},
		{"nobody whom the system trusts vouches", here, "", untrusted(nobody)},
		{"no file", here, "?cert=/nowhere.crt", "read who vouches for the server: open /nowhere.crt: no such file or directory"},
		{"no certificate", here, "?cert=" + nothing, "read who vouches for the server: " + nothing + " has no certificate in PEM"},
		{"in clear", here, "nats", errEncrypts.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var shown atomic.Pointer[identity]
			shown.Store(&test.shown)
			base, _, _ := strings.Cut(hide(t, &shown), "?")
			url := base + test.known
			if test.known == "nats" {
				url = "nats" + strings.TrimPrefix(base, "tls")
			}
			if got := dialled(t, url); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	for url, want := range map[string]string{
		open: "up",
		"tls" + strings.TrimPrefix(open, "nats"): "the server does not encrypt its link, and was told nothing: set link.tls " +
			"there, or begin the address with nats:// in a network you trust",
	} {
		if got := dialled(t, url); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A certificate that was renewed is shown to who connects then. With the same key it is known as before, and those on the
// server's own machine, who read it from its file, know any.
func TestARenewedCertificateIsShown(t *testing.T) {
	t.Parallel()
	first, second := identify(t, "127.0.0.1", nil), identify(t, "127.0.0.1", nil)
	var shown atomic.Pointer[identity]
	shown.Store(&first)
	own := hide(t, &shown)
	base, _, _ := strings.Cut(own, "?")
	shown.Store(&second)
	text, err := os.ReadFile(second.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(first.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		base + "?sha256=" + KeyDigest(first.Leaf): errOther.Error(), base + "?sha256=" + KeyDigest(second.Leaf): "up", own: "up",
	} {
		if got := dialled(t, url); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Somebody in between may claim that nothing is encrypted, or that they are the server: they are told no token.
func TestEncryptionIsNotTalkedAway(t *testing.T) {
	t.Parallel()
	const other = "?sha256=0000000000000000000000000000000000000000000000000000000000000000"
	for _, test := range []struct{ scheme, known, claim, want string }{
		{"tls", other, "", "the server does not encrypt its link, and was told nothing: set link.tls there, or begin the " +
			"address with nats:// in a network you trust"},
		{"tls", other, `,"tls_required":true`, errOther.Error()},
		{"tls", other, `,"tls_available":true`, errOther.Error()},
		{"nats", "", `,"tls_required":true`, errEncrypts.Error()},
	} {
		heard, address := pretend(t, test.claim)
		if got := dialled(t, test.scheme+"://"+testToken+"@"+address+test.known); got != test.want {
			t.Errorf("%s%s: %q, want %q", test.scheme, test.claim, got, test.want)
		}
		if text := heard(); strings.Contains(text, testToken) || strings.Contains(text, "CONNECT") {
			t.Errorf("%s%s: told %q", test.scheme, test.claim, text)
		}
	}
}

// pretend is a server that claims something of its encryption, and shows a certificate of its own if it claims to have
// any. heard is what the first who connects says to it, in clear and in secret, when that one has hung up.
func pretend(t *testing.T, claim string) (heard func() string, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	somebody, told := identify(t, "127.0.0.1", nil), make(chan string, 1)
	go func() {
		var said bytes.Buffer
		defer func() { told <- said.String() }()
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = conn.Write([]byte(`INFO {"server_id":"x","version":"2.15.0","proto":1,"max_payload":1048576` + claim + "}\r\n"))
		listening := &eavesdropped{conn, &said}
		if claim == "" {
			_, _ = io.Copy(io.Discard, listening)
			return
		}
		_, _ = io.Copy(&said, tls.Server(listening, &tls.Config{
			MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{somebody.Certificate},
		}))
	}()
	return func() string { return <-told }, listener.Addr().String()
}

// eavesdropped keeps what was read.
type eavesdropped struct {
	net.Conn

	heard *bytes.Buffer
}

func (e *eavesdropped) Read(p []byte) (int, error) {
	n, err := e.Conn.Read(p)
	e.heard.Write(p[:n])
	return n, err
}

func TestWhoVouchesIsNamed(t *testing.T) {
	t.Parallel()
	pinned := "tls://secret@server:4222?sha256=" + strings.Repeat("ab", sha256.Size)
	const plain = "--link-ca says how the server is known, and the link address begins with nats://; it must begin with tls://"
	for _, test := range []struct{ raw, file, want, refusal string }{
		{"tls://secret@server:4222", "/ca.pem", "tls://secret@server:4222?cert=%2Fca.pem", ""},
		{"tls://secret@server:4222", "", "tls://secret@server:4222", ""},
		{pinned, "/ca.pem", pinned, ""},
		{"nats://secret@server:4222", "", "nats://secret@server:4222", ""},
		{"nats://secret@server:4222", "/ca.pem", "", plain},
	} {
		got, err := KnownBy(test.raw, test.file)
		if got != test.want || (err == nil) != (test.refusal == "") || err != nil && err.Error() != test.refusal {
			t.Errorf("%s by %q: %q, %v", test.raw, test.file, got, err)
		}
	}
	if got := Address("server:4222", "secret", true, strings.Repeat("ab", sha256.Size)); got != pinned {
		t.Errorf("%s, want %s", got, pinned)
	}
	if got := Address("server:4222", "secret", false, ""); got != "nats://secret@server:4222" {
		t.Error(got)
	}
}
