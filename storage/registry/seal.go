package registry

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
)

// KeyBytes is the length of the key that addresses are sealed with.
const KeyBytes = 32

// ErrWrongKey says that the addresses in the database were sealed with another key.
var ErrWrongKey = errors.New("the key does not fit the stored camera addresses")

// seal encrypts what must not be read from the database file.
type seal struct {
	aead cipher.AEAD
}

func newSeal(key []byte) (seal, error) {
	if len(key) != KeyBytes {
		return seal{}, fmt.Errorf("the key has %d bytes, it must have %d", len(key), KeyBytes)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return seal{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return seal{aead}, err
}

// close encrypts text for one owner: a sealed text that is moved to another does not open there.
func (s seal) close(owner, text string) string {
	//nolint:gosec // G407: the nonce is not constant, this AEAD draws a random one for every call
	sealed := s.aead.Seal(nil, nil, []byte(text), []byte(owner))
	return base64.StdEncoding.EncodeToString(sealed)
}

// open is the text that was sealed for the owner.
func (s seal) open(owner, sealed string) (string, error) {
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
