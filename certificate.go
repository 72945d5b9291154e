package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"footfall/api/link"
	"footfall/models/config"
)

// certificate is what the server shows to browsers and to workers elsewhere, from files that are read again when they
// change.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger
	changed           func(fingerprint string) // told of every new one

	current atomic.Pointer[tls.Certificate]
	read    time.Time // when the files were written that were read last
}

const (
	// certificateLife is how long one that is made here lasts; it is renewed at a start within its last month.
	certificateLife = 397 * 24 * time.Hour
	renewBefore     = 30 * 24 * time.Hour
	// rereadEvery is how long a new certificate may lie there before it is used.
	rereadEvery = 10 * time.Second
)

// openCertificate reads the certificate of the configuration, or the one in the data folder, which it makes if it must.
func openCertificate(cfg config.Config, log *slog.Logger, now time.Time) (*certificate, error) {
	c := &certificate{certFile: cfg.Server.TLSCert, keyFile: cfg.Server.TLSKey, log: log}
	if c.certFile == "" {
		c.certFile, c.keyFile = filepath.Join(cfg.DataDir, "tls.crt"), filepath.Join(cfg.DataDir, "tls.key")
		if err := c.makeIfNeeded(cfg, now); err != nil {
			return nil, fmt.Errorf("make a certificate: %w", err)
		}
	}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("read the certificate (server.tls_cert, server.tls_key): %w", err)
	}
	return c, nil
}

// load reads the files.
func (c *certificate) load() error {
	info, err := os.Stat(c.certFile)
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.read = info.ModTime()
	c.current.Store(&pair)
	return nil
}

// fingerprint is the SHA-256 of the certificate, as browsers show it.
func (c *certificate) fingerprint() string { return fingerprintOf(c.current.Load().Certificate[0]) }

func fingerprintOf(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// digest is what workers elsewhere know the key by; empty where somebody vouches for the certificate, who is asked
// instead.
func (c *certificate) digest() string {
	if leaf := c.current.Load().Leaf; bytes.Equal(leaf.RawIssuer, leaf.RawSubject) {
		return link.KeyDigest(leaf)
	}
	return ""
}

// nameFor is a name that the certificate is for: host if it is, or else the first one that it has.
func (c *certificate) nameFor(host string) string {
	leaf := c.current.Load().Leaf
	if leaf.VerifyHostname(host) == nil {
		return host
	}
	for _, name := range leaf.DNSNames {
		if !strings.Contains(name, "*") {
			return name
		}
	}
	return host
}

// config is TLS with whatever certificate there is when somebody connects.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, // with the suites that Go takes for secure
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return c.current.Load(), nil
		},
	}
}

// Run reads the files again when they change, until ctx ends. One that cannot be read leaves the old one in force.
func (c *certificate) Run(ctx context.Context) error {
	tick := time.NewTicker(rereadEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		info, err := os.Stat(c.certFile)
		if err == nil && info.ModTime().Equal(c.read) {
			continue
		}
		if err == nil {
			err = c.load()
		}
		if err != nil {
			c.log.Error("the new certificate cannot be read; the old one is in force", "file", c.certFile, "error", err)
			continue
		}
		c.log.Info("another certificate is in force", "file", c.certFile, "sha256", c.fingerprint())
		c.changed(c.fingerprint())
	}
}

// makeIfNeeded makes a certificate where there is none, or where it has not long to live. The key stays the same, by
// which workers elsewhere know the server.
func (c *certificate) makeIfNeeded(cfg config.Config, now time.Time) error {
	var private crypto.PrivateKey
	switch err := c.load(); {
	case err == nil:
		if now.Add(renewBefore).Before(c.current.Load().Leaf.NotAfter) {
			return nil
		}
		private = c.current.Load().PrivateKey
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	cert, key, err := selfMade(names(cfg), now, private)
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.keyFile, key, 0o600); err != nil {
		return err
	}
	return os.WriteFile(c.certFile, cert, 0o600)
}

// names are those under which the server may be called.
func names(cfg config.Config) []string {
	all := append([]string{"localhost", "127.0.0.1", "::1"}, cfg.Server.Hosts()...)
	for _, listen := range []string{cfg.Server.Listen, cfg.Link.Listen} {
		if host, _, err := net.SplitHostPort(listen); err == nil && host != "" && !slices.Contains(all, host) {
			all = append(all, host)
		}
	}
	if host, err := os.Hostname(); err == nil {
		all = append(all, host)
	}
	return all
}

// selfMade is a certificate that nobody vouches for, and its key, in PEM. Without an old key one is made.
func selfMade(names []string, now time.Time, old crypto.PrivateKey) (cert, key []byte, err error) {
	private, ok := old.(crypto.Signer)
	if !ok {
		if private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return nil, nil, err
		}
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, err
	}
	template := x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Footfall"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, private.Public(), private)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), nil
}
