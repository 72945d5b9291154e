package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"footfall/api"
	"footfall/capture/simulator"
	"footfall/models"
	"footfall/storage/counts"
	"footfall/storage/sql"
)

// What the tests of the running service see with: simulated cameras, the API, its live events, the list of processes,
// and, once the service has ended, its database.

// clips are encoded once for all tests.
var clips = simulator.NewLibrary(simulator.EncodeOptions{})

// scene is the clip of a drawn scene in which nobody is a person to a detector.
func scene(t *testing.T) *simulator.Clip {
	t.Helper()
	clip, err := clips.Scene(t.Context(), simulator.StreetScene())
	if err != nil {
		t.Fatal(err)
	}
	return clip
}

// clipOf is the clip of a file of the footage.
func clipOf(t *testing.T, name string) *simulator.Clip {
	t.Helper()
	clip, err := clips.File(t.Context(), footage(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return clip
}

// play runs a camera until the test ends.
func play(t testing.TB, options simulator.CameraOptions) *simulator.Camera {
	t.Helper()
	camera, err := simulator.NewCamera(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- camera.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("camera: %v", err)
		}
	})
	return camera
}

// camera is what the API says about a camera.
func (s *service) camera(id string) api.Camera {
	s.t.Helper()
	var camera api.Camera
	s.get("/api/v1/cameras/"+id, &camera)
	return camera
}

// reason is why a camera is not online, as a word.
func reason(status api.CameraStatus) string {
	if status.Reason == nil {
		return ""
	}
	return string(*status.Reason)
}

// online waits until a camera is.
func (s *service) online(id string) api.CameraStatus {
	s.t.Helper()
	var status api.CameraStatus
	defer func() {
		if status.State != api.CameraStatusStateOnline {
			s.t.Logf("camera %s is %+v", id, status)
		}
	}()
	s.eventually("camera "+id+" is online", func() bool {
		status = s.camera(id).Status
		return status.State == api.CameraStatusStateOnline
	})
	return status
}

// row is a count without "no data".
type row struct {
	in, out, rawIn, rawOut int64
	observed               time.Duration
}

// rows are the totals of the lines of a camera since the service was started.
func (s *service) rows(camera string) map[string]row {
	s.t.Helper()
	query := url.Values{"camera": {camera}, "from": {s.began.UTC().Truncate(time.Minute).Format(time.RFC3339)}}
	var answer api.Counts
	s.get("/api/v1/counts?"+query.Encode(), &answer)
	rows := map[string]row{}
	number := func(n *int64) int64 {
		if n == nil {
			return 0
		}
		return *n
	}
	for _, c := range answer.Items {
		rows[c.Line] = row{
			number(c.In), number(c.Out), number(c.RawIn), number(c.RawOut),
			time.Duration(c.ObservedSeconds * float64(time.Second)),
		}
	}
	return rows
}

// observed is how long a camera has been watched, as far as the server knows.
func (s *service) observed(camera string) time.Duration {
	s.t.Helper()
	for _, r := range s.rows(camera) {
		return r.observed
	}
	return 0
}

// drained waits until no worker has facts that the server does not have.
func (s *service) drained() {
	s.t.Helper()
	s.eventually("the outboxes are empty", func() bool {
		var workers api.Workers
		s.get("/api/v1/workers", &workers)
		for _, w := range workers.Items {
			if w.Outbox > 0 {
				return false
			}
		}
		return len(workers.Items) > 0
	})
}

// pid is the process of a local worker, 0 if there is none: a child of the service that was started under the name.
func (s *service) pid(worker string) int {
	s.t.Helper()
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, folder := range folders {
		status, _ := os.ReadFile(filepath.Join(folder, "status")) // it may have ended by now
		line, _ := os.ReadFile(filepath.Join(folder, "cmdline"))
		child := strings.Contains(string(status), fmt.Sprintf("\nPPid:\t%d\n", s.command.Process.Pid))
		if child && strings.Contains(string(line), "\x00--name\x00"+worker+"\x00") {
			pid, _ := strconv.Atoi(filepath.Base(folder))
			return pid
		}
	}
	return 0
}

// events is what a reader of /events has heard.
type events struct {
	mu        sync.Mutex
	crossings []api.Crossing
	counts    []api.Count
	cameras   []api.CameraStatus
}

func (e *events) heard() (crossings []api.Crossing, counts []api.Count, cameras []api.CameraStatus) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.crossings[:len(e.crossings):len(e.crossings)], e.counts[:len(e.counts):len(e.counts)],
		e.cameras[:len(e.cameras):len(e.cameras)]
}

// listen reads /events until the service or the test ends.
func (s *service) listen() *events {
	s.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/api/v1/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := visitor.Do(request) //nolint:bodyclose // its reader closes it
	if err != nil {
		s.t.Fatal(err)
	}
	heard, done := &events{}, make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = answer.Body.Close() }()
		kind := ""
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				kind = name
			} else if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := heard.take(kind, []byte(data)); err != nil {
					s.t.Errorf("event %s: %v in %s", kind, err, data)
				}
			}
		}
	}()
	s.t.Cleanup(func() {
		stop()
		<-done
	})
	return heard
}

func (e *events) take(kind string, data []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch kind {
	case "crossing":
		return appendJSON(&e.crossings, data)
	case "count":
		return appendJSON(&e.counts, data)
	case "camera":
		return appendJSON(&e.cameras, data)
	}
	return fmt.Errorf("a kind that nobody knows")
}

func appendJSON[T any](to *[]T, data []byte) error {
	var value T
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	*to = append(*to, value)
	return nil
}

// book is what the database of a service that has ended holds about a camera.
type book struct {
	crossings []counts.Event
	buckets   []models.Bucket // one a line
}

// read opens the book of a camera.
func (s *service) read(camera string, lines ...string) (b book) {
	s.t.Helper()
	database, err := sql.Open(s.t.Context(), filepath.Join(s.folder, "data", "footfall.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = database.Close() }()
	store, err := counts.New(s.t.Context(), database)
	if err != nil {
		s.t.Fatal(err)
	}
	var refs []counts.LineRef
	for _, line := range lines {
		refs = append(refs, counts.LineRef{Camera: models.CameraID(camera), Line: line})
	}
	from, to := s.began.UTC().Truncate(time.Minute), time.Now().UTC().Truncate(time.Minute).Add(time.Minute)
	events, err := store.Events(s.t.Context(), counts.EventQuery{Lines: refs, From: from, To: to, Limit: 50000})
	if err != nil {
		s.t.Fatal(err)
	}
	totals, err := store.Buckets(s.t.Context(), counts.Query{Lines: refs, From: from, To: to})
	if err != nil {
		s.t.Fatal(err)
	}
	return book{events.Events, totals.Buckets}
}

// total is how many crossings the buckets tell of.
func (b book) total() (crossings int64) {
	for _, bucket := range b.buckets {
		crossings += bucket.RawIn + bucket.RawOut
	}
	return crossings
}

// observed is how long the camera was watched.
func (b book) observed() time.Duration { return b.buckets[0].Observed }

// twice names the crossings that are there more than once. Their times are interpolated between frames, so two people
// do not have the same.
func (b book) twice() (names []string) {
	seen := map[string]bool{}
	for _, c := range b.crossings {
		name := fmt.Sprintf("%s %s %s %s", c.Camera, c.Line, c.Direction, c.Time.Format(time.RFC3339Nano))
		if seen[name] {
			names = append(names, name)
		}
		seen[name] = true
	}
	return names
}
