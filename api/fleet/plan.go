package fleet

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"footfall/models"
)

// situation is everything that the plan depends on. It is a value: making a plan changes nothing.
type situation struct {
	now      time.Time
	cameras  []models.Camera               // sorted by id
	workers  []candidate                   // sorted by name
	holdings map[models.CameraID]holding   // the open leases
	rulings  map[models.CameraID]ruling    // of the ward
	earliest map[models.CameraID]time.Time // when the camera's last lease ended
	duration time.Duration                 // of a lease
	patience time.Time                     // until then nobody's lease runs out: the server has just started
	share    int                           // most cameras for a worker while others are still expected; 0 = no limit
	mayMove  bool                          // a camera may be moved now, only to balance the load
}

// candidate is what matters of a worker for the plan.
type candidate struct {
	name        string
	incarnation string
	capacity    int
	present     bool   // heard lately
	clockKnown  bool   // its clock was compared with ours
	clockWrong  string // what is wrong with its clock; empty if it is right
	onTrial     bool   // it is finding out which camera crashes it
}

// holding is an open lease and the incarnation that works under it; "" = read back, and nobody has claimed it yet.
type holding struct {
	lease       models.Lease
	incarnation string
}

// plan is what to do. The ends come first, then the grants; a camera that moves is in both.
type plan struct {
	ends    []ending
	grants  []grant
	extend  []models.LeaseID // of workers that are present
	until   time.Time        // where to
	idle    map[models.CameraID]idle
	balance bool // a camera was moved only to balance the load
}

type ending struct {
	lease models.Lease
	at    time.Time
	why   string
}

type grant struct {
	camera models.CameraID
	worker string
	from   time.Time
	until  time.Time
}

// idle is why a camera is watched by nobody.
type idle struct {
	reason models.Reason
	detail string
}

// planner makes one plan.
type planner struct {
	situation
	plan
	byName map[string]*candidate
	load   map[string]int
	freed  map[models.CameraID]string // who watched it until this plan: it goes back there if that is possible
	lapsed []holding                  // they could be given to others
	need   []models.Camera            // they have no lease
}

// makePlan decides what happens next. The same situation always gives the same plan.
func makePlan(s situation) plan {
	p := planner{
		situation: s,
		plan:      plan{until: s.now.Add(s.duration), idle: map[models.CameraID]idle{}},
		byName:    map[string]*candidate{},
		load:      map[string]int{},
		freed:     map[models.CameraID]string{},
	}
	p.earliest = maps.Clone(s.earliest)
	if p.earliest == nil {
		p.earliest = map[models.CameraID]time.Time{}
	}
	for i := range p.workers {
		p.byName[p.workers[i].name] = &p.workers[i]
	}
	p.endLost()
	p.judgeCameras()
	p.giveNeedy()
	p.giveLapsed()
	p.levelLoad()
	return p.plan
}

// endLost ends the leases of cameras that are not there any more.
func (p *planner) endLost() {
	there := make(map[models.CameraID]bool, len(p.cameras))
	for _, c := range p.cameras {
		there[c.ID] = true
	}
	for _, id := range slices.Sorted(maps.Keys(p.holdings)) {
		if !there[id] {
			p.end(p.holdings[id], "the camera was removed")
		}
	}
}

// judgeCameras looks at every camera once: its lease goes on, ends, or has run out; or it has none and needs one.
func (p *planner) judgeCameras() {
	for _, camera := range p.cameras {
		held, leased := p.holdings[camera.ID]
		ruling := p.rulings[camera.ID]
		if why := outOfWork(camera, ruling); why != "" {
			if leased {
				p.end(held, why)
			}
			continue
		}
		if leased && p.goesOn(held, ruling) {
			continue
		}
		p.need = append(p.need, camera)
	}
}

// outOfWork is why a camera must not be watched at all; empty if it may.
func outOfWork(camera models.Camera, ruling ruling) string {
	switch {
	case camera.Disabled:
		return "the camera was disabled"
	case ruling.quarantined:
		return "the camera is in quarantine"
	case ruling.waiting:
		return "other cameras are tried first"
	}
	return ""
}

// goesOn judges a lease; false = it has ended and the camera needs another one.
func (p *planner) goesOn(held holding, ruling ruling) bool {
	worker := p.byName[held.lease.Worker]
	switch {
	case ruling.worker != "" && ruling.worker != held.lease.Worker:
		p.end(held, "the camera is tried on another worker")
		return false
	case worker != nil && worker.incarnation == "":
		p.end(held, "its worker has left")
		return false
	case worker != nil && worker.incarnation != held.incarnation && worker.present && !worker.clockKnown:
		p.load[held.lease.Worker]++ // it has just been born and gets its camera back with its next beat, at once
		return true
	case worker != nil && worker.incarnation != held.incarnation:
		p.freed[held.lease.Camera] = held.lease.Worker
		p.end(held, "its worker was restarted")
		return false
	}
	p.load[held.lease.Worker]++
	switch {
	case worker != nil && worker.present:
		if held.lease.Until.Sub(p.now) < p.duration*2/3 {
			p.extend = append(p.extend, held.lease.ID)
		}
	case !p.now.Before(held.lease.Until) && !p.now.Before(p.patience):
		p.lapsed = append(p.lapsed, held)
	}
	return true
}

