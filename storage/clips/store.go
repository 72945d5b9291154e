package clips

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"footfall/models"
)

// Object is one file in a store.
type Object struct {
	Key      string
	Bytes    int64
	Modified time.Time
}

// Content is what is to be stored.
type Content struct {
	Body   io.ReadSeeker
	Bytes  int64
	SHA256 string    // in hexadecimal
	Type   string    // of media
	Until  time.Time // the store shall keep it so long, where it can; zero: no longer than it is told
}

// Reader reads one object.
type Reader interface {
	io.ReadSeekCloser
}

// Abilities are what a store can do beyond keeping bytes.
type Abilities struct {
	Lock   bool   // it refuses to delete before Content.Until
	Hold   bool   // it refuses to delete what is held
	Detail string // one line for people
}

// Store keeps files. All methods may be called from any goroutine. Errors are models.ErrNotFound, ErrRefused where
// trying again is no use, and others.
type Store interface {
	// Put stores content, and returns nil when the bytes have been read back and are the same (else ErrDiffers). Nobody
	// ever reads half of it. What was under the key before is replaced.
	Put(ctx context.Context, key string, content Content) error
	// Get reads an object; Close must be called.
	Get(ctx context.Context, key string) (Reader, Object, error)
	Stat(ctx context.Context, key string) (Object, error)
	// List names every object whose key begins with prefix, in the order of keys.
	List(ctx context.Context, prefix string, each func(Object) error) error
	// Remove deletes an object for good. One that is not there is no error.
	Remove(ctx context.Context, key string) error
	// Hold makes the store refuse to delete an object, or lets it again, where it can.
	Hold(ctx context.Context, key string, held bool) error
	// Link is an address under which anybody can read an object for so long, and nothing else; empty where the store
	// has none.
	Link(ctx context.Context, key string, lasting time.Duration) (string, error)
	Abilities(ctx context.Context) (Abilities, error)
	// String names the store, for messages; it holds no password.
	String() string
}

// The reasons a store gives.
var (
	// ErrRefused: the store will not do it, however often it is asked.
	ErrRefused = errors.New("refused by the store")
	// ErrDiffers: what is in the store is not what was put there.
	ErrDiffers = errors.New("what was stored is not what was sent")
)

// checkKey refuses keys that could leave the place that they are meant for.
func checkKey(key string) error {
	for part := range strings.SplitSeq(key, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "\\\x00\n") {
			return fmt.Errorf("key %q: %w", key, models.ErrInvalid)
		}
	}
	return nil
}

// readBack checks that an object is what it should be.
func readBack(ctx context.Context, s Store, key string, content Content) error {
	hash, size, err := hashObject(ctx, s, key)
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	if hash != content.SHA256 || size != content.Bytes {
		return fmt.Errorf("%d bytes with hash %.12s...: %w", size, hash, ErrDiffers)
	}
	return nil
}

// hashObject reads an object for its hash and size.
func hashObject(ctx context.Context, s Store, key string) (hash string, size int64, err error) {
	reader, _, err := s.Get(ctx, key)
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	sum := sha256.New()
	if size, err = io.Copy(sum, reader); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(sum.Sum(nil)), size, nil
}

// Text is content of a small text.
func Text(text []byte, kind string) Content {
	sum := sha256.Sum256(text)
	return Content{
		Body: strings.NewReader(string(text)), Bytes: int64(len(text)), SHA256: hex.EncodeToString(sum[:]), Type: kind,
	}
}
