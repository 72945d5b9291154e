package tracker

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// cheapest tries every way to pair rows with columns or to leave rows alone.
func cheapest(a *assignment, row int, used uint, alone float64) float64 {
	if row == a.rows {
		return 0
	}
	best := alone + cheapest(a, row+1, used, alone)
	for j := range a.cols {
		if c := a.cost[row*a.cols+j]; used&(1<<j) == 0 && !math.IsInf(c, 1) {
			best = math.Min(best, c+cheapest(a, row+1, used|1<<j, alone))
		}
	}
	return best
}

// total is the cost of the pairs made, after checking that they are pairs.
func total(t *rapid.T, a *assignment, alone float64) float64 {
	sum := 0.0
	for i := range a.rows {
		j := a.colOf[i]
		if j < 0 {
			sum += alone
			continue
		}
		if a.rowOf[j] != i {
			t.Fatalf("row %d has column %d, which has row %d", i, j, a.rowOf[j])
		}
		sum += a.cost[i*a.cols+j]
	}
	for j := range a.cols {
		if i := a.rowOf[j]; i >= 0 && a.colOf[i] != j {
			t.Fatalf("column %d has row %d, which has column %d", j, i, a.colOf[i])
		}
	}
	return sum
}

func TestAssignmentIsTheCheapest(t *testing.T) {
	var a assignment // one for all, as in the tracker: what is left of the last problem must not matter
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(0, 6).Draw(t, "rows"), rapid.IntRange(0, 6).Draw(t, "cols")
		alone := rapid.Float64Range(0, 20).Draw(t, "alone")
		a.reset(rows, cols)
		for i := range rows {
			for j := range cols {
				if rapid.IntRange(0, 3).Draw(t, "possible") > 0 {
					a.set(i, j, rapid.Float64Range(-5, 30).Draw(t, "cost"))
				}
			}
		}
		a.solve(alone)
		if got, want := total(t, &a, alone), cheapest(&a, 0, 0, alone); math.Abs(got-want) > 1e-9 {
			t.Fatalf("costs %v, but %v is possible", got, want)
		}
	})
}

func TestAssignment(t *testing.T) {
	no := math.Inf(1)
	for _, c := range []struct {
		name string
		cost [][]float64
		want []int
	}{
		{"the nearest is not the best for all", [][]float64{{1, 2}, {1.5, 9}}, []int{1, 0}},
		{"ties go to the lower index", [][]float64{{3, 3}, {3, 3}}, []int{0, 1}},
		{"nobody for the second", [][]float64{{1}, {2}}, []int{0, -1}},
		{"the first gives way", [][]float64{{2}, {1}}, []int{-1, 0}},
		{"too dear for both", [][]float64{{11, 12}, {13, no}}, []int{-1, -1}},
		{"impossible", [][]float64{{no, no}, {no, 1}}, []int{-1, 1}},
	} {
		var a assignment
		a.reset(len(c.cost), len(c.cost[0]))
		for i, row := range c.cost {
			for j, v := range row {
				a.set(i, j, v)
			}
		}
		a.solve(10)
		for i, want := range c.want {
			if a.colOf[i] != want {
				t.Errorf("%s: row %d got %d, want %d", c.name, i, a.colOf[i], want)
			}
		}
	}
}
