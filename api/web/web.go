package web

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// site is the app as it was built, or only the page that says that it was not.
//
//go:embed site
var site embed.FS

// App serves the web app.
type App struct {
	built bool
	page  file            // on which every room of the app begins
	files map[string]file // by their path

	policy string
}

// file is a file of the app with what goes with it.
type file struct {
	kind        string // Content-Type
	tag         string // ETag
	keep        string // Cache-Control
	plain, gzip []byte // gzip may be missing
}

// policy allows the app what it needs and nothing else: no scripts and styles but its own files.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// AllowMedia lets the app play videos of another origin, too; it is called before the app is served.
func (a *App) AllowMedia(origin string) {
	a.policy = strings.Replace(policy, "media-src 'self'", "media-src 'self' "+origin, 1)
}

// New reads the embedded files.
func New() (*App, error) {
	page, err := fs.Sub(site, "site/app")
	if err != nil {
		return nil, fmt.Errorf("open the web app: %w", err)
	}
	app := &App{built: true, files: map[string]file{}, policy: policy}
	if app.page, err = read(page, "index.html"); errors.Is(err, fs.ErrNotExist) {
		app.built = false
		app.page, err = read(site, "site/unbuilt.html")
		return app, err
	}
	if err != nil {
		return nil, err
	}
	return app, fs.WalkDir(page, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".gz") || name == "index.html" {
			return err
		}
		app.files["/"+name], err = read(page, name)
		return err
	})
}

// read is a file of the app, and what it is compressed if that was made.
func read(from fs.FS, name string) (file, error) {
	plain, err := fs.ReadFile(from, name)
	if err != nil {
		return file{}, fmt.Errorf("read the web app: %w", err)
	}
	gzip, err := fs.ReadFile(from, name+".gz")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return file{}, fmt.Errorf("read the web app: %w", err)
	}
	sum := sha256.Sum256(plain)
	f := file{
		kind: mime.TypeByExtension(path.Ext(name)), tag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
		keep:  "no-cache", // keep it, but ask each time
		plain: plain, gzip: gzip,
	}
	if strings.HasPrefix(name, "assets/") { // their names change with their content
		f.keep = "public, max-age=31536000, immutable"
	}
	return f, nil
}

// Built reports whether the app is there; without it there is one page that says so.
func (a *App) Built() bool { return a.built }

// Paths are those that the app wants to be asked for; one that ends in /* stands for all below it. The rooms are known
// to src/rooms.ts, too.
func (a *App) Paths() []string {
	paths := []string{"/", "/assets/*", "/icon.svg", "/licences.txt"}
	for _, room := range []string{"live", "counts", "audit", "setup", "sign-in", "start", "account"} {
		paths = append(paths, "/"+room, "/"+room+"/*")
	}
	return paths
}

// ServeHTTP answers GET and HEAD. A room of the app is the page: which of its views is shown, the page reads from the
// address itself.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, found := a.files[r.URL.Path]
	switch {
	case found:
	case strings.HasPrefix(r.URL.Path, "/assets/"): // of an older build: the page must not be taken for a script
		http.Error(w, "this file is of another version; load the page again", http.StatusNotFound)
		return
	default:
		f = a.page
	}
	h := w.Header()
	h.Set("Content-Security-Policy", a.policy)
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", f.keep)
	h.Set("ETag", f.tag)
	h.Add("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if f.gzip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.gzip
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // whoever asked may have gone
	}
}
