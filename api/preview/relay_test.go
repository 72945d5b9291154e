package preview

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"footfall/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// place is a house with one worker, whose only line has counted something.
type place struct{ broken bool }

func (place) Watcher(camera models.CameraID) string {
	if camera == "orphan" {
		return ""
	}
	return "w1"
}

func (p place) Totals(context.Context, models.CameraID) ([]models.LineTotal, error) {
	if p.broken {
		return nil, errors.New("the database is away")
	}
	return []models.LineTotal{{Line: "door", In: 3, Out: 1}}, nil
}

func tile() models.Stream { return models.Stream{Camera: "lobby", Size: models.Tile} }

func shot(seq uint64, key bool) models.Shot {
	return models.Shot{Stream: tile(), Seq: seq, Key: key, At: time.Now(), Width: 480, Height: 270, Data: []byte{1}}
}

// took is the numbers of all shots that wait for a seat.
func took(s *Seat) []uint64 {
	var numbers []uint64
	for shot, ok := s.take(); ok; shot, ok = s.take() {
		numbers = append(numbers, shot.Seq)
	}
	return numbers
}

func wishes(t *testing.T, r *Relay) map[string][]models.Wanted {
	t.Helper()
	w, err := r.Wishes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// However many watch, a stream is asked for once; when the last has left it is asked for a while longer, and then its
// worker is told that nothing is wanted.
func TestAStreamIsAskedForOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := NewRelay(place{}, nil)
		var seats []*Seat
		for range 100 {
			seats = append(seats, r.Join(tile()))
		}
		w := wishes(t, r)
		if len(w["w1"]) != 1 || w["w1"][0].Stream != tile() || w["w1"][0].KeyFrames != 1 ||
			!reflect.DeepEqual(w["w1"][0].Totals, []models.LineTotal{{Line: "door", In: 3, Out: 1}}) {
			t.Fatalf("100 viewers want %+v", w)
		}
		if got := r.Counts().Viewers[tile()]; got != 100 {
			t.Errorf("%d viewers are counted", got)
		}
		for _, s := range seats {
			s.Leave()
			s.Leave()
		}
		left := time.Now()
		for len(wishes(t, r)["w1"]) == 1 {
		}
		if lingered := time.Since(left); lingered < linger || lingered > linger+2*time.Second {
			t.Errorf("the stream lingered for %s", lingered)
		}
		if w := wishes(t, r); len(w) != 0 {
			t.Errorf("nobody watches, and %+v is said", w)
		}
	})
}

// Key frames are asked for at once when one is needed, but no more often than makes sense.
func TestKeyFramesAreAskedForWithMeasure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := NewRelay(place{}, nil)
		s := r.Join(tile())
		began := time.Now()
		if got := wishes(t, r)["w1"][0].KeyFrames; got != 1 || time.Since(began) != 0 {
			t.Errorf("the first viewer's key frame is wish %d after %s", got, time.Since(began))
		}
		for range 50 {
			s.NeedKey()
		}
		if got := wishes(t, r)["w1"][0].KeyFrames; got != 2 || time.Since(began) != keyEvery {
			t.Errorf("the next one is wish %d after %s, want 2 after %s", got, time.Since(began), keyEvery)
		}
		if got := wishes(t, r)["w1"][0].KeyFrames; got != 2 {
			t.Errorf("nobody needs a key frame, and there is wish %d", got)
		}
	})
}

// A seat begins with a key frame, is out of step after a gap until the next, and a slow one loses pictures alone.
func TestSeatsLosePicturesAlone(t *testing.T) {
	t.Parallel()
	r := NewRelay(place{}, nil)
	quick, slow := r.Join(tile()), r.Join(tile())
	r.Show(shot(7, false)) // from before they came
	r.Show(shot(8, true))
	r.Show(shot(9, false))
	if got := took(quick); !reflect.DeepEqual(got, []uint64{8, 9}) {
		t.Errorf("took %v, want to begin with the key frame", got)
	}
	for seq := uint64(10); seq < 30; seq++ {
		r.Show(shot(seq, false))
		if got := took(quick); !reflect.DeepEqual(got, []uint64{seq}) {
			t.Fatalf("the quick one took %v, want %d", got, seq)
		}
	}
	if got := took(slow); len(got) > waitingShots {
		t.Errorf("%d shots wait for a viewer who does not look", len(got))
	}
	r.Show(shot(30, false))
	r.Show(shot(31, true))
	if got := took(slow); !reflect.DeepEqual(got, []uint64{31}) {
		t.Errorf("the slow one goes on with %v, want the key frame", got)
	}
	took(quick)
	r.Show(shot(33, false)) // 32 was lost
	r.Show(shot(34, false))
	r.Show(shot(1, true)) // the worker was started anew
	r.Show(shot(2, false))
	if got := took(quick); !reflect.DeepEqual(got, []uint64{1, 2}) {
		t.Errorf("after a gap took %v, want to begin anew", got)
	}
	if r.Counts().Dropped == 0 {
		t.Error("what the slow one lost is not counted")
	}
}

