package fleet

import (
	"slices"
	"time"

	"footfall/models"
)

// The rules of the ward.
const (
	// crashWindow is how long a crash is remembered.
	crashWindow = time.Minute
	// suspicious is the weight of crashes within the window that makes the worker's cameras suspects: three faults of
	// its own, or six deaths of unknown or outside cause.
	suspicious = 6
	// telling is the weight of crashes that decides a round: one fault, or two deaths of unknown cause.
	telling = 2
	// trialRound is how long a group of suspects must run without a crash to be cleared. Three crashes a minute come
	// twenty seconds apart on average.
	trialRound = 30 * time.Second
	// quarantineTime is how long a convicted camera stays out.
	quarantineTime = 10 * time.Minute
	// probationTime is how long a camera is watched closely after quarantine: one crash sends it back.
	probationTime = 5 * time.Minute
)

// Cause is how a worker process ended.
type Cause int

// The causes. A deliberate end is none of them.
const (
	// Killed from outside, or for a reason nobody knows: by an operator, or by the kernel when memory ran out.
	Killed Cause = iota + 1
	// Faulted by itself: a signal of its own making, an exit code, or a hang that had to be ended.
	Faulted
)

// weight is how much a crash says about the cameras.
func (c Cause) weight() int { return int(c) }

type crash struct {
	at     time.Time
	weight int
}

// trial finds the one of several suspects that crashes a worker. Half of them run on the worker, the other half waits;
// a crash says that it was one of the running ones, a quiet round that it was one of the others.
type trial struct {
	worker  string
	running []models.CameraID // under suspicion, being watched by the worker
	waiting []models.CameraID // under suspicion, watched by nobody for a moment
	untried []models.CameraID // not suspected of the last crash, but never seen running well: they wait, too
	cleared []models.CameraID // ran well for a round; they stay with the worker, so that no other one is risked
	since   time.Time         // when this round began
	weight  int               // of the crashes in this round
}

// sentence keeps a camera out.
type sentence struct {
	since, until time.Time
	worker       string
}

// ward knows which cameras crash their workers. It has no clock and no lock of its own.
type ward struct {
	crashes     map[string][]crash
	trials      map[string]*trial
	quarantined map[models.CameraID]sentence
	probation   map[models.CameraID]time.Time // until when
}

func newWard() *ward {
	return &ward{
		crashes:     map[string][]crash{},
		trials:      map[string]*trial{},
		quarantined: map[models.CameraID]sentence{},
		probation:   map[models.CameraID]time.Time{},
	}
}

// crashed takes in that a worker died while it watched these cameras, and returns those that go into quarantine.
func (w *ward) crashed(worker string, watched []models.CameraID, cause Cause, now time.Time) []models.CameraID {
	if len(watched) == 0 {
		return nil
	}
	watched = slices.Sorted(slices.Values(watched))
	if convicted := w.relapsed(watched, now); convicted != "" {
		return w.convict(worker, convicted, now)
	}
	if t := w.trials[worker]; t != nil {
		return w.crashedInTrial(t, watched, cause, now)
	}
	recent := slices.DeleteFunc(w.crashes[worker], func(c crash) bool { return now.Sub(c.at) > crashWindow })
	recent = append(recent, crash{at: now, weight: cause.weight()})
	w.crashes[worker] = recent
	total := 0
	for _, c := range recent {
		total += c.weight
	}
	if total < suspicious {
		return nil
	}
	delete(w.crashes, worker)
	if len(watched) == 1 {
		return w.convict(worker, watched[0], now)
	}
	t := &trial{worker: worker}
	t.split(watched, now)
	w.trials[worker] = t
	return nil
}

