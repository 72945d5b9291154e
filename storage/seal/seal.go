// Package seal encrypts what must not be read from the database file: addresses and secrets, under the key in
// data_dir/camera.key. It keeps nothing and starts nothing.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
)

// KeyBytes is the length of the key.
const KeyBytes = 32

// ErrWrongKey says that what is in the database was sealed with another key.
var ErrWrongKey = errors.New("the key does not fit what is sealed in the database")

// Seal encrypts with one key (AES-256-GCM).
type Seal struct {
	aead cipher.AEAD
}

// New is a seal with a key of KeyBytes bytes.
func New(key []byte) (Seal, error) {
	if len(key) != KeyBytes {
		return Seal{}, fmt.Errorf("the key has %d bytes, it must have %d", len(key), KeyBytes)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return Seal{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return Seal{aead}, err
}

// Close encrypts text for one owner: a sealed text that is moved to another does not open there.
func (s Seal) Close(owner, text string) string {
	//nolint:gosec // G407: the nonce is not constant, this AEAD draws a random one for every call
	sealed := s.aead.Seal(nil, nil, []byte(text), []byte(owner))
	return base64.StdEncoding.EncodeToString(sealed)
}

// Open is the text that was sealed for the owner.
func (s Seal) Open(owner, sealed string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return "", ErrWrongKey
	}
	text, err := s.aead.Open(nil, nil, raw, []byte(owner))
	if err != nil {
		return "", ErrWrongKey
	}
	return string(text), nil
}

// NewKey makes a key.
func NewKey() []byte {
	key := make([]byte, KeyBytes)
	_, _ = rand.Read(key) // it never fails: see crypto/rand
	return key
}
