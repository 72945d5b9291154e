package models

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Manifest is what the server signs about a clip when it has seen the video in the store: the clip, and its place in
// the chain of its camera.
type Manifest struct {
	Format string   `json:"format"`
	ID     ClipID   `json:"id"`
	Camera CameraID `json:"camera"`
	Clip

	Seq    int64     `json:"seq"`  // from 1, without gaps, in the chain of the camera
	Prev   string    `json:"prev"` // hash of the manifest before; of the first, 64 zeros
	Sealed time.Time `json:"sealed"`
}

// ManifestFormat is what a manifest begins with.
const ManifestFormat = "footfall clip, version 1"

// NoHash stands where a chain begins.
const NoHash = "0000000000000000000000000000000000000000000000000000000000000000"

// Chains is what the server signs about a whole store: how long the chain of each camera is, and what of it was deleted
// when its time was over. Without it nobody could tell that the newest clips are missing.
type Chains struct {
	Format  string    `json:"format"`
	At      time.Time `json:"at"`
	Cameras []Chain   `json:"cameras"` // by camera
}

// ChainsFormat is what Chains begin with, and ChainsKey is where they lie.
const (
	ChainsFormat = "footfall chains, version 1"
	ChainsKey    = "chains.json"
)

// Chain is that of one camera.
type Chain struct {
	Camera CameraID `json:"camera"`
	Seq    int64    `json:"seq"`  // of the newest manifest
	Hash   string   `json:"hash"` // of the same
	Gone   []Gone   `json:"gone,omitempty"`
}

// Gone is a stretch of a chain whose clips were deleted when their time was over.
type Gone struct {
	First int64  `json:"first"`
	Last  int64  `json:"last"`
	Hash  string `json:"hash"` // of the last manifest
}

// Bundle is what the server signs about clips that were handed out: every file, so that none can be changed or missing.
type Bundle struct {
	Format string       `json:"format"`
	Made   time.Time    `json:"made"`
	For    AuditActor   `json:"for"`
	Reason string       `json:"reason"`
	Files  []BundleFile `json:"files"`
}

// BundleFile is one file of a bundle.
type BundleFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// BundleFormat is what a bundle's list begins with, and BundleKey is its name.
const (
	BundleFormat = "footfall bundle, version 1"
	BundleKey    = "bundle.json"
)

// The kinds of signatures.
const (
	SignedManifest = "clip manifest"
	SignedChains   = "chains"
	SignedBundle   = "bundle"
)

// sealed is a signed statement as it lies in a file: the very bytes that hash and signature are of, and both.
type sealed struct {
	Hash      string          `json:"hash"`
	Signature string          `json:"signature"`
	Statement json.RawMessage `json:"statement"`
}

// Seal writes a statement of some kind with its hash and signature, as one line of text, and says the hash.
func Seal(kind string, statement any, signer Signer) (text []byte, hash string, err error) {
	message, err := json.Marshal(statement)
	if err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(message)
	hash = hex.EncodeToString(sum[:])
	return sealed{hash, signer.Sign(kind, message), message}.text(), hash, nil
}

// text is written by hand, so that there is exactly one way to write it.
func (s sealed) text() []byte {
	return fmt.Appendf(nil, "{\"hash\":%q,\"signature\":%q,\"statement\":%s}\n", s.Hash, s.Signature, s.Statement)
}

// Unseal reads what Seal has written into statement, and says its hash. signed is whether the key has signed it. The
// error says that it is not what was written, to the last byte.
func Unseal(kind string, text []byte, statement any, key Verifier) (hash string, signed bool, err error) {
	var s sealed
	if err := json.Unmarshal(text, &s); err != nil {
		return "", false, fmt.Errorf("it cannot be read: %w", err)
	}
	sum := sha256.Sum256(s.Statement)
	if !bytes.Equal(text, s.text()) || hex.EncodeToString(sum[:]) != s.Hash {
		return "", false, Invalidf("hash", "it is not that of the text")
	}
	if err := json.Unmarshal(s.Statement, statement); err != nil {
		return "", false, fmt.Errorf("it cannot be read: %w", err)
	}
	return s.Hash, key.Verify(kind, s.Statement, s.Signature), nil
}
