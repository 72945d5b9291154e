package clips_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"footfall/storage/clips"
	"footfall/storage/storetest"
)

func TestFolder(t *testing.T) {
	t.Parallel()
	storetest.ClipStore(t, clips.NewFolder(t.TempDir()))
}

func TestMinIO(t *testing.T) {
	t.Parallel()
	server := storetest.StartMinIO(t)
	t.Run("a bucket", func(t *testing.T) {
		storetest.ClipStore(t, server.Store(t, clips.S3Options{Bucket: server.Bucket(t, false), Prefix: "site/clips"}))
	})
	t.Run("a bucket with versions", func(t *testing.T) {
		storetest.ClipStore(t, server.Store(t, clips.S3Options{Bucket: server.Bucket(t, true)}))
	})
	t.Run("locks and holds", func(t *testing.T) { locks(t, server) })
	t.Run("refusals", func(t *testing.T) { refusals(t, server) })
	t.Run("faults", func(t *testing.T) { faults(t, server) })
}

// A bucket with object lock refuses to delete before the time, and what is held; one without says so.
func locks(t *testing.T, server *storetest.MinIO) {
	ctx := t.Context()
	s := server.Store(t, clips.S3Options{Bucket: server.Bucket(t, true), Lock: true})
	can, err := s.Abilities(ctx)
	must(t, err)
	if !can.Lock || !can.Hold {
		t.Errorf("it says %+v", can)
	}
	_, content := storetest.Video(1000, "locked")
	content.Until = time.Now().Add(time.Hour)
	must(t, s.Put(ctx, "locked.mp4", content))
	if err := s.Remove(ctx, "locked.mp4"); !errors.Is(err, clips.ErrRefused) {
		t.Errorf("before its time it was deleted: %v", err)
	}
	content.Until = time.Time{}
	must(t, s.Put(ctx, "held.mp4", content))
	must(t, s.Hold(ctx, "held.mp4", true))
	if err := s.Remove(ctx, "held.mp4"); !errors.Is(err, clips.ErrRefused) {
		t.Errorf("while it was held it was deleted: %v", err)
	}
	must(t, s.Hold(ctx, "held.mp4", false))
	must(t, s.Remove(ctx, "held.mp4"))

	plain := server.Store(t, clips.S3Options{Bucket: server.Bucket(t, false), Lock: true})
	can, err = plain.Abilities(ctx)
	must(t, err)
	if can.Lock || can.Hold || !strings.Contains(can.Detail, "without object lock") {
		t.Errorf("a plain bucket says %+v", can)
	}
	content.Until = time.Now().Add(time.Hour)
	must(t, plain.Put(ctx, "x.mp4", content)) // there without a lock is better than not there
	must(t, plain.Hold(ctx, "x.mp4", true))
	must(t, plain.Remove(ctx, "x.mp4"))
}

// What does not heal by waiting is not tried again.
func refusals(t *testing.T, server *storetest.MinIO) {
	ctx := t.Context()
	_, content := storetest.Video(1000, "x")
	for name, o := range map[string]clips.S3Options{
		"no bucket":   {Bucket: "no-such-bucket"},
		"wrong key":   {Bucket: "clips-1", AccessKey: "nobody-here", SecretKey: "wrong-secret"},
		"wrong words": {Bucket: "clips-1", AccessKey: server.AccessKey, SecretKey: "wrong-secret"},
	} {
		s := clips.Retry(server.Store(t, o), clips.Patience{First: time.Hour, Most: time.Hour})
		err := s.Put(ctx, "x.mp4", content)
		if !errors.Is(err, clips.ErrRefused) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "wrong-secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server that answers 500, closes half way, is slow, or lies about what it has: in the end the bytes are there, whole.
func faults(t *testing.T, server *storetest.MinIO) {
	target, err := url.Parse("http://" + server.Address)
	must(t, err)
	var fault atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // it is signed
	}}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	proxy.Transport = transport
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := fault.Load(); f != nil && (*f)(w, r) {
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	s := server.Store(t, clips.S3Options{Endpoint: strings.TrimPrefix(front.URL, "http://"), Bucket: server.Bucket(t, false)})
	defer s.Close()
	patient := clips.Retry(s, clips.Patience{First: 10 * time.Millisecond, Most: 100 * time.Millisecond, Each: 5 * time.Second})
	for name, misbehave := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"500": func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return true },
		"closing half way": func(_ http.ResponseWriter, r *http.Request) bool {
			_, _ = r.Body.Read(make([]byte, 1000))
			panic(http.ErrAbortHandler)
		},
		"closing the answer half way": func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodGet {
				return false
			}
			w.Header().Set("Content-Length", "7000000")
			_, _ = w.Write(make([]byte, 1000))
			panic(http.ErrAbortHandler)
		},
		"slow": func(_ http.ResponseWriter, r *http.Request) bool {
			select {
			case <-time.After(10 * time.Second):
			case <-r.Context().Done():
			}
			return true
		},
		"a wrong ETag and other bytes": func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodGet {
				return false
			}
			w.Header().Set("ETag", `"00000000000000000000000000000000"`)
			w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			w.Header().Set("Content-Length", "7000000")
			_, _ = w.Write(make([]byte, 7_000_000))
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			left := atomic.Int64{}
			left.Store(3)
			f := func(w http.ResponseWriter, r *http.Request) bool {
				return left.Add(-1) >= 0 && misbehave(w, r)
			}
			fault.Store(&f)
			data, content := storetest.Video(7_000_000, name)
			must(t, patient.Put(t.Context(), "faults/x.mp4", content))
			fault.Store(nil)
			if got := text(t, s, "faults/x.mp4"); string(got) != string(data) {
				t.Errorf("%d bytes are there, or others", len(got))
			}
		})
	}
}
