package clip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"footfall/models"
)

// wish is one for the seconds [from, to) after noon.
func wish(kind models.TriggerKind, id string, from, to int) want {
	at := func(s int) time.Time { return time.Date(2026, 3, 10, 12, 0, s, 0, time.UTC) }
	return want{models.ClipTrigger{Kind: kind, ID: id, From: at(from), To: at(to)}, at(from), at(to)}
}

// What overlaps becomes one clip, what is too long becomes several, and crossings alone make none endless.
func TestSpans(t *testing.T) {
	t.Parallel()
	const crossing, sample, saved = models.TriggerCrossing, models.TriggerSample, models.TriggerSaved
	for name, test := range map[string]struct {
		wants []want
		clips string
	}{
		"one":            {[]want{wish(sample, "a", 0, 60)}, "0-60 a"},
		"apart":          {[]want{wish(saved, "b", 20, 30), wish(saved, "a", 0, 10)}, "0-10 a; 20-30 b"},
		"overlapping":    {[]want{wish(saved, "a", 0, 10), wish(saved, "b", 5, 20)}, "0-20 a b"},
		"touching":       {[]want{wish(saved, "a", 0, 10), wish(saved, "b", 11, 20)}, "0-20 a b"},
		"inside":         {[]want{wish(sample, "a", 0, 60), wish(crossing, "b", 20, 35)}, "0-60 a b"},
		"a chain":        {[]want{wish(saved, "a", 0, 10), wish(saved, "b", 9, 20), wish(saved, "c", 19, 30)}, "0-30 a b c"},
		"an hour":        {[]want{wish(saved, "a", 0, 300)}, "0-120 a; 120-240 a; 240-300 a"},
		"a busy door":    {[]want{wish(crossing, "a", 0, 15), wish(crossing, "b", 10, 25), wish(crossing, "c", 20, 35), wish(crossing, "d", 29, 44)}, "0-30 a b c d; 30-44 d c"},
		"saved and busy": {[]want{wish(crossing, "a", 0, 15), wish(saved, "b", 10, 40), wish(crossing, "c", 39, 54)}, "0-40 a b c; 40-54 c"},
	} {
		var w wishes
		for _, n := range test.wants {
			w.add(n)
		}
		var got []string
		noon := wish(saved, "", 0, 0).from
		for {
			s, due := w.begin(noon.Add(time.Hour))
			if !due {
				break
			}
			text := fmt.Sprintf("%.0f-%.0f", s.from.Sub(noon).Seconds(), s.to.Sub(noon).Seconds())
			for _, trigger := range s.triggers {
				text += " " + trigger.ID
			}
			got = append(got, text)
		}
		if said := strings.Join(got, "; "); said != test.clips {
			t.Errorf("%s: %s, want %s", name, said, test.clips)
		}
	}
	var w wishes
	w.add(wish(saved, "a", 10, 20))
	if _, due := w.begin(wish(saved, "", 9, 9).from); due {
		t.Error("it begins before its time")
	}
}
