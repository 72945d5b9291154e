package fleet

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// fakeWatch is a fleet that has heard what the test says.
type fakeWatch struct {
	exited chan Cause
	mu     sync.Mutex
	heard  func() (time.Time, bool)
}

func (w *fakeWatch) Exited(_ string, cause Cause) {
	if w.exited != nil {
		w.exited <- cause
	}
}

func (w *fakeWatch) LastHeard(string) (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.heard == nil {
		return time.Time{}, false
	}
	return w.heard()
}

// porch is where processes announce themselves.
type porch struct {
	*testing.T
	listener net.Listener
}

func newPorch(t *testing.T) *porch {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return &porch{T: t, listener: listener}
}

func (p *porch) address() string { return p.listener.Addr().String() }

// visitor is a process that has announced itself.
type visitor struct {
	name string
	pid  int
	conn net.Conn
	in   *bufio.Reader
}

// next waits for the next process.
func (p *porch) next() *visitor {
	p.Helper()
	conn, err := p.listener.Accept()
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { _ = conn.Close() })
	v := &visitor{conn: conn, in: bufio.NewReader(conn)}
	if _, err := fmt.Fscanf(v.in, "%s %d\n", &v.name, &v.pid); err != nil {
		p.Fatal(err)
	}
	return v
}

// gone waits until the process has ended.
func (v *visitor) gone() { _, _ = io.Copy(io.Discard, v.in) }

func (v *visitor) kill() { _ = syscall.Kill(v.pid, syscall.SIGKILL) }

// supervise runs a supervisor of one worker; stop ends it and waits.
func supervise(t *testing.T, kind, address string, watch Watch, cfg SupervisorConfig) (stop func()) {
	t.Helper()
	cfg.Workers = []string{"w1"}
	cfg.Command = func(name string) *exec.Cmd { return reexec(kind, name, address, "") }
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- NewSupervisor(cfg, watch, slog.New(slog.DiscardHandler)).Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func TestSupervisorRestartsWhatDies(t *testing.T) {
	t.Parallel()
	porch, watch := newPorch(t), &fakeWatch{exited: make(chan Cause, 10)}
	stop := supervise(t, "caller", porch.address(), watch, SupervisorConfig{})
	first := porch.next()
	first.kill()
	if got := <-watch.exited; got != Killed {
		t.Errorf("a killed process has cause %v", got)
	}
	second := porch.next()
	if second.pid == first.pid || second.name != "w1" {
		t.Errorf("then came %+v", second)
	}
	stop()
	second.gone()
	if len(watch.exited) != 0 {
		t.Error("a process that was told to stop is reported as lost")
	}
}

func TestSupervisorTellsFaultsFromKills(t *testing.T) {
	t.Parallel()
	porch, watch := newPorch(t), &fakeWatch{exited: make(chan Cause, 10)}
	supervise(t, "failing", porch.address(), watch, SupervisorConfig{})
	porch.next()
	if got := <-watch.exited; got != Faulted {
		t.Errorf("a process that failed has cause %v", got)
	}
}

func TestSupervisorKillsWhatDoesNotStop(t *testing.T) {
	t.Parallel()
	porch := newPorch(t)
	stop := supervise(t, "stubborn", porch.address(), &fakeWatch{}, SupervisorConfig{StopGrace: 50 * time.Millisecond})
	v := porch.next()
	stop()
	v.gone()
}

func TestSupervisorKillsGrandchildrenToo(t *testing.T) {
	t.Parallel()
	porch, watch := newPorch(t), &fakeWatch{exited: make(chan Cause, 10)}
	supervise(t, "parent", porch.address(), watch, SupervisorConfig{StopGrace: 50 * time.Millisecond})
	family := map[string]*visitor{}
	for range 2 {
		v := porch.next()
		family[v.name] = v
	}
	family["w1"].kill()
	family["child"].gone()
	<-watch.exited
}

func TestSupervisorKillsWhatHangs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		heard func() (time.Time, bool)
		cfg   SupervisorConfig
	}{
		"it was never heard": {
			nil, SupervisorConfig{HungAfter: 40 * time.Millisecond, StartGrace: time.Millisecond},
		},
		"it fell silent": {
			func() func() (time.Time, bool) {
				var once sync.Once
				var at time.Time
				return func() (time.Time, bool) {
					once.Do(func() { at = time.Now() })
					return at, true
				}
			}(), SupervisorConfig{HungAfter: 40 * time.Millisecond, StartGrace: time.Hour},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			porch, watch := newPorch(t), &fakeWatch{exited: make(chan Cause, 1000), heard: test.heard}
			supervise(t, "stubborn", porch.address(), watch, test.cfg)
			if got := <-watch.exited; got != Faulted {
				t.Errorf("a hung process has cause %v", got)
			}
		})
	}
}

