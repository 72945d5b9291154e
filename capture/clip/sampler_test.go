package clip_test

import (
	"slices"
	"testing"
	"time"

	"footfall/capture/clip"
)

// The draw is the same whoever asks and whenever, another for each camera and day, and another with another secret.
func TestDrawsAgree(t *testing.T) {
	t.Parallel()
	s := clip.Sampler{Secret: []byte("secret"), Count: 3, Length: time.Minute}
	first := s.Windows("lobby", noon())
	if again := s.Windows("lobby", noon().Add(11*time.Hour)); len(first) != 3 || !slices.Equal(first, again) {
		t.Errorf("the same day is drawn as %v and as %v", first, again)
	}
	for name, other := range map[string][]clip.Window{
		"camera": s.Windows("gate", noon()),
		"day":    s.Windows("lobby", noon().Add(24*time.Hour)),
		"secret": clip.Sampler{Secret: []byte("other"), Count: 3, Length: time.Minute}.Windows("lobby", noon()),
	} {
		for i := range other {
			if other[i].From.Sub(first[i].From)%(24*time.Hour) == 0 {
				t.Errorf("another %s has the same moment: %v", name, other[i])
			}
		}
	}
	for _, w := range first {
		for at, due := range map[time.Time]bool{
			w.From.Add(-1): false, w.From: true, w.To.Add(-1): true, w.To: false,
		} {
			if slices.Contains(s.Due("lobby", at), w) != due {
				t.Errorf("at %s, due is not %v", at, due)
			}
		}
	}
}

// Every moment of the day is as likely as any other, those around midnight included: over 20 years each of 48 half
// hours is seen as often as it should, within 5 standard deviations.
func TestDrawsAreFair(t *testing.T) {
	t.Parallel()
	s := clip.Sampler{Secret: []byte("secret"), Count: 2, Length: time.Minute}
	const days, slots = 7300, 48
	seen := [slots]float64{}
	for d := range days {
		for _, w := range s.Windows("lobby", noon().Add(time.Duration(d)*24*time.Hour)) {
			middle := w.From.Add(30 * time.Second)
			seen[int(middle.Sub(middle.Truncate(24*time.Hour))/(30*time.Minute))]++
		}
	}
	expected := 2.0 * days / slots
	for slot, n := range seen {
		if d := n - expected; d*d > 25*expected {
			t.Errorf("half hour %d was drawn %v times, expected %.0f", slot, n, expected)
		}
	}
}
