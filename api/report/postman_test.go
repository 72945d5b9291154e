package report_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"footfall/api/report"
	"footfall/storage/outlet"
	"footfall/storage/seal"
	"footfall/storage/storetest"
)

// office is a real SMTP server that takes mail, or not, depending on who it is for.
type office struct {
	mu       sync.Mutex
	server   *smtp.Server
	address  string
	trusted  *tls.Config
	mails    map[string][]string // by recipient
	attempts map[string]int
}

func openOffice(t *testing.T, implicit bool) *office {
	t.Helper()
	o := &office{mails: map[string][]string{}, attempts: map[string]int{}}
	own := o.certify(t)
	o.server = smtp.NewServer(o)
	o.server.Domain, o.server.TLSConfig = "mail.test", own
	o.server.ErrorLog = quiet{}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.address = listener.Addr().String()
	if implicit {
		listener = tls.NewListener(listener, own)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = o.server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = o.server.Close()
		<-done
	})
	return o
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func (o *office) certify(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	o.trusted = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	o.trusted.RootCAs.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

// NewSession is part of smtp.Backend.
func (o *office) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{office: o, conn: c}, nil
}

func (o *office) got(to string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.mails[to]
}

type session struct {
	office *office
	conn   *smtp.Conn
	in     bool
	to     string
}

