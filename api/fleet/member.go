package fleet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"footfall/api/link"
	"footfall/models"
)

// member is what is known about a worker by name.
type member struct {
	name        string
	incarnation string    // the process that is heard; "" = it has left
	since       time.Time // when that process was first heard
	heard       time.Time // when it was last heard
	exited      bool      // that process is known to have ended
	version     string
	capacity    int
	outbox      int
	resources   link.Resources
	crashes     int
	clock       *link.Clock
	clockWrong  bool // was so at the last beat: said once
	statuses    map[models.CameraID]models.CameraStatus
	retired     []string // earlier incarnations
}

// Beat takes in what a worker says and answers with its orders. See link.Fleet.
func (f *Fleet) Beat(_ context.Context, beat link.Beat) (link.Orders, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.ready() {
		return link.Orders{}, fmt.Errorf("the server is starting: %w", models.ErrUnavailable)
	}
	now := f.now()
	m := f.members[beat.Worker]
	if m == nil {
		m = &member{name: beat.Worker}
		f.members[beat.Worker] = m
	}
	if slices.Contains(m.retired, beat.Incarnation) || (m.exited && m.incarnation == beat.Incarnation) {
		return link.Orders{}, fmt.Errorf("worker %s: %w", beat.Worker, link.ErrSuperseded)
	}
	if beat.Leaving {
		f.leave(m, beat, now)
		return link.Orders{}, nil
	}
	if m.incarnation != beat.Incarnation {
		f.welcome(m, beat, now)
	}
	wasPresent, clockKnown := f.present(m, now), m.clock != nil
	m.hear(beat, now)
	f.judgeClock(m)
	f.claim(m, beat)
	if !wasPresent || !clockKnown {
		f.turnSoon()
	}
	f.post(now)
	return link.Orders{Assignments: f.assignments(m), Settings: f.cfg.Settings}, nil
}

// welcome replaces the process that was known under a name by a new one.
func (f *Fleet) welcome(m *member, beat link.Beat, now time.Time) {
	if m.incarnation != "" {
		if !m.exited { // it ended without a goodbye, and nobody can say why
			f.blame(m, Killed, now)
		}
		m.retire()
	}
	m.incarnation, m.since, m.exited = beat.Incarnation, now, false
	m.statuses, m.clock, m.heard = nil, nil, time.Time{}
	f.log.Info("worker is here", "worker", m.name, "incarnation", m.incarnation, "version", beat.Version,
		"capacity", beat.Capacity)
}

// retire remembers the present incarnation as one that must not come back.
func (m *member) retire() {
	if len(m.retired) == maxRetired {
		m.retired = slices.Delete(m.retired, 0, 1)
	}
	m.retired = append(m.retired, m.incarnation)
	m.incarnation = ""
}

// leave lets a worker go in good order.
func (f *Fleet) leave(m *member, beat link.Beat, now time.Time) {
	if m.incarnation != beat.Incarnation && m.incarnation != "" {
		return // somebody else has the name already
	}
	m.incarnation = beat.Incarnation
	m.retire()
	m.heard, m.outbox, m.statuses, m.exited = now, beat.Outbox, nil, false
	f.log.Info("worker left", "worker", m.name, "kept_facts", beat.Outbox)
	f.post(now)
	f.turnSoon()
}

// hear notes what a beat says.
func (m *member) hear(beat link.Beat, now time.Time) {
	m.heard = now
	m.version, m.capacity, m.outbox = beat.Version, beat.Capacity, beat.Outbox
	m.resources = beat.Resources
	if beat.Clock != nil {
		m.clock = beat.Clock
	}
	m.statuses = make(map[models.CameraID]models.CameraStatus, len(beat.Statuses))
	for _, s := range beat.Statuses {
		s.Worker = m.name
		m.statuses[s.Camera] = s
	}
}

// judgeClock says so when a worker's clock goes wrong, and when it is right again.
func (f *Fleet) judgeClock(m *member) {
	if m.clock == nil {
		return
	}
	wrong := f.clockWrong(m) != ""
	switch {
	case wrong && !m.clockWrong:
		f.log.Error("worker's clock is wrong: it gets no more cameras until it is set", "worker", m.name,
			"offset", m.clock.Offset)
	case !wrong && m.clockWrong:
		f.log.Info("worker's clock is right again", "worker", m.name, "offset", m.clock.Offset)
		f.turnSoon()
	}
	m.clockWrong = wrong
}

