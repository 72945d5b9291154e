package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"footfall/api"
	"footfall/capture/simulator"
)

// trouble is a way in which a camera goes wrong, and what the API must say about it.
type trouble struct {
	id     string
	breaks func(*simulator.Camera) error
	heals  func(*simulator.Camera) error
	state  api.CameraStatusState
	reason string
	then   string // the reason when it has been looked at again, if that is another one
	born   bool   // it is in trouble from the start
}

func fault(f simulator.Fault) func(*simulator.Camera) error {
	return func(c *simulator.Camera) error { return c.Break(f) }
}

// troubles is the table of DESIGN 8, as far as a camera can cause it.
func troubles() []trouble {
	password := func(user, secret string) func(*simulator.Camera) error {
		return func(c *simulator.Camera) error {
			c.RequirePassword(user, secret)
			return nil
		}
	}
	heal := (*simulator.Camera).Heal
	return []trouble{
		{id: "gone", breaks: fault(simulator.Refused), heals: heal, state: "offline", reason: "unreachable"},
		{id: "hung", breaks: fault(simulator.Hung), heals: heal, state: "offline", reason: "stalled", then: "unreachable"},
		{id: "silent", breaks: fault(simulator.Silent), heals: heal, state: "offline", reason: "stalled"},
		{id: "frozen", breaks: fault(simulator.Frozen), heals: heal, state: "degraded", reason: "frozen"},
		{id: "black", breaks: fault(simulator.Black), heals: heal, state: "degraded", reason: "dark"},
		{id: "garbage", breaks: fault(simulator.Garbage), heals: heal, state: "degraded", reason: "garbage"},
		{
			id: "locked", breaks: password("somebody", "else"), heals: password("", ""),
			state: "offline", reason: "authentication_failed",
		},
		{
			id: "mistyped", heals: password("viewer", "mistyped"), born: true,
			state: "offline", reason: "authentication_failed",
		},
	}
}

// course is when what happened to a camera.
type course struct {
	trouble
	camera                                 *simulator.Camera
	online, broken, reported, healed, back time.Time
}

// lasting is how long the trouble lasts, at least.
const lasting = 20 * time.Second

// Cameras get into every kind of trouble, all at once, and one is well all the time. The API says what is the matter
// with each; when the trouble is over they are back, and coverage tells the gap.
func TestCamerasInTrouble(t *testing.T) {
	t.Parallel()
	street := simulator.StreetScene()
	street.FPS = 5
	clip, err := clips.Scene(t.Context(), street)
	if err != nil {
		t.Fatal(err)
	}
	addresses := map[string]string{"well": play(t, simulator.CameraOptions{Clip: clip}).URL()}
	var courses []*course
	for _, what := range troubles() {
		options := simulator.CameraOptions{Clip: clip}
		if what.born {
			options.User, options.Password = "viewer", "secret"
		}
		c := &course{trouble: what, camera: play(t, options)}
		courses = append(courses, c)
		addresses[what.id] = strings.Replace(c.camera.URL(), ":secret@", ":"+what.id+"@", 1)
	}
	s := serve(t, declared(addresses))
	well := s.online("well")

	var group sync.WaitGroup
	for _, c := range courses {
		group.Go(func() { s.follow(c) })
	}
	group.Wait()
	if t.Failed() {
		return
	}
	s.eventually("all were watched for a while after it", func() bool {
		return !slices.ContainsFunc(courses, func(c *course) bool {
			return s.camera(c.id).Status.LastFrame.Before(c.back.Add(5 * time.Second))
		})
	})
	last := s.camera("well").Status
	if last.Since != well.Since || last.Reconnects != 0 {
		t.Errorf("the camera that was well was disturbed: %+v", last)
	}
	s.stop()
	ended := time.Now()
	if strings.Contains(s.log.String(), ":mistyped@") {
		t.Error("the log shows a password")
	}

	// What even the camera that was well has lost, a busy machine has not analysed.
	busy := ended.Sub(well.Since) - s.read("well", "middle").observed()
	var table strings.Builder
	fmt.Fprintf(&table, "%-9s %-8s %-22s %9s %9s %9s %9s\n",
		"trouble", "state", "reason", "seen in", "back in", "lasted", "no data")
	for _, c := range courses {
		observed, watched := s.read(c.id, "middle").observed(), ended.Sub(c.online)
		fmt.Fprintf(&table, "%-9s %-8s %-22s %8.1fs %8.1fs %8.1fs %8.1fs\n", c.id, c.state, c.reason,
			c.reported.Sub(c.broken).Seconds(), c.back.Sub(c.healed).Seconds(), c.back.Sub(c.broken).Seconds(),
			(watched - observed - busy).Seconds())
		if most := watched - c.healed.Sub(c.reported) + time.Second; !c.born && observed > most {
			t.Errorf("%s: observed %s of %s, though it was known to show nothing from %s to %s",
				c.id, observed, watched, c.reported, c.healed)
		}
		least := ended.Sub(c.back)
		if !c.born {
			least += c.broken.Sub(c.online)
		}
		if observed < least-busy-checkpoint {
			t.Errorf("%s: observed %s, want %s less what a busy machine costs (%s)", c.id, observed, least, busy)
		}
	}
	t.Logf("the camera that was well lost %s of coverage\n%s", busy.Round(10*time.Millisecond), &table)
}

// follow takes one camera through its trouble.
func (s *service) follow(c *course) {
	c.broken, c.online = s.began, s.began
	if !c.born {
		c.online = s.online(c.id).Since
		s.eventually(c.id+" was watched for a checkpoint", func() bool { return s.observed(c.id) > 0 })
		c.broken = time.Now()
		if err := c.breaks(c.camera); err != nil {
			s.t.Error(err)
			return
		}
	}
	over := time.NewTimer(lasting)
	defer over.Stop()
	s.eventually(fmt.Sprintf("%s is %s, %s", c.id, c.state, c.reason), func() bool {
		status := s.camera(c.id).Status
		return status.State == c.state && reason(status) == c.reason
	})
	c.reported = time.Now()
	select {
	case <-over.C:
	case <-s.t.Context().Done():
	}
	status := s.camera(c.id).Status
	if why := reason(status); status.State != c.state || why != c.reason && why != c.then || status.Detail == nil {
		s.t.Errorf("%s became %s, %s", c.id, status.State, why)
	}
	c.healed = time.Now()
	if err := c.heals(c.camera); err != nil {
		s.t.Error(err)
		return
	}
	s.online(c.id)
	c.back = time.Now()
	if c.born {
		c.online = c.back
	}
}
