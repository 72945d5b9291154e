package weights

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
)

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// hashFile is the SHA-256 and the size of a file.
func hashFile(ctx context.Context, path string) (string, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = file.Close() }() // it was only read
	hash := sha256.New()
	size, err := io.Copy(hash, stoppable{ctx, file})
	if err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(hash.Sum(nil)), size, nil
}

// stoppable reads until ctx ends.
type stoppable struct {
	ctx context.Context //nolint:containedctx // io.Reader has no other way in, and the value lives for one call
	io.Reader
}

func (s stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.Reader.Read(p)
}
