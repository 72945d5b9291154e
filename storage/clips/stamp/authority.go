package stamp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"time"

	"github.com/digitorus/timestamp"
)

// Authority is a time-stamping authority on the network.
type Authority struct {
	URL    string
	Client *http.Client // nil: http.DefaultClient
}

// maxAnswer is far more than a time stamp with all its certificates has.
const maxAnswer = 1 << 20

// Stamp asks for a time stamp of a message, of which the authority sees the SHA-256 only. It returns the token, in DER.
func (a Authority) Stamp(ctx context.Context, message []byte) ([]byte, error) {
	token, err := a.stamp(ctx, message)
	if err != nil {
		return nil, fmt.Errorf("ask %s for a time stamp: %w", a.URL, err)
	}
	return token, nil
}

func (a Authority) stamp(ctx context.Context, message []byte) ([]byte, error) {
	sum := sha256.Sum256(message)
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, err
	}
	question, err := (&timestamp.Request{
		HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Nonce: nonce, Certificates: true,
	}).Marshal()
	if err != nil {
		return nil, err
	}
	answer, err := a.post(ctx, question)
	if err != nil {
		return nil, err
	}
	stamp, err := timestamp.ParseResponse(answer)
	switch {
	case err != nil:
		return nil, err
	case stamp.Nonce == nil || stamp.Nonce.Cmp(nonce) != 0:
		return nil, errors.New("it answers another question")
	}
	_, err = Check(stamp.RawToken, message, nil)
	return stamp.RawToken, err
}

// patience is how long an authority may take.
const patience = 15 * time.Second

func (a Authority) post(ctx context.Context, question []byte) (answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL, bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/timestamp-query")
	client := a.Client
	if client == nil {
		client = http.DefaultClient
	}
	reply, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reply.Body.Close()) }()
	if reply.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s", reply.Status)
	}
	return io.ReadAll(io.LimitReader(reply.Body, maxAnswer))
}
