package score

import (
	"cmp"
	"math"
	"slices"

	"footfall/models"
)

// Event is one crossing, true or counted. At is in any unit, frames or seconds, as long as it is one and the same.
type Event struct {
	Line      string
	Direction models.Direction
	At        float64
	// Doubtful: even a careful person could not say whether it is one (sure: false in truth files). It is neither
	// missed nor, when something matches it, false.
	Doubtful bool
}

// Score is how a count compares with the truth.
type Score struct {
	Truth     int     `json:"truth"` // crossings known for certain
	Got       int     `json:"got"`   // crossings counted, less those that matched doubtful ones
	TP        int     `json:"tp"`    // in both
	FP        int     `json:"fp"`    // counted, but matched by nothing
	FN        int     `json:"fn"`    // certain, but not counted
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	Bias      float64 `json:"bias"` // (got - truth) / truth: what a manager would notice in the totals
}

// LineScore is the score of one line.
type LineScore struct {
	Line string `json:"line"`
	Score
}

// Range is a stretch of time, both ends included, in the unit of the events.
type Range struct {
	First, Last float64
}

// Everything is the range without ends.
func Everything() Range { return Range{math.Inf(-1), math.Inf(1)} }

func (r Range) holds(at float64) bool { return at >= r.First && at <= r.Last }

// Compare matches one to one, by line and direction, nearest first, and no further apart than the window. Events
// outside the range are left out on both sides. Lines are in the order given; events of other lines are ignored.
func Compare(lines []string, truth, got []Event, window float64, within Range) (overall Score, byLine []LineScore) {
	for _, line := range lines {
		s := compareLine(of(line, truth, within), of(line, got, within), window)
		overall.add(s)
		byLine = append(byLine, LineScore{Line: line, Score: s.rated()})
	}
	return overall.rated(), byLine
}

func of(line string, events []Event, within Range) []Event {
	var out []Event
	for _, e := range events {
		if e.Line == line && within.holds(e.At) {
			out = append(out, e)
		}
	}
	return out
}

// pair is a true and a counted event that may be the same.
type pair struct {
	apart      float64
	truth, got int
}

func compareLine(truth, got []Event, window float64) Score {
	found, _ := Match(truth, got, window)
	var s Score
	doubtful := 0
	for i, t := range truth {
		switch {
		case !t.Doubtful:
			s.Truth++
			s.TP += count(found[i])
		default:
			doubtful += count(found[i])
		}
	}
	s.Got = len(got) - doubtful
	s.FP = len(got) - doubtful - s.TP
	s.FN = s.Truth - s.TP
	return s
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Match pairs true and counted events one to one, by line and direction, nearest first, and no further apart than the
// window. It reports which of the true ones were found and which of the counted ones were used for that: a true one
// that was not found is missed unless it is doubtful, a counted one that was not used is wrong.
func Match(truth, got []Event, window float64) (found, used []bool) {
	var pairs []pair
	for i, t := range truth {
		for j, g := range got {
			apart := math.Abs(t.At - g.At)
			if t.Line == g.Line && t.Direction == g.Direction && apart <= window {
				pairs = append(pairs, pair{apart, i, j})
			}
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.apart, b.apart), cmp.Compare(a.truth, b.truth), cmp.Compare(a.got, b.got))
	})
	found, used = make([]bool, len(truth)), make([]bool, len(got))
	for _, p := range pairs {
		if !found[p.truth] && !used[p.got] {
			found[p.truth], used[p.got] = true, true
		}
	}
	return found, used
}

// Sum is the score of all the parts together.
func Sum(parts ...Score) Score {
	var all Score
	for _, p := range parts {
		all.add(p)
	}
	return all.rated()
}

func (s *Score) add(o Score) {
	s.Truth += o.Truth
	s.Got += o.Got
	s.TP += o.TP
	s.FP += o.FP
	s.FN += o.FN
}

// rated fills in the ratios; one of nothing is 0.
func (s Score) rated() Score {
	s.Precision = ratio(s.TP, s.Got)
	s.Recall = ratio(s.TP, s.Truth)
	if sum := s.Precision + s.Recall; sum > 0 {
		s.F1 = 2 * s.Precision * s.Recall / sum
	}
	s.Bias = ratio(s.Got-s.Truth, s.Truth)
	return s
}

func ratio(part, whole int) float64 { return float64(part) / float64(max(1, whole)) }
