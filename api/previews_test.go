package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"footfall/api"
	"footfall/models"
)

// stage stands for the previews.
type stage struct {
	opened []models.Stream
	fails  error // of Open
	last   *models.Shot
	next   *models.Shot // what a seat gets; nil: nothing comes
}

func (s *stage) Open(stream models.Stream, offer string, _ func()) (string, string, string, error) {
	if s.fails != nil {
		return "", "", "", s.fails
	}
	if !strings.HasPrefix(offer, "v=0") {
		return "", "", "", models.Invalidf("body", "is not an SDP offer")
	}
	s.opened = append(s.opened, stream)
	return "s1", "tag", "v=0 answer", nil
}

func (s *stage) Trickle(_ models.CameraID, session, tag, _ string) error {
	if session != "s1" {
		return models.ErrNotFound
	}
	if tag != "tag" {
		return api.ErrOtherTag
	}
	return nil
}

func (s *stage) End(_ models.CameraID, session string) error {
	if session != "s1" {
		return models.ErrNotFound
	}
	return nil
}

func (s *stage) Watch(stream models.Stream) api.Seat { s.opened = append(s.opened, stream); return s }

func (s *stage) Next(context.Context) (models.Shot, error) {
	if s.next == nil {
		return models.Shot{}, context.DeadlineExceeded
	}
	shot := *s.next
	s.next = nil
	return shot, nil
}

func (s *stage) Leave() {}
func (s *stage) Close() {}

func (s *stage) Last(models.Stream) (models.Shot, bool) {
	if s.last == nil {
		return models.Shot{}, false
	}
	return *s.last, true
}

// theatre is a door for somebody who may see everything of all cameras but "b", and no clean pictures.
func theatre(t *testing.T) *door {
	guard := &doorman{grants: models.Grants{
		Roles: []models.Role{models.RoleViewer}, Cameras: []models.CameraID{"a", "zz"},
	}}
	d := open(t).open(t, guard)
	d.cameras["a"], d.cameras["b"] = models.Camera{ID: "a"}, models.Camera{ID: "b"}
	return d
}

const (
	whep     = "/api/v1/cameras/a/whep"
	session  = whep + "/s1"
	fragment = "application/trickle-ice-sdpfrag"
)

func TestWHEPAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		method, path, body string
		header             []string
		fails              error
		want               int
	}{
		"an offer":              {"POST", whep, "v=0", []string{"Content-Type", "application/sdp"}, nil, 201},
		"for a tile":            {"POST", whep + "?class=tile", "v=0", []string{"Content-Type", "application/sdp; charset=utf-8"}, nil, 201},
		"no SDP":                {"POST", whep, "hello", []string{"Content-Type", "application/sdp"}, nil, 400},
		"not as SDP":            {"POST", whep, "{}", nil, nil, 415},
		"10 MB":                 {"POST", whep, "v=0" + strings.Repeat("x", 10<<20), []string{"Content-Type", "application/sdp"}, nil, 413},
		"an unknown camera":     {"POST", "/api/v1/cameras/zz/whep", "v=0", []string{"Content-Type", "application/sdp"}, nil, 404},
		"a forbidden camera":    {"POST", "/api/v1/cameras/b/whep", "v=0", []string{"Content-Type", "application/sdp"}, nil, 403},
		"a clean picture":       {"POST", whep + "?clean=true", "v=0", []string{"Content-Type", "application/sdp"}, nil, 403},
		"an unknown class":      {"POST", whep + "?class=huge", "v=0", []string{"Content-Type", "application/sdp"}, nil, 400},
		"a misspelt parameter":  {"POST", whep + "?size=tile", "v=0", []string{"Content-Type", "application/sdp"}, nil, 400},
		"no video in it":        {"POST", whep, "v=0", []string{"Content-Type", "application/sdp"}, api.ErrNoVideo, 406},
		"too many viewers":      {"POST", whep, "v=0", []string{"Content-Type", "application/sdp"}, models.ErrUnavailable, 503},
		"a GET":                 {"GET", whep, "", nil, nil, 405},
		"a candidate":           {"PATCH", session, "a=x", []string{"Content-Type", fragment, "If-Match", `"tag"`}, nil, 204},
		"of another ICE":        {"PATCH", session, "a=x", []string{"Content-Type", fragment, "If-Match", `"old"`}, nil, 412},
		"without a tag":         {"PATCH", session, "a=x", []string{"Content-Type", fragment}, nil, 428},
		"an ICE restart":        {"PATCH", session, "a=x", []string{"Content-Type", fragment, "If-Match", "*"}, nil, 422},
		"to nobody":             {"PATCH", whep + "/dead", "a=x", []string{"Content-Type", fragment, "If-Match", `"tag"`}, nil, 404},
		"to nobody, no tag":     {"PATCH", whep + "/dead", "a=x", []string{"Content-Type", fragment}, nil, 404},
		"as JSON":               {"PATCH", session, "{}", []string{"If-Match", `"tag"`}, nil, 415},
		"the end":               {"DELETE", session, "", nil, nil, 200},
		"of nobody":             {"DELETE", whep + "/dead", "", nil, nil, 404},
		"of a forbidden camera": {"DELETE", "/api/v1/cameras/b/whep/s1", "", nil, nil, 403},
		"what is there":         {"OPTIONS", whep, "", nil, nil, 204},
		"from a foreign page":   {"POST", whep, "v=0", []string{"Content-Type", "application/sdp", "Origin", "https://evil.example"}, nil, 403},
		"from a friend":         {"POST", whep, "v=0", []string{"Content-Type", "application/sdp", "Origin", "https://wall.example"}, nil, 201},
		"a friend's change":     {"POST", "/api/v1/cameras", lobby, []string{"Origin", "https://wall.example"}, nil, 403},
		"a forbidden still":     {"GET", "/api/v1/cameras/b/snapshot.jpg", "", nil, nil, 403},
		"a forbidden film":      {"GET", "/api/v1/cameras/b/preview.mjpeg", "", nil, nil, 403},
		"a clean film":          {"GET", "/api/v1/cameras/a/preview.mjpeg?clean=true", "", nil, nil, 403},
		"a film of nothing":     {"GET", "/api/v1/cameras/a/preview.mjpeg", "", nil, nil, 503},
	} {
		t.Run(name, func(t *testing.T) {
			d := theatre(t)
			if strings.HasPrefix(test.path, session) {
				d.ask(t, "POST", whep, "v=0", "Content-Type", "application/sdp")
				d.stage.opened = nil
			}
			d.stage.fails = test.fails
			status, header, body := d.ask(t, test.method, test.path, test.body, test.header...)
			if status != test.want {
				t.Fatalf("%s %s: %d, want %d: %s", test.method, test.path, status, test.want, body)
			}
			if status == 201 && (header.Get("Location") != session || header.Get("ETag") != `"tag"` ||
				header.Get("Content-Type") != "application/sdp" || body != "v=0 answer") {
				t.Errorf("the answer is %v %s", header, body)
			}
			if status >= 400 && header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("the refusal is no problem document: %v", header)
			}
			if status >= 400 && len(d.stage.opened) > 0 && test.want != 503 {
				t.Errorf("refused, and yet %v was opened", d.stage.opened)
			}
			if friend := header.Get("Access-Control-Allow-Origin"); (friend != "") != (name == "from a friend") {
				t.Errorf("a page of %q may read the answer", friend)
			}
		})
	}
}

