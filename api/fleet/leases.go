package fleet

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"footfall/api/link"
	"footfall/models"
)

func (f *Fleet) end(ctx context.Context, e ending) {
	log := f.log.With("camera", e.lease.Camera, "worker", e.lease.Worker, "lease", e.lease.ID, "why", e.why)
	// The lease had run out, but was nobody else's: what its worker saw until now is accepted.
	if e.at.After(e.lease.Until) {
		if err := f.leases.Extend(ctx, e.lease.ID, e.at); err != nil && !gone(err) {
			log.Error("lease not ended; trying again", "error", err)
			return
		}
	}
	if err := f.leases.End(ctx, e.lease.ID, e.at); err != nil && !gone(err) {
		log.Error("lease not ended; trying again", "error", err)
		return
	}
	log.Info("camera taken from its worker")
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.holdings, e.lease.Camera)
	f.ended[e.lease.Camera] = e.at
	f.call(e.lease.Worker)
}

func (f *Fleet) grant(ctx context.Context, g grant) {
	f.mu.Lock()
	_, still := f.holdings[g.camera] // its end has failed
	incarnation := ""
	if m := f.members[g.worker]; m != nil {
		incarnation = m.incarnation
	}
	f.mu.Unlock()
	if still || incarnation == "" {
		return
	}
	lease := models.Lease{ID: newLeaseID(), Camera: g.camera, Worker: g.worker, From: g.from, Until: g.until}
	if err := f.leases.Grant(ctx, lease); err != nil {
		if errors.Is(err, models.ErrConflict) {
			return // the facts of the lease before reach a little further: in the next turn
		}
		f.log.Error("camera not given to a worker; trying again", "camera", g.camera, "worker", g.worker,
			"error", err)
		return
	}
	f.log.Info("camera given to a worker", "camera", g.camera, "worker", g.worker, "lease", lease.ID)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.holdings[g.camera] = holding{lease: lease, incarnation: incarnation}
	f.call(g.worker)
}

func (f *Fleet) extend(ctx context.Context, id models.LeaseID, until time.Time) {
	err := f.leases.Extend(ctx, id, until)
	f.mu.Lock()
	defer f.mu.Unlock()
	for camera, held := range f.holdings {
		if held.lease.ID != id {
			continue
		}
		switch {
		case err == nil:
			held.lease.Until = until
			f.holdings[camera] = held
		case gone(err):
			f.log.Error("lease was ended by somebody else", "camera", camera, "worker", held.lease.Worker, "error", err)
			delete(f.holdings, camera)
			f.call(held.lease.Worker)
		default:
			f.log.Error("lease not extended; trying again", "camera", camera, "worker", held.lease.Worker, "error", err)
		}
	}
}

// gone reports whether the database says that a lease is over or unknown: there is nothing more to do about it.
func gone(err error) bool {
	return errors.Is(err, models.ErrConflict) || errors.Is(err, models.ErrNotFound)
}

// newLeaseID makes a UUIDv7: leases sort by age.
func newLeaseID() models.LeaseID {
	id, err := uuid.NewV7()
	if err != nil {
		id = uuid.New()
	}
	return models.LeaseID(id.String())
}

var _ link.Fleet = (*Fleet)(nil)
