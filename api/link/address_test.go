package link

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/pem"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
		if err != nil || got.url != url || got.token != "secret" || (got.tls != nil) != strings.HasPrefix(raw, "tls") {
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

// certificateOf is a certificate that nobody vouches for, its fingerprint, and a file that it lies in.
func certificateOf(t *testing.T) (served *tls.Config, fingerprint, file string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	pair := server.TLS.Certificates[0]
	sum := sha256.Sum256(pair.Certificate[0])
	file = filepath.Join(t.TempDir(), "tls.crt")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}, hex.EncodeToString(sum[:]), file
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
	served, fingerprint, file := certificateOf(t)
	hidden, err := NewBroker(BrokerConfig{Token: testToken, TLS: served, CertFile: file}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	start(t, hidden.Run)
	own := urlOf(t, hidden)
	base, _, _ := strings.Cut(own, "?")
	plain, _ := startBroker(t, "")
	open := urlOf(t, plain)
	another := filepath.Join(t.TempDir(), "another.crt")
	if err := os.WriteFile(another, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("another")}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, url, want string }{
		{"as those on the machine dial", own, "up"},
		{"with the fingerprint", base + "?sha256=" + fingerprint, "up"},
		{"with another fingerprint", base + "?sha256=" + strings.Repeat("0", 64), "the server shows another certificate"},
		{"with another file", base + "?cert=" + another, "the server shows another certificate"},
		{"with no file", base + "?cert=/nowhere.crt", "read the server's certificate"},
		{"by name", base, "the server's certificate is not trusted here"},
		{"in clear", "nats" + strings.TrimPrefix(base, "tls"), "the server's certificate is not trusted here"},
		{"a server that does not encrypt", "tls" + strings.TrimPrefix(open, "nats"), "the server does not encrypt its link"},
		{"neither encrypts", open, "up"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := dialled(t, test.url); !strings.HasPrefix(got, test.want) || strings.Contains(got, testToken) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
