package fleet

import (
	"time"

	"footfall/api/link"
	"footfall/models"
)

// WorkerState is how a worker is.
type WorkerState string

// The states of a worker.
const (
	WorkerOnline WorkerState = "online"
	WorkerSilent WorkerState = "silent" // not heard; it may still be counting
	WorkerExited WorkerState = "exited" // its process has ended and is being restarted
)

// Worker is everything that is known about a worker.
type Worker struct {
	models.WorkerStatus

	State       WorkerState
	Incarnation string
	Capacity    int       // how many cameras it can watch
	Crashes     int       // since the server was started
	Since       time.Time // when its process was first heard
	ClockWrong  bool      // too far off: it gets no more cameras
	Resources   link.Resources
}

// Workers is every worker that is here or was a short while ago, sorted by name.
func (f *Fleet) Workers() []models.WorkerStatus {
	roster := f.Roster()
	list := make([]models.WorkerStatus, len(roster))
	for i, w := range roster {
		list[i] = w.WorkerStatus
	}
	return list
}

// Roster is Workers with everything that is known.
func (f *Fleet) Roster() []Worker {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	var list []Worker
	for _, m := range f.membersByName() {
		if m.incarnation != "" {
			list = append(list, f.describe(m, now))
		}
	}
	return list
}

func (f *Fleet) describe(m *member, now time.Time) Worker {
	w := Worker{
		WorkerStatus: models.WorkerStatus{
			Name: m.name, Online: f.present(m, now), Version: m.version, Cameras: f.watchedBy(m),
			Outbox: int64(m.outbox), LastHeard: m.heard, Spool: m.resources.Spool,
		},
		State: WorkerOnline, Incarnation: m.incarnation, Capacity: m.capacity, Crashes: m.crashes,
		Since: m.since, ClockWrong: f.clockWrong(m) != "",
		Resources: m.resources,
	}
	if m.clock != nil {
		w.ClockOffset = m.clock.Offset
	}
	switch {
	case m.exited:
		w.State = WorkerExited
	case !w.Online:
		w.State = WorkerSilent
	}
	return w
}
