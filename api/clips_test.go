package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"footfall/api"
	"footfall/models"
	"footfall/storage/audit"
	"footfall/storage/clips"
	"footfall/storage/storetest"
)

// vault is the clips of a house, and the log of who looked at them.
type vault struct {
	index    *clips.Index
	log      *audit.Log
	folder   clips.Store
	evidence api.Evidence
	link     func(key string) (string, time.Time) // nil: there are none
}

func (v vault) Link(_ context.Context, key string) (string, time.Time, error) {
	if v.link == nil {
		return "", time.Time{}, nil
	}
	address, until := v.link(key)
	return address, until, nil
}

func (v vault) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	reader, _, err := v.folder.Get(ctx, key)
	return reader, err
}

func (v vault) Thumbnail(context.Context, string, time.Duration) ([]byte, error) {
	return []byte("\xff\xd8\xff"), nil
}

func (v vault) Describe(context.Context) (api.ClipStorage, error) {
	return api.ClipStorage{Name: "a folder", Detail: "it locks nothing", Retention: time.Hour}, nil
}

// openVault is a door to a house with a stored clip of each of the cameras a and b, whose videos say their ids.
func openVault(t *testing.T, entrance api.Entrance) *door {
	t.Helper()
	return openVaultThatLends(t, entrance, nil)
}

