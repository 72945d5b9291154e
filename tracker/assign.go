package tracker

import "math"

// assignment pairs rows with columns at the least total cost, where leaving a row alone has a price too. It is the
// shortest augmenting path method of Jonker and Volgenant ("A shortest augmenting path algorithm for dense and sparse
// linear assignment problems", 1987): one row after the other is added, and the pairs made before are rearranged
// along the cheapest path. The answer is optimal, ties go to the lower index, and the buffers are reused.
type assignment struct {
	cost       []float64 // rows x columns, +Inf where a pair is impossible
	rows, cols int

	rowOf, colOf []int     // the partner, or -1
	u, v         []float64 // dual prices of rows and columns
	dist         []float64
	from         []int // the row through which a column was reached
	done         []bool
}

// reset makes room for a problem in which no pair is possible yet.
func (a *assignment) reset(rows, cols int) {
	a.rows, a.cols = rows, cols
	a.cost = grow(a.cost, rows*cols)
	for i := range a.cost {
		a.cost[i] = math.Inf(1)
	}
	a.colOf, a.u = grow(a.colOf, rows), grow(a.u, rows)
	a.rowOf, a.v = grow(a.rowOf, cols), grow(a.v, cols)
	a.dist, a.from, a.done = grow(a.dist, cols), grow(a.from, cols), grow(a.done, cols)
	for i := range rows {
		a.colOf[i], a.u[i] = -1, 0
	}
	for j := range cols {
		a.rowOf[j], a.v[j] = -1, 0
	}
}

// grow is s with length n; it allocates only when n was never reached before.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}

// set makes a pair possible.
func (a *assignment) set(row, col int, cost float64) { a.cost[row*a.cols+col] = cost }

// solve fills colOf and rowOf; a pair is made only where that is cheaper than leaving the row alone for the price.
func (a *assignment) solve(alone float64) {
	for i := range a.rows {
		if !a.take(i, alone) {
			a.augment(i, alone)
		}
	}
}

// take brings in one more row where nothing needs to be rearranged for it, as for most: its cheapest column is free, or
// dearer than leaving it alone. False where it is not so.
func (a *assignment) take(row int, alone float64) bool {
	nearest, best := -1, alone
	for j, c := range a.cost[row*a.cols : (row+1)*a.cols] {
		if d := c - a.v[j]; d < best {
			nearest, best = j, d
		}
	}
	if nearest >= 0 && a.rowOf[nearest] >= 0 {
		return false
	}
	a.u[row] = best
	if nearest >= 0 {
		a.rowOf[nearest], a.colOf[row] = row, nearest
	}
	return true
}

// augment finds the cheapest way to bring in one more row: along a path of pairs that each move on by one, to a free
// column or to a row that is left alone instead.
func (a *assignment) augment(start int, alone float64) {
	for j := range a.cols {
		a.dist[j], a.from[j], a.done[j] = math.Inf(1), -1, false
	}
	row, length := start, 0.0
	end, endCol := math.Inf(1), -1 // the best end so far: a free column, or (-1) a row left alone
	lonely := start
	for {
		if d := length + alone - a.u[row]; d < end {
			end, endCol, lonely = d, -1, row
		}
		next := a.relax(row, length)
		if next < 0 || a.dist[next] >= end {
			break
		}
		length = a.dist[next]
		a.done[next] = true
		if a.rowOf[next] < 0 {
			end, endCol = length, next
			break
		}
		row = a.rowOf[next]
	}
	a.reprice(start, end)
	a.rearrange(start, lonely, endCol)
}

// relax offers the row's columns the way through it, and is the nearest column not yet done, or -1.
func (a *assignment) relax(row int, length float64) int {
	nearest, best := -1, math.Inf(1)
	costs := a.cost[row*a.cols : (row+1)*a.cols]
	for j, c := range costs {
		if a.done[j] {
			continue
		}
		if d := length + c - a.u[row] - a.v[j]; d < a.dist[j] {
			a.dist[j], a.from[j] = d, row
		}
		if a.dist[j] < best {
			nearest, best = j, a.dist[j]
		}
	}
	return nearest
}

// reprice keeps every price at or below what a pair saves, which is what makes the next paths shortest.
func (a *assignment) reprice(start int, end float64) {
	a.u[start] += end
	for j := range a.cols {
		if !a.done[j] || a.dist[j] > end {
			continue
		}
		a.v[j] -= end - a.dist[j]
		if i := a.rowOf[j]; i >= 0 {
			a.u[i] += end - a.dist[j]
		}
	}
}

// rearrange walks the path back: every row on it takes the column that led to it.
func (a *assignment) rearrange(start, lonely, col int) {
	if col < 0 {
		if lonely == start {
			return
		}
		col = a.colOf[lonely]
		a.colOf[lonely] = -1
	}
	for {
		row := a.from[col]
		before := a.colOf[row]
		a.rowOf[col], a.colOf[row] = row, col
		if row == start {
			return
		}
		col = before
	}
}