// clockWrong is what is wrong with a worker's clock, for people; empty if it is right or not known.
func (f *Fleet) clockWrong(m *member) string {
	if m.clock == nil || m.clock.Offset.Abs() <= f.cfg.ClockTolerance {
		return ""
	}
	way := "ahead of"
	if m.clock.Offset < 0 {
		way = "behind"
	}
	return fmt.Sprintf("the clock of worker %s is %s %s the server's; synchronise both (NTP)",
		m.name, m.clock.Offset.Abs().Round(100*time.Millisecond), way)
}

// claim finds out which of the leases that were read back belong to this very process: those that it names.
func (f *Fleet) claim(m *member, beat link.Beat) {
	for camera, held := range f.holdings {
		if held.incarnation == "" && held.lease.Worker == m.name && slices.Contains(beat.Holds, held.lease.ID) {
			held.incarnation = m.incarnation
			f.holdings[camera] = held
		}
	}
}

// assignments are the orders of a worker, sorted by camera.
func (f *Fleet) assignments(m *member) []link.Assignment {
	var list []link.Assignment
	for _, camera := range f.watchedBy(m) {
		list = append(list, link.Assignment{
			Lease: f.holdings[camera].lease, Camera: f.cameras[camera], Recordings: f.recordings[camera],
		})
	}
	return list
}

// watchedBy are the registered cameras that a worker's present process has leases of, sorted.
func (f *Fleet) watchedBy(m *member) []models.CameraID {
	var ids []models.CameraID
	for id, held := range f.holdings {
		camera, registered := f.cameras[id]
		if registered && !camera.Disabled && held.lease.Worker == m.name && held.incarnation == m.incarnation {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Exited tells that a local worker's process has ended without being asked to.
func (f *Fleet) Exited(worker string, cause Cause) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.members[worker]
	if m == nil || m.incarnation == "" || m.exited {
		return
	}
	now := f.now()
	m.exited = true
	f.blame(m, cause, now)
	f.post(now)
	f.turnSoon()
}

// blame lets the ward draw its conclusions from a crash.
func (f *Fleet) blame(m *member, cause Cause, now time.Time) {
	m.crashes++
	before := f.ward.onTrial(m.name)
	for _, id := range f.ward.crashed(m.name, f.watchedBy(m), cause, now) {
		f.log.Error("camera goes into quarantine: it crashed its worker again and again", "camera", id,
			"worker", m.name, "until", now.Add(quarantineTime))
	}
	if !before && f.ward.onTrial(m.name) {
		f.log.Warn("worker crashes again and again; finding out which of its cameras does it", "worker", m.name)
	}
}

// LastHeard is when a worker's present process was last heard.
func (f *Fleet) LastHeard(worker string) (time.Time, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.members[worker]
	if m == nil || m.incarnation == "" || m.exited {
		return time.Time{}, false
	}
	return m.heard, true
}

// present reports whether a worker can be reckoned with.
func (f *Fleet) present(m *member, now time.Time) bool {
	return m.incarnation != "" && !m.exited && now.Sub(m.heard) <= f.cfg.SilentAfter
}

func (f *Fleet) candidate(m *member, now time.Time) candidate {
	return candidate{
		name: m.name, incarnation: m.incarnation, capacity: m.capacity, present: f.present(m, now),
		clockKnown: m.clock != nil, clockWrong: f.clockWrong(m), onTrial: f.ward.onTrial(m.name),
	}
}

// prune forgets workers that have been away for long and hold nothing.
func (f *Fleet) prune(now time.Time) {
	holding := map[string]bool{}
	for _, held := range f.holdings {
		holding[held.lease.Worker] = true
	}
	maps.DeleteFunc(f.members, func(name string, m *member) bool {
		return !holding[name] && now.Sub(m.heard) > forgetWorkers
	})
}

func (f *Fleet) membersByName() []*member {
	list := make([]*member, 0, len(f.members))
	for _, name := range slices.Sorted(maps.Keys(f.members)) {
		list = append(list, f.members[name])
	}
	return list
}

func (f *Fleet) camerasByID() []models.Camera {
	list := make([]models.Camera, 0, len(f.cameras))
	for _, id := range slices.Sorted(maps.Keys(f.cameras)) {
		list = append(list, f.cameras[id])
	}
	return list
}
