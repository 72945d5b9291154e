package score_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"

	"footfall/models"
	"footfall/tracker/crossing/score"
)

type goldenEvent struct {
	Line      string
	Frame     float64
	Direction models.Direction
	Sure      *bool
}

// goldenCase is a case with the answer of the tool that made the truth files, which is the definition.
type goldenCase struct {
	Lines      []string
	Window     float64
	Truth, Got []goldenEvent
	ByLine     []score.Score `json:"by_line"`
	Overall    score.Score
}

func events(from []goldenEvent) []score.Event {
	var out []score.Event
	for _, e := range from {
		out = append(out, score.Event{
			Line: e.Line, Direction: e.Direction, At: e.Frame, Doubtful: e.Sure != nil && !*e.Sure,
		})
	}
	return out
}

func TestScoresAsTheReferenceTool(t *testing.T) {
	data, err := os.ReadFile("testdata/crossings.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []goldenCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for i, c := range cases {
		overall, byLine := score.Compare(c.Lines, events(c.Truth), events(c.Got), c.Window, score.Everything())
		same(t, i, "overall", overall, c.Overall)
		for j, s := range byLine {
			if s.Line != c.Lines[j] {
				t.Errorf("case %d: line %d is %s, want %s", i, j, s.Line, c.Lines[j])
			}
			same(t, i, s.Line, s.Score, c.ByLine[j])
		}
	}
}

func same(t *testing.T, i int, what string, got, want score.Score) {
	t.Helper()
	wantBias := float64(want.Got-want.Truth) / math.Max(1, float64(want.Truth))
	if math.Abs(got.Bias-wantBias) > 1e-12 {
		t.Errorf("case %d, %s: bias %v, want %v", i, what, got.Bias, wantBias)
	}
	got.Bias = 0
	for _, v := range []*float64{&got.Precision, &got.Recall, &got.F1} {
		*v = math.Round(*v*1e4) / 1e4 // as the tool prints them
	}
	if got != want {
		t.Errorf("case %d, %s: %+v, want %+v", i, what, got, want)
	}
}

func in(line string, at float64) score.Event {
	return score.Event{Line: line, Direction: models.In, At: at}
}

func TestCompare(t *testing.T) {
	doubtful := in("a", 10)
	doubtful.Doubtful = true
	out := in("a", 10)
	out.Direction = models.Out
	for _, c := range []struct {
		name       string
		truth, got []score.Event
		within     score.Range
		want       score.Score
	}{
		{"nothing at all", nil, nil, score.Everything(), score.Score{}},
		{
			"right",
			[]score.Event{in("a", 10)},
			[]score.Event{in("a", 12)},
			score.Everything(),
			score.Score{Truth: 1, Got: 1, TP: 1, Precision: 1, Recall: 1, F1: 1},
		},
		{
			"exactly at the end of the window",
			[]score.Event{in("a", 10)},
			[]score.Event{in("a", 15)},
			score.Everything(),
			score.Score{Truth: 1, Got: 1, TP: 1, Precision: 1, Recall: 1, F1: 1},
		},
		{
			"too late",
			[]score.Event{in("a", 10)},
			[]score.Event{in("a", 15.5)},
			score.Everything(),
			score.Score{Truth: 1, Got: 1, FP: 1, FN: 1},
		},
		{
			"wrong way",
			[]score.Event{in("a", 10)},
			[]score.Event{out},
			score.Everything(),
			score.Score{Truth: 1, Got: 1, FP: 1, FN: 1},
		},
		{
			"other line",
			[]score.Event{in("a", 10)},
			[]score.Event{in("b", 10)},
			score.Everything(),
			score.Score{Truth: 1, FN: 1, Bias: -1},
		},
		{
			"counted twice",
			[]score.Event{in("a", 10)},
			[]score.Event{in("a", 12), in("a", 9)},
			score.Everything(),
			score.Score{Truth: 1, Got: 2, TP: 1, FP: 1, Precision: 0.5, Recall: 1, F1: 2.0 / 3, Bias: 1},
		},
		{"doubtful and missed", []score.Event{doubtful}, nil, score.Everything(), score.Score{}},
		{"doubtful and found", []score.Event{doubtful}, []score.Event{in("a", 10)}, score.Everything(), score.Score{}},
		{
			"doubtful and counted twice",
			[]score.Event{doubtful},
			[]score.Event{in("a", 10), in("a", 11)},
			score.Everything(),
			score.Score{Got: 1, FP: 1, Bias: 1},
		},
		{
			"outside the range",
			[]score.Event{in("a", 10), in("a", 30)},
			[]score.Event{in("a", 10), in("a", 31)},
			score.Range{First: 5, Last: 20},
			score.Score{Truth: 1, Got: 1, TP: 1, Precision: 1, Recall: 1, F1: 1},
		},
		{
			"at both ends of the range",
			[]score.Event{in("a", 5), in("a", 20)},
			[]score.Event{in("a", 5), in("a", 20)},
			score.Range{First: 5, Last: 20},
			score.Score{Truth: 2, Got: 2, TP: 2, Precision: 1, Recall: 1, F1: 1},
		},
	} {
		got, _ := score.Compare([]string{"a"}, c.truth, c.got, 5, c.within)
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// The books balance, whatever is compared, and the order of events does not matter.
func TestBooksBalance(t *testing.T) {
	event := rapid.Custom(func(t *rapid.T) score.Event {
		return score.Event{
			Line:      rapid.SampledFrom([]string{"a", "b"}).Draw(t, "line"),
			Direction: rapid.SampledFrom([]models.Direction{models.In, models.Out}).Draw(t, "direction"),
			At:        rapid.Float64Range(0, 100).Draw(t, "at"), Doubtful: rapid.Bool().Draw(t, "doubtful"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		truth, got := rapid.SliceOf(event).Draw(t, "truth"), rapid.SliceOf(event).Draw(t, "got")
		window := rapid.Float64Range(0, 30).Draw(t, "window")
		s, byLine := score.Compare([]string{"a", "b"}, truth, got, window, score.Everything())
		if s.TP+s.FN != s.Truth || s.TP+s.FP != s.Got || s.Got > len(got) || s.TP < 0 || s.FP < 0 || s.FN < 0 {
			t.Fatalf("%+v", s)
		}
		if byLine[0].TP+byLine[1].TP != s.TP || byLine[0].FP+byLine[1].FP != s.FP {
			t.Fatalf("the lines %+v do not add up to %+v", byLine, s)
		}
		for _, v := range []float64{s.Precision, s.Recall, s.F1} {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("%+v", s)
			}
		}
	})
}
