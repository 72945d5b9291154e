package fleet

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"footfall/models"
)

// noon is when the plans of these tests are made.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// scene builds a situation in few words.
func scene(change ...func(*situation)) situation {
	s := situation{
		now: noon, duration: 15 * time.Second, patience: noon.Add(-time.Hour),
		holdings: map[models.CameraID]holding{}, rulings: map[models.CameraID]ruling{},
		earliest: map[models.CameraID]time.Time{},
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

func cameras(ids ...models.CameraID) func(*situation) {
	return func(s *situation) {
		for _, id := range ids {
			s.cameras = append(s.cameras, models.Camera{ID: id})
		}
	}
}

// worker adds one that is present and has a right clock; its incarnation is its name and "/1".
func worker(name string, capacity int, change ...func(*candidate)) func(*situation) {
	return func(s *situation) {
		c := candidate{name: name, incarnation: name + "/1", capacity: capacity, present: true, clockKnown: true}
		for _, change := range change {
			change(&c)
		}
		s.workers = append(s.workers, c)
	}
}

func silent(c *candidate)    { c.present = false }
func restarted(c *candidate) { c.incarnation = c.name + "/2" }
func left(c *candidate)      { c.incarnation, c.present = "", false }
func unclocked(c *candidate) { c.clockKnown = false }
func wrong(c *candidate)     { c.clockWrong = "the clock is wrong" }
func onTrial(c *candidate)   { c.onTrial = true }

// holds gives cameras to a worker until so long after noon.
func holds(worker string, until time.Duration, ids ...models.CameraID) func(*situation) {
	return func(s *situation) {
		for _, id := range ids {
			s.holdings[id] = holding{incarnation: worker + "/1", lease: models.Lease{
				ID: models.LeaseID("L-" + id), Camera: id, Worker: worker,
				From: noon.Add(-time.Minute), Until: noon.Add(until),
			}}
		}
	}
}

func ruled(id models.CameraID, r ruling) func(*situation) {
	return func(s *situation) { s.rulings[id] = r }
}

func disabled(id models.CameraID) func(*situation) {
	return func(s *situation) {
		i := slices.IndexFunc(s.cameras, func(c models.Camera) bool { return c.ID == id })
		s.cameras[i].Disabled = true
	}
}

// told puts a plan into words: "end a w1: why", "give a w2", "extend a", "idle a: reason".
func told(p plan) []string {
	var words []string
	for _, e := range p.ends {
		words = append(words, fmt.Sprintf("end %s %s: %s", e.lease.Camera, e.lease.Worker, e.why))
	}
	for _, g := range p.grants {
		words = append(words, fmt.Sprintf("give %s %s", g.camera, g.worker))
	}
	for _, id := range p.extend {
		words = append(words, "extend "+strings.TrimPrefix(string(id), "L-"))
	}
	for _, id := range slices.Sorted(maps.Keys(p.idle)) {
		words = append(words, fmt.Sprintf("idle %s: %s", id, p.idle[id].reason))
	}
	return words
}

func TestPlan(t *testing.T) {
	t.Parallel()
	const soon, past = 14 * time.Second, -time.Second
	tests := map[string]struct {
		situation situation
		want      []string
	}{
		"nobody is here": {
			scene(cameras("a")),
			[]string{"idle a: "},
		},
		"cameras are spread evenly": {
			scene(cameras("a", "b", "c", "d"), worker("w1", 8), worker("w2", 8)),
			[]string{"give a w1", "give b w2", "give c w1", "give d w2"},
		},
		"a worker twice as able gets twice as many": {
			scene(cameras("a", "b", "c"), worker("w1", 4), worker("w2", 8)),
			[]string{"give a w2", "give b w1", "give c w2"},
		},
		"a full house says so": {
			scene(cameras("a", "b"), worker("w1", 1)),
			[]string{"give a w1", "idle b: no_capacity"},
		},
		"a worker gets no more than its share while others are expected": {
			scene(cameras("a", "b"), worker("w1", 8), func(s *situation) { s.share = 1 }),
			[]string{"give a w1", "idle b: "},
		},
		"a worker waits until its clock is known": {
			scene(cameras("a"), worker("w1", 8, unclocked)),
			[]string{"idle a: "},
		},
		"a restarted worker's camera waits for it until its clock is known": {
			scene(cameras("a", "b"), worker("w1", 8, restarted, unclocked), holds("w1", soon, "a"),
				worker("w2", 8), holds("w2", soon, "b")),
			nil,
		},
		"a wrong clock gets nothing new and keeps what it has": {
			scene(cameras("a", "b"), worker("w1", 8, wrong), holds("w1", soon, "a")),
			[]string{"idle b: no_capacity"},
		},
		"nothing happens while all is well": {
			scene(cameras("a", "b"), worker("w1", 8), holds("w1", soon, "a", "b")),
			nil,
		},
		"leases move on in good time": {
			scene(cameras("a", "b"), worker("w1", 8), holds("w1", 9*time.Second, "a"), holds("w1", soon, "b")),
			[]string{"extend a"},
		},
		"a worker that is back goes on where it was": {
			scene(cameras("a"), worker("w1", 8), worker("w2", 8), holds("w1", -time.Hour, "a")),
			[]string{"extend a"},
		},
		"a silent worker keeps its cameras until they run out": {
			scene(cameras("a"), worker("w1", 8, silent), worker("w2", 8), holds("w1", soon, "a")),
			nil,
		},
		"then they go to others": {
			scene(cameras("a"), worker("w1", 8, silent), worker("w2", 8), holds("w1", past, "a")),
			[]string{"end a w1: its worker was silent for too long", "give a w2"},
		},
		"but not if nobody has room": {
			scene(cameras("a", "b"), worker("w1", 8, silent), worker("w2", 1), holds("w1", past, "a"),
				holds("w2", soon, "b")),
			nil,
		},
		"and not when the server has just started": {
			scene(cameras("a"), worker("w2", 8), holds("w1", past, "a"),
				func(s *situation) { s.patience = noon.Add(time.Second) }),
			nil,
		},
		"a worker that never came back after the server's start": {
			scene(cameras("a"), worker("w2", 8), holds("w1", past, "a")),
			[]string{"end a w1: its worker was silent for too long", "give a w2"},
		},
		"a restarted worker gets its cameras back under new leases": {
			scene(cameras("a", "b", "c"), worker("w1", 8, restarted), worker("w2", 8), holds("w1", soon, "a", "b"),
				holds("w2", soon, "c")),
			[]string{"end a w1: its worker was restarted", "end b w1: its worker was restarted", "give a w1", "give b w1"},
		},
		"nobody claimed it: its worker was restarted together with the server": {
			scene(cameras("a"), worker("w1", 8), holds("w1", soon, "a"), func(s *situation) {
				h := s.holdings["a"]
				h.incarnation = ""
				s.holdings["a"] = h
			}),
			[]string{"end a w1: its worker was restarted", "give a w1"},
		},
		"a worker that left leaves its cameras to others": {
			scene(cameras("a"), worker("w1", 8, left), worker("w2", 8), holds("w1", soon, "a")),
			[]string{"end a w1: its worker has left", "give a w2"},
		},
		"disabled": {
			scene(cameras("a"), disabled("a"), worker("w1", 8), holds("w1", soon, "a")),
			[]string{"end a w1: the camera was disabled"},
		},
		"removed": {
			scene(worker("w1", 8), holds("w1", soon, "a")),
			[]string{"end a w1: the camera was removed"},
		},
		"quarantined": {
			scene(cameras("a"), worker("w1", 8), holds("w1", soon, "a"), ruled("a", ruling{quarantined: true})),
			[]string{"end a w1: the camera is in quarantine"},
		},
		"suspects are tried where they crashed, and nobody else goes there": {
			scene(cameras("a", "b", "c"), worker("w1", 8, onTrial), worker("w2", 8), ruled("a", ruling{worker: "w1"}),
				ruled("b", ruling{worker: "w1", waiting: true})),
			[]string{"give a w1", "give c w2"},
		},
		"a suspect goes nowhere else": {
			scene(cameras("a"), worker("w1", 8, silent), worker("w2", 8), ruled("a", ruling{worker: "w1"})),
			[]string{"idle a: "},
		},
		"the load is levelled, one camera at a time": {
			scene(cameras("a", "b", "c"), worker("w1", 8), worker("w2", 8), holds("w1", soon, "a", "b", "c"),
				func(s *situation) { s.mayMove = true }),
			[]string{"end c w1: moved to a worker with less to do", "give c w2"},
		},
		"a difference of one is level": {
			scene(cameras("a", "b", "c"), worker("w1", 8), worker("w2", 8), holds("w1", soon, "a", "b"),
				holds("w2", soon, "c"), func(s *situation) { s.mayMove = true }),
			nil,
		},
		"nothing is levelled while a camera has no worker": {
			scene(cameras("a", "b", "c"), worker("w1", 8), worker("w2", 8, silent), holds("w1", soon, "a", "b"),
				holds("w2", past, "c"), func(s *situation) { s.mayMove = true }),
			[]string{"end c w2: its worker was silent for too long", "give c w1"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := told(makePlan(test.situation))
			if !slices.Equal(got, test.want) {
				t.Errorf("plan:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(test.want, "\n  "))
			}
		})
	}
}

func TestPlanNeverOverlaps(t *testing.T) {
	t.Parallel()
	// The server's clock was set back: the last lease ended later than now.
	s := scene(cameras("a"), worker("w1", 8))
	s.earliest["a"] = noon.Add(time.Minute)
	if got := makePlan(s).grants[0].from; !got.Equal(noon.Add(time.Minute)) {
		t.Errorf("the new lease begins at %s, before the old one ended", got)
	}
}

// TestPlanSettles: whatever the situation, following the plan leads to one with nothing more to do, in which no worker
// has more than it can watch and no camera waits while somebody has room.
func TestPlanSettles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		for range 4 * (len(s.cameras) + 1) {
			p := makePlan(s)
			if again := makePlan(s); !slices.Equal(told(p), told(again)) {
				t.Fatalf("two plans for one situation: %v and %v", told(p), told(again))
			}
			if len(p.ends)+len(p.grants) == 0 {
				checkSettled(t, s, p)
				return
			}
			follow(t, &s, p)
		}
		t.Fatalf("cameras move for ever: %v", told(makePlan(s)))
	})
}

