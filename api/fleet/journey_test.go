package fleet

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"footfall/api/link"
	"footfall/models"
	"footfall/storage/counts"
)

// house is a whole server, without cameras and API: broker, hub, fleet and database.
type house struct {
	*testing.T
	*Fleet
	store   *counts.Store
	address string
	stop    func()
}

// desk takes facts into the database.
type desk struct{ *counts.Store }

func (d desk) Accept(ctx context.Context, _ string, facts []models.Fact) (link.Receipt, error) {
	r, err := d.Ingest(ctx, facts)
	receipt := link.Receipt{Accepted: r.Accepted, Later: r.Later}
	for _, refusal := range r.Refused {
		receipt.Refused = append(receipt.Refused, link.Refusal{ID: refusal.ID, Reason: refusal.Reason})
	}
	return receipt, err
}

// openHouse starts a server on a database; stop ends it, and nothing else: workers and leases stay as they are.
func openHouse(t *testing.T, store *counts.Store, listen string, workers int, ids ...models.CameraID) *house {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var wg sync.WaitGroup
	run := func(what string, run func(context.Context) error) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := run(ctx); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}()
	}
	broker, err := link.NewBroker(link.BrokerConfig{Listen: listen, Token: "a-token-of-the-tests"}, log)
	if err != nil {
		t.Fatal(err)
	}
	run("broker", broker.Run)
	address, err := broker.URL(ctx)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{T: t, store: store, address: address, Fleet: New(Config{Workers: workers}, store, log)}
	var list []models.Camera
	for _, id := range ids {
		list = append(list, models.Camera{ID: id, Version: 1})
	}
	h.SetCameras(list)
	hub, err := link.NewHub(address, h.Fleet, desk{store}, nil, log)
	if err != nil {
		t.Fatal(err)
	}
	run("fleet", h.Fleet.Run)
	run("hub", hub.Run)
	h.stop = sync.OnceFunc(func() {
		cancel()
		wg.Wait()
	})
	t.Cleanup(h.stop)
	return h
}

// until waits for a state of the cameras.
func (h *house) until(what string, done func() bool) {
	h.Helper()
	var revision Revision
	for !done() {
		var err error
		if _, revision, err = h.Changes(h.Context(), revision); err != nil {
			h.Fatalf("waited for %s in vain: %v; cameras: %+v", what, err, h.Statuses())
		}
	}
}

func (h *house) online(ids ...models.CameraID) func() bool {
	return func() bool {
		for _, id := range ids {
			if h.Status(id).State != models.Online {
				return false
			}
		}
		return true
	}
}

// held is the open lease of a camera.
func (h *house) held(id models.CameraID) models.Lease {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.holdings[id].lease
}

// pid is the process of a worker.
func (h *house) pid(worker string) int {
	h.Helper()
	for _, w := range h.Roster() {
		if w.Name == worker {
			text, _, _ := strings.Cut(w.Incarnation, ".")
			pid, err := strconv.Atoi(text)
			if err != nil {
				h.Fatal(err)
			}
			return pid
		}
	}
	h.Fatalf("no worker %s", worker)
	return 0
}

// hire starts local workers under a supervisor; the function returned ends them in good order.
func (h *house) hire(folder string, cfg SupervisorConfig) (dismiss func()) {
	h.Helper()
	cfg.Command = func(name string) *exec.Cmd { return reexec("worker", name, h.address, folder) }
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.Context()))
	ended := make(chan error, 1)
	go func() { ended <- NewSupervisor(cfg, h.Fleet, slog.New(slog.DiscardHandler)).Run(ctx) }()
	dismiss = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			h.Errorf("supervisor: %v", err)
		}
	})
	h.Cleanup(dismiss)
	return dismiss
}

// checkBooks compares what workers saw with what was counted: every fact that an outbox took is in the database, once.
// A fact is offered again, so the answer also tells.
func (h *house) checkBooks(folder string, fewest int) {
	h.Helper()
	journals, err := filepath.Glob(filepath.Join(folder, "*.journal"))
	if err != nil {
		h.Fatal(err)
	}
	seen := map[models.FactID]bool{}
	for _, journal := range journals {
		text, err := os.ReadFile(journal)
		if err != nil {
			h.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			id, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			seen[models.FactID(id)] = true
		}
	}
	counted := map[models.FactID]bool{}
	events, err := h.events()
	if err != nil {
		h.Fatal(err)
	}
	for _, id := range events {
		if counted[id] {
			h.Errorf("fact %s was counted twice", id)
		}
		counted[id] = true
	}
	for id := range seen {
		if !counted[id] {
			h.Errorf("fact %s was seen and is not counted", id)
		}
	}
	if len(seen) < fewest {
		h.Errorf("only %d facts were seen: the test shows nothing", len(seen))
	}
}

