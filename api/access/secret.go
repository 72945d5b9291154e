package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// newSecret is 256 random bits as text.
func newSecret() string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails: see crypto/rand
	return base64.RawURLEncoding.EncodeToString(secret)
}

// newID is 80 random bits as text that is a models.ValidateID; it opens nothing.
func newID() string { return strings.ToLower(rand.Text()[:16]) }

// KeyOf is what is kept of a secret that was made here. The secret is long and random, so that a plain hash hides it.
func KeyOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Tokens begin with a word by which people, and programs that look for secrets in source code, recognise them.
const (
	TokenPrefix  = "footfall_"
	WorkerPrefix = "footworker_"
	// shownBytes of a token's random part are kept in the clear, so that it is recognised in a list.
	shownBytes = 6
)

// OneTimePassword is a password to be typed once: 80 random bits in groups, without letters that look alike.
func OneTimePassword() string {
	text := strings.ToLower(rand.Text()[:16]) // base 32 has no 0, 1, 8 and 9
	return strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:16]}, "-")
}

// sealed is a mark that only who has the key could make.
func sealed(key []byte, words ...string) string {
	mac := hmac.New(sha256.New, key)
	for _, w := range words {
		mac.Write([]byte(w))
		mac.Write([]byte{0})
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
