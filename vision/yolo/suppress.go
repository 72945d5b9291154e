package yolo

import (
	"cmp"
	"slices"
)

// maxCandidates bounds the work of suppress, which grows with its square: a crowd has hundreds, only a broken network
// has more than this.
const maxCandidates = 1000

// suppress keeps the best of each heap of boxes that cover each other: it goes through the candidates from the highest
// score down and drops those that overlap a kept one of their class by more than maxIoU. Equal scores are taken in the
// order of the network's rows, so that the same tensor gives the same people. The kept ones, at most maxKept, are
// moved to the front; the returned slice is of the same memory.
func suppress(candidates []candidate, maxIoU float32, maxKept int) []candidate {
	slices.SortFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Class, b.Class))
	})
	candidates = candidates[:min(len(candidates), maxCandidates)]
	kept := candidates[:0]
	for _, c := range candidates {
		if len(kept) == maxKept {
			break
		}
		if !overlapsAny(c, kept, maxIoU) {
			kept = append(kept, c)
		}
	}
	return kept
}

func overlapsAny(c candidate, kept []candidate, maxIoU float32) bool {
	for i := range kept {
		if kept[i].Class == c.Class && overlap(c, kept[i]) > maxIoU {
			return true
		}
	}
	return false
}

// overlap is the intersection of two boxes over their union.
func overlap(a, b candidate) float32 {
	w := min(a.X1, b.X1) - max(a.X0, b.X0)
	h := min(a.Y1, b.Y1) - max(a.Y0, b.Y0)
	if w <= 0 || h <= 0 {
		return 0
	}
	common := w * h
	return common / ((a.X1-a.X0)*(a.Y1-a.Y0) + (b.X1-b.X0)*(b.Y1-b.Y0) - common)
}
