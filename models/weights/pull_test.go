package weights

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"footfall/models"
)

// folderOf is what a folder holds.
func folderOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		out = append(out, f.Name())
	}
	return out
}

// puller is a shelf with one model to pull, in a folder that does not exist yet.
func puller(t *testing.T, sources ...string) (s *Shelf, dir string, model []byte) {
	t.Helper()
	model = content("light", pulled)
	e := known("light", model)
	e.Sources = sources
	dir = filepath.Join(t.TempDir(), "models")
	return shelf(t, fstest.MapFS{}, []Entry{e}, dir), dir, model
}

// mustBeThere fails unless the folder holds the model and nothing else.
func mustBeThere(t *testing.T, dir string, model []byte) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(dir, "light.onnx"))
	if err != nil || string(got) != string(model) {
		t.Errorf("the model is not there: %d bytes, %v", len(got), err)
	}
	if files := folderOf(t, dir); len(files) != 1 {
		t.Errorf("the folder holds %v", files)
	}
}

func TestPull(t *testing.T) {
	t.Parallel()
	model := content("light", pulled)
	web := newMirror(t, map[string][]byte{"/a/light.onnx": model})
	s, dir, _ := puller(t, web.URL+"/gone/light.onnx", web.URL+"/a/light.onnx") // the first source is down
	var last, calls int64
	progress := func(done, total int64) {
		if done < last || total != pulled {
			t.Errorf("progress goes from %d to %d of %d", last, done, total)
		}
		last = done
		calls++
	}
	m, err := s.Pull(t.Context(), "light", PullOptions{Progress: progress, Client: web.Client()})
	if err != nil || m.Name != "light" || m.Entry == nil || m.Path != filepath.Join(dir, "light.onnx") {
		t.Fatalf("got %+v, %v", m, err)
	}
	mustBeThere(t, dir, model)
	if last != pulled || calls == 0 {
		t.Errorf("progress ended at %d", last)
	}
	if found, err := s.Find(t.Context(), "light"); err != nil || found.Path != m.Path {
		t.Errorf("it is not found: %v", err)
	}
	// What is there is not fetched again.
	before := len(web.asked())
	if _, err := s.Pull(t.Context(), "light", PullOptions{Client: web.Client()}); err != nil {
		t.Error(err)
	}
	if len(web.asked()) != before {
		t.Error("it was fetched a second time")
	}
	// What is there and wrong is.
	put(t, dir, "light.onnx", model[:500])
	if _, err := s.Pull(t.Context(), "light", PullOptions{Client: web.Client()}); err != nil {
		t.Error(err)
	}
	mustBeThere(t, dir, model)
}

