package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// built is the app, or a skip where it was not built.
func built(t *testing.T) *App {
	t.Helper()
	app, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if !app.Built() {
		if os.Getenv("CI") == "true" {
			t.Fatal("the web app is not built: make web")
		}
		t.Skip("the web app is not built: make web")
	}
	return app
}

func ask(app *App, method, path string, header map[string]string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, nil)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	answer := httptest.NewRecorder()
	app.ServeHTTP(answer, request)
	return answer
}

// Every room begins on the same page, which is asked for each time; what it loads is kept for ever.
func TestRoomsAndTheirFiles(t *testing.T) {
	t.Parallel()
	app := built(t)
	page := ask(app, http.MethodGet, "/", nil)
	for _, path := range []string{"/live", "/live/lobby", "/counts", "/setup/cameras/new", "/sign-in"} {
		if got := ask(app, http.MethodGet, path, nil); got.Code != http.StatusOK || got.Body.String() != page.Body.String() {
			t.Errorf("%s: %d, another page", path, got.Code)
		}
	}
	if got := page.Header().Get("Cache-Control"); got != "no-cache" {
		t.Errorf("the page: Cache-Control %q", got)
	}
	tag := page.Header().Get("ETag")
	if got := ask(app, http.MethodGet, "/counts", map[string]string{"If-None-Match": tag}); got.Code != http.StatusNotModified || got.Body.Len() > 0 {
		t.Errorf("the page again: %d, %d bytes", got.Code, got.Body.Len())
	}
	assets := regexp.MustCompile(`/assets/[^"]+\.(js|css)`).FindAllString(page.Body.String(), -1)
	if len(assets) < 2 {
		t.Fatalf("the page loads %v", assets)
	}
	for _, path := range assets {
		plain := ask(app, http.MethodGet, path, nil)
		if plain.Code != http.StatusOK || !strings.Contains(plain.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, Cache-Control %q", path, plain.Code, plain.Header().Get("Cache-Control"))
		}
		small := ask(app, http.MethodGet, path, map[string]string{"Accept-Encoding": "gzip"})
		unpacked, err := gzip.NewReader(small.Body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if text, err := io.ReadAll(unpacked); err != nil || string(text) != plain.Body.String() {
			t.Errorf("%s: compressed is another text (%v)", path, err)
		}
		if head := ask(app, http.MethodHead, path, nil); head.Body.Len() > 0 || head.Header().Get("Content-Length") == "" {
			t.Errorf("%s: HEAD brings %d bytes", path, head.Body.Len())
		}
	}
	if got := ask(app, http.MethodGet, "/assets/of-yesterday.js", nil); got.Code != http.StatusNotFound {
		t.Errorf("a file of an older build: %d", got.Code)
	}
}

// The page needs nothing that the policy forbids.
func TestThePolicy(t *testing.T) {
	t.Parallel()
	app := built(t)
	page := ask(app, http.MethodGet, "/", nil)
	policy := page.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	if text := page.Body.String(); regexp.MustCompile(`<script[^>]*>[^<]|<style|style="|\son\w+=`).MatchString(text) {
		t.Errorf("the page has scripts or styles of its own: %s", text)
	}
	for path, f := range app.files {
		if regexp.MustCompile(`https?://[a-z0-9.-]+\.(com|net|io|dev)/[^"'\s]*\.(js|css|woff2?)`).Match(f.plain) {
			t.Errorf("%s loads something from elsewhere", path)
		}
	}
}

// What everybody loads, without languages, is at most 150 kB on the wire.
func TestTheAppIsSmall(t *testing.T) {
	t.Parallel()
	app := built(t)
	const most = 150_000
	sum := len(app.page.gzip)
	for path, f := range app.files {
		if strings.HasPrefix(path, "/assets/") && !strings.Contains(path, "/zh-CN-") {
			sum += len(f.gzip)
		}
	}
	t.Logf("%d bytes", sum)
	if sum > most {
		t.Errorf("the app is %d bytes compressed, want at most %d", sum, most)
	}
}

// The rooms of the server are those of the app.
func TestRoomsAreTheSame(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("src/rooms.ts")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`rooms = \[(.*)\]`).FindSubmatch(source)
	if list == nil {
		t.Fatal("src/rooms.ts has no list of rooms")
	}
	var want []string
	for _, m := range regexp.MustCompile(`'([^']+)'`).FindAllSubmatch(list[1], -1) {
		want = append(want, "/"+string(m[1]), "/"+string(m[1])+"/*")
	}
	if got := (&App{}).Paths(); !slices.Equal(got[4:], want) {
		t.Errorf("the server has %v, the app %v", got[4:], want)
	}
}

// The lock says what is installed; from where is not the repository's business.
func TestTheLockNamesNoPlace(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(lock), `"resolved"`) {
		t.Error("package-lock.json says from where packages came")
	}
}

// What is inside is told with its licence: every module of the binary, as go.mod has it, and every package of the app.
func TestLicencesOfWhatIsInside(t *testing.T) {
	t.Parallel()
	told := ask(built(t), http.MethodGet, "/licences.txt", nil)
	if kind := told.Header().Get("Content-Type"); told.Code != http.StatusOK || !strings.HasPrefix(kind, "text/plain") {
		t.Fatalf("%d, %s", told.Code, kind)
	}
	text := told.Body.String()
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"github.com/labstack/echo/v4", "gocv.io/x/gocv", "github.com/pion/webrtc/v4"} {
		line := regexp.MustCompile(regexp.QuoteMeta(part) + ` v\S+`).FindString(string(mod))
		if line == "" || strings.Count(text, line+"\n") < 2 { // in the list, and before its licence
			t.Errorf("%q is not told of with its licence", line)
		}
	}
	for _, want := range []string{
		"Apache License", "MIT License", "Go's standard library", "preact ", "uplot ", "detector footfall-fast ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is nothing of %q", want)
		}
	}
	beside := []string{"OpenCV", "FFmpeg"}
	if _, err := os.Stat("../../bin/lib/libonnxruntime.so.1"); err == nil {
		beside = append(beside, "ONNX Runtime")
	}
	for _, part := range beside {
		if lines := regexp.MustCompile(part+` \d+\.\d\S*\n`).FindAllString(text, -1); len(lines) < 2 || lines[0] != lines[1] {
			t.Errorf("%s is not told of with its licence: %q", part, lines)
		}
	}
}

// A part whose licence is not known ends the build.
func TestLicencesEndTheBuildWhereOneIsMissing(t *testing.T) {
	t.Parallel()
	built(t)
	folder := t.TempDir()
	ffmpeg := filepath.Join(folder, "ffmpeg") // of no package
	if err := os.WriteFile(ffmpeg, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	script := `import('./licences.js').then(({ licences }) => licences(process.env.FOOTFALL_INTO))`
	command := exec.CommandContext(t.Context(), "node", "--input-type=module", "--eval", script)
	command.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "FOOTFALL_INTO="+filepath.Join(folder, "all.txt"))
	said, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(said), "FFmpeg: "+ffmpeg+" is of no Debian package") {
		t.Errorf("%v: %s", err, said)
	}
}

// What is drawn on a camera that has sagged since is shown, and saved, where it is seen.
func TestTheDrawingLiesOnWhatIsSeen(t *testing.T) {
	t.Parallel()
	built(t)
	if said, err := exec.CommandContext(t.Context(), "node", filepath.Join("test", "drawing.mjs")).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}
