package fleet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"footfall/models"
)

// Revision numbers the changes of statuses; it grows.
type Revision uint64

// Change is a camera whose status has changed, or that is not registered any more.
type Change struct {
	Status  models.CameraStatus
	Removed bool // Status holds only the camera's id
}

// board is where the present status of every camera is posted.
type board struct {
	revision Revision
	entries  map[models.CameraID]entry
	changed  chan struct{} // closed and replaced with every change
}

type entry struct {
	status   models.CameraStatus
	revision Revision // of its last change
	removed  bool
}

func newBoard() board {
	return board{entries: map[models.CameraID]entry{}, changed: make(chan struct{})}
}

// put posts a status. Numbers that change all the time, as frames and rates, are posted but are no news.
func (b *board) put(s models.CameraStatus) bool {
	old, known := b.entries[s.Camera]
	if known && !old.removed && sameNews(old.status, s) {
		old.status = s
		b.entries[s.Camera] = old
		return false
	}
	b.revision++
	b.entries[s.Camera] = entry{status: s, revision: b.revision}
	return true
}

// remove leaves a note that the camera is gone, for those who have not looked for a while.
func (b *board) remove(id models.CameraID) {
	b.revision++
	b.entries[id] = entry{status: models.CameraStatus{Camera: id}, revision: b.revision, removed: true}
}

func (b *board) ring() {
	close(b.changed)
	b.changed = make(chan struct{})
}

func sameNews(a, b models.CameraStatus) bool {
	return a.State == b.State && a.Reason == b.Reason && a.Detail == b.Detail && a.Worker == b.Worker &&
		a.Since.Equal(b.Since) && a.Width == b.Width && a.Height == b.Height && a.Reconnects == b.Reconnects
}

// post works out the status of every camera and tells those who wait for news. The lock is held.
func (f *Fleet) post(now time.Time) {
	news := false
	rulings := f.ward.rulings()
	for id, camera := range f.cameras {
		news = f.board.put(f.status(camera, rulings[id], now)) || news
	}
	for id, e := range f.board.entries {
		if _, registered := f.cameras[id]; !registered && !e.removed {
			f.board.remove(id)
			news = true
		}
	}
	if news {
		f.board.ring()
	}
}

// status is how a camera is, seen from the server.
func (f *Fleet) status(camera models.Camera, ruling ruling, now time.Time) models.CameraStatus {
	s := models.CameraStatus{Camera: camera.ID}
	held, leased := f.holdings[camera.ID]
	switch {
	case camera.Disabled:
		s.State = models.Disabled
	case ruling.quarantined:
		s.State, s.Reason, s.Worker = models.Quarantined, models.ReasonQuarantined, ruling.worker
		s.Detail = fmt.Sprintf("crashed worker %s again and again; tried again at %s", ruling.worker,
			ruling.until.Format(time.RFC3339))
	case ruling.waiting:
		s.State = models.Waiting
		s.Detail = fmt.Sprintf("worker %s crashed again and again; other cameras are tried first", ruling.worker)
	case leased:
		return f.leasedStatus(camera.ID, held, now)
	default:
		why := f.idle[camera.ID]
		s.State, s.Reason, s.Detail = models.Waiting, why.reason, why.detail
	}
	return f.since(s, now)
}

// leasedStatus is how a camera is that has been given to a worker.
func (f *Fleet) leasedStatus(id models.CameraID, held holding, now time.Time) models.CameraStatus {
	s := models.CameraStatus{Camera: id, Worker: held.lease.Worker}
	m := f.members[held.lease.Worker]
	switch {
	case m == nil && now.Sub(f.started) <= f.cfg.SilentAfter:
		s.State, s.Detail = models.Waiting, "the server has just started; its worker will report"
	case m == nil || !f.present(m, now):
		s.State, s.Reason = models.Offline, models.ReasonWorkerLost
		s.Detail = fmt.Sprintf("worker %s is silent; it may still be counting on its own", held.lease.Worker)
		if m != nil && m.exited {
			s.Detail = fmt.Sprintf("worker %s has crashed and is being restarted", held.lease.Worker)
		}
	default:
		if reported, ok := m.statuses[id]; ok && held.incarnation == m.incarnation {
			return reported
		}
		s.State, s.Detail = models.Waiting, fmt.Sprintf("given to worker %s", held.lease.Worker)
	}
	return f.since(s, now)
}

// since dates a status that the server has worked out itself: it began when it was first posted.
func (f *Fleet) since(s models.CameraStatus, now time.Time) models.CameraStatus {
	old, known := f.board.entries[s.Camera]
	s.Since = now
	if known && !old.removed && old.status.State == s.State && old.status.Reason == s.Reason {
		s.Since = old.status.Since
	}
	return s
}

// Statuses is the present status of every registered camera, sorted by id.
func (f *Fleet) Statuses() []models.CameraStatus {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.post(f.now())
	list := make([]models.CameraStatus, 0, len(f.cameras))
	for _, id := range slices.Sorted(maps.Keys(f.cameras)) {
		list = append(list, f.board.entries[id].status)
	}
	return list
}

// Status is the present status of one camera. One that SetCameras has not told of waits.
func (f *Fleet) Status(id models.CameraID) models.CameraStatus {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	f.post(now)
	if e, ok := f.board.entries[id]; ok && !e.removed {
		return e.status
	}
	return models.CameraStatus{Camera: id, State: models.Waiting, Since: now}
}

// Changes waits until there is something newer than after and returns the cameras that changed since then, as they are
// now, in the order of their last change. Begin with 0 for all of them, and go on with the revision returned. A slow
// reader misses what was in between, never the latest.
func (f *Fleet) Changes(ctx context.Context, after Revision) ([]Change, Revision, error) {
	for {
		f.mu.Lock()
		changes, revision, changed := f.news(after), f.board.revision, f.board.changed
		f.mu.Unlock()
		if len(changes) > 0 {
			return changes, revision, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, after, ctx.Err()
		}
	}
}

func (f *Fleet) news(after Revision) []Change {
	var fresh []entry
	for _, e := range f.board.entries {
		if e.revision > after && (after > 0 || !e.removed) {
			fresh = append(fresh, e)
		}
	}
	slices.SortFunc(fresh, func(a, b entry) int { return int(a.revision) - int(b.revision) })
	changes := make([]Change, len(fresh))
	for i, e := range fresh {
		changes[i] = Change{Status: e.status, Removed: e.removed}
	}
	return changes
}