// giveNeedy grants leases for the cameras without one.
func (p *planner) giveNeedy() {
	for _, camera := range p.need {
		worker := p.choose(camera.ID, p.freed[camera.ID])
		if worker == nil {
			p.idle[camera.ID] = p.whyIdle(camera.ID)
			continue
		}
		p.grant(camera.ID, worker)
	}
}

// giveLapsed takes cameras from silent workers whose lease has run out, as far as somebody else has room. Otherwise
// they keep it: if they come back they have lost nothing.
func (p *planner) giveLapsed() {
	for _, held := range p.lapsed {
		if worker := p.choose(held.lease.Camera, ""); worker != nil {
			p.end(held, "its worker was silent for too long")
			p.load[held.lease.Worker]--
			p.grant(held.lease.Camera, worker)
		}
	}
}

// levelLoad moves one camera from the fullest worker to the emptiest if both are better off. A move costs the camera a
// moment, so it is done rarely, and never while anything else happens.
func (p *planner) levelLoad() {
	if !p.mayMove || len(p.ends)+len(p.grants)+len(p.lapsed) > 0 {
		return
	}
	var fullest *candidate
	for i := range p.workers {
		w := &p.workers[i]
		if w.present && !w.onTrial && p.load[w.name] > 0 && (fullest == nil || p.fuller(w, fullest)) {
			fullest = w
		}
	}
	emptiest := p.leastLoaded()
	if fullest == nil || emptiest == nil ||
		p.load[fullest.name]*emptiest.capacity <= (p.load[emptiest.name]+1)*fullest.capacity {
		return
	}
	for _, camera := range slices.Backward(p.cameras) {
		held, ok := p.holdings[camera.ID]
		if ok && held.lease.Worker == fullest.name && p.rulings[camera.ID].worker == "" {
			p.end(held, "moved to a worker with less to do")
			p.load[fullest.name]--
			p.grant(camera.ID, emptiest)
			p.balance = true
			return
		}
	}
}

func (p *planner) end(held holding, why string) {
	at := later(p.now, held.lease.From)
	p.ends = append(p.ends, ending{lease: held.lease, at: at, why: why})
	// extend may hold it already: an ended lease does not move on.
	p.extend = slices.DeleteFunc(p.extend, func(id models.LeaseID) bool { return id == held.lease.ID })
	if p.earliest[held.lease.Camera].Before(at) {
		p.earliest[held.lease.Camera] = at
	}
}

func (p *planner) grant(camera models.CameraID, worker *candidate) {
	from := later(p.now, p.earliest[camera])
	p.grants = append(p.grants, grant{camera: camera, worker: worker.name, from: from, until: from.Add(p.duration)})
	p.load[worker.name]++
}

// choose is the worker for a camera: the one that the ward demands, the one that had it, or the one with least to do.
func (p *planner) choose(camera models.CameraID, had string) *candidate {
	if only := p.rulings[camera].worker; only != "" {
		if w := p.byName[only]; w != nil && p.room(w) {
			return w
		}
		return nil
	}
	if w := p.byName[had]; w != nil && p.room(w) && !w.onTrial {
		return w
	}
	return p.leastLoaded()
}

func (p *planner) leastLoaded() *candidate {
	var best *candidate
	for i := range p.workers {
		w := &p.workers[i]
		if w.onTrial || !p.room(w) || (p.share > 0 && p.load[w.name] >= p.share) {
			continue
		}
		if best == nil || (p.load[w.name]+1)*best.capacity < (p.load[best.name]+1)*w.capacity {
			best = w
		}
	}
	return best
}

// room reports whether a worker could take one more camera.
func (p *planner) room(w *candidate) bool {
	return w.present && w.clockKnown && w.clockWrong == "" && p.load[w.name] < w.capacity
}

// fuller reports whether a has more to do than b, each by its own capacity.
func (p *planner) fuller(a, b *candidate) bool {
	return p.load[a.name]*b.capacity > p.load[b.name]*a.capacity
}

// whyIdle says why nobody can take a camera.
func (p *planner) whyIdle(camera models.CameraID) idle {
	if only := p.rulings[camera].worker; only != "" {
		return idle{detail: fmt.Sprintf("waits for worker %s, which crashed with it", only)}
	}
	wrongClock, present := "", false
	for _, w := range p.workers {
		if !w.present {
			continue
		}
		if w.clockKnown && w.clockWrong == "" {
			present = true
		}
		wrongClock = cmp.Or(wrongClock, w.clockWrong)
	}
	switch {
	case present && p.share == 0:
		return idle{models.ReasonNoCapacity, "every worker has as many cameras as it can watch; add a worker"}
	case wrongClock != "":
		return idle{models.ReasonNoCapacity, wrongClock}
	}
	return idle{detail: "no worker is ready yet"}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
