package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"footfall/storage/storetest"
)

// malformed is a request, or what somebody takes for one, that no client of ours would send. token is that of a program
// which may do much: what it sends is looked at more closely.
func malformed(r *rand.Rand, token string) []byte {
	noise := make([]byte, 1+r.IntN(600))
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	known := "Host: localhost\r\nConnection: close\r\n"
	if r.IntN(2) == 0 {
		known += "Authorization: Bearer " + token + "\r\n"
	}
	post := func(path, kind, body string) string {
		return fmt.Sprintf("POST /api/v1%s HTTP/1.1\r\n%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", path, known, kind,
			len(body), body)
	}
	const inJSON = "application/json"
	all := []string{
		string(noise),
		"GET / HTTP/1.1\r\nHost: localhost\r\nX-",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + string(noise),
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + string(noise),
		"GET / HTTP/1.1\r\n" + known + "X-Long: " + strings.Repeat("x", 20_000) + "\r\n\r\n",
		"GET /api/v1/counts?" + strings.Repeat("camera=x&", 900) + " HTTP/1.1\r\n" + known + "\r\n",
		"GET /api/v1/cameras/..%2f..%2fetc%2fpasswd/lines?%zz=%zz HTTP/1.1\r\n" + known + "\r\n",
		"BREW /api/v1/session HTTP/1.1\r\n" + known + "\r\n",
		"GET /api/v1/cameras HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
		"POST /api/v1/cameras HTTP/1.1\r\n" + known + "Content-Length: -4\r\n\r\n",
		"POST /api/v1/cameras HTTP/1.1\r\n" + known + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n{}{}",
		"POST /api/v1/cameras HTTP/1.1\r\n" + known + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n" + string(noise),
		"POST /api/v1/cameras HTTP/1.1\r\n" + known + "Content-Type: application/json\r\nContent-Length: 2000000\r\n\r\n" + strings.Repeat("{", 100_000),
		post("/cameras", inJSON, `{"id":`+strings.Repeat("[", 5000)),
		post("/cameras", inJSON, `{"id":7,"url":{},"lines":"x"}`),
		post("/cameras", inJSON, string(noise)),
		post("/cameras", "text/xml", "<a/>"),
		post("/session", inJSON, `{"name": "a", "password": "`+strings.Repeat("p", 3000)+`"}`),
		post("/cameras/none/whep", "application/sdp", "v=0\r\no=- 1 1 IN IP4 0\r\n"+string(noise)),
		post("/cameras/none/whep", "application/sdp", strings.Repeat("a=candidate:x\r\n", 5000)),
		"GET /api/v1/session/provider/callback?state=" + strings.Repeat("s", 150) + "&code=c HTTP/1.1\r\n" + known +
			"Cookie: footfall_begun=" + strings.Repeat("b", 3000) + "; footfall_session=x\r\n\r\n",
	}
	return []byte(all[r.IntN(len(all))])
}

// throw sends a request from an address of its own, and says with which status it was answered; 0: with none.
func throw(address string, from int, request []byte) (status int) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(1+from/250), byte(1+from%250))}}
	c, err := dialer.Dial("tcp", address)
	if err != nil {
		return 0
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(patience))
	_, _ = c.Write(request)
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.CloseWrite() // what has no end ends here
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	_ = answer.Body.Close()
	return answer.StatusCode
}

// latency is how long half and 99 of a hundred answers took at most.
type latency struct{ p50, p99 time.Duration }

// good asks as an orderly client does, again and again, until it has asked often enough.
func (s *service) good(until func(asked int) bool) (l latency, asked int) {
	var took []time.Duration
	pace := time.NewTicker(5 * time.Millisecond)
	defer pace.Stop()
	for !until(len(took)) {
		<-pace.C
		began := time.Now()
		if body, status := s.request(http.MethodGet, "/api/v1/cameras", ""); status != http.StatusOK {
			s.t.Errorf("a good client is answered %d %s", status, body)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return latency{took[len(took)/2].Round(10 * time.Microsecond), took[len(took)*99/100].Round(10 * time.Microsecond)}, len(took)
}

// asThrower makes the test binary throw malformed requests at an address, as many as its first argument says, with the
// token of its second, and print what came of it: whoever throws is not the server, nor a client of it.
const asThrower = "FOOTFALL_TEST_AS_THROWER"

// thrown is what came of malformed requests.
type thrown struct {
	Answered int64 `json:"answered"`
	Failed   int64 `json:"failed"` // with a failure of the server
}

// throwAll throws total requests from two at once: more would measure how the machine is shared.
func throwAll(address string, total int64, token string) thrown {
	var begun, answered, failed atomic.Int64
	var throwers sync.WaitGroup
	for i := range 2 {
		throwers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 7))
			for begun.Add(1) <= total {
				status := throw(address, r.IntN(1000), malformed(r, token))
				if status != 0 {
					answered.Add(1)
				}
				if status >= http.StatusInternalServerError && status != http.StatusNotImplemented {
					failed.Add(1)
				}
			}
		})
	}
	throwers.Wait()
	return thrown{answered.Load(), failed.Load()}
}

func throwAsProgram() {
	total, err := strconv.ParseInt(os.Args[1], 10, 64)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(throwAll(os.Getenv(asThrower), total, os.Args[2]))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// thrownAt has a process throw total requests at the server. It runs at the lowest priority: attackers bring processors of their
// own, so here they get what the server and its good clients leave.
func (s *service) thrownAt(total int64, token string) (ended <-chan thrown) {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	command := exec.CommandContext(s.t.Context(), "nice", "-n", "19", self, strconv.FormatInt(total, 10), token)
	command.Env = append(os.Environ(), asThrower+"="+strings.TrimPrefix(s.url, "http://"))
	result := make(chan thrown, 1)
	go func() {
		defer close(result)
		out, err := command.Output()
		var all thrown
		if err == nil {
			err = json.Unmarshal(out, &all)
		}
		if err != nil {
			s.t.Errorf("the throwers: %v", err)
		}
		result <- all
	}()
	return result
}

// Whatever is thrown at the server, from hundreds of addresses: nothing makes it fail, good clients are served, and
// afterwards it holds no more memory and no more files than before. FOOTFALL_CHANGES says how many.
func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	s := serve(t, nobodyThere)
	token := s.tokenOf(t)
	files := func() int {
		all, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.command.Process.Pid))
		return len(all)
	}
	quiet, _ := s.good(func(asked int) bool { return asked >= 1000 })
	memory, open := s.resident(), files()

	total := int64(storetest.Changes(2000))
	ended := s.thrownAt(total, token)
	var all thrown
	busy, asked := s.good(func(asked int) bool {
		select {
		case last, ok := <-ended:
			if ok {
				all = last
			}
			ended = nil
		default:
		}
		return ended == nil && asked >= 100
	})
	most := s.resident()
	if all.Answered == 0 || all.Failed > 0 || bytes.Contains([]byte(s.log.String()), []byte("panicked")) {
		t.Errorf("of %d requests %d were answered, %d with a failure of the server", total, all.Answered, all.Failed)
	}
	s.eventually("files are given back", func() bool { return files() <= open+5 })
	s.eventually("memory is given back", func() bool { return s.resident() <= memory+20 })
	t.Logf("%d requests, %d answered: memory %.0f MB before, %.0f at the end, %.0f after; p50 and p99 of a good client's answers %s and %s quiet, %s and %s beside them (%d), %.1f times the p99",
		total, all.Answered, memory, most, s.resident(), quiet.p50, quiet.p99, busy.p50, busy.p99, asked,
		float64(busy.p99)/float64(quiet.p99))
}
