package link

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/nats-io/nats.go"
)

// address is where the server is, and how it is known to be the server.
type address struct {
	url       string // may be shown
	token     string
	encrypted bool        // or there is no connection
	tls       *tls.Config // how, and who is believed to be the server
}

// The forms of an address. What follows the question mark says how the server is known; without it, its certificate
// must be one that the system trusts, for the host's name.
const forms = "nats://TOKEN@HOST:PORT or tls://TOKEN@HOST:PORT, with ?sha256=KEY for a certificate that " +
	"nobody vouches for"

var (
	errOther = errors.New("the server shows another key than the address names, and was told nothing; " +
		"footfall tokens add NAME --worker prints an address with its key")
	errEncrypts = errors.New("the server encrypts its link, and was told nothing: write tls:// for nats://, as in " +
		"the address that footfall tokens add NAME --worker prints")
)

// readAddress takes an address apart. The error repeats nothing of it: it could hold the token.
func readAddress(raw string) (address, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || (u.Scheme != "nats" && u.Scheme != "tls") {
		return address{}, errors.New("link address is not of the form " + forms)
	}
	// Where the library would begin to encrypt because the server asks for it, it is told to write another address.
	a := address{tls: only(func(tls.ConnectionState) error { return errEncrypts })}
	if u.User != nil {
		a.token = u.User.Username()
		if _, both := u.User.Password(); both {
			return address{}, errors.New("link address has a password; it takes one token: " + forms)
		}
		u.User = nil
	}
	if a.encrypted = u.Scheme == "tls"; a.encrypted {
		a.tls = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	for key, values := range u.Query() {
		known, err := knownBy(key, values[0], u.Hostname())
		if err != nil {
			return address{}, err
		}
		if !a.encrypted {
			return address{}, fmt.Errorf("link address has %s= and begins with nats://; it must begin with tls://", key)
		}
		a.tls = only(known)
	}
	u.RawQuery = ""
	a.url = u.String()
	return a, nil
}

// The keys behind the question mark.
const (
	byDigest = "sha256" // of the server's key, or of its certificate
	byFile   = "cert"   // with its certificate, or with who vouches for it
)

// knownBy is what the server is known by: a digest, or a file, which is read anew for every connection: it may be
// renewed.
func knownBy(key, value, host string) (known func(tls.ConnectionState) error, err error) {
	switch key {
	case byDigest:
		wanted, err := hex.DecodeString(strings.ReplaceAll(value, ":", ""))
		if err != nil || len(wanted) != sha256.Size {
			return nil, errors.New("link address: sha256 is not 64 hexadecimal digits; take those that the server " +
				"prints when it starts")
		}
		return func(state tls.ConnectionState) error {
			leaf, digest := state.PeerCertificates[0], hex.EncodeToString(wanted)
			if sum := sha256.Sum256(leaf.Raw); digest != KeyDigest(leaf) && digest != hex.EncodeToString(sum[:]) {
				return errOther
			}
			return nil
		}, nil
	case byFile:
		return func(state tls.ConnectionState) error {
			trusted, err := certificates(value)
			if err != nil {
				return fmt.Errorf("read who vouches for the server: %w", err)
			}
			return vouched(state, trusted, host)
		}, nil
	}
	return nil, errors.New("link address has something after the question mark that is not sha256= or cert=; " + forms)
}

// KeyDigest is the SHA-256 of a certificate's public key, in hexadecimal. A certificate that is renewed with the same
// key keeps it.
func KeyDigest(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

// certificates reads a file in PEM.
func certificates(path string) (found []*x509.Certificate, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		found = append(found, c)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no certificate in PEM", path)
	}
	return found, nil
}

// vouched accepts a certificate that is trusted itself, whatever it says, and one for the host that somebody who is
// trusted has signed.
func vouched(state tls.ConnectionState, trusted []*x509.Certificate, host string) error {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range trusted {
		if c.Equal(state.PeerCertificates[0]) {
			return nil
		}
		roots.AddCert(c)
	}
	for _, c := range state.PeerCertificates[1:] {
		between.AddCert(c)
	}
	options := x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: between}
	if _, err := state.PeerCertificates[0].Verify(options); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
	}
	return nil
}

// only accepts who is known, instead of whom the system trusts.
func only(known func(tls.ConnectionState) error) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // G402: known verifies the certificate instead
		VerifyConnection:   known,
	}
}

// KnownBy is an address whose server is known by a file in PEM: of those who vouch for it, or its own certificate. An
// address that says how its server is known stays as it is, and so it does without a file.
func KnownBy(raw, file string) (string, error) {
	a, err := readAddress(raw)
	if err != nil || file == "" {
		return raw, err
	}
	u, err := url.Parse(raw)
	if err != nil || u.RawQuery != "" { // which readAddress has accepted
		return raw, err
	}
	if !a.encrypted {
		return "", errors.New("--link-ca says how the server is known, and the link address begins with nats://; it " +
			"must begin with tls://")
	}
	u.RawQuery = url.Values{byFile: {file}}.Encode()
	return u.String(), nil
}

// Address is what a worker takes. Without a digest of the server's key, its certificate must be trusted.
func Address(hostPort, token string, encrypted bool, digest string) string {
	u := url.URL{Scheme: "nats", User: url.User(token), Host: hostPort}
	if encrypted {
		u.Scheme = "tls"
	}
	if digest != "" {
		u.RawQuery = url.Values{byDigest: {digest}}.Encode()
	}
	return u.String()
}

// explained is why there is no connection, with the way out where the library does not say it.
func explained(err error) string {
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.Is(err, nats.ErrSecureConnWanted):
		return "the server does not encrypt its link, and was told nothing: set link.tls there, or begin the address " +
			"with nats:// in a network you trust"
	case errors.As(err, &untrusted):
		return fmt.Sprintf("the server's certificate is not trusted here (%v): name who vouches for it with "+
			"--link-ca, or its key in the address, as footfall tokens add NAME --worker prints it", untrusted.Err)
	}
	return strings.TrimPrefix(err.Error(), nats.ErrTLS.Error()+": ")
}