func drawScene(t *rapid.T) situation {
	s := scene()
	for i := range rapid.IntRange(0, 5).Draw(t, "workers") {
		change := rapid.SampledFrom([]func(*candidate){func(*candidate) {}, silent, restarted, left, wrong, onTrial})
		worker(fmt.Sprintf("w%d", i), rapid.IntRange(0, 5).Draw(t, "capacity"), change.Draw(t, "worker is"))(&s)
	}
	for i := range rapid.IntRange(0, 12).Draw(t, "cameras") {
		id := models.CameraID(fmt.Sprintf("c%02d", i))
		if rapid.IntRange(0, 9).Draw(t, "removed") > 0 {
			cameras(id)(&s)
		}
		if n := rapid.IntRange(-1, 6).Draw(t, "holder"); n >= 0 {
			until := time.Duration(rapid.IntRange(-5, 15).Draw(t, "until")) * time.Second
			holds(fmt.Sprintf("w%d", n), until, id)(&s)
		}
	}
	s.mayMove = rapid.Bool().Draw(t, "may move")
	return s
}

// follow does what a plan says, and checks that a lease begins only when the one before has ended.
func follow(t *rapid.T, s *situation, p plan) {
	for _, e := range p.ends {
		delete(s.holdings, e.lease.Camera)
		s.earliest[e.lease.Camera] = e.at
	}
	for _, g := range p.grants {
		if _, held := s.holdings[g.camera]; held || g.from.Before(s.earliest[g.camera]) {
			t.Fatalf("camera %s is given to %s while somebody has it", g.camera, g.worker)
		}
		i := slices.IndexFunc(s.workers, func(c candidate) bool { return c.name == g.worker })
		s.holdings[g.camera] = holding{incarnation: s.workers[i].incarnation, lease: models.Lease{
			ID: models.LeaseID("N-" + g.camera), Camera: g.camera, Worker: g.worker, From: g.from, Until: g.until,
		}}
	}
}

func checkSettled(t *rapid.T, s situation, p plan) {
	load := map[string]int{}
	for _, h := range s.holdings {
		load[h.lease.Worker]++
	}
	for _, w := range s.workers {
		free := w.present && w.clockWrong == "" && !w.onTrial && load[w.name] < w.capacity
		if free && len(p.idle) > 0 {
			t.Fatalf("worker %s has room, but cameras wait: %v", w.name, p.idle)
		}
	}
}