func TestKilledWorkerIsBackAndNothingIsLost(t *testing.T) {
	t.Parallel()
	h, folder := openHouse(t, newStore(t), "", 2, "a", "b", "c", "d"), t.TempDir()
	dismiss := h.hire(folder, SupervisorConfig{Workers: []string{"local-1", "local-2"}})
	all := h.online("a", "b", "c", "d")
	h.until("all cameras", all)
	if got := h.Workers(); len(got) != 2 || len(got[0].Cameras) != 2 {
		t.Errorf("workers are %+v, want two cameras each", got)
	}
	for range 3 {
		victim := h.held("a").Worker
		before := map[models.CameraID]models.Lease{}
		for _, id := range []models.CameraID{"a", "b", "c", "d"} {
			before[id] = h.held(id)
		}
		pid := h.pid(victim)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed := time.Now()
		h.until("the new process", func() bool { return h.pid(victim) != pid && all() })
		t.Logf("back %s after kill -9", time.Since(killed).Round(time.Millisecond))
		for id, old := range before {
			now := h.held(id)
			switch {
			case old.Worker != now.Worker:
				t.Errorf("camera %s went from %s to %s", id, old.Worker, now.Worker)
			case old.Worker == victim && (now.ID == old.ID || now.From.Before(old.From)):
				t.Errorf("camera %s of the killed worker still has lease %v", id, old)
			case old.Worker != victim && now.ID != old.ID:
				t.Errorf("camera %s of the other worker lost its lease", id)
			}
		}
	}
	dismiss()
	h.checkBooks(folder, 10)
}

func TestServerRestartIsNotNoticed(t *testing.T) {
	t.Parallel()
	store, folder := newStore(t), t.TempDir()
	h := openHouse(t, store, "", 0, "a", "b")
	worker := reexec("worker", "remote", h.address, folder)
	stdin, err := worker.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	defer func() {
		if !ended {
			_ = worker.Process.Kill()
			_ = worker.Wait()
		}
	}()
	h.until("all cameras", h.online("a", "b"))
	before := h.held("a")
	h.stop() // workers and leases stay as they are, as after kill -9
	size := waitForMore(t, filepath.Join(folder, "remote.journal"))

	u, err := url.Parse(h.address)
	if err != nil {
		t.Fatal(err)
	}
	h = openHouse(t, store, u.Host, 0, "a", "b")
	h.until("all cameras after the restart", h.online("a", "b"))
	if now := h.held("a"); now.ID != before.ID || !now.From.Equal(before.From) {
		t.Errorf("camera a has lease %v, want %v to go on", now, before)
	}
	_ = stdin.Close() // the worker ends in good order
	if err := worker.Wait(); err != nil {
		t.Errorf("worker: %v", err)
	}
	ended = true
	h.checkBooks(folder, size)
}

// waitForMore waits until the worker has written down more facts on its own, and returns how many there are.
func waitForMore(t *testing.T, journal string) int {
	t.Helper()
	count := func() int {
		text, err := os.ReadFile(journal)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(text), "\n")
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	want := count() + 20
	for count() < want {
		<-tick.C
	}
	return want
}

func TestPoisonousCameraEndsInQuarantine(t *testing.T) {
	t.Parallel()
	h, folder := openHouse(t, newStore(t), "", 1, "poison", "x", "y"), t.TempDir()
	dismiss := h.hire(folder, SupervisorConfig{Workers: []string{"local-1"}})
	h.until("the poisonous camera's quarantine", func() bool { return h.Status("poison").State == models.Quarantined })
	h.until("the others", h.online("x", "y"))
	h.wantReason("poison", models.ReasonQuarantined)
	dismiss()
	h.checkBooks(folder, 0)
}

func TestHungWorkerIsRestarted(t *testing.T) {
	t.Parallel()
	h := openHouse(t, newStore(t), "", 1, "hang")
	h.hire(t.TempDir(), SupervisorConfig{
		Workers: []string{"local-1"}, HungAfter: 500 * time.Millisecond,
		StopGrace: 50 * time.Millisecond,
	})
	h.until("the worker that hangs to be lost", func() bool {
		s := h.Status("hang")
		return s.State == models.Offline && s.Reason == models.ReasonWorkerLost
	})
	h.until("its quarantine", func() bool { return h.Status("hang").State == models.Quarantined })
}

func (h *house) wantReason(id models.CameraID, want models.Reason) {
	h.Helper()
	if s := h.Status(id); s.Reason != want {
		h.Errorf("camera %s is %s because of %q (%s), want %q", id, s.State, s.Reason, s.Detail, want)
	}
}

// events are the ids of everything that was counted.
func (h *house) events() ([]models.FactID, error) {
	var lines []counts.LineRef
	for _, s := range h.Statuses() {
		lines = append(lines, counts.LineRef{Camera: s.Camera, Line: "door"})
	}
	now := time.Now()
	page, err := h.store.Events(h.Context(), counts.EventQuery{
		Lines: lines, From: now.Add(-time.Hour), To: now.Add(time.Hour), Limit: 50000,
	})
	var ids []models.FactID
	for _, e := range page.Events {
		ids = append(ids, e.ID)
	}
	return ids, err
}
