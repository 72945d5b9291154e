package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"footfall/capture"
)

// asProgram makes the test binary behave as footfall itself: tests run the real program in processes of its own, with
// the race detector in it, and kill it when they like. Its workers are the same binary again.
const asProgram = "FOOTFALL_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(asProgram) != "":
		main()
		return
	case os.Getenv(asThrower) != "":
		throwAsProgram()
		return
	}
	capture.Prepare()
	code := m.Run()
	http.DefaultClient.CloseIdleConnections() // the visitor's, too
	if err := errors.Join(clips.Close(), goleak.Find()); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// footage is a file of ../shared/data (or of FOOTFALL_TESTDATA). Without it a test is skipped, except in CI.
func footage(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("FOOTFALL_TESTDATA")
	if folder == "" {
		folder = filepath.Join("..", "shared", "data")
	}
	path := filepath.Join(folder, name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing in CI: %v", name, err)
		}
		t.Skipf("without %s", name)
	}
	return path
}

// testModel is a detector of ../shared/models.
func testModel(t *testing.T, name string) string {
	return footage(t, filepath.Join("..", "models", name))
}

// outcome is how a command ended.
type outcome struct {
	code           int
	stdout, stderr string
}

// footfall runs one command to its end.
func footfall(t *testing.T, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command := program(t.Context(), args...)
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func program(ctx context.Context, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	command := exec.CommandContext(ctx, self, args...)
	command.Env = append(os.Environ(), asProgram+"=1")
	return command
}

// service is a running `footfall serve`.
type service struct {
	t           testing.TB
	url         string
	folder      string
	config      string
	environment []string  // beside that of the tests
	began       time.Time // when it was started first
	command     *exec.Cmd
	log         *tail
	ended       chan struct{} // closed when the program has, in the way of outcome
	outcome     error
}

// serve starts the service with a configuration (YAML without data_dir and server.listen) in a folder of its own and
// waits until it is ready. It is stopped, and must end well, when the test does. start starts it again on the same
// data after stop or kill.
func serve(t testing.TB, configuration string) *service {
	t.Helper()
	s := prepare(t, configuration)
	s.start()
	return s
}

// prepare is a service that has not been started yet.
func prepare(t testing.TB, configuration string) *service {
	t.Helper()
	s := &service{t: t, folder: t.TempDir(), began: time.Now()}
	s.config = filepath.Join(s.folder, "footfall.yaml")
	if err := os.WriteFile(s.config, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			t.Logf("log of the service:\n%s", s.log)
		}
	})
	return s
}

// start starts the program and waits until it is ready.
func (s *service) start() {
	s.t.Helper()
	s.log = &tail{found: make(chan struct{})}
	s.command = program(context.Background(), "serve", "--config", s.config, "--listen", "127.0.0.1:0",
		"--data", filepath.Join(s.folder, "data"))
	s.command.Env = append(s.command.Env, s.environment...)
	s.command.Stderr, s.command.Stdout = s.log, s.log
	ended, command := make(chan struct{}), s.command
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.ended = ended
	go func() {
		s.outcome = command.Wait()
		close(ended)
	}()
	select {
	case <-s.log.found:
		s.url = s.log.address()
		s.asConsole()
	case <-s.ended:
		s.t.Fatalf("serve ended: %v\n%s", s.outcome, s.log)
	}
	s.eventually("the service is ready", func() bool { return s.status("/readyz") == http.StatusOK })
}

// stop ends the service in good order.
func (s *service) stop() {
	s.t.Helper()
	if s.ended == nil {
		return
	}
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Errorf("stop serve: %v", err)
	}
	<-s.ended
	s.ended = nil
	if s.outcome != nil {
		s.t.Errorf("serve ended: %v\n%s", s.outcome, s.log)
	}
}

// kill ends the service as a power cut would, and with it its workers (they end with their parent).
func (s *service) kill() {
	s.t.Helper()
	_ = s.command.Process.Kill()
	<-s.ended
	s.ended = nil
}

// get asks the API and decodes the answer.
func (s *service) get(path string, answer any) {
	s.t.Helper()
	body, status := s.request(http.MethodGet, path, "")
	if status != http.StatusOK {
		s.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	if err := json.Unmarshal(body, answer); err != nil {
		s.t.Fatalf("GET %s: %v in %s", path, err, body)
	}
}

// request sends one request and returns the answer.
func (s *service) request(method, path, body string) ([]byte, int) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := visitor.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return data, answer.StatusCode
}

// status is the status code of a path, 0 when nobody answers.
func (s *service) status(path string) int {
	answer, err := visitor.Get(s.url + path)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// patience bounds every wait for something that must happen; it is far longer than it takes, because the machine may
// be busy, and no result depends on it.
const patience = 2 * time.Minute

// eventually waits until something holds.
func (s *service) eventually(what string, holds func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-s.ended:
			s.t.Fatalf("%s: not before serve ended: %v", what, s.outcome)
		case <-deadline.C:
			s.t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

// tail keeps what a program writes and finds the address in it.
type tail struct {
	mu    sync.Mutex
	text  bytes.Buffer
	found chan struct{}
	url   string

	pattern *regexp.Regexp // what tells the address; nil is servingAt
}

var servingAt = regexp.MustCompile(`msg=serving url=(https?://\S+)`)

func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if l.url == "" {
		pattern := l.pattern
		if pattern == nil {
			pattern = servingAt
		}
		if m := pattern.FindSubmatch(l.text.Bytes()); m != nil {
			l.url = string(m[1])
			close(l.found)
		}
	}
	return len(p), nil
}

func (l *tail) address() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.url
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// declared is the configuration of cameras with one upright line in the middle.
func declared(cameras map[string]string) string {
	var b strings.Builder
	b.WriteString("workers: {local: 1}\ncameras:\n")
	for id, address := range cameras {
		fmt.Fprintf(&b, "  - {id: %s, url: %q, lines: {middle: [[0.5, 1], [0.5, 0]]}}\n", id, address)
	}
	return b.String()
}

func TestServeStartsAndStops(t *testing.T) {
	t.Parallel()
	s := serve(t, declared(nil))
	var cameras struct{ Items []any }
	s.get("/api/v1/cameras", &cameras)
	if len(cameras.Items) != 0 {
		t.Errorf("cameras nobody declared: %v", cameras.Items)
	}
	s.stop()
}
