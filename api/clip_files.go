package api

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"footfall/models"
)

// looks knows who has lately begun to look at what: a player asks for a video in many parts, which are one look.
type looks struct {
	mu    sync.Mutex
	begun map[string]time.Time
	lent  map[string]loan
}

// loan is the address of a video that somebody was sent to.
type loan struct {
	address string
	until   time.Time
}

// oneLook is how long after its last request a look goes on.
const oneLook = 5 * time.Minute

func newLooks() *looks { return &looks{begun: map[string]time.Time{}, lent: map[string]loan{}} }

// loan is an address that was given for the same look, if it is good for a while yet.
func (l *looks) loan(what string, now time.Time) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, there := l.lent[what]
	return last.address, there && last.until.Sub(now) > leastLoan
}

// leastLoan is for how long an address that is given must be good at least, for the player to begin with it.
const leastLoan = 10 * time.Second

// lend notes an address that is given.
func (l *looks) lend(what string, given loan, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lent[what] = given
	for name, other := range l.lent {
		if now.After(other.until) {
			delete(l.lent, name)
		}
	}
}

// isNew reports whether this is a new look.
func (l *looks) isNew(what string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, there := l.begun[what]
	l.begun[what] = now
	for name, at := range l.begun {
		if now.Sub(at) > oneLook {
			delete(l.begun, name)
		}
	}
	return !there || now.Sub(last) > oneLook
}

// look notes that the asker looks at a clip, and why.
func (h clipRoom) look(ctx context.Context, who asker, clip models.StoredClip, action, reason string) error {
	if !h.looks.isNew(sameLook(who, clip, action, reason), h.now()) {
		return nil
	}
	return h.audit.Append(ctx, who.entry(action, clip, reason))
}

func sameLook(who asker, clip models.StoredClip, action, reason string) string {
	return fmt.Sprintf("%s %s %s %s %s", action, who.actor.Kind, who.actor.ID, clip.ID, reason)
}

// lend is an address in the bucket that the asker is sent to, if there is one. Whoever has it can read the video until
// it is over, and this server does not see that, so every one that is given is written down before.
func (h clipRoom) lend(ctx context.Context, who asker, clip models.StoredClip, reason string) (string, error) {
	what, now := sameLook(who, clip, "clip.link", reason), h.now()
	if address, good := h.looks.loan(what, now); good {
		return address, nil
	}
	address, until, err := h.files.Link(ctx, clip.Key)
	if err != nil || address == "" {
		return "", err
	}
	e := who.entry("clip.link", clip, reason)
	if e.Details, err = json.Marshal(map[string]any{"until": until.UTC()}); err != nil {
		return "", err
	}
	if err := h.audit.Append(ctx, e); err != nil {
		return "", err
	}
	h.looks.lend(what, loan{address, until}, now)
	return address, nil
}

// stored refuses a clip whose video is not there.
func stored(clip models.StoredClip) error {
	switch clip.State {
	case models.ClipAwaited:
		return fmt.Errorf("clip %s: its video is on its way: %w", clip.ID, models.ErrUnavailable)
	case models.ClipStored:
		return nil
	case models.ClipExpired, models.ClipLost:
	}
	return fmt.Errorf("clip %s: its video is %s: %w", clip.ID, clip.State, models.ErrNotFound)
}

// PlayClip is GET /clips/{id}/video.mp4.
func (h clipRoom) PlayClip(c echo.Context, id ClipID, params PlayClipParams) error {
	clip, who, err := h.find(c, id)
	if err == nil {
		err = stored(clip)
	}
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	address, err := h.lend(ctx, who, clip, params.Reason)
	if err != nil {
		return err
	}
	if address != "" {
		c.Response().Header().Set(echo.HeaderCacheControl, "private, no-store")
		return c.Redirect(http.StatusTemporaryRedirect, address)
	}
	video, err := h.files.Open(ctx, clip.Key)
	if err != nil {
		return err
	}
	defer func() { _ = video.Close() }()
	if err := h.look(ctx, who, clip, "clip.view", params.Reason); err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "video/mp4")
	header.Set(echo.HeaderCacheControl, "private, no-store")
	header.Set("ETag", `"`+clip.SHA256+`"`)
	http.ServeContent(c.Response(), c.Request(), "", clip.Start, video)
	return nil
}

// GetThumbnail is GET /clips/{id}/thumbnail.jpg.
func (h clipRoom) GetThumbnail(c echo.Context, id ClipID, params GetThumbnailParams) error {
	clip, who, err := h.find(c, id)
	if err == nil {
		err = stored(clip)
	}
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	picture, err := h.files.Thumbnail(ctx, clip.Key, clip.End.Sub(clip.Start)/2)
	if err != nil {
		return fmt.Errorf("picture of clip %s: %w", id, err)
	}
	if err := h.look(ctx, who, clip, "clip.glance", params.Reason); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "private, no-store")
	return c.Blob(http.StatusOK, "image/jpeg", picture)
}

// GetManifest is GET /clips/{id}/manifest.json.
func (h clipRoom) GetManifest(c echo.Context, id ClipID, params GetManifestParams) error {
	clip, who, err := h.find(c, id)
	if err != nil {
		return err
	}
	text, err := h.clips.Manifest(c.Request().Context(), clip.ID)
	if err != nil {
		return err
	}
	if err := h.reveal(c, clip, who, params.Reason); err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "application/json", text)
}

