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
	url   string // may be shown
	token string
	tls   *tls.Config // nil: the connection need not be encrypted
}

// The forms of an address. What follows the question mark says whose certificate it must be; without it, it must be
// one that the system trusts, for the host's name.
const forms = "nats://TOKEN@HOST:PORT or tls://TOKEN@HOST:PORT, with ?sha256=FINGERPRINT for a certificate that " +
	"nobody vouches for"

var errOther = errors.New("the server shows another certificate than the address names; take the fingerprint that " +
	"the server prints when it starts")

// readAddress takes an address apart. The error repeats nothing of it: it could hold the token.
func readAddress(raw string) (address, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || (u.Scheme != "nats" && u.Scheme != "tls") {
		return address{}, errors.New("link address is not of the form " + forms)
	}
	a := address{}
	if u.User != nil {
		a.token = u.User.Username()
		if _, both := u.User.Password(); both {
			return address{}, errors.New("link address has a password; it takes one token: " + forms)
		}
		u.User = nil
	}
	if u.Scheme == "tls" {
		a.tls = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	for key, values := range u.Query() {
		known, err := pinned(key, values[0])
		if err != nil {
			return address{}, err
		}
		if a.tls == nil {
			return address{}, fmt.Errorf("link address has %s= and begins with nats://; it must begin with tls://", key)
		}
		a.tls = only(known)
	}
	u.RawQuery = ""
	a.url = u.String()
	return a, nil
}

// pinned is the certificate that is named by its fingerprint, or lies in a file, which is read anew for every
// connection: it may be renewed.
func pinned(key, value string) (known func(leaf *x509.Certificate) error, err error) {
	switch key {
	case "sha256":
		wanted, err := hex.DecodeString(strings.ReplaceAll(value, ":", ""))
		if err != nil || len(wanted) != sha256.Size {
			return nil, errors.New("link address: sha256 is not 64 hexadecimal digits; take those that the server " +
				"prints when it starts")
		}
		return func(leaf *x509.Certificate) error {
			if sha256.Sum256(leaf.Raw) != [sha256.Size]byte(wanted) {
				return errOther
			}
			return nil
		}, nil
	case "cert":
		return func(leaf *x509.Certificate) error {
			data, err := os.ReadFile(value)
			if err != nil {
				return fmt.Errorf("read the server's certificate: %w", err)
			}
			if block, _ := pem.Decode(data); block == nil || string(block.Bytes) != string(leaf.Raw) {
				return errOther
			}
			return nil
		}, nil
	}
	return nil, errors.New("link address has something after the question mark that is not sha256= or cert=; " + forms)
}

// only accepts one certificate, whoever vouches for it and whatever name it has.
func only(known func(leaf *x509.Certificate) error) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // the certificate itself is compared, which is stricter
		VerifyConnection: func(state tls.ConnectionState) error {
			return known(state.PeerCertificates[0])
		},
	}
}

// explained is why there is no connection, with the way out where the library does not say it.
func explained(err error) string {
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.Is(err, nats.ErrSecureConnWanted):
		return "the server does not encrypt its link: set link.tls there, or begin the address with nats:// in a " +
			"network you trust"
	case errors.As(err, &untrusted):
		return fmt.Sprintf("the server's certificate is not trusted here (%v): name it in the address, "+
			"tls://TOKEN@HOST:PORT?sha256=FINGERPRINT, as the server prints it when it starts", untrusted.Err)
	}
	return strings.TrimPrefix(err.Error(), nats.ErrTLS.Error()+": ")
}