func TestDeadlineForgivesOurOwnSleep(t *testing.T) {
	t.Parallel()
	heard := noon.Add(time.Minute)
	s := NewSupervisor(SupervisorConfig{}, &fakeWatch{heard: func() (time.Time, bool) { return heard, true }}, nil)
	if got, want := s.deadline("w1", noon, noon), heard.Add(5*time.Second); !got.Equal(want) {
		t.Errorf("deadline is %s, want %s", got, want)
	}
	// The machine slept for an hour; nobody could be heard.
	awake := noon.Add(time.Hour)
	if got, want := s.deadline("w1", noon, awake), awake.Add(5*time.Second); !got.Equal(want) {
		t.Errorf("deadline after a sleep is %s, want %s", got, want)
	}
	// What an earlier process said does not count.
	started := noon.Add(2 * time.Minute)
	if got, want := s.deadline("w1", started, started), started.Add(20*time.Second); !got.Equal(want) {
		t.Errorf("deadline of a new process is %s, want %s", got, want)
	}
}

func TestWorkersDieWithTheirSupervisor(t *testing.T) {
	t.Parallel()
	porch := newPorch(t)
	supervisor := reexec("supervisor", "", porch.address(), "")
	stdin, err := supervisor.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	if err := supervisor.Start(); err != nil {
		t.Fatal(err)
	}
	worker := porch.next()
	if err := supervisor.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = supervisor.Wait()
	worker.gone()
}

func TestOrphanEnds(t *testing.T) {
	t.Parallel()
	parent, child := io.Pipe()
	ctx, cancel := UntilOrphaned(t.Context(), parent)
	defer cancel()
	if ctx.Err() != nil {
		t.Error("ended although its parent lives")
	}
	_ = child.Close()
	<-ctx.Done()
}

func TestSupervisorGoesOnWithoutAProgram(t *testing.T) {
	t.Parallel()
	watch := &fakeWatch{exited: make(chan Cause, 10)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	s := NewSupervisor(SupervisorConfig{Workers: []string{"w1"}, Command: func(string) *exec.Cmd {
		return exec.Command(os.DevNull)
	}}, watch, slog.New(slog.DiscardHandler))
	go func() { ended <- s.Run(ctx) }()
	<-watch.exited
	<-watch.exited
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestRestartsAreSpacedOut(t *testing.T) {
	t.Parallel()
	want := []time.Duration{
		0, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second,
		4 * time.Second, 5 * time.Second, 5 * time.Second,
	}
	for failures, wait := range want {
		if got := restartAfter(failures); got != wait {
			t.Errorf("after %d failures: %s, want %s", failures, got, wait)
		}
	}
	if got := restartAfter(1 << 40); got != longestWait {
		t.Errorf("after very many failures: %s", got)
	}
}

func TestCauseOf(t *testing.T) {
	t.Parallel()
	tests := map[string]Cause{
		"kill -KILL $$": Killed, "kill -TERM $$": Killed, "exit 0": Killed,
		"exit 1": Faulted, "kill -SEGV $$": Faulted, "kill -ABRT $$": Faulted,
	}
	for script, want := range tests {
		err := exec.Command("sh", "-c", script).Run()
		if got := causeOf(err); got != want {
			t.Errorf("%s: cause %v, want %v", script, got, want)
		}
	}
	if got := causeOf(errors.New("no such file")); got != Killed {
		t.Errorf("unknown end: cause %v", got)
	}
}

func TestLinesOfAWorker(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	l := &lines{log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})).With("worker", "w1")}
	said := `{"time":"2026-05-04T12:00:00Z","level":"DEBUG","msg":"camera opened","worker":"x","camera":"a","fps":25}` +
		"\n\nterminate called after throwing an instance of 'cv::Exception'\n" + `{"level":"loud","msg":"?"}` + "\n" +
		strings.Repeat("x", 3*maxLine) + "\nlast words"
	want := `level=DEBUG msg="camera opened" worker=w1 camera=a fps=25
level=WARN msg="worker says" worker=w1 line="terminate called after throwing an instance of 'cv::Exception'"
level=WARN msg="worker says" worker=w1 line="{\"level\":\"loud\",\"msg\":\"?\"}"
level=WARN msg="worker says" worker=w1 line=` + strings.Repeat("x", maxLine) + `
level=WARN msg="worker says" worker=w1 line="last words"
`
	for part := range strings.SplitSeq(said, "e") { // output comes in pieces
		if _, err := io.WriteString(l, part); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(l, "e"); err != nil {
			t.Fatal(err)
		}
	}
	l.flush()
	got := strings.TrimSuffix(log.String(), "\n")
	if want = strings.Replace(want, "last words", "last wordse", 1); got+"\n" != want {
		t.Errorf("logged\n%s\nwant\n%s", got, want)
	}
}
