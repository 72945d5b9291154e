package models

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
)

// Signer signs messages; SigningKey does.
type Signer interface {
	Sign(kind string, message []byte) string
}

// Verifier checks signatures; VerifyingKey does.
type Verifier interface {
	Verify(kind string, message []byte, signature string) bool
}

// SigningKey is what an installation signs its evidence with (Ed25519, RFC 8032). It is made once and never leaves the
// server.
type SigningKey struct{ private ed25519.PrivateKey }

// VerifyingKey is the public half: all that anybody needs to check evidence.
type VerifyingKey struct{ public ed25519.PublicKey }

// NewSigningKey makes a key.
func NewSigningKey() (SigningKey, error) {
	_, private, err := ed25519.GenerateKey(nil)
	return SigningKey{private}, err
}

const (
	privatePEM = "PRIVATE KEY"
	publicPEM  = "PUBLIC KEY"
)

// ParseSigningKey reads what PEM has written.
func ParseSigningKey(text []byte) (SigningKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != privatePEM {
		return SigningKey{}, Invalidf("key", "is no private key in PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return SigningKey{}, Invalidf("key", "is no private key of Ed25519")
	}
	return SigningKey{private}, nil
}

// PEM is the key as text, in PKCS 8. It is a secret.
func (k SigningKey) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: privatePEM, Bytes: der}), nil
}

// Public is the key that checks what k signs.
func (k SigningKey) Public() VerifyingKey {
	public, _ := k.private.Public().(ed25519.PublicKey) // of Ed25519 it always is
	return VerifyingKey{public}
}

// Sign signs a message of some kind, in base64. The kind is signed along, so that a signature under one thing never
// passes under another.
func (k SigningKey) Sign(kind string, message []byte) string {
	return base64.StdEncoding.EncodeToString(ed25519.Sign(k.private, signed(kind, message)))
}

func signed(kind string, message []byte) []byte {
	return append([]byte("footfall "+kind+"\n"), message...)
}

// ParseVerifyingKey reads a public key in PEM.
func ParseVerifyingKey(text []byte) (VerifyingKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != publicPEM {
		return VerifyingKey{}, Invalidf("key", "is no public key in PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	public, ok := parsed.(ed25519.PublicKey)
	if err != nil || !ok {
		return VerifyingKey{}, Invalidf("key", "is no public key of Ed25519")
	}
	return VerifyingKey{public}, nil
}

// PEM is the key as text, as openssl reads it.
func (k VerifyingKey) PEM() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(k.public)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: publicPEM, Bytes: der}), nil
}

// Verify reports whether the other half of k has signed this very message as one of this kind.
func (k VerifyingKey) Verify(kind string, message []byte, signature string) bool {
	raw, err := base64.StdEncoding.Strict().DecodeString(signature)
	return err == nil && len(k.public) == ed25519.PublicKeySize &&
		ed25519.Verify(k.public, signed(kind, message), raw)
}
