package main

import (
	"slices"

	"footfall/models"
	"footfall/tracker/crossing"
	"footfall/tracker/zone"
)

// totals are what was counted so far.
type totals struct {
	lines  []models.LineTotal  // of people
	others []models.ClassTotal // of other classes
	zones  []models.ZoneTotal
}

// sums adds up the counters that serve one after the other, when the picture's shape changes in mid-stream.
type sums struct {
	total  totals
	before totals // of the counters that have served
	now    totals // reused
	lines  *crossing.Counter
	zones  *zone.Counter
}

// begin is what a count shows before its first picture.
func (s *sums) begin(rules counting) {
	for _, line := range rules.lines {
		s.total.lines = append(s.total.lines, models.LineTotal{Line: line.ID})
	}
}

// follow goes on with another counter of lines.
func (s *sums) follow(next *crossing.Counter) {
	s.sum()
	s.before.lines = slices.Clone(s.total.lines)
	s.before.others = slices.Clone(s.total.others)
	s.lines = next
}

// zone goes on with another counter of zones. Whoever was inside begins anew.
func (s *sums) zone(next *zone.Counter) {
	if s.zones != nil {
		s.zones.Close()
	}
	s.sum()
	s.before.zones = slices.Clone(s.total.zones)
	s.zones = next
}

// sum brings the totals up to date.
func (s *sums) sum() {
	if s.lines != nil {
		s.now.lines = s.lines.Totals(s.now.lines[:0])
		s.total.lines = s.total.lines[:0]
		for i, n := range s.now.lines {
			if i < len(s.before.lines) {
				n = s.before.lines[i].Plus(n)
			}
			s.total.lines = append(s.total.lines, n)
		}
		s.now.others = s.lines.ClassTotals(s.now.others[:0])
		s.total.others = s.total.others[:0]
		for i, n := range s.now.others {
			if i < len(s.before.others) {
				n.LineTotal = s.before.others[i].Plus(n.LineTotal)
			}
			s.total.others = append(s.total.others, n)
		}
	}
	if s.zones != nil {
		s.now.zones = s.zones.Totals(s.now.zones[:0])
		s.total.zones = s.total.zones[:0]
		for i, n := range s.now.zones {
			if i < len(s.before.zones) {
				n = s.before.zones[i].Plus(n)
			}
			s.total.zones = append(s.total.zones, n)
		}
	}
}