func TestPullGoesOnAfterACut(t *testing.T) {
	t.Parallel()
	web := newMirror(t, map[string][]byte{"/light.onnx": content("light", pulled)})
	web.cut = func(request int) int { return []int{0, 30_000, 40_000, 0}[request] }
	s, dir, model := puller(t)
	if _, err := s.Pull(t.Context(), "light", PullOptions{From: web.URL, Client: web.Client()}); err != nil {
		t.Fatal(err)
	}
	mustBeThere(t, dir, model)
	if got, want := web.asked(), []string{"", "bytes=30000-", "bytes=70000-"}; !slices.Equal(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
}

func TestPullResumesAnotherTime(t *testing.T) {
	t.Parallel()
	web := newMirror(t, map[string][]byte{"/light.onnx": content("light", pulled)})
	s, dir, model := puller(t)
	ctx, cancel := context.WithCancel(t.Context())
	web.cut = func(int) int { return 30_000 }
	stop := func(done, _ int64) {
		if done == 30_000 {
			cancel()
		}
	}
	_, err := s.Pull(ctx, "light", PullOptions{From: web.URL, Client: web.Client(), Progress: stop})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if files := folderOf(t, dir); !slices.Equal(files, []string{"light.onnx.part"}) {
		t.Fatalf("the folder holds %v", files)
	}
	web.cut = nil
	if _, err := s.Pull(t.Context(), "light", PullOptions{From: web.URL + "/", Client: web.Client()}); err != nil {
		t.Fatal(err)
	}
	mustBeThere(t, dir, model)
	if got, want := web.asked(), []string{"", "bytes=30000-"}; !slices.Equal(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
}

// TestPullWithALeftover: what an earlier time left behind helps or does not harm.
func TestPullWithALeftover(t *testing.T) {
	t.Parallel()
	model := content("light", pulled)
	other := content("other", pulled)
	for _, test := range []struct {
		name     string
		leftover []byte
		deaf     bool
		want     []string // ranges asked for
	}{
		{"half", model[:50_000], false, []string{"bytes=50000-"}},
		{"half, and no ranges", model[:50_000], true, []string{"bytes=50000-"}},
		{"half of another file", other[:50_000], false, []string{"bytes=50000-", ""}},
		{"all", model, false, nil},
		{"all of another file", other, false, []string{""}},
		{"too much", content("other", pulled+1), false, []string{""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			web := newMirror(t, map[string][]byte{"/light.onnx": model})
			web.deaf = test.deaf
			s, dir, _ := puller(t)
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			put(t, dir, "light.onnx.part", test.leftover)
			if _, err := s.Pull(t.Context(), "light", PullOptions{From: web.URL, Client: web.Client()}); err != nil {
				t.Fatal(err)
			}
			mustBeThere(t, dir, model)
			if got := web.asked(); !slices.Equal(got, test.want) {
				t.Errorf("asked for %q, want %q", got, test.want)
			}
		})
	}
}

func TestPullRefusesAnotherFile(t *testing.T) {
	t.Parallel()
	model := content("light", pulled)
	forged := content("other", pulled)
	for _, test := range []struct {
		name     string
		serves   []byte
		leftover []byte
		want     string
	}{
		{
			"wrong hash", forged, nil,
			"pull model light: its hash is wrong: SHA-256 " + hashOf(forged) + " of 100000 bytes, the catalogue has " +
				hashOf(model) + " of 100000; nothing was kept",
		},
		{
			"wrong hash after a leftover", forged, model[:60_000],
			"pull model light: its hash is wrong: SHA-256 " + hashOf(forged) + " of 100000 bytes, the catalogue has " +
				hashOf(model) + " of 100000; nothing was kept",
		},
		{
			"too short", model[:99_999], nil,
			"pull model light: get URL/light.onnx: the server has 99999 bytes, light has 100000: it is another file",
		},
		{
			"too short for the leftover", model[:10], model[:60_000],
			"pull model light: get URL/light.onnx: the server has 10 bytes, light has 100000: it is another file",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			web := newMirror(t, map[string][]byte{"/light.onnx": test.serves})
			s, dir, _ := puller(t)
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if test.leftover != nil {
				put(t, dir, "light.onnx.part", test.leftover)
			}
			_, err := s.Pull(t.Context(), "light", PullOptions{From: web.URL, Client: web.Client()})
			if err == nil || strings.ReplaceAll(err.Error(), web.URL, "URL") != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			if files := folderOf(t, dir); len(files) != 0 {
				t.Errorf("the folder holds %v", files)
			}
		})
	}
}

// TestPullKeepsWhatIsThere: a pull that fails does not take away the model of before.
func TestPullKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	web := newMirror(t, map[string][]byte{"/light.onnx": content("other", pulled)})
	s, dir, _ := puller(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "light.onnx", []byte("an older one"))
	if _, err := s.Pull(t.Context(), "light", PullOptions{From: web.URL, Client: web.Client()}); err == nil {
		t.Fatal("a forged model was taken")
	}
	if got, err := os.ReadFile(filepath.Join(dir, "light.onnx")); err != nil || string(got) != "an older one" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestPullFromThisMachine(t *testing.T) {
	t.Parallel()
	s, dir, model := puller(t)
	usb := t.TempDir()
	file := put(t, usb, "light.onnx", model)
	for _, from := range []string{usb, file, put(t, usb, "any name", model)} {
		if _, err := s.Pull(t.Context(), "light", PullOptions{From: from}); err != nil {
			t.Fatal(err)
		}
		mustBeThere(t, dir, model)
		if err := os.Remove(filepath.Join(dir, "light.onnx")); err != nil {
			t.Fatal(err)
		}
	}
	empty := t.TempDir()
	for _, test := range []struct{ from, want string }{
		{empty, "pull model light: there is no light.onnx in " + empty},
		{usb + "/none", "pull model light: --from " + usb + "/none: there is no such file or folder; " +
			"give light.onnx, the folder it is in, or the http or https address of a mirror"},
		{put(t, usb, "short", model[1:]), "pull model light: " + usb + "/short: has 99999 bytes, light has 100000"},
	} {
		if _, err := s.Pull(t.Context(), "light", PullOptions{From: test.from}); err == nil || err.Error() != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
	_, err := s.Pull(t.Context(), "light", PullOptions{From: put(t, usb, "forged", content("other", pulled))})
	if !errors.Is(err, errWrongHash) {
		t.Errorf("a forged file: %v", err)
	}
	if files := folderOf(t, dir); len(files) != 0 {
		t.Errorf("the folder holds %v", files)
	}
}

func TestPullRefusals(t *testing.T) {
	t.Parallel()
	web := newMirror(t, nil)
	s, dir, _ := puller(t)
	_, err := s.Pull(t.Context(), "light", PullOptions{From: web.URL, Client: web.Client()})
	if want := "pull model light: get " + web.URL + "/light.onnx: the server answers 404 Not Found"; err == nil ||
		err.Error() != want || !errors.Is(err, models.ErrNotFound) {
		t.Errorf("not there: got %v", err)
	}
	_, err = s.Pull(t.Context(), "dark", PullOptions{})
	if err == nil || err.Error() != "pull model dark: it is not in the catalogue, which has light" {
		t.Errorf("not in the catalogue: got %v", err)
	}
	_, err = s.Pull(t.Context(), "light", PullOptions{})
	if err == nil || err.Error() != "pull model light: the catalogue knows no source of it; use --from" {
		t.Errorf("without a source: got %v", err)
	}
	_, err = shelf(t, fstest.MapFS{}, s.catalogue).Pull(t.Context(), "light", PullOptions{})
	if err == nil || err.Error() != "pull model light: model folder: none is configured" {
		t.Errorf("without a folder: got %v", err)
	}
	// Offline, or nearly: nobody listens where the mirror was.
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	_, err = s.Pull(t.Context(), "light", PullOptions{From: gone.URL, Client: web.Client()})
	if !errors.Is(err, models.ErrUnavailable) || !strings.Contains(err.Error(), "connection refused") ||
		!strings.Contains(err.Error(), "use --from FILE") || strings.Contains(err.Error(), "\n") {
		t.Errorf("offline: got %v", err)
	}
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer cut.Close()
	_, err = s.Pull(t.Context(), "light", PullOptions{From: cut.URL, Client: web.Client()})
	if want := "pull model light: get " + cut.URL + "/light.onnx: the connection broke off before the server answered; " +
		"run the same again to go on"; err == nil || err.Error() != want || !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("cut off: got %v\nwant %s", err, want)
	}
	if files := folderOf(t, dir); len(files) != 0 {
		t.Errorf("the folder holds %v", files)
	}
}

func TestPullOnlyOneAtATime(t *testing.T) {
	t.Parallel()
	s, dir, _ := puller(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	first, err := openPart(filepath.Join(dir, "light.onnx.part"), s.catalogue[0])
	if err != nil {
		t.Fatal(err)
	}
	defer first.close()
	if _, err := s.Pull(t.Context(), "light", PullOptions{From: dir}); !errors.Is(err, models.ErrConflict) {
		t.Errorf("got %v", err)
	}
}

func TestPullDoesNotFollowToPlainHTTP(t *testing.T) {
	t.Parallel()
	plain := newMirror(t, map[string][]byte{"/light.onnx": content("light", pulled)})
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL+"/light.onnx", http.StatusFound))
	t.Cleanup(secure.Close)
	s, _, _ := puller(t)
	_, err := s.Pull(t.Context(), "light", PullOptions{From: secure.URL, Client: secure.Client()})
	if err == nil || !strings.Contains(err.Error(), "it redirects from https to http, which is not followed") {
		t.Errorf("got %v", err)
	}
	if len(plain.asked()) != 0 {
		t.Error("it was followed")
	}
	// From http to http it may: the hash decides what is kept.
	moved := httptest.NewServer(http.RedirectHandler(plain.URL+"/light.onnx", http.StatusFound))
	t.Cleanup(moved.Close)
	if _, err := s.Pull(t.Context(), "light", PullOptions{From: moved.URL, Client: moved.Client()}); err != nil {
		t.Error(err)
	}
}