func (*session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "counter" || password != "hunter2-smtp" {
			return smtp.ErrAuthFailed
		}
		s.in = true
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	if _, secret := s.conn.TLSConnectionState(); !s.in || !secret {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	s.to = to
	s.office.attempts[to]++
	switch name, _, _ := strings.Cut(to, "@"); {
	case name == "nobody":
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	case name == "busy" && s.office.attempts[to] < 3:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 2, 1}, Message: "mailbox is busy"}
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.office.mu.Lock()
	s.office.mails[s.to] = append(s.office.mails[s.to], string(text))
	s.office.mu.Unlock()
	if strings.HasPrefix(s.to, "lost@") { // it was taken, and the answer never arrives
		return s.conn.Conn().Close()
	}
	return nil
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// post is a postman with a real database, on the morning of the eleventh of March.
type post struct {
	*report.Postman
	t       *testing.T
	now     time.Time
	options report.Options
}

func openPost(t *testing.T, o *office, to ...string) *post {
	t.Helper()
	store, err := outlet.New(t.Context(), storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db")), seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	zone := berlin(t)
	p := &post{t: t, now: time.Date(2026, 3, 11, 5, 59, 0, 0, zone)}
	p.options = report.Options{
		Mailer: report.Mailer{
			Server: o.address, TLS: o.trusted, User: "counter", Password: "hunter2-smtp",
			From: "Footfall <footfall@example.org>", Version: "test",
		},
		To: to, At: 6 * time.Hour, Location: zone, Book: book{zone, outage(zone)}, Registry: registry{}, Store: store,
		Now: func() time.Time { return p.now }, Log: slog.New(slog.DiscardHandler),
	}
	p.Postman = report.New(p.options)
	return p
}

func (p *post) turn(after time.Duration) {
	p.t.Helper()
	p.now = p.now.Add(after)
	if err := p.Turn(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// Everybody gets one report a day, whatever happens to the others' and however often the server looks.
func TestEverybodyGetsOneReport(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	p := openPost(t, o, "Ada <ada@example.org>", "nobody@example.org", "busy@example.org", "lost@example.org")
	p.turn(0) // a minute early
	if got := o.got("ada@example.org"); len(got) != 0 {
		t.Fatal("it was sent too early")
	}
	for range 20 {
		p.turn(2 * time.Minute)
	}
	p.Postman = report.New(p.options) // the server is started anew
	p.turn(time.Minute)
	for to, want := range map[string][2]int{ // mails, attempts
		"ada@example.org": {1, 1}, "nobody@example.org": {0, 1}, "busy@example.org": {1, 3}, "lost@example.org": {1, 1},
	} {
		if mails := len(o.got(to)); mails != want[0] || o.attempts[to] != want[1] {
			t.Errorf("%s: %d mails at %d attempts, want %v", to, mails, o.attempts[to], want)
		}
	}
	p.turn(24 * time.Hour)
	if got := o.got("ada@example.org"); len(got) != 2 || got[0] == got[1] {
		t.Errorf("%d mails after the second day", len(got))
	}
	p.turn(13 * time.Hour) // the evening of the same day
	p.now = p.now.Add(24 * time.Hour)
	p.turn(0) // the server was down all day: it is too late for the report
	if got := o.got("ada@example.org"); len(got) != 2 {
		t.Errorf("%d mails after a day without the server", len(got))
	}
	read(t, o.got("ada@example.org")[0])
}

// read checks what arrived.
func read(t *testing.T, text string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Visitors of Tuesday, 10 March 2026" || m.Header.Get("To") != `"Ada" <ada@example.org>` ||
		m.Header.Get("Auto-Submitted") != "auto-generated" || !strings.HasSuffix(m.Header.Get("Message-ID"), ".footfall@example.org>") {
		t.Errorf("header %v", m.Header)
	}
	parts := map[string]bool{}
	var walk func(kind string, body io.Reader)
	walk = func(kind string, body io.Reader) {
		media, params, err := mime.ParseMediaType(kind)
		if err != nil {
			t.Fatal(err)
		}
		parts[media] = true
		if !strings.HasPrefix(media, "multipart/") {
			return
		}
		for r := multipart.NewReader(body, params["boundary"]); ; {
			part, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if name := part.FileName(); name != "" && name != "visitors-2026-03-10.csv" {
				t.Errorf("a file %q", name)
			}
			walk(part.Header.Get("Content-Type"), part)
		}
	}
	walk(m.Header.Get("Content-Type"), m.Body)
	for _, want := range []string{"text/plain", "text/html", "text/csv", "multipart/mixed", "multipart/alternative"} {
		if !parts[want] {
			t.Errorf("no %s in %v", want, parts)
		}
	}
}

// The other ways to the server, and what is wrong with them.
func TestWaysToTheServer(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	implicit := openOffice(t, true)
	p := openPost(t, implicit, "ada@example.org")
	p.options.Mailer.Security = report.TLS
	if err := report.New(p.options).Mail(t.Context(), day, true); err != nil || len(implicit.got("ada@example.org")) != 1 {
		t.Errorf("TLS: %v", err)
	}
	open := openOffice(t, false)
	for name, spoil := range map[string]func(*report.Options){
		"a server that nobody vouches for": func(o *report.Options) { o.Mailer.TLS = &tls.Config{MinVersion: tls.VersionTLS12} },
		"a wrong password":                 func(o *report.Options) { o.Mailer.Password = "wrong-secret" },
		"no encryption":                    func(o *report.Options) { o.Mailer.Security = report.Plain },
		"nobody there":                     func(o *report.Options) { o.Mailer.Server = "127.0.0.1:1" },
		"nobody to send to":                func(o *report.Options) { o.To = nil },
	} {
		p := openPost(t, open, "ada@example.org")
		spoil(&p.options)
		err := report.New(p.options).Mail(t.Context(), day, false)
		if err == nil || strings.Contains(err.Error(), "wrong-secret") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(open.got("ada@example.org")) != 0 {
		t.Error("something was sent")
	}
	// One that is down is tried again.
	p = openPost(t, open, "ada@example.org")
	right := p.options.Mailer.Server
	p.options.Mailer.Server = "127.0.0.1:1"
	p.Postman = report.New(p.options)
	p.turn(2 * time.Minute)
	p.options.Mailer.Server = right
	p.Postman = report.New(p.options)
	p.turn(10 * time.Second)
	if len(open.got("ada@example.org")) != 0 {
		t.Error("it was tried again at once")
	}
	p.turn(time.Minute)
	if len(open.got("ada@example.org")) != 1 {
		t.Error("it was not tried again")
	}
}
