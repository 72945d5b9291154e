package clip_test

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"

	"footfall/capture/clip"
)

// Whatever pictures come, the ring holds the newest of them, whole and in order, within its bounds.
func TestRingHoldsTheNewest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 200).Draw(t, "bytes")
		age := time.Duration(rapid.IntRange(1, 30).Draw(t, "age")) * time.Second
		ring := clip.NewRing(most, age)
		var sent []clip.Picture
		at := noon()
		for i := range rapid.IntRange(1, 60).Draw(t, "pictures") {
			at = at.Add(time.Duration(rapid.IntRange(-1, 5).Draw(t, "step")) * time.Second)
			p := clip.Picture{At: at, Width: i, JPEG: bytes.Repeat([]byte{byte(i)}, rapid.IntRange(0, 70).Draw(t, "size"))}
			taken := len(p.JPEG) > 0 && len(p.JPEG) <= most && (len(sent) == 0 || at.After(sent[len(sent)-1].At))
			if taken {
				sent = append(sent, p)
			}
			ring.Add(p)
			at = newest(sent, at)
			held := contents(ring)
			if len(sent) > 0 && len(held) == 0 {
				t.Fatal("the newest picture is not there")
			}
			for j, h := range held {
				want := sent[len(sent)-len(held)+j]
				if !h.At.Equal(want.At) || h.Width != want.Width || !bytes.Equal(h.JPEG, want.JPEG) {
					t.Fatalf("picture %d is %d bytes of %s, want %d of %s", j, len(h.JPEG), h.At, len(want.JPEG), want.At)
				}
				if at.Sub(h.At) > age {
					t.Fatalf("a picture is %s old", at.Sub(h.At))
				}
			}
			if span, size := ring.Span(); size > most || span > age {
				t.Fatalf("it holds %d bytes and %s", size, span)
			}
		}
	})
}

func newest(sent []clip.Picture, otherwise time.Time) time.Time {
	if len(sent) == 0 {
		return otherwise
	}
	return sent[len(sent)-1].At
}

func contents(r *clip.Ring) (held []clip.Picture) {
	for number := uint64(0); ; number++ {
		p, at, ok, _ := r.Next(number, nil)
		if !ok {
			return held
		}
		number = at
		held = append(held, p)
	}
}

// A ring of small pictures uses most of its room.
func TestRingWastesLittle(t *testing.T) {
	t.Parallel()
	ring := clip.NewRing(1000, time.Hour)
	for i := range 500 {
		ring.Add(clip.Picture{At: noon().Add(time.Duration(i) * time.Second), JPEG: make([]byte, 17+i%5)})
	}
	if _, size := ring.Span(); size < 950 {
		t.Errorf("%d of 1000 bytes are used", size)
	}
}

// Who is too slow reads on with what is left, and who is early is told when there is more.
func TestRingReaders(t *testing.T) {
	t.Parallel()
	ring := clip.NewRing(30, time.Hour)
	_, _, ok, more := ring.Next(0, nil)
	if ok {
		t.Fatal("there is a picture in an empty ring")
	}
	for i := range 10 {
		ring.Add(clip.Picture{At: noon().Add(time.Duration(i) * time.Second), JPEG: make([]byte, 10)})
	}
	select {
	case <-more:
	default:
		t.Error("nobody was told of a picture")
	}
	if p, at, ok, _ := ring.Next(2, nil); !ok || at != 7 || !p.At.Equal(noon().Add(7*time.Second)) {
		t.Errorf("who was behind gets picture %d of %s", at, p.At)
	}
	if n := ring.Since(noon().Add(8 * time.Second)); n != 8 {
		t.Errorf("since the eighth second is picture %d", n)
	}
	if n := ring.Since(noon().Add(time.Hour)); n != 10 {
		t.Errorf("since what is to come is picture %d", n)
	}
}
