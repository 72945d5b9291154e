package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// FuzzRequest: whatever somebody who may do everything asks, in whatever shape, is answered, and never by a failure of
// the server's own. The seeds are every route of the matrix with a body that has something wrong with it.
func FuzzRequest(f *testing.F) {
	for _, row := range strings.Split(strings.TrimSpace(matrix), "\n") {
		method, path, _ := strings.Cut(strings.TrimSpace(strings.SplitN(row, "|", 2)[0]), " ")
		f.Add(method, path, "limit=-1&from=x&to=2026-13-01T00:00:00Z&step=1h&tz=Nowhere", "application/json", `{"id": 7}`)
	}
	const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n"
	f.Add("POST", "/api/v1/cameras/door/whep", "class=tile", "application/sdp", sdp)
	f.Add("PATCH", "/api/v1/cameras/door/whep/1", "", "application/trickle-ice-sdpfrag", "a=candidate:1 1 udp 1 ::1 9 typ host")
	f.Add("POST", "/api/v1/cameras", "", "application/json",
		`{"id":"a","url":"rtsp://[::1]/","lines":[{"id":"l","points":[[0,1e999],[null,{}]]}]}`)
	f.Add("PUT", "/api/v1/cameras/door/lines", "", "application/json", `{"lines":[{"id":"x","points":[[0.5,0.85],[0.5,-0.1]]}]}`)
	f.Add("GET", "/api/v1/counts", "cursor=AAAA&camera=%00&camera=%F0%9F%92%A9", "", "")

	d := open(f)
	f.Fuzz(func(t *testing.T, method, path, query, kind, body string) {
		if strings.Contains(path, "events") || strings.Contains(path, "mjpeg") {
			return // they go on until the client leaves
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, method, "http://127.0.0.1/", strings.NewReader(body))
		if err != nil {
			return // no client can send it
		}
		r.URL = &url.URL{Scheme: "http", Host: "127.0.0.1", Path: path, RawQuery: query}
		r.RequestURI = r.URL.RequestURI()
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		d.server.Handler().ServeHTTP(w, r)
		// Not there yet (503) is said by what a test has instead of a database or a camera.
		if w.Code >= http.StatusInternalServerError && w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s %s?%s: %d %s", method, path, query, w.Code, w.Body)
		}
	})
}
