package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const nanoBytes = 3_659_407 // of the official yolox_nano.onnx, as the catalogue has it

// modelsIn runs `footfall models` in a folder that has nothing but these files in footfall-data/models.
func modelsIn(t *testing.T, files map[string]string, args ...string) (got outcome, folder string) {
	t.Helper()
	inside := map[string]string{}
	for name, content := range files {
		inside["footfall-data/models/"+name] = content
	}
	folder = folderOf(t, inside)
	return footfallIn(t, folder, append([]string{"models"}, args...)...), folder
}

type modelJSON struct {
	Name, State, Place, SHA256, Kind, Input, Version, Licence, Use, Detail string
	Size                                                                   int64
	Default                                                                bool
}

func TestModelsList(t *testing.T) {
	t.Parallel()
	got, _ := modelsIn(t, nil, "list", "--json")
	defaults, states := 0, map[string]string{}
	for _, m := range decode[[]modelJSON](t, got) {
		states[m.Name] = m.State
		if m.Default {
			defaults++
		}
		if m.Name == "" || m.Size <= 0 || m.Kind == "" || m.Input == "" || m.Licence == "" || m.Use == "" {
			t.Errorf("says too little: %+v", m)
		}
		if m.State == "good" && (m.Place != "built in" || len(m.SHA256) != 64) {
			t.Errorf("%+v", m)
		}
	}
	if defaults != 1 || states["footfall-fast"] != "good" || states["yolox-nano"] != "not there" {
		t.Errorf("%d defaults of %v", defaults, states)
	}

	table, _ := modelsIn(t, nil, "list")
	for _, want := range []string{
		"  MODEL              STATE      SIZE  INPUT     LICENCE     PLACE\n",
		"\n* footfall-fast      good     ", " 480x288   Apache-2.0  built in\n",
		"\nTO FETCH: footfall models pull NAME", "\n  yolox-s                    35.9 MB  640x640   Apache-2.0\n",
		"\nCOMPARED: a frame's time (YOLOX-Nano: 1)", "\n  MODEL                 TIME  F1 PETS09  F1 CLIPS  FALSE FRAMES\n",
		"\n  footfall-accurate     0.", "\n  yolox-nano            1.00      0.",
		"\n* is used when no other is asked for",
	} {
		if table.code != 0 || table.stderr != "" || !strings.Contains(table.stdout, want) {
			t.Errorf("no %q in %+v", want, table)
		}
	}
	for line := range strings.Lines(table.stdout) {
		if width := len([]rune(strings.TrimSuffix(line, "\n"))); width > 100 || strings.HasSuffix(line, " \n") {
			t.Errorf("%d characters wide: %q", width, line)
		}
	}
}

func TestModelsVerify(t *testing.T) {
	t.Parallel()
	good, _ := modelsIn(t, map[string]string{"mine.onnx": "hello"}, "verify")
	if good.code != 0 || good.stderr != "" || strings.Contains(good.stdout, "TO FETCH") ||
		!strings.Contains(good.stdout, "\n  mine               unknown  ") {
		t.Errorf("%+v", good)
	}
	cut, _ := modelsIn(t, map[string]string{"yolox_nano.onnx": "hello"}, "verify")
	const says = "footfall: verify model yolox-nano: footfall-data/models/yolox_nano.onnx: " +
		"it has 5 of 3659407 bytes; delete it and run footfall models pull yolox-nano\n"
	if cut.code != 1 || cut.stderr != says || !strings.Contains(cut.stdout, "damaged") {
		t.Errorf("%+v, want %s", cut, says)
	}
	other, _ := modelsIn(t, map[string]string{"yolox_nano.onnx": strings.Repeat("x", nanoBytes)}, "verify", "--json")
	if other.code != 1 || !strings.Contains(other.stderr, ": its SHA-256 is ") || strings.Count(other.stderr, "\n") != 1 {
		t.Errorf("%+v", other)
	}
}

// A model is taken by its name only when it is the right one, to the last bit.
func TestModelsPullRefuses(t *testing.T) {
	t.Parallel()
	wrong := strings.Repeat("x", nanoBytes)
	folder := folderOf(t, map[string]string{
		"empty/": "", "cut/yolox_nano.onnx": "hello", "wrong/yolox_nano.onnx": wrong,
	})
	for _, r := range []refusal{
		{
			"models pull nothing", 1,
			"pull model nothing: it is not in the catalogue, which has yolox-nano, yolox-tiny, yolox-s",
		},
		{"models pull yolox-nano --from empty", 1, "pull model yolox-nano: there is no yolox_nano.onnx in empty"},
		{"models pull yolox-nano --from no", 1, "pull model yolox-nano: --from no: there is no such file or folder; " +
			"give yolox_nano.onnx, the folder it is in, or the http or https address of a mirror"},
		{
			"models pull yolox-nano --from cut", 2,
			"pull model yolox-nano: cut/yolox_nano.onnx: has 5 bytes, yolox-nano has 3659407",
		},
		{"models pull yolox-nano --from wrong", 1, "pull model yolox-nano: its hash is wrong: SHA-256 " +
			fmt.Sprintf("%x", sha256.Sum256([]byte(wrong))) + " of 3659407 bytes, the catalogue has " +
			"c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d of 3659407; nothing was kept"},
	} {
		r.check(t, folder)
	}
	if left := listing(t, filepath.Join(folder, "footfall-data", "models")); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

// What a broken connection has brought is kept, and the next pull asks for the rest only. What is then whole but
// wrong is thrown away.
func TestModelsPullGoesOn(t *testing.T) {
	t.Parallel()
	wrong := bytes.Repeat([]byte("x"), nanoBytes)
	var asked []string
	mirror := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path+" "+r.Header.Get("Range"))
		if len(asked) > 1 {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(wrong))
			return
		}
		w.Header().Set("Content-Length", "3659407")
		_, _ = w.Write(wrong[:1000])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // the connection breaks off
	}))
	defer mirror.Close()
	folder := t.TempDir()
	got := footfallIn(t, folder, "models", "pull", "yolox-nano", "--from", mirror.URL)
	if got.code != 1 || !strings.Contains(got.stderr, "its hash is wrong") || strings.Count(got.stderr, "\n") != 1 {
		t.Errorf("%+v", got)
	}
	if len(asked) < 2 || asked[0] != "/yolox_nano.onnx " || asked[1] != "/yolox_nano.onnx bytes=1000-" {
		t.Errorf("asked for %q", asked)
	}
	if left := listing(t, filepath.Join(folder, "footfall-data", "models")); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

// A mirror that is gone leaves what it has brought for the next time.
func TestModelsPullKeepsWhatCame(t *testing.T) {
	t.Parallel()
	mirror := httptest.NewServer(http.NotFoundHandler())
	mirror.Close()
	got, folder := modelsIn(t, map[string]string{"yolox_nano.onnx.part": "begun"}, "pull", "yolox-nano", "--from", mirror.URL)
	if got.code != 1 || !strings.Contains(got.stderr, "connection refused") || !strings.Contains(got.stderr, "use --from FILE") {
		t.Errorf("%+v", got)
	}
	kept, err := os.ReadFile(filepath.Join(folder, "footfall-data", "models", "yolox_nano.onnx.part"))
	if err != nil || string(kept) != "begun" {
		t.Errorf("kept %q: %v", kept, err)
	}
}
