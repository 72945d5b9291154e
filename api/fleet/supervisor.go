package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// SupervisorConfig says which worker processes to keep alive, and how.
type SupervisorConfig struct {
	// Workers are the names. Names must stay the same over restarts of the server: an outbox belongs to each.
	Workers []string
	// Command makes the command of a worker: path, arguments, environment, folder. The supervisor sets the rest. The
	// process should end when its standard input does (see UntilOrphaned).
	Command func(worker string) *exec.Cmd
	// HungAfter is how long a process may live without a beat. Zero means 5 s.
	HungAfter time.Duration
	// StartGrace is how long a new process may take to its first beat. Zero means 20 s.
	StartGrace time.Duration
	// StopGrace is how long a process has to end in good order. Zero means 5 s.
	StopGrace time.Duration
	// Now is the server's clock, the same as the fleet's; nil means the system's.
	Now func() time.Time
}

// The rules of restarting.
const (
	// stable is how long a process must have lived for its end to be the first of a new series.
	stable = 30 * time.Second
	// firstWait and longestWait bound the waits before the second and later restarts of a series; the first is at once.
	firstWait   = 250 * time.Millisecond
	longestWait = 5 * time.Second
	// drainPipes is how long output is waited for that a crashed worker's own children hold open.
	drainPipes = 200 * time.Millisecond
	// stalled is how late a look at the clock must be to show that this process itself was asleep.
	stalled = 2 * time.Second
)

// Watch is what the supervisor needs of the fleet.
type Watch interface {
	// LastHeard is when a worker was last heard; false if it has not been.
	LastHeard(worker string) (time.Time, bool)
	// Exited tells that a worker's process has ended without being asked to.
	Exited(worker string, cause Cause)
}

// Supervisor keeps worker processes of this machine alive.
type Supervisor struct {
	cfg   SupervisorConfig
	watch Watch
	log   *slog.Logger
}

// NewSupervisor makes a supervisor; it starts nothing.
func NewSupervisor(cfg SupervisorConfig, watch Watch, log *slog.Logger) *Supervisor {
	if cfg.HungAfter <= 0 {
		cfg.HungAfter = 5 * time.Second
	}
	if cfg.StartGrace <= 0 {
		cfg.StartGrace = 20 * time.Second
	}
	if cfg.StopGrace <= 0 {
		cfg.StopGrace = 5 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Supervisor{cfg: cfg, watch: watch, log: log}
}

// Run keeps the workers alive until ctx ends, then stops them and waits until the last is gone. End it before the
// link's hub and broker, so that the workers can say goodbye.
func (s *Supervisor) Run(ctx context.Context) error {
	var group errgroup.Group
	for _, worker := range s.cfg.Workers {
		group.Go(func() error {
			s.keep(ctx, worker)
			return nil
		})
	}
	return group.Wait()
}

// now is the wall clock's time, as the fleet's are: a clock that was set then looks like a sleep, and nobody is blamed.
func (s *Supervisor) now() time.Time { return s.cfg.Now().Round(0) }

// keep starts a worker's process again whenever it ends.
func (s *Supervisor) keep(ctx context.Context, worker string) {
	log := s.log.With("worker", worker)
	// A child asks the kernel to die with its parent, and the kernel takes the thread that started it for the parent.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	failures := 0
	for ctx.Err() == nil {
		started := s.now()
		cause, err := s.live(ctx, worker, log)
		if ctx.Err() != nil {
			return
		}
		if s.now().Sub(started) >= stable {
			failures = 0
		}
		s.watch.Exited(worker, cause)
		wait := restartAfter(failures)
		failures++
		log.Warn("worker process ended; starting it again", "how", err, "after", wait)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// restartAfter is how long to wait before the next start after so many short lives in a row.
func restartAfter(failures int) time.Duration {
	if failures == 0 {
		return 0
	}
	return min(longestWait, firstWait<<min(failures-1, 10))
}

// errHung is how a process ended that had to be killed because it said nothing.
var errHung = errors.New("it said nothing for too long and was killed")

// live is one process from its start to its end, with everything it has started.
func (s *Supervisor) live(ctx context.Context, worker string, log *slog.Logger) (Cause, error) {
	cmd := s.cfg.Command(worker)
	output := &lines{log: log}
	defer output.flush() //nolint:contextcheck // the last words are logged although ctx has ended
	cmd.Stdout, cmd.Stderr = output, output
	cmd.WaitDelay = drainPipes
	cmd.SysProcAttr = childAttributes()
	// Nothing is ever written to it: its end tells the child that we are gone.
	if _, err := cmd.StdinPipe(); err != nil {
		return Faulted, fmt.Errorf("start worker %s: %w", worker, err)
	}
	started := s.now()
	if err := cmd.Start(); err != nil {
		return Faulted, fmt.Errorf("start worker %s: %w", worker, err)
	}
	log.Info("worker process started", "pid", cmd.Process.Pid)
	// Whatever way it ends, nothing of its group stays behind.
	defer killGroup(cmd)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	hung := s.untilEnded(ctx, cmd, worker, started, ended)
	err := <-ended
	if hung {
		return Faulted, errHung
	}
	return causeOf(err), err
}

// untilEnded watches over a process. It returns when the process has ended or was killed, true if because it hung;
// ended still holds its last word.
func (s *Supervisor) untilEnded(
	ctx context.Context, cmd *exec.Cmd, worker string, started time.Time, ended chan error,
) bool {
	look := time.NewTicker(min(500*time.Millisecond, s.cfg.HungAfter/4))
	defer look.Stop()
	looked, awake := started, started
	for {
		select {
		case err := <-ended:
			ended <- err
			return false
		case <-ctx.Done():
			s.stop(cmd, ended)
			return false
		case <-look.C:
		}
		now := s.now()
		if now.Sub(looked) > stalled {
			awake = now // we were asleep ourselves: nobody can be blamed for not being heard
		}
		looked = now
		if now.After(s.deadline(worker, started, awake)) {
			killGroup(cmd)
			return true
		}
	}
}

// deadline is when a process that is not heard until then hangs.
func (s *Supervisor) deadline(worker string, started, awake time.Time) time.Time {
	deadline := started.Add(s.cfg.StartGrace)
	if heard, ok := s.watch.LastHeard(worker); ok && heard.After(started) {
		deadline = heard.Add(s.cfg.HungAfter)
	}
	return later(deadline, awake.Add(s.cfg.HungAfter))
}

// stop asks a process to end, and ends it if it does not.
func (s *Supervisor) stop(cmd *exec.Cmd, ended chan error) {
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	grace := time.NewTimer(s.cfg.StopGrace)
	defer grace.Stop()
	select {
	case err := <-ended:
		ended <- err
	case <-grace.C:
		killGroup(cmd)
	}
}

// causeOf reads from how a process ended who ended it.
func causeOf(err error) Cause {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return Killed // it ended by itself without a complaint
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok {
		switch status.Signal() { // -1 if there was none
		case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT:
			return Killed
		default:
			return Faulted
		}
	}
	return Faulted
}

// killGroup kills a process and everything that it has started and that stayed in its group.
func killGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // there may be nobody left
}
