package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // G505: what every app takes; HMAC needs no hard collisions
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

const (
	totpStep   = 30 * time.Second
	totpSkew   = 1 // steps that a phone's clock may be off
	totpDigits = 6
)

// newTOTP is a secret for an app that makes one-time passwords: 160 bits, as RFC 4226 recommends.
func newTOTP() string {
	secret := make([]byte, 20)
	_, _ = rand.Read(secret) // it never fails: see crypto/rand
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// totpAddress is the secret as apps read it from a picture of squares.
func totpAddress(name, secret string) string {
	u := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/Footfall:" + name,
		RawQuery: url.Values{"secret": {secret}, "issuer": {"Footfall"}}.Encode(),
	}
	return u.String()
}

// codeAt is the code of a step (RFC 4226, 5.3).
func codeAt(secret string, step int64) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("read the secret of a second factor: %w", err)
	}
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac := hmac.New(sha1.New, key)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, number%1_000_000), nil
}

// TOTP is the code of a secret at a time, as an app shows it.
func TOTP(secret string, now time.Time) (string, error) { return codeAt(secret, now.Unix()/30) }

// stepOf is the step that a code is of, false when it is of none near now, or of one that is not after the last: no
// code is taken twice.
func stepOf(secret, code string, now time.Time, last int64) (int64, bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	at := now.Unix() / int64(totpStep/time.Second)
	found, ok := int64(0), false
	for step := at - totpSkew; step <= at+totpSkew; step++ {
		want, err := codeAt(secret, step)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > last {
			found, ok = step, true
		}
	}
	return found, ok
}
