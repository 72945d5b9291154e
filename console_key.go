package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"footfall/api"
	"footfall/models/config"
)

// consoleKey is how the commands of this machine reach the server that runs on it. It stands in data_dir/console.json
// while the server runs: whoever can read that folder can read the database and its key, too, so it gives nothing away.
type consoleKey struct {
	URL   string `json:"url"`
	Token string `json:"token"`
	// Certificate is the SHA-256 of the one that the server shows; empty where it does not encrypt, or where one that
	// the system trusts is expected.
	Certificate string `json:"certificate,omitempty"`
}

func consoleFile(folder string) string { return filepath.Join(folder, "console.json") }

// writeConsole says where the server is, and how to get in.
func writeConsole(folder string, key consoleKey) error {
	text, err := json.Marshal(key)
	if err != nil {
		return err
	}
	if err := replaceFile(consoleFile(folder), append(text, '\n')); err != nil {
		return fmt.Errorf("say where the console is: %w", err)
	}
	return nil
}

// readConsole is how to reach the server of a data folder; fs.ErrNotExist when none runs.
func readConsole(folder string) (key consoleKey, err error) {
	text, err := os.ReadFile(consoleFile(folder))
	if err != nil {
		return key, err
	}
	if err := json.Unmarshal(text, &key); err != nil {
		return key, fmt.Errorf("read %s: %w", consoleFile(folder), err)
	}
	return key, nil
}

func removeConsole(folder string) error { return removeIfThere(consoleFile(folder)) }

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// tokenVariable holds the token for a server that is asked by its address.
const tokenVariable = "FOOTFALL_TOKEN"

// keyFor is how to reach a server: the one at an address, with the token of the environment, or the one that runs with
// a configuration on this machine. errNotRunning: there is none.
func keyFor(address string, cfg config.Config) (consoleKey, error) {
	if address != "" {
		return consoleKey{URL: strings.TrimSuffix(address, "/"), Token: os.Getenv(tokenVariable)}, nil
	}
	key, err := readConsole(cfg.DataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return key, fmt.Errorf("%w with the data folder %s (data_dir); start footfall serve, or name a server "+
			"with --url and a token in %s", errNotRunning, cfg.DataDir, tokenVariable)
	}
	return key, err
}

var errNotRunning = errors.New("no server runs")

// transport trusts the one certificate that the server is known to show, whatever names are in it.
func (k consoleKey) transport() *http.Transport {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second}
	if k.Certificate == "" {
		return transport
	}
	transport.TLSClientConfig = &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // G402: the certificate is compared as a whole instead, just below
		VerifyConnection: func(state tls.ConnectionState) error {
			if fingerprintOf(state.PeerCertificates[0].Raw) != k.Certificate {
				return errors.New("the server shows another certificate than it has said in the data folder")
			}
			return nil
		},
	}
	return transport
}

// ask asks a server; the answer is what it says, or the reason that it gives for refusing.
func (k consoleKey) ask(ctx context.Context, method, path string, body any) ([]byte, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, k.URL+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if k.Token != "" {
		request.Header.Set("Authorization", "Bearer "+k.Token)
	}
	client := &http.Client{Transport: k.transport()}
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if dialling := (*net.OpError)(nil); errors.As(err, &dialling) && dialling.Op == "dial" {
		return nil, fmt.Errorf("%w at %s: %w", errNotRunning, k.URL, dialling)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	const most = 16 << 20
	said, err := io.ReadAll(io.LimitReader(answer.Body, most))
	switch {
	case err != nil:
		return nil, err
	case answer.StatusCode < 300:
		return said, nil
	}
	var problem api.Problem
	if json.Unmarshal(said, &problem) == nil && problem.Detail != "" {
		return nil, errors.New(problem.Detail)
	}
	return nil, errors.New(answer.Status)
}
