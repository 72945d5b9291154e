package clips_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"footfall/storage/clips"
	"footfall/storage/storetest"
)

// fault is a way to misbehave. It reports whether it has answered; else the real server does, and what it answers goes
// through the second function, if there is one.
type fault struct {
	ask    func(w http.ResponseWriter, r *http.Request) bool
	answer func(answer *http.Response)
}

// faultsOf are the ways in which a server of objects of so many bytes can misbehave.
func faultsOf(bytesLong int) map[string]fault {
	lie := func(w http.ResponseWriter, send int) {
		w.Header().Set("ETag", `"00000000000000000000000000000000"`)
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Length", fmt.Sprint(bytesLong))
		_, _ = w.Write(make([]byte, send))
	}
	return map[string]fault{
		"500": {ask: func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return true }},
		"503 in XML": {ask: func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(503)
			_, _ = io.WriteString(w, "<Error><Code>SlowDown</Code><Message>later</Message></Error>")
			return true
		}},
		"closing half way": {ask: func(_ http.ResponseWriter, r *http.Request) bool {
			_, _ = r.Body.Read(make([]byte, 1000))
			panic(http.ErrAbortHandler)
		}},
		"closing when all has come": {answer: func(*http.Response) { panic(http.ErrAbortHandler) }},
		"closing the answer half way": {ask: func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodGet {
				return false
			}
			lie(w, 1000)
			panic(http.ErrAbortHandler)
		}},
		"silent": {ask: func(_ http.ResponseWriter, r *http.Request) bool {
			select {
			case <-time.After(10 * time.Second):
			case <-r.Context().Done():
			}
			return true
		}},
		"slow": {ask: func(_ http.ResponseWriter, r *http.Request) bool {
			r.Body = struct {
				io.Reader
				io.Closer
			}{trickle{r.Body}, r.Body}
			return false
		}},
		"a wrong ETag and other bytes": {ask: func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet {
				lie(w, bytesLong)
			}
			return r.Method == http.MethodGet
		}},
		"a wrong ETag of what has come": {answer: func(a *http.Response) {
			if a.Header.Get("ETag") != "" {
				a.Header.Set("ETag", `"00000000000000000000000000000000"`)
			}
		}},
	}
}

// trickle takes a little at a time.
type trickle struct{ io.Reader }

func (t trickle) Read(p []byte) (int, error) {
	<-time.After(5 * time.Millisecond)
	return t.Reader.Read(p[:min(len(p), 20_000)])
}

// throughFaults is a bucket of a server that misbehaves as often as choose says.
func throughFaults(t *testing.T, server *storetest.MinIO, choose *atomic.Pointer[func() fault]) *clips.S3 {
	t.Helper()
	target, err := url.Parse("http://" + server.Address)
	must(t, err)
	transport := &http.Transport{}
	forward := func(answer func(*http.Response)) *httputil.ReverseProxy {
		return &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(target)
				r.Out.Host = r.In.Host // it is signed
			},
			Transport:    transport,
			ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
			ModifyResponse: func(a *http.Response) error {
				if answer != nil {
					answer(a)
				}
				return nil
			},
		}
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var f fault
		if chosen := choose.Load(); chosen != nil {
			f = (*chosen)()
		}
		if f.ask == nil || !f.ask(w, r) {
			forward(f.answer).ServeHTTP(w, r)
		}
	}))
	s := server.Store(t, clips.S3Options{Endpoint: strings.TrimPrefix(front.URL, "http://"), Bucket: server.Bucket(t, false)})
	t.Cleanup(func() {
		s.Close()
		front.Close()
		transport.CloseIdleConnections()
	})
	return s
}

// A server that answers 500, closes half way, is slow, or lies about what it has: in the end the bytes are there, whole.
func faults(t *testing.T, server *storetest.MinIO) {
	const size = 7_000_000 // in two parts
	var choose atomic.Pointer[func() fault]
	s := throughFaults(t, server, &choose)
	patient := clips.Retry(s, clips.Patience{First: 10 * time.Millisecond, Most: 100 * time.Millisecond, Each: 5 * time.Second})
	for name, misbehave := range faultsOf(size) {
		t.Run(name, func(t *testing.T) {
			left := atomic.Int64{}
			left.Store(3)
			if name == "silent" {
				left.Store(1) // it takes all the time of an attempt
			}
			atFirst := func() fault {
				if left.Add(-1) >= 0 {
					return misbehave
				}
				return fault{}
			}
			choose.Store(&atFirst)
			data, content := storetest.Video(size, name)
			must(t, patient.Put(t.Context(), "faults/x.mp4", content))
			choose.Store(nil)
			if got := text(t, s, "faults/x.mp4"); string(got) != string(data) {
				t.Errorf("%d bytes are there, or others", len(got))
			}
			if left.Load() > 0 {
				t.Error("it did not come to misbehave")
			}
		})
	}
}

// Every third request goes wrong in one way or another while clips keep coming: all arrive, whole.
func misbehaving(t *testing.T, server *storetest.MinIO) {
	const most, size = 40, 200_000
	var ways []fault
	for name, f := range faultsOf(size) {
		if name != "silent" { // each would cost its five seconds
			ways = append(ways, f)
		}
	}
	var choose atomic.Pointer[func() fault]
	s := throughFaults(t, server, &choose)
	random := func() fault {
		if rand.IntN(3) == 0 {
			return ways[rand.IntN(len(ways))]
		}
		return fault{}
	}
	choose.Store(&random)
	spool, _ := openSpool(t, filepath.Join(t.TempDir(), "spool"), 1<<30)
	patient := clips.Retry(s, clips.Patience{First: time.Millisecond, Most: 20 * time.Millisecond, Each: 5 * time.Second})
	stop := run(t, spool, patient)
	work, hashes := t.TempDir(), map[string]string{}
	for i := range most {
		fact, path := film(t, work, "lobby", id("lobby", i), storetest.Noon().Add(time.Duration(i)*time.Minute), size)
		must(t, spool.Take(t.Context(), fact, path))
		hashes[fact.Clip.Key] = fact.Clip.SHA256
	}
	until(t, "all are sent", func() bool { return spool.Status().Clips == 0 })
	stop()
	choose.Store(nil)
	if status := spool.Status(); status.Sent != most || status.Lost != 0 {
		t.Errorf("it says %+v", status)
	}
	for key, want := range hashes {
		if got := fmt.Sprintf("%x", sum(text(t, s, key))); got != want {
			t.Errorf("%s has another hash", key)
		}
	}
}
