package fleet

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"footfall/models"
)

type ids = []models.CameraID

// allowed are the cameras that the ward lets a worker watch.
func allowed(w *ward, all ids) ids {
	var watched ids
	rulings := w.rulings()
	for _, id := range all {
		if r := rulings[id]; !r.quarantined && !r.waiting {
			watched = append(watched, id)
		}
	}
	return watched
}

func TestWardFindsThePoison(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 3, 5, 8, 13} {
		for poison := range size {
			for _, lives := range []time.Duration{time.Second, 18 * time.Second} {
				t.Run(fmt.Sprintf("%d of %d, dies after %s", poison, size, lives), func(t *testing.T) {
					t.Parallel()
					var all ids
					for i := range size {
						all = append(all, models.CameraID(fmt.Sprintf("c%02d", i)))
					}
					crashes, at := untilConvicted(t, newWard(), all, all[poison:poison+1], lives)
					// Three to become suspicious, and one for each halving.
					if most := 3 + 4; crashes > most {
						t.Errorf("found after %d crashes, want at most %d", crashes, most)
					}
					if at.Sub(noon) > 5*time.Minute {
						t.Errorf("found after %s", at.Sub(noon))
					}
				})
			}
		}
	}
}

// untilConvicted lets a worker crash until every poisonous camera is in quarantine, and no other.
func untilConvicted(t interface {
	Helper()
	Fatalf(string, ...any)
}, w *ward, all, poison ids, lives time.Duration,
) (crashes int, now time.Time) {
	t.Helper()
	now = noon
	begun := now
	var found ids
	var before ids
	for len(found) < len(poison) {
		if now.Sub(noon) > 30*time.Minute {
			t.Fatalf("not found after %d crashes: %v", crashes, found)
		}
		watched := allowed(w, all)
		if !slices.Equal(watched, before) {
			begun, before = now, watched // new orders: what is watched starts anew
		}
		sick := slices.ContainsFunc(watched, func(id models.CameraID) bool { return slices.Contains(poison, id) })
		if sick && now.Sub(begun) >= lives {
			crashes++
			for _, id := range w.crashed("w1", watched, Faulted, now) {
				if !slices.Contains(poison, id) {
					t.Fatalf("%s is innocent, but in quarantine", id)
				}
				found = append(found, id)
			}
			begun = now
		}
		now = now.Add(time.Second)
		w.tick(now)
	}
	return crashes, now
}

func TestWardFindsTwoPoisons(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(2, 12).Draw(t, "cameras")
		var all ids
		for i := range size {
			all = append(all, models.CameraID(fmt.Sprintf("c%02d", i)))
		}
		first := rapid.IntRange(0, size-1).Draw(t, "first")
		second := rapid.IntRange(0, size-1).Filter(func(i int) bool { return i != first }).Draw(t, "second")
		lives := time.Duration(rapid.IntRange(0, 15).Draw(t, "lives")) * time.Second
		untilConvicted(t, newWard(), all, ids{all[first], all[second]}, lives)
	})
}

func TestWardForgives(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cause   Cause
		every   time.Duration
		crashes int
		convict bool
	}{
		"two faults":                       {Faulted, time.Second, 2, false},
		"three faults":                     {Faulted, time.Second, 3, true},
		"faults that are far apart":        {Faulted, 31 * time.Second, 20, false},
		"an operator who kills and kills":  {Killed, time.Second, 5, false},
		"the kernel, every time":           {Killed, time.Second, 6, true},
		"three faults within a minute":     {Faulted, 30 * time.Second, 3, true},
		"five kills with a minute between": {Killed, 20 * time.Second, 20, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, now := newWard(), noon
			for range test.crashes {
				w.crashed("w1", ids{"a"}, test.cause, now)
				now = now.Add(test.every)
			}
			if got := w.rulings()["a"].quarantined; got != test.convict {
				t.Errorf("in quarantine: %v, want %v", got, test.convict)
			}
		})
	}
}

func TestWardDoesNotBlameAnIdleWorkersCameras(t *testing.T) {
	t.Parallel()
	w := newWard()
	for range 10 {
		w.crashed("w1", nil, Faulted, noon)
	}
	if got := w.rulings(); len(got) != 0 {
		t.Errorf("rulings %v about nothing", got)
	}
}

func TestQuarantineEndsInProbation(t *testing.T) {
	t.Parallel()
	w := newWard()
	for range 3 {
		w.crashed("w1", ids{"a"}, Faulted, noon)
	}
	now := noon.Add(quarantineTime)
	if got := w.tick(now.Add(-1)); len(got) != 0 {
		t.Fatalf("released %v too early", got)
	}
	if got := w.tick(now); !slices.Equal(got, ids{"a"}) {
		t.Fatalf("released %v, want a", got)
	}
	// On probation one crash is enough, in whatever company.
	if got := w.crashed("w2", ids{"a", "b"}, Faulted, now.Add(time.Second)); !slices.Equal(got, ids{"a"}) {
		t.Fatalf("into quarantine again: %v, want a", got)
	}
	now = now.Add(time.Second + quarantineTime)
	w.tick(now)
	w.tick(now.Add(probationTime))
	if got := w.crashed("w2", ids{"a", "b"}, Faulted, now.Add(probationTime)); len(got) != 0 {
		t.Errorf("a held out, but is in quarantine after one crash: %v", got)
	}
}

func TestChangedCameraIsForgiven(t *testing.T) {
	t.Parallel()
	w := newWard()
	for range 3 {
		w.crashed("w1", ids{"a"}, Faulted, noon)
		w.crashed("w2", ids{"b", "c"}, Faulted, noon)
	}
	for _, id := range (ids{"a", "b", "c"}) {
		w.forget(id)
	}
	if got := w.rulings(); len(got) != 0 || w.onTrial("w2") {
		t.Errorf("rulings %v about cameras that were changed", got)
	}
}

func TestKillFromOutsideDoesNotDecideATrial(t *testing.T) {
	t.Parallel()
	w := newWard()
	for range 3 {
		w.crashed("w1", ids{"a", "b"}, Faulted, noon)
	}
	if got := w.crashed("w1", ids{"a"}, Killed, noon); len(got) != 0 {
		t.Errorf("in quarantine after a kill from outside: %v", got)
	}
	if got := w.crashed("w1", ids{"a"}, Killed, noon); !slices.Equal(got, ids{"a"}) {
		t.Errorf("in quarantine after two: %v, want a", got)
	}
}

func TestTrialThatFindsNothingEnds(t *testing.T) {
	t.Parallel()
	w := newWard()
	all := ids{"a", "b", "c", "d"}
	for range 3 {
		w.crashed("w1", all, Faulted, noon)
	}
	if !w.onTrial("w1") {
		t.Fatal("no trial after three faults")
	}
	for now := noon; now.Before(noon.Add(5 * trialRound)); now = now.Add(time.Second) {
		w.tick(now)
	}
	if w.onTrial("w1") || len(w.rulings()) != 0 {
		t.Errorf("still on trial: %v", w.rulings())
	}
}
