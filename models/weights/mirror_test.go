package weights

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const pulled = 100_000 // bytes of the model in these tests

// mirror serves files, and remembers what it was asked.
type mirror struct {
	*httptest.Server

	files  map[string][]byte
	cut    func(request int) int // after how many bytes the nth request's connection is cut; 0: not at all
	deaf   bool                  // knows nothing of ranges
	mu     sync.Mutex
	ranges []string // the Range headers, in order
}

func newMirror(t *testing.T, files map[string][]byte) *mirror {
	t.Helper()
	m := &mirror{files: files}
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	return m
}

func (m *mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.ranges = append(m.ranges, r.Header.Get("Range"))
	n := len(m.ranges)
	m.mu.Unlock()
	data, ok := m.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if m.deaf {
		r.Header.Del("Range")
	}
	if m.cut != nil && m.cut(n) > 0 {
		w = &cutter{ResponseWriter: w, left: m.cut(n)}
	}
	http.ServeContent(w, r, "model.onnx", time.Time{}, strings.NewReader(string(data)))
}

func (m *mirror) asked() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.ranges)
}

// cutter ends the connection after some bytes of the body.
type cutter struct {
	http.ResponseWriter

	left int
}

func (c *cutter) Write(p []byte) (int, error) {
	if len(p) > c.left {
		p = p[:c.left]
	}
	n, err := c.ResponseWriter.Write(p)
	if c.left -= n; c.left == 0 {
		if err := http.NewResponseController(c.ResponseWriter).Flush(); err != nil {
			return n, err
		}
		panic(http.ErrAbortHandler) // how net/http wants a handler to cut the connection
	}
	return n, err
}
