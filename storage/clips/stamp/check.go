package stamp

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// ErrOther is of a stamp that is sound, but of something else.
var ErrOther = errors.New("it is a time stamp of something else")

// Check reads a token and returns when it confirms that the message was there. With roots, it must have been signed by
// an authority that one of them vouches for, at a time when its certificate was valid; without, only that it was signed
// by whoever it says is checked.
func Check(token, message []byte, roots *x509.CertPool) (time.Time, error) {
	stamp, err := timestamp.Parse(token)
	if err != nil {
		return time.Time{}, fmt.Errorf("it is no sound time stamp: %w", err)
	}
	sum := sha256.Sum256(message)
	switch {
	case stamp.HashAlgorithm != crypto.SHA256 || !bytes.Equal(stamp.HashedMessage, sum[:]):
		return time.Time{}, ErrOther
	case len(stamp.Certificates) == 0:
		return time.Time{}, errors.New("it does not say who signed it")
	case roots == nil:
		return stamp.Time.UTC(), nil
	}
	signed, err := pkcs7.Parse(token)
	if err != nil {
		return time.Time{}, fmt.Errorf("it is no sound time stamp: %w", err)
	}
	between := x509.NewCertPool()
	for _, c := range signed.Certificates {
		between.AddCert(c)
	}
	err = signed.VerifyWithOpts(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: stamp.Time,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("nobody who is trusted has signed it: %w", err)
	}
	return stamp.Time.UTC(), nil
}

// Trust checks stamps with the authorities that are trusted; nil: with none.
type Trust struct{ Roots *x509.CertPool }

// Check is Check with these authorities.
func (t Trust) Check(token, message []byte) (time.Time, error) { return Check(token, message, t.Roots) }

// Required reports whether everything must have a stamp: who says whom he trusts wants to see them.
func (t Trust) Required() bool { return t.Roots != nil }