// MakeBundle is POST /clips/bundle.
func (h clipRoom) MakeBundle(c echo.Context) error {
	var body BundleRequest
	if err := c.Bind(&body); err != nil {
		return err
	}
	who := askerOf(c.Request())
	var clips []models.StoredClip
	for _, id := range body.Clips {
		clip, _, err := h.find(c, id)
		if err == nil {
			err = stored(clip)
		}
		if err != nil {
			return err
		}
		clips = append(clips, clip)
	}
	for _, clip := range clips {
		if err := h.audit.Append(c.Request().Context(), who.entry("clip.export", clip, body.Reason)); err != nil {
			return err
		}
		if err := h.reveal(c, clip, who, body.Reason); err != nil {
			return err
		}
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "application/zip")
	header.Set(echo.HeaderContentDisposition, `attachment; filename="footfall-evidence.zip"`)
	header.Set(echo.HeaderCacheControl, "private, no-store")
	c.Response().WriteHeader(http.StatusOK)
	b := bundle{room: h, out: zip.NewWriter(c.Response()), list: models.Bundle{
		Format: models.BundleFormat, Made: h.now().UTC(), For: who.actor, Reason: body.Reason,
	}}
	// The answer has begun: what fails now cuts it off, and whoever opens it sees that.
	return b.write(c.Request().Context(), clips)
}

// bundle is one that is being written.
type bundle struct {
	room clipRoom
	out  *zip.Writer
	list models.Bundle
}

func (b *bundle) write(ctx context.Context, clips []models.StoredClip) error {
	for _, clip := range clips {
		if err := b.clip(ctx, clip); err != nil {
			return fmt.Errorf("bundle clip %s: %w", clip.ID, err)
		}
	}
	if err := b.add("key.pem", b.room.evidence.Public); err != nil {
		return err
	}
	index, err := renderIndex(b.list, clips)
	if err != nil {
		return err
	}
	if err := b.add("index.html", index); err != nil {
		return err
	}
	text, _, err := models.Seal(models.SignedBundle, b.list, b.room.evidence.Signer)
	if err != nil {
		return err
	}
	file, err := b.out.Create(models.BundleKey)
	if err != nil {
		return err
	}
	if _, err := file.Write(text); err != nil {
		return err
	}
	return b.out.Close()
}

func (b *bundle) clip(ctx context.Context, clip models.StoredClip) (err error) {
	manifest, err := b.room.clips.Manifest(ctx, clip.ID)
	if err != nil {
		return err
	}
	stem := models.ClipKey(clip.Camera, clip.ID, clip.Start)
	if err := b.add(stem+models.ManifestEnding, manifest); err != nil {
		return err
	}
	stamp, err := b.room.clips.Stamp(ctx, clip.ID)
	if err == nil && stamp != nil {
		err = b.add(stem+models.StampEnding, stamp)
	}
	if err != nil {
		return err
	}
	video, err := b.room.files.Open(ctx, clip.Key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, video.Close()) }()
	// Videos do not get smaller.
	file, err := b.out.CreateHeader(&zip.FileHeader{Name: clip.Key, Method: zip.Store, Modified: clip.End})
	if err != nil {
		return err
	}
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(file, sum), video)
	if err != nil {
		return err
	}
	b.note(clip.Key, size, sum.Sum(nil))
	return nil
}

func (b *bundle) add(name string, text []byte) error {
	file, err := b.out.Create(name)
	if err != nil {
		return err
	}
	if _, err := file.Write(text); err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	b.note(name, int64(len(text)), sum[:])
	return nil
}

func (b *bundle) note(name string, size int64, hash []byte) {
	b.list.Files = append(b.list.Files, models.BundleFile{Name: name, Bytes: size, SHA256: hex.EncodeToString(hash)})
}

// renderIndex is the page that a bundle is read with.
func renderIndex(list models.Bundle, clips []models.StoredClip) ([]byte, error) {
	page, err := template.New("index").Parse(indexPage)
	if err != nil {
		return nil, err
	}
	var out buffer
	err = page.Execute(&out, map[string]any{"List": list, "Clips": clips})
	return out, err
}

// buffer collects what is written.
type buffer []byte

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

const indexPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Footfall evidence</title>
<style>body{font:16px sans-serif;max-width:60em;margin:2em auto;padding:0 1em}table{border-collapse:collapse}
td,th{border:1px solid #999;padding:.2em .6em;text-align:left}video{max-width:100%}code{word-break:break-all}</style>
<h1>Evidence</h1>
<p>Made {{.List.Made.Format "2006-01-02 15:04:05 MST"}} for {{.List.For.Name}}, because: {{.List.Reason}}.</p>
<p>To check that nothing was changed: <code>footfall clips verify FILE.zip --key key.pem</code>, with a key that you
have from the installation itself and not from this bundle.</p>
{{range .Clips}}<h2>{{.Camera}}, {{.Start.Format "2006-01-02 15:04:05.000 MST"}}</h2>
<video controls preload="metadata" src="{{.Key}}"></video>
<p>{{.Pictures}} pictures until {{.End.Format "15:04:05.000"}}; number {{.Seq}} in the chain of the camera; model
{{.ModelVersion}}, configuration {{.ConfigVersion}}; people: {{.Privacy.Pixelate}}.</p>
<table><tr><th>line<th>in<th>out<th>raw in<th>raw out</tr>
{{range .Counts}}<tr><td>{{.Line}}<td>{{.In}}<td>{{.Out}}<td>{{.RawIn}}<td>{{.RawOut}}</tr>{{end}}</table>
<p>SHA-256 of the video: <code>{{.SHA256}}</code></p>{{end}}
`
