package link

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"footfall/models"
)

// viewers want what a test says, and keep what they are shown.
type viewers struct {
	wishes chan map[string][]models.Wanted
	shots  chan models.Shot
}

func newViewers() *viewers {
	return &viewers{wishes: make(chan map[string][]models.Wanted, 10), shots: make(chan models.Shot, 100)}
}

func (v *viewers) Wishes(ctx context.Context) (map[string][]models.Wanted, error) {
	select {
	case w := <-v.wishes:
		return w, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (v *viewers) Show(shot models.Shot) {
	shot.Data = append([]byte(nil), shot.Data...)
	v.shots <- shot
}

func (v *viewers) Watcher(models.CameraID) string { return "w1" }

func shot(seq uint64, key bool) models.Shot {
	return models.Shot{
		Stream: models.Stream{Camera: "lobby", Size: models.Tile}, Seq: seq, Key: key,
		At: time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC), Width: 480, Height: 270, People: 3,
		Data: []byte("\x00\x00\x00\x01picture\nwith a line's end"),
	}
}

// heard is what a worker was told to show.
type heard struct {
	wanted []models.Wanted
	until  time.Time
}

func TestWishesGoOutAndShotsComeBack(t *testing.T) {
	t.Parallel()
	broker, _ := startBroker(t, "")
	audience := newViewers()
	screen, err := NewScreen(urlOf(t, broker), audience, quiet())
	if err != nil {
		t.Fatal(err)
	}
	start(t, screen.Run)
	told := make(chan heard, 100)
	ahead := func() time.Duration { return time.Second }
	projector, err := NewProjector(urlOf(t, broker), "w1", ahead,
		func(w []models.Wanted, until time.Time) { told <- heard{w, until} }, quiet())
	if err != nil {
		t.Fatal(err)
	}
	start(t, projector.Run)

	want := []models.Wanted{{
		Stream: models.Stream{Camera: "lobby", Size: models.Full, Stills: true, Clean: true}, KeyFrames: 7,
		Totals: []models.LineTotal{{Line: "door", In: 3, Out: 2}},
	}}
	var got heard
	for got.wanted == nil { // wishes are repeated until somebody listens
		audience.wishes <- map[string][]models.Wanted{"w1": want, "w2": nil}
		select {
		case got = <-told:
		case <-time.After(50 * time.Millisecond):
		}
	}
	if !reflect.DeepEqual(got.wanted, want) {
		t.Errorf("the worker heard %+v", got.wanted)
	}
	if hold := time.Until(got.until); hold <= 0 || hold > wishesHold {
		t.Errorf("the wishes hold for %s", hold)
	}
	projector.Send(shot(1, true))
	arrived := <-audience.shots
	sent := shot(1, true)
	sent.At = sent.At.Add(-time.Second) // into the server's time
	if !reflect.DeepEqual(arrived, sent) {
		t.Errorf("sent   %+v\narrived %+v", sent, arrived)
	}
}

// With nobody to take shots, the newest are kept and the rest is counted; once some are dropped, only a key frame is of
// use. Other streams are not concerned.
func TestShotsThatWaitTooLongAreDropped(t *testing.T) {
	t.Parallel()
	p, err := NewProjector("nats://token@127.0.0.1:1", "w1", func() time.Duration { return 0 }, nil, quiet())
	if err != nil {
		t.Fatal(err)
	}
	other := shot(1, true)
	other.Camera = "yard"
	p.Send(other)
	for seq := range uint64(4) {
		p.Send(shot(seq+1, seq == 0))
	}
	p.Send(shot(5, false)) // too many: all of them are too old, and this one needs them
	if _, dropped := p.Counts(); dropped != 5 {
		t.Errorf("%d were dropped, want 5", dropped)
	}
	p.Send(shot(6, false))
	p.Send(shot(7, true))
	var left []uint64
	for s, ok := p.next(); ok; s, ok = p.next() {
		left = append(left, s.Seq)
	}
	if !reflect.DeepEqual(left, []uint64{1, 6, 7}) {
		t.Errorf("left are %v, want the other camera's and the newest", left)
	}
}

// Pictures do not hold up the server for ever, whatever somebody sends in their place.
func TestNonsenseInPlaceOfShots(t *testing.T) {
	t.Parallel()
	broker, _ := startBroker(t, "")
	audience := newViewers()
	screen, err := NewScreen(urlOf(t, broker), audience, quiet())
	if err != nil {
		t.Fatal(err)
	}
	start(t, screen.Run)
	address, err := readAddress(urlOf(t, broker))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := nats.Connect(address.url, nats.Token(address.token))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	sound, err := encodeShot(shot(1, true))
	if err != nil {
		t.Fatal(err)
	}
	for {
		for _, nonsense := range []string{"", "\n", "{}\n", `{"protocol":1,"camera":"a.b","size":"tile"}` + "\nx", "picture"} {
			if err := conn.Publish(subjectShot+"w1.lobby.tile", []byte(nonsense)); err != nil {
				t.Fatal(err)
			}
		}
		if err := conn.Publish(subjectShot+"w1.lobby.tile", sound); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-audience.shots:
			if got.Seq != 1 {
				t.Errorf("got %+v", got)
			}
			return
		case <-time.After(50 * time.Millisecond): // the screen does not listen yet
		}
	}
}

// FuzzDecodeShot: whatever arrives is refused or within bounds.
func FuzzDecodeShot(f *testing.F) {
	sound, err := encodeShot(shot(1, true))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sound)
	f.Add([]byte(`{"protocol":1,"for_ms":5000,"wanted":[{"camera":"a","size":"full"}]}`))
	f.Add([]byte("{\"protocol\":1}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := DecodeShot(data); err == nil {
			if s.Validate() != nil || len(s.Data) == 0 || s.Width < 1 || s.At.IsZero() {
				t.Errorf("accepted %+v", s)
			}
		}
		if w, err := DecodeWishes(data); err == nil && (w.For < 0 || w.For > maxWishTime.Milliseconds()) {
			t.Errorf("accepted %+v", w)
		}
	})
}
