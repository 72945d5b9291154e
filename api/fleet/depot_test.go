package fleet

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"footfall/api/link"
	"footfall/models"
	"footfall/storage/counts"
	"footfall/storage/sql"
)

// depot is a fleet on a real database, with a clock that the test moves and turns that the test takes.
type depot struct {
	*testing.T
	*Fleet
	store *counts.Store

	mu    sync.Mutex
	clock time.Time
	facts int
}

// newStore opens a database of its own.
func newStore(t *testing.T) *counts.Store {
	t.Helper()
	db, err := sql.Open(t.Context(), filepath.Join(t.TempDir(), "footfall.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store, err := counts.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func newDepot(t *testing.T, cfg Config, ids ...models.CameraID) *depot {
	t.Helper()
	d := &depot{T: t, store: newStore(t), clock: noon}
	d.start(cfg, ids...)
	return d
}

// restart starts the server, which knows the leases, but no cameras yet.
func (d *depot) restart(cfg Config) {
	d.Helper()
	cfg.Now = d.now
	d.Fleet = New(cfg, d.store, slog.New(slog.DiscardHandler))
	if err := d.load(d.Context()); err != nil {
		d.Fatal(err)
	}
}

// start starts the server, once more if it ran already.
func (d *depot) start(cfg Config, ids ...models.CameraID) {
	d.Helper()
	d.restart(cfg)
	var list []models.Camera
	for _, id := range ids {
		list = append(list, models.Camera{ID: id, Version: 1})
	}
	d.SetCameras(list)
}

func (d *depot) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clock
}

func (d *depot) pass(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clock = d.clock.Add(t)
}

// hand is the worker's end: it beats.
type hand struct {
	*depot
	name, incarnation string
	offset            time.Duration
	holds             []link.Assignment
}

func (d *depot) worker(name, incarnation string) *hand {
	return &hand{depot: d, name: name, incarnation: incarnation}
}

// beat is one beat and the fleet's turn after it; it returns the answer.
func (h *hand) beat(statuses ...models.CameraStatus) []link.Assignment {
	h.Helper()
	orders, err := h.tryBeat(statuses...)
	if err != nil {
		h.Fatalf("beat of %s: %v", h.name, err)
	}
	h.holds = orders.Assignments
	h.turn(h.Context())
	return h.holds
}

func (h *hand) tryBeat(statuses ...models.CameraStatus) (link.Orders, error) {
	var holds []models.LeaseID
	for _, a := range h.holds {
		holds = append(holds, a.Lease.ID)
	}
	return h.Beat(h.Context(), link.Beat{
		Protocol: link.Protocol, Worker: h.name, Incarnation: h.incarnation, Capacity: 8, Sent: h.now(),
		Clock: &link.Clock{Offset: h.offset}, Holds: holds, Statuses: statuses,
	})
}

// settle beats until the orders have come.
func (h *hand) settle() []link.Assignment {
	h.Helper()
	h.beat()
	return h.beat()
}

// fact says that somebody crossed a line of the camera under a lease, and returns what became of it.
func (d *depot) fact(lease models.Lease, at time.Time) string {
	d.Helper()
	d.facts++
	receipt, err := d.store.Ingest(d.Context(), []models.Fact{{
		ID: models.FactID(fmt.Sprintf("fact-%d", d.facts)), Camera: lease.Camera, Lease: lease.ID,
		Crossing: &models.Crossing{Line: "door", Direction: models.In, Class: models.Person, Time: at},
	}})
	switch {
	case err != nil:
		d.Fatal(err)
	case len(receipt.Accepted) == 1:
		return "accepted"
	case len(receipt.Later) == 1:
		return "later"
	}
	return "refused"
}

func (d *depot) wantFact(what string, lease models.Lease, at time.Time, want string) {
	d.Helper()
	if got := d.fact(lease, at); got != want {
		d.Errorf("a fact %s is %s, want %s", what, got, want)
	}
}

func (d *depot) wantStatus(id models.CameraID, state models.CameraState, reason models.Reason) {
	d.Helper()
	if s := d.Status(id); s.State != state || s.Reason != reason {
		d.Errorf("camera %s is %s/%s (%s), want %s/%s", id, s.State, s.Reason, s.Detail, state, reason)
	}
}

func only(t *testing.T, list []link.Assignment) models.Lease {
	t.Helper()
	if len(list) != 1 {
		t.Fatalf("orders are %v, want one camera", list)
	}
	return list[0].Lease
}
