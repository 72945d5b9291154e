package main

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"footfall/models/config"
	"footfall/storage/registry"
)

// cameraKey is what camera addresses are sealed with: the configured one, or one in data_dir/camera.key, which is made
// at the first start.
func cameraKey(cfg config.Config) ([]byte, error) {
	if key := cfg.Storage.Key.Reveal(); key != "" {
		return hex.DecodeString(key)
	}
	path := cameraKeyFile(cfg.DataDir)
	if _, err := kept(path, func() string { return hex.EncodeToString(registry.NewKey()) }); err != nil {
		return nil, err
	}
	return readKey(path)
}

func cameraKeyFile(folder string) string { return filepath.Join(folder, "camera.key") }

// nextKey ends the name of the key that is to take the place of another.
const nextKey = ".next"

func readKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a key: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != registry.KeyBytes {
		return nil, fmt.Errorf("read %s: it must hold %d hexadecimal digits; restore it from a backup",
			path, 2*registry.KeyBytes)
	}
	return key, nil
}

// derived is a key for one purpose, made from that of the house.
func derived(key []byte, purpose string) ([]byte, error) {
	made, err := hkdf.Key(sha256.New, key, nil, purpose, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	return made, nil
}

// linkToken is what workers show to the server: the configured one, or one made at the first start and kept in
// data_dir/link.token.
func linkToken(cfg config.Config) (string, error) {
	if token := cfg.Link.Token.Reveal(); token != "" {
		return token, nil
	}
	return kept(filepath.Join(cfg.DataDir, "link.token"), rand.Text)
}

// kept is the text of a file that only this user may read. A file that is not there is made, whole or not at all.
func kept(path string, fresh func() string) (string, error) {
	data, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(data)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read a key: %w", err)
	}
	text := fresh()
	if err := replaceFile(path, []byte(text+"\n")); err != nil {
		return "", fmt.Errorf("keep a key: %w", err)
	}
	return text, nil
}

// replaceFile writes a file that only this user may read, whole or not at all.
func replaceFile(path string, content []byte) error {
	if err := os.WriteFile(path+".part", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}