func openVaultThatLends(t *testing.T, entrance api.Entrance, link func(key string) (string, time.Time)) *door {
	t.Helper()
	ctx := t.Context()
	db := storetest.Open(t, filepath.Join(t.TempDir(), "footfall.db"))
	key, err := models.NewSigningKey()
	must(t, err)
	public, err := key.Public().PEM()
	must(t, err)
	v := vault{link: link, folder: clips.NewFolder(t.TempDir()), evidence: api.Evidence{Signer: key, Public: public}}
	v.index, err = clips.NewIndex(ctx, db, func(models.CameraID) time.Duration { return 1e6 * time.Hour })
	must(t, err)
	v.log, err = audit.New(ctx, db)
	must(t, err)
	for _, camera := range []models.CameraID{"a", "b"} {
		id := string(camera) + "-clip"
		fact := storetest.Filmed(camera, id, storetest.Noon(), models.TriggerSample, models.TriggerCrossing)
		_, err := v.index.Register(ctx, []models.Fact{fact})
		must(t, err)
		must(t, v.folder.Put(ctx, fact.Clip.Key, clips.Text([]byte("video of "+id), "video/mp4")))
		must(t, v.index.Seal(ctx, models.ClipID(id), key, storetest.Noon()))
	}
	h := &house{cameras: map[models.CameraID]models.Camera{"a": {ID: "a"}, "b": {ID: "b"}}, vault: v}
	return h.open(t, entrance)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wants asks, and checks the status and what the answer says, or with a ! before it does not.
func (d *door) wants(t *testing.T, method, path, body string, status int, says ...string) string {
	t.Helper()
	code, _, answer := d.ask(t, method, "/api/v1"+path, body)
	if code != status {
		t.Errorf("%s %s: %d %s", method, path, code, answer)
	}
	for _, part := range says {
		if not, is := strings.CutPrefix(part, "!"); strings.Contains(answer, not) == is {
			t.Errorf("%s %s: %q in %s", method, path, part, answer)
		}
	}
	return answer
}

// What was counted stays hidden until the person has counted, line by line; then both are compared.
func TestCountingComesFirst(t *testing.T) {
	t.Parallel()
	d := openVault(t, boss())
	hidden := []string{`"revealed":[]`, "!crossings", "!counts", "!t-a-clip-x"}
	d.wants(t, "GET", "/clips?camera=a", "", 200, hidden...)
	d.wants(t, "GET", "/clips/a-clip", "", 200, hidden...)
	d.wants(t, "GET", "/clips/a-clip/reviews", "", 200, `"items":[]`)
	d.wants(t, "POST", "/clips/a-clip/reviews", `{"line":"door","taps":[{"seconds":4.5,"direction":"in"},{"seconds":9,"direction":"out"}]}`,
		201, `"blind":true`, `"sample":true`, `"in":{"extra":0,"human":1,"matched":1,"missed":0,"system":1}`,
		`"out":{"extra":0,"human":1,"matched":0,"missed":1,"system":0}`)
	d.wants(t, "GET", "/clips/a-clip", "", 200, `"revealed":["door"]`, `"line":"door"`, `"seconds":5`, `!"line":"gate"`)
	d.wants(t, "GET", "/clips/accuracy", "", 200, `"reviews":1`, `"error":{"high"`)
	d.wants(t, "POST", "/clips/a-clip/reviews", `{"line":"door","taps":[]}`, 201, `"blind":false`)
	d.wants(t, "GET", "/clips/accuracy?line=door", "", 200, `"reviews":1`)
	d.wants(t, "GET", "/clips/accuracy?all=true", "", 200, `"reviews":2`)
	d.wants(t, "POST", "/clips/b-clip/reveal", `{"reason":"curious"}`, 200, `"revealed":["door","gate"]`, `"crossings"`)
	d.wants(t, "POST", "/clips/b-clip/reviews", `{"line":"gate","taps":[]}`, 201, `"blind":false`)
	d.wants(t, "POST", "/clips/b-clip/reviews", `{"line":"roof","taps":[]}`, 400, "roof")
}

// Every look says why, and is written down once; what shows the count is noted as that.
func TestLooksAreWrittenDown(t *testing.T) {
	t.Parallel()
	d := openVault(t, boss())
	for _, path := range []string{"video.mp4", "thumbnail.jpg", "manifest.json"} {
		d.wants(t, "GET", "/clips/a-clip/"+path, "", 400, "reason")
		for range 2 {
			if code, _, body := d.send(t, "GET", "/api/v1/clips/a-clip/"+path+"?reason=monthly", ""); code != 200 {
				t.Errorf("%s: %d %s", path, code, body)
			}
		}
	}
	code, header, body := d.send(t, "GET", "/api/v1/clips/a-clip/video.mp4?reason=monthly", "", "Range", "bytes=6-7")
	if code != 206 || body != "of" || header.Get("Content-Type") != "video/mp4" {
		t.Errorf("a part: %d %q %s", code, body, header)
	}
	d.wants(t, "PUT", "/clips/a-clip/hold", `{"reason":"court"}`, 200, `"reason":"court"`, `"id":"kim"`)
	d.wants(t, "DELETE", "/clips/a-clip/hold?reason=settled", "", 200, "!court")
	answer := d.wants(t, "GET", "/audit?limit=100", "", 200)
	var list api.AuditList
	must(t, json.Unmarshal([]byte(answer), &list))
	var said []string
	for _, r := range list.Items {
		said = append([]string{r.Action}, said...)
		if r.Actor.Id == nil || *r.Actor.Id != "kim" || r.Reason == nil {
			t.Errorf("%s does not say who or why: %+v", r.Action, r)
		}
	}
	if got := strings.Join(said, " "); got != "clip.view clip.glance clip.reveal clip.reveal clip.hold clip.release" {
		t.Errorf("written down is %s", got)
	}
	d.wants(t, "GET", "/audit?action=clip.&limit=2", "", 200, `"next_cursor":"5"`)
	d.wants(t, "GET", "/audit?action=clip.&limit=2&cursor=2", "", 200, "clip.view", "!clip.glance")
	d.wants(t, "GET", "/audit?cursor=x", "", 400, "cursor")
}

// Who may see one camera finds out nothing about the other, not even whether there is a clip.
func TestClipsWithinReach(t *testing.T) {
	t.Parallel()
	near := boss()
	near.grants.Cameras = []models.CameraID{"a"}
	d := openVault(t, near)
	d.wants(t, "GET", "/clips", "", 200, "a-clip", "!b-clip")
	d.wants(t, "GET", "/clips?camera=b", "", 403)
	for _, id := range []string{"b-clip", "none"} {
		for _, path := range []string{"", "/video.mp4?reason=why", "/thumbnail.jpg?reason=why", "/manifest.json?reason=why", "/reviews"} {
			d.wants(t, "GET", "/clips/"+id+path, "", 403, "not within your reach")
		}
		d.wants(t, "PUT", "/clips/"+id+"/hold", `{"reason":"why"}`, 403)
		d.wants(t, "POST", "/clips/"+id+"/reveal", `{"reason":"why"}`, 403)
		d.wants(t, "POST", "/clips/bundle", fmt.Sprintf(`{"clips":["a-clip",%q],"reason":"why"}`, id), 403)
	}
	d.wants(t, "POST", "/cameras/b/recordings", `{"last_seconds":5,"reason":"why"}`, 403)
	d.wants(t, "GET", "/audit/export.jsonl?reason=why", "", 403)
	records, err := d.vault.log.List(t.Context(), models.AuditQuery{})
	if err != nil || len(records) > 0 {
		t.Errorf("what was refused is in the log as done: %v (%v)", records, err)
	}
}

// Recordings are of the last half minute, or of what is to come.
func TestRecordings(t *testing.T) {
	t.Parallel()
	d := openVault(t, boss())
	at := func(after time.Duration) string { return now().Add(after).UTC().Format(time.RFC3339) }
	d.wants(t, "POST", "/cameras/a/recordings", `{"last_seconds":20,"reason":"a fall"}`, 201, `"kind":"saved"`, at(-20*time.Second))
	d.wants(t, "POST", "/cameras/a/recordings", `{"from":"`+at(time.Hour)+`","to":"`+at(2*time.Hour)+`","reason":"audit"}`, 201, `"kind":"planned"`)
	for body, says := range map[string]string{
		`{"reason":"why"}`: "from", `{"last_seconds":5}`: "reason", `{"last_seconds":500,"reason":"why"}`: "last_seconds",
		`{"last_seconds":5,"from":"` + at(0) + `","reason":"why"}`:                               "last_seconds",
		`{"from":"` + at(-time.Hour) + `","to":"` + at(0) + `","reason":"why"}`:                  "memory",
		`{"from":"` + at(0) + `","to":"` + at(2*time.Hour) + `","reason":"why"}`:                 "plan several",
		`{"from":"` + at(1000*time.Hour) + `","to":"` + at(1001*time.Hour) + `","reason":"why"}`: "30 days",
	} {
		d.wants(t, "POST", "/cameras/a/recordings", body, 400, says)
	}
	d.wants(t, "POST", "/cameras/nobody/recordings", `{"last_seconds":5,"reason":"why"}`, 404)
	d.wants(t, "GET", "/recordings", "", 200, "a fall", "audit")
	found, err := d.vault.index.Recordings(t.Context(), nil, now())
	if err != nil || len(found) != 1 || found[0].By.ID != "kim" {
		t.Errorf("kept are %+v (%v)", found, err)
	}
	if _, err := d.vault.index.Clip(t.Context(), "none"); !errors.Is(err, models.ErrNotFound) {
		t.Error(err)
	}
}

// Where videos are lent, a player is sent to the store, and every address that is given is written down first.
func TestVideosAreLent(t *testing.T) {
	t.Parallel()
	given := 0
	lasts := time.Minute
	d := openVaultThatLends(t, boss(), func(key string) (string, time.Time) {
		given++
		return fmt.Sprintf("https://store.example.org/%s?n=%d", key, given), now().Add(lasts)
	})
	sent := func(clip, reason string, n int) {
		t.Helper()
		code, header, _ := d.send(t, "GET", "/api/v1/clips/"+clip+"/video.mp4?reason="+reason, "", "Range", "bytes=0-")
		want := fmt.Sprintf("https://store.example.org/%s.mp4?n=%d", models.ClipKey(models.CameraID(clip[:1]), models.ClipID(clip), storetest.Noon()), n)
		if code != 307 || header.Get("Location") != want || header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%d, sent to %q, want %q", code, header.Get("Location"), want)
		}
	}
	sent("a-clip", "monthly", 1)
	sent("a-clip", "monthly", 1) // the same look
	sent("a-clip", "a+quarrel", 2)
	lasts = time.Second // too short to be given twice
	sent("b-clip", "monthly", 3)
	sent("b-clip", "monthly", 4)
	d.wants(t, "GET", "/clips/a-clip/video.mp4", "", 400, "reason")
	answer := d.wants(t, "GET", "/audit?limit=100", "", 200, `"until"`)
	if n := strings.Count(answer, `"clip.link"`); n != 4 || strings.Contains(answer, "store.example.org") {
		t.Errorf("%d addresses are written down: %s", n, answer)
	}
}