// relapsed is the one camera of those watched that is on probation; empty if there is none or more than one.
func (w *ward) relapsed(watched []models.CameraID, now time.Time) models.CameraID {
	var found []models.CameraID
	for _, id := range watched {
		if now.Before(w.probation[id]) {
			found = append(found, id)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return ""
}

func (w *ward) crashedInTrial(t *trial, watched []models.CameraID, cause Cause, now time.Time) []models.CameraID {
	guilty := slices.DeleteFunc(slices.Clone(t.running), func(id models.CameraID) bool {
		return !slices.Contains(watched, id)
	})
	if len(guilty) == 0 { // the crash came before the round had begun for the worker
		return nil
	}
	if t.weight += cause.weight(); t.weight < telling {
		return nil
	}
	if len(guilty) == 1 {
		delete(w.trials, t.worker)
		return w.convict(t.worker, guilty[0], now)
	}
	t.untried = append(t.untried, t.waiting...)
	t.split(guilty, now)
	return nil
}

// split begins a round with the first half of the suspects.
func (t *trial) split(suspects []models.CameraID, now time.Time) {
	half := (len(suspects) + 1) / 2
	t.running = slices.Clone(suspects[:half])
	t.waiting = slices.Clone(suspects[half:])
	t.since, t.weight = now, 0
}

func (w *ward) convict(worker string, camera models.CameraID, now time.Time) []models.CameraID {
	delete(w.probation, camera)
	delete(w.crashes, worker)
	w.quarantined[camera] = sentence{since: now, until: now.Add(quarantineTime), worker: worker}
	return []models.CameraID{camera}
}

// tick ends rounds and sentences whose time has come, and returns the cameras that come out of quarantine.
func (w *ward) tick(now time.Time) []models.CameraID {
	for worker, t := range w.trials {
		if now.Sub(t.since) < trialRound {
			continue
		}
		t.cleared = append(t.cleared, t.running...)
		if len(t.waiting) == 0 {
			delete(w.trials, worker) // nobody crashed it: it was something else, or comes back as new crashes
			continue
		}
		t.split(t.waiting, now)
	}
	var released []models.CameraID
	for id, s := range w.quarantined {
		if !now.Before(s.until) {
			delete(w.quarantined, id)
			w.probation[id] = now.Add(probationTime)
			released = append(released, id)
		}
	}
	for id, until := range w.probation {
		if !now.Before(until) {
			delete(w.probation, id)
		}
	}
	slices.Sort(released)
	return released
}

// forget drops all that is held against a camera: it was removed, or changed and may be harmless now.
func (w *ward) forget(camera models.CameraID) {
	delete(w.quarantined, camera)
	delete(w.probation, camera)
	for worker, t := range w.trials {
		is := func(id models.CameraID) bool { return id == camera }
		t.running = slices.DeleteFunc(t.running, is)
		t.waiting = slices.DeleteFunc(t.waiting, is)
		t.untried = slices.DeleteFunc(t.untried, is)
		t.cleared = slices.DeleteFunc(t.cleared, is)
		if len(t.running)+len(t.waiting) == 0 {
			delete(w.trials, worker)
		}
	}
}

// ruling is what the ward says about one camera; the zero value is "nothing".
type ruling struct {
	quarantined bool
	until       time.Time
	since       time.Time
	waiting     bool   // held back while other suspects are tried
	worker      string // with waiting: who crashed. Otherwise, if not empty: the only worker that may watch it
}

// rulings is what the ward says about all cameras.
func (w *ward) rulings() map[models.CameraID]ruling {
	rulings := map[models.CameraID]ruling{}
	for _, t := range w.trials {
		for _, id := range slices.Concat(t.running, t.cleared) {
			rulings[id] = ruling{worker: t.worker}
		}
		for _, id := range slices.Concat(t.waiting, t.untried) {
			rulings[id] = ruling{waiting: true, worker: t.worker}
		}
	}
	for id, s := range w.quarantined {
		rulings[id] = ruling{quarantined: true, since: s.since, until: s.until, worker: s.worker}
	}
	return rulings
}

// onTrial reports whether a worker is finding out which camera crashes it; it gets no others meanwhile.
func (w *ward) onTrial(worker string) bool { return w.trials[worker] != nil }