func TestSeatsMove(t *testing.T) {
	t.Parallel()
	r := NewRelay(place{}, nil)
	s := r.Join(tile())
	r.Show(shot(1, true))
	full := tile()
	full.Size = models.Full
	s.Move(full)
	large := shot(9, true)
	large.Stream = full
	r.Show(shot(2, false))
	r.Show(large)
	if got := took(s); !reflect.DeepEqual(got, []uint64{9}) || s.Stream() != full {
		t.Errorf("took %v of %s", got, s.Stream())
	}
	if v := r.Counts().Viewers; v[tile()] != 0 || v[full] != 1 {
		t.Errorf("viewers are %v", v)
	}
	s.Leave()
	s.Move(tile())
	if v := r.Counts().Viewers; len(v) != 0 {
		t.Errorf("who has left moved: %v", v)
	}
}

// Whoever waits is freed when the server stops, or its own time is up.
func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	r := NewRelay(place{broken: true}, nil)
	s := r.Join(models.Stream{Camera: "orphan", Size: models.Full})
	if w, err := r.Wishes(t.Context()); err != nil || len(w) != 0 {
		t.Errorf("nobody watches the camera, and %v, %v is wanted", w, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("its time was up: %v", err)
	}
	r.Close()
	r.Close()
	if _, err := s.Next(t.Context()); !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("the server stopped: %v", err)
	}
}

// News say whether the picture moves, and how old it is by the moment it was taken.
func TestNews(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := NewRelay(place{}, nil)
		status := models.CameraStatus{State: models.Online}
		r.Join(tile())
		if n := r.news(tile(), status, time.Now()); n.Picture != "waiting" || n.Age != nil {
			t.Errorf("before the first picture: %+v", n)
		}
		wishes(t, r) // brings the totals
		s := shot(1, true)
		s.People = 4
		r.Show(s)
		<-time.After(200 * time.Millisecond)
		n := r.news(tile(), status, time.Now())
		if n.Picture != "live" || *n.Age != 200 || n.People != 4 || len(n.Lines) != 1 || n.Lines[0].In != 3 {
			t.Errorf("a fifth of a second later: %+v", n)
		}
		<-time.After(1100 * time.Millisecond)
		if n := r.news(tile(), status, time.Now()); n.Picture != "stalled" || *n.Age != 1300 || n.People != 0 {
			t.Errorf("within two seconds of its death: %+v", n)
		}
	})
}

// The ladder goes down when the line carries less than is sent, up when it has carried everything for long, and tries
// less and less often where that fails.
func TestLadder(t *testing.T) {
	t.Parallel()
	l := newLadder(models.Full)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	began := now
	// after says for how long the size stays what it is, at most an hour.
	after := func(carries, sent int) time.Duration {
		from, size := now, l.now
		for l.step(carries, sent, now.Sub(began), now) == size && now.Sub(from) < time.Hour {
			now = now.Add(time.Second)
		}
		return now.Sub(from)
	}
	if got := after(2_000_000, 1_500_000); got != time.Hour || l.now != models.Full {
		t.Errorf("a line that carries everything got %s after %s", l.now, got)
	}
	if got := after(500_000, 1_500_000); got != poorFor || l.now != models.Tile {
		t.Errorf("a thin line got %s after %s", l.now, got)
	}
	for _, want := range []time.Duration{goodFor, 2 * goodFor, 4 * goodFor} {
		if got := after(500_000, 300_000); got != want || l.now != models.Full {
			t.Errorf("a line that carries the tile got %s after %s, want another try after %s", l.now, got, want)
		}
		if got := after(500_000, 1_500_000); got != poorFor || l.now != models.Tile {
			t.Errorf("it was too thin again, and got %s after %s", l.now, got)
		}
	}
	small := newLadder(models.Tile)
	if got := small.step(100_000_000, 1, time.Hour, now); got != models.Tile {
		t.Errorf("who asked for a tile got %s", got)
	}
}
