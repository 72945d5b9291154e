package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A server that other machines can reach encrypts with a certificate of its own, cookies are for encrypted connections only,
// its own commands know the certificate, and another one is used when it lies there.
func TestEncryption(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	certFile, keyFile := filepath.Join(folder, "a.crt"), filepath.Join(folder, "a.key")
	write := func(name string) {
		cert, key, err := selfMade([]string{name, "127.0.0.1"}, time.Now(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for file, text := range map[string][]byte{keyFile: key, certFile: cert} {
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("first.example")
	s := &service{t: t, folder: folder, began: time.Now(), config: filepath.Join(folder, "footfall.yaml")}
	configuration := fmt.Sprintf("workers: {local: 0}\nserver: {tls_cert: %q, tls_key: %q}\n", certFile, keyFile)
	if err := os.WriteFile(s.config, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	s.start()
	if !strings.HasPrefix(s.url, "https://127.0.0.1:") {
		t.Fatalf("serves at %s", s.url)
	}
	run := func(args ...string) string {
		t.Helper()
		got := footfall(t, append(args, "--data", filepath.Join(folder, "data"))...)
		if got.code != exitDone {
			t.Fatalf("%v: %+v", args, got)
		}
		return strings.TrimSpace(got.stdout)
	}
	once := run("users", "add", "anna", "--role", "viewer")
	shows := func() *x509.Certificate {
		t.Helper()
		conn, err := tls.Dial("tcp", strings.TrimPrefix(s.url, "https://"), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if v := conn.ConnectionState().Version; v != tls.VersionTLS13 {
			t.Errorf("speaks %s", tls.VersionName(v))
		}
		return conn.ConnectionState().PeerCertificates[0]
	}
	first := shows()
	pool := x509.NewCertPool()
	pool.AddCert(first)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/api/v1/session",
		strings.NewReader(`{"name": "anna", "password": "`+once+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Origin", s.url)
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusCreated || answer.ProtoMajor != 2 || answer.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%s over %s with %v", answer.Status, answer.Proto, answer.Header)
	}
	for _, c := range answer.Cookies() {
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("the cookie %s is %s", c.Name, c)
		}
	}
	if _, err := tls.Dial("tcp", strings.TrimPrefix(s.url, "https://"), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	write("second.example")
	s.eventually("the other certificate is shown", func() bool { return shows().SerialNumber.Cmp(first.SerialNumber) != 0 })
	run("users", "remove", "anna")
}

// A certificate is made where there is none, is kept, and is renewed in time.
func TestACertificateIsMade(t *testing.T) {
	t.Parallel()
	cfg, err := configured("", map[string]string{"data_dir": t.TempDir(), "server.listen": "192.0.2.7:443", "server.allowed_hosts": "counts.example"})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	open := func(at time.Time) *certificate {
		t.Helper()
		c, err := openCertificate(cfg, nil, at)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := open(now)
	leaf, err := x509.ParseCertificate(first.current.Load().Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "192.0.2.7", "counts.example"} {
		if err := leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if open(now.Add(360*24*time.Hour)).fingerprint() != first.fingerprint() {
		t.Error("it is made anew too early")
	}
	renewed := open(now.Add(380 * 24 * time.Hour))
	if renewed.fingerprint() == first.fingerprint() {
		t.Error("it is not renewed before it runs out")
	}
	if renewed.digest() != first.digest() || first.digest() == "" {
		t.Errorf("workers know it by %q, then by %q", first.digest(), renewed.digest())
	}
	info, err := os.Stat(filepath.Join(cfg.DataDir, "tls.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key is %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(cfg.DataDir, "tls.crt"), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openCertificate(cfg, nil, now); err == nil {
		t.Error("a broken certificate is taken")
	}
}
