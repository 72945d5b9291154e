package storetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
)

// TSA is a time-stamping authority (RFC 3161) on this machine, for one test. It answers over HTTP, and its certificate
// is of a CA of its own.
type TSA struct {
	URL   string
	CA    []byte // its certificate, in PEM
	Roots *x509.CertPool

	Away atomic.Bool // it answers 503
	// Spoil changes what it is asked, before it answers; nil: nothing does.
	Spoil func(*timestamp.Request)

	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// StartTSA starts an authority that is stopped when the test ends.
func StartTSA(t testing.TB) *TSA {
	t.Helper()
	a := &TSA{}
	ca, caKey := a.certify(t, nil, nil)
	a.certificate, a.key = a.certify(t, ca, caKey)
	a.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})
	a.Roots = x509.NewCertPool()
	a.Roots.AddCert(ca)
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

// certify makes the certificate of a CA, or of an authority that it vouches for.
func (a *TSA) certify(
	t testing.TB, ca *x509.Certificate, caKey *ecdsa.PrivateKey,
) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "test TSA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(1000 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature,
		// For time stamps and nothing else, which must be critical (RFC 3161, 2.3).
		ExtraExtensions: []pkix.Extension{{
			Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true,
			Value: []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08},
		}},
	}
	if ca == nil {
		c.Subject.CommonName, c.KeyUsage, c.ExtraExtensions = "test CA", x509.KeyUsageCertSign, nil
		c.IsCA, c.BasicConstraintsValid = true, true
		ca, caKey = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, ca, &key.PublicKey, caKey)
	must(t, err)
	made, err := x509.ParseCertificate(der)
	must(t, err)
	return made, key
}

// ServeHTTP implements http.Handler.
func (a *TSA) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.Away.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // who asked has gone
	}
	question, err := timestamp.ParseRequest(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if a.Spoil != nil {
		a.Spoil(question)
	}
	answer, err := (&timestamp.Timestamp{
		HashAlgorithm: question.HashAlgorithm, HashedMessage: question.HashedMessage, Nonce: question.Nonce,
		Time: time.Now().UTC().Truncate(time.Second), Policy: []int{1, 2, 3, 4},
		AddTSACertificate: question.Certificates,
	}).CreateResponseWithOpts(a.certificate, a.key, question.HashAlgorithm)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	_, _ = w.Write(answer)
}