func TestICEServersAreNamed(t *testing.T) {
	d := theatre(t)
	// Players ask at the address that they will post to.
	_, header, _ := d.ask(t, "OPTIONS", whep+"?class=tile", "", "Origin", "https://wall.example")
	got := strings.Join(header.Values("Link"), "\n")
	want := "<stun:s.example:3478>; rel=\"ice-server\"\n" +
		`<turn:t.example:3478>; rel="ice-server"; username="u"; credential="p"; credential-type="password"`
	if got != want || header.Get("Accept-Post") != "application/sdp" {
		t.Errorf("got %s", got)
	}
	if methods := header.Get("Access-Control-Allow-Methods"); !strings.Contains(methods, "PATCH") {
		t.Errorf("a friend may %s", methods)
	}
}

// A still is new, or says how old it is; without any, the reason why is the answer.
func TestStills(t *testing.T) {
	d := theatre(t)
	const path = "/api/v1/cameras/a/snapshot.jpg?class=tile"
	status, _, body := d.ask(t, "GET", path, "")
	if status != 503 || !strings.Contains(body, "another password") {
		t.Errorf("without a picture: %d %s", status, body)
	}
	d.stage.last = &models.Shot{At: now().Add(-90 * time.Second), Data: []byte("old")}
	status, header, body := d.ask(t, "GET", path, "")
	if status != 200 || body != "old" || header.Get("Age") != "90" || header.Get("Last-Modified") != "Sun, 01 Mar 2026 12:33:26 GMT" {
		t.Errorf("an old one: %d %v %s", status, header, body)
	}
	d.stage.next = &models.Shot{At: now(), Data: []byte("new")}
	status, header, body = d.ask(t, "GET", path, "")
	if status != 200 || body != "new" || header.Get("Age") != "0" || header.Get("X-Timestamp") != "2026-03-01T12:34:56.000Z" {
		t.Errorf("a new one: %d %v %s", status, header, body)
	}
	for _, stream := range d.stage.opened {
		if !stream.Stills || stream.Size != models.Tile || stream.Clean {
			t.Errorf("asked for %v", stream)
		}
	}
	d.ask(t, "GET", path+"&bare=true", "")
	if last := d.stage.opened[len(d.stage.opened)-1]; !last.Bare || last.Clean {
		t.Errorf("asked for a bare one: %v", last)
	}
}

// Where nobody lets anybody in, nobody sees anything.
func TestPreviewsDenyByDefault(t *testing.T) {
	d := theatre(t)
	closed := d.open(t, nil)
	for _, path := range []string{whep, "/api/v1/cameras/a/snapshot.jpg", "/api/v1/cameras/a/preview.mjpeg"} {
		method := "GET"
		if path == whep {
			method = "OPTIONS"
		}
		if status, _, _ := closed.ask(t, method, path, ""); status != 401 {
			t.Errorf("%s: %d, want 401", path, status)
		}
	}
}
