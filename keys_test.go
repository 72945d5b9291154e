package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The key may come from elsewhere than the data folder: it is then nowhere in it, only the right one opens what is
// there, and another takes its place when it is said which.
func TestTheKeyIsConfigured(t *testing.T) {
	t.Parallel()
	one, two := strings.Repeat("ab12", 16), strings.Repeat("cd34", 16)
	with := func(key string) string { return nobodyThere + "storage: {key: " + key + "}\n" }
	s := serve(t, with(one))
	s.change("POST", "/api/v1/cameras", `{"id": "lobby", "url": "rtsp://viewer:t0psecret@192.0.2.7/s1"}`, 201)
	s.stop()
	data := filepath.Join(s.folder, "data")
	if _, err := os.Stat(filepath.Join(data, "camera.key")); err == nil {
		t.Error("a key was made beside the configured one")
	}
	files, err := os.ReadDir(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if text, err := os.ReadFile(filepath.Join(data, f.Name())); err == nil && strings.Contains(string(text), one) {
			t.Errorf("the key lies in %s", f.Name())
		}
	}
	file := func(name, text string) string {
		path := filepath.Join(s.folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	mine, other, next := file("one.yaml", with(one)), file("two.yaml", with(two)), file("next", two+"\n")
	refused := func(want string, args ...string) {
		t.Helper()
		if got := footfall(t, append(args, "--data", data)...); got.code == exitDone || !strings.Contains(got.stderr, want) {
			t.Errorf("%v: %+v, want %q", args, got, want)
		}
	}
	refused("the key does not fit what is sealed", "serve", "--listen", "127.0.0.1:0", "--config", other)
	refused("--next: is missing: the key is configured", "keys", "rotate", "--config", mine)
	refused("it must hold 64 hexadecimal digits", "keys", "rotate", "--config", mine, "--next", other)
	if got := footfall(t, "keys", "rotate", "--config", mine, "--data", data, "--next", next); got.code != exitDone {
		t.Fatalf("%+v", got)
	}
	refused("the key does not fit what is sealed", "serve", "--listen", "127.0.0.1:0", "--config", mine)
	file("footfall.yaml", with(two))
	s.start()
	if got := s.camera("lobby"); got.Url != "rtsp://***@192.0.2.7/s1" {
		t.Errorf("the camera is %s", got.Url)
	}
}
