package main

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footfall/storage/registry"
	"footfall/storage/sql"
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

// However the server is given the key, it is the one that secrets are sealed with: what was sealed with it is opened after a
// restart, and with another one the server says so and does not start.
func TestWhereTheKeyComesFrom(t *testing.T) {
	t.Parallel()
	one, two := strings.Repeat("ab12", 16), strings.Repeat("cd34", 16)
	const variable = "FOOTFALL_STORAGE_KEY"
	const wrongKey = "the key does not fit what is sealed in the database; bring back the one that it was sealed with " +
		"(storage.key, or camera.key in data_dir), or remove all cameras by starting with a new database\n"
	for name, give := range map[string]func(s *service, key string){
		"the environment": func(s *service, key string) { s.environment = []string{variable + "=" + key} },
		"a file that the environment names": func(s *service, key string) {
			path := filepath.Join(s.folder, "secret")
			s.write(path, key+"\n")
			s.environment = []string{variable + "_FILE=" + path}
		},
		"the data folder": func(s *service, key string) { s.write(filepath.Join(s.folder, "data", "camera.key"), key+"\n") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t, nobodyThere)
			if err := os.Mkdir(filepath.Join(s.folder, "data"), 0o700); err != nil {
				t.Fatal(err)
			}
			give(s, one)
			s.start()
			s.change("POST", "/api/v1/cameras", `{"id": "lobby", "url": "rtsp://viewer:t0psecret@192.0.2.7/s1"}`, 201)
			s.stop()
			if made, err := os.ReadFile(filepath.Join(s.folder, "data", "camera.key")); name != "the data folder" && err == nil {
				t.Errorf("another key was made: %s", made)
			}
			s.opens(one, "rtsp://viewer:t0psecret@192.0.2.7/s1")
			give(s, two)
			refused := program(t.Context(), "serve", "--config", s.config, "--data", filepath.Join(s.folder, "data"), "--listen",
				"127.0.0.1:0")
			refused.Env = append(refused.Env, s.environment...)
			said, err := refused.CombinedOutput()
			if err == nil || !strings.HasSuffix(string(said), wrongKey) || strings.Count(string(said), "\n") != 1 {
				t.Errorf("with another key: %v: %s", err, said)
			}
			give(s, one)
			s.start()
			if got := s.camera("lobby"); got.Url != "rtsp://***@192.0.2.7/s1" {
				t.Errorf("the camera is %s", got.Url)
			}
		})
	}
}

func (s *service) write(path, text string) {
	s.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// opens checks that a key, written in hexadecimal, opens the address of the camera in the database of a service that has
// been stopped.
func (s *service) opens(key, want string) {
	s.t.Helper()
	raw, err := hex.DecodeString(key)
	if err != nil {
		s.t.Fatal(err)
	}
	database, err := sql.Open(s.t.Context(), filepath.Join(s.folder, "data", "footfall.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = database.Close() }()
	places, err := registry.New(s.t.Context(), database, raw)
	if err != nil {
		s.t.Fatal(err)
	}
	cameras, err := places.All(s.t.Context())
	if err != nil || len(cameras) != 1 || cameras[0].URL != want {
		s.t.Errorf("%v in %+v", err, cameras)
	}
}
