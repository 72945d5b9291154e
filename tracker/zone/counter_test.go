package zone_test

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"footfall/models"
	"footfall/tracker/zone"
)

func room(tb testing.TB, classes ...models.Class) *zone.Counter {
	tb.Helper()
	square := points(0.3, 0.3, 0.7, 0.3, 0.7, 0.7, 0.3, 0.7)
	c, err := zone.New([]models.Zone{{ID: "room", Points: square}}, zone.Config{Classes: classes}, aspect)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// standing is somebody, or something, who stands in the middle of the room.
func standing(id uint64, class models.Class) models.Track {
	return models.Track{
		ID: id, Class: class, Confirmed: true, Seen: true,
		Box: models.Box{X: 0.48, Y: 0.5 - boxHeight, W: 0.04, H: boxHeight},
	}
}

// A stay that lasts over minutes is told of in each of them.
func TestEveryMinuteIsTold(t *testing.T) {
	t.Parallel()
	c := room(t)
	for second := 50.0; second <= 200; second += 0.5 {
		c.Update(moment(second), []models.Track{standing(1, models.Person)})
	}
	c.Update(moment(200.5), nil)
	told := c.Drain(nil)
	if len(told) != 4 {
		t.Fatalf("told %d minutes, want 4: %+v", len(told), told)
	}
	for i, want := range []models.Presence{
		{Entries: 1, Most: 1, Inside: 10 * time.Second, From: moment(50)},
		{Most: 1, Inside: time.Minute, From: moment(60)},
		{Most: 1, Inside: time.Minute, From: moment(120)},
		{Exits: 1, Most: 1, Inside: 20 * time.Second, From: moment(180), Dwell: 150 * time.Second},
	} {
		p := told[i]
		if p.Entries != want.Entries || p.Exits != want.Exits || p.Most != want.Most || p.Inside != want.Inside ||
			p.Dwell != want.Dwell || !p.From.Equal(want.From) || !p.Minute.Equal(want.From.Truncate(time.Minute)) {
			t.Errorf("minute %d: told %+v, want %+v", i, p, want)
		}
	}
	if told[3].Stays[models.DwellClass(150*time.Second)] != 1 {
		t.Errorf("stays %v", told[3].Stays)
	}
	if again := c.Drain(nil); len(again) != 0 {
		t.Errorf("a second drain told %+v", again)
	}
}

func TestNobodyIsNothing(t *testing.T) {
	t.Parallel()
	c := room(t)
	outside := standing(1, models.Person)
	outside.Box.X = 0
	for second := range 10 {
		c.Update(moment(float64(second)), []models.Track{outside})
	}
	if told := c.Drain(nil); len(told) != 0 {
		t.Errorf("told %+v of an empty zone", told)
	}
}

// Every class has its own book; what was not asked for is left out.
func TestClassesAreApart(t *testing.T) {
	t.Parallel()
	c := room(t, "suitcase", "backpack")
	tracks := []models.Track{
		standing(1, models.Person), standing(2, "suitcase"), standing(3, "suitcase"), standing(4, "dog"), standing(5, ""),
	}
	for frame := range 5 {
		c.Update(moment(float64(frame)/10), tracks)
	}
	want := map[models.Class]int64{models.Person: 2, "suitcase": 2, "backpack": 0}
	for _, total := range c.Totals(nil) {
		if total.Inside != want[total.Class] {
			t.Errorf("%d of class %s, want %d", total.Inside, total.Class, want[total.Class])
		}
		delete(want, total.Class)
	}
	if len(want) != 0 {
		t.Errorf("not told of %v", want)
	}
	for _, p := range c.Drain(nil) {
		if p.Class == "backpack" || p.Class == "dog" {
			t.Errorf("told %+v", p)
		}
	}
}

// When a watch ends nobody is left inside, and time that runs backwards ends every stay.
func TestStaysEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*zone.Counter){
		"closed":          func(c *zone.Counter) { c.Close() },
		"closed twice":    func(c *zone.Counter) { c.Close(); c.Close() },
		"clock set back":  func(c *zone.Counter) { c.Update(moment(1), nil) },
		"seen back there": func(c *zone.Counter) { c.Update(moment(1), []models.Track{standing(2, models.Person)}); c.Close() },
	} {
		c := room(t)
		for second := 10.0; second <= 20; second++ {
			c.Update(moment(second), []models.Track{standing(1, models.Person)})
		}
		end(c)
		got := c.Totals(nil)[0]
		if got.Inside != 0 || got.Exits != got.Entries || got.Dwell != 10*time.Second {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	good := []models.Zone{{ID: "z", Points: points(0, 0, 1, 0, 1, 1)}}
	for want, try := range map[string]func() error{
		"aspect": func() error { _, err := zone.New(good, zone.Config{}, math.NaN()); return err },
		"margin": func() error { _, err := zone.New(good, zone.Config{Margin: 2}, 1); return err },
		"anchor": func() error { _, err := zone.New(good, zone.Config{Anchor: "hat"}, 1); return err },
		"gap":    func() error { _, err := zone.New(good, zone.Config{MaxGap: -1}, 1); return err },
		"zone z": func() error { _, err := zone.New(append(good, good...), zone.Config{}, 1); return err },
		"classes": func() error {
			_, err := zone.New(good, zone.Config{Classes: []models.Class{models.Person}}, 1)
			return err
		},
	} {
		var invalid *models.InvalidError
		if err := try(); !errors.As(err, &invalid) || !strings.HasPrefix(invalid.Field, want) {
			t.Errorf("%s: error %v", want, err)
		}
	}
}

// FuzzUpdate feeds any numbers as tracks: no panic, and the books stay right.
func FuzzUpdate(f *testing.F) {
	f.Add([]byte("any bytes at all are tracks of some kind, eight of them a number"))
	nan := make([]byte, 0, 96)
	for _, x := range []float64{math.NaN(), math.Inf(1), -1, 0, 1e300, 5e-324, 0.5, 0.5, 0.1, 0.2, 0.5, math.Inf(-1)} {
		nan = binary.LittleEndian.AppendUint64(nan, math.Float64bits(x))
	}
	f.Add(nan)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := room(t, "suitcase")
		at := moment(0)
		next := func() (bits uint64) {
			if len(data) < 8 {
				data = nil
				return 0
			}
			bits = binary.LittleEndian.Uint64(data)
			data = data[8:]
			return bits
		}
		for len(data) > 0 {
			flags := next()
			at = at.Add(time.Duration(int32(flags>>32)) * 1000)
			track := models.Track{
				ID: flags & 3, Confirmed: flags&4 == 0, Seen: flags&8 == 0, Ended: flags&16 != 0, Class: models.Person,
				Box: models.Box{
					X: math.Float64frombits(next()), Y: math.Float64frombits(next()),
					W: math.Float64frombits(next()), H: math.Float64frombits(next()),
				},
			}
			if flags&32 != 0 {
				c.Gap()
			}
			c.Update(at, []models.Track{track})
		}
		c.Close()
		for _, total := range c.Totals(nil) {
			if total.Inside != 0 || total.Entries != total.Exits || total.Time < 0 || total.Time != total.Dwell {
				t.Fatalf("%+v", total)
			}
		}
		for _, p := range c.Drain(nil) {
			if err := (models.Fact{ID: "f", Lease: "l", Camera: "c", Presence: &p}).Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