func TestPullGivesUpOnASilentServer(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(pulled))
		_, _ = w.Write([]byte("light-"))
		_ = http.NewResponseController(w).Flush()
		<-stop
	}))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(stop) })
	s, dir, _ := puller(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := openPart(filepath.Join(dir, "light.onnx.part"), s.catalogue[0])
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	d := newDownload(p, silent.Client(), func(int64, int64) {})
	d.silence = 200 * time.Millisecond
	if err := d.from(t.Context(), silent.URL); err == nil || !strings.HasSuffix(err.Error(), "the server was silent for 200ms") {
		t.Errorf("got %v", err)
	}
	if n, err := p.size(); n != 6 || err != nil {
		t.Errorf("%d bytes are kept, %v", n, err)
	}
}

func TestContentRange(t *testing.T) {
	t.Parallel()
	for header, want := range map[string][2]int64{
		"bytes 0-9/10": {0, 10}, "bytes 5-9/10": {5, 10}, "bytes 5-9/*": {-1}, "5-9/10": {-1}, "bytes 5/10": {-1}, "": {-1},
		"bytes x-9/10": {-1}, "bytes */10": {-1},
	} {
		start, total, ok := contentRange(header)
		if ok != (want[0] >= 0) || (ok && (start != want[0] || total != want[1])) {
			t.Errorf("%q: got %d, %d, %v", header, start, total, ok)
		}
	}
}
