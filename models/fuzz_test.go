package models_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"footfall/models"
)

// FuzzUnseal: whatever lies where a manifest should be, is refused or was written by Seal to the last byte; and nothing
// counts as signed but what the key has signed.
func FuzzUnseal(f *testing.F) {
	key, err := models.NewSigningKey()
	if err != nil {
		f.Fatal(err)
	}
	sound, _, err := models.Seal(models.SignedManifest, models.Manifest{ID: "a", Camera: "lobby", Seq: 1}, key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sound)
	f.Add(sound[:len(sound)-2])
	f.Add([]byte(`{"hash":"","signature":"","statement":null}` + "\n"))
	f.Add([]byte(`{"hash":"` + models.NoHash + `","signature":"AA==","statement":{"id":[]}}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var read models.Manifest
		hash, signed, err := models.Unseal(models.SignedManifest, text, &read, key.Public())
		if err != nil {
			return
		}
		if signed && string(text) != string(sound) {
			t.Errorf("%q counts as signed", text)
		}
		var whole struct {
			Hash string `json:"hash"`
		}
		if err := json.Unmarshal(text, &whole); err != nil || whole.Hash != hash {
			t.Errorf("%q has the hash %q, %v", text, hash, err)
		}
	})
}

// FuzzCameraURL: an address is refused with a reason, or its parts can be named; and what is shown of it never holds the
// password.
func FuzzCameraURL(f *testing.F) {
	for _, raw := range []string{
		"rtsp://viewer:secret@10.0.0.7/stream1", "rtsps://[fe80::1%25eth0]:322/?pwd=secret", "rtsp://a:b:c@h/", "rtsp:secret",
		"concat:rtsp://h/|file:///etc/passwd", "rtsp://0x7f.1/", "rtsp://viewer:sec%72et@h/#secret", "//u:secret@h", "\x00",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		err := models.ValidateCameraURL(raw)
		shown := models.RedactURL(raw)
		u, parsed := url.Parse(raw)
		if err == nil && (parsed != nil || u.Hostname() == "" || !strings.HasPrefix(u.Scheme, "rtsp")) {
			t.Errorf("%q was let through", raw)
		}
		if parsed != nil || u.User == nil {
			return
		}
		password, _ := u.User.Password()
		rest := strings.Replace(shown, u.Host, "", 1)
		if len(password) > 5 && strings.Contains(rest, password) && !strings.Contains(u.Path, password) {
			t.Errorf("%q is shown as %q", raw, shown)
		}
	})
}
