package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"footfall/models"
)

// zoneReport is what a zone has counted: people, and other classes if they were asked for.
type zoneReport struct {
	ID string `json:"id"`
	zoneNumbers
	Classes map[models.Class]zoneNumbers `json:"classes,omitempty"`
}

type zoneNumbers struct {
	Inside  int64 `json:"inside"` // at the end
	Entries int64 `json:"entries"`
	Exits   int64 `json:"exits"`
	// AverageDwell and Dwell are of the stays that have ended; the average is null when none has.
	AverageDwell *float64      `json:"average_dwell_seconds"`
	Dwell        []dwellReport `json:"dwell"`
}

// dwellReport is how many stays were shorter than a bound, and not shorter than the one before. The last has no bound.
type dwellReport struct {
	Below *float64 `json:"below_seconds"`
	Stays int64    `json:"stays"`
}

// zoneReports makes a report of each zone; the totals of one zone stand together, people first.
func zoneReports(totals []models.ZoneTotal) []zoneReport {
	var reports []zoneReport
	for _, t := range totals {
		if n := len(reports); n == 0 || reports[n-1].ID != t.Zone {
			reports = append(reports, zoneReport{ID: t.Zone, zoneNumbers: zoneNumbersOf(t)})
			continue
		}
		last := &reports[len(reports)-1]
		if last.Classes == nil {
			last.Classes = map[models.Class]zoneNumbers{}
		}
		last.Classes[t.Class] = zoneNumbersOf(t)
	}
	return reports
}

func zoneNumbersOf(t models.ZoneTotal) zoneNumbers {
	n := zoneNumbers{Inside: t.Inside, Entries: t.Entries, Exits: t.Exits}
	if t.Exits > 0 {
		average := round(t.Dwell.Seconds()/float64(t.Exits), 2)
		n.AverageDwell = &average
	}
	bounds := models.DwellBounds()
	for i, stays := range t.Stays {
		dwell := dwellReport{Stays: stays}
		if i < len(bounds) {
			below := bounds[i].Seconds()
			dwell.Below = &below
		}
		n.Dwell = append(n.Dwell, dwell)
	}
	return n
}

// printZones is a table with a row for each zone and, below it, one for each other class.
func (r report) printZones(c *console) {
	width := len("zone")
	for _, z := range r.Zones {
		width = max(width, len(z.ID))
		for class := range z.Classes {
			width = max(width, len(indent)+len(class))
		}
	}
	var bounds strings.Builder
	for _, bound := range models.DwellBounds() {
		fmt.Fprintf(&bounds, " %5s", "<"+short(bound))
	}
	c.say("%-*s %7s %8s %6s %13s %s %6s", width, "zone", "inside", "entries", "exits", "average stay",
		bounds.String(), "longer")
	row := func(name string, n zoneNumbers) {
		average := "-"
		if n.AverageDwell != nil {
			average = fmt.Sprintf("%.1f s", *n.AverageDwell)
		}
		var stays strings.Builder
		for _, d := range n.Dwell[:len(n.Dwell)-1] {
			fmt.Fprintf(&stays, " %5d", d.Stays)
		}
		c.say("%-*s %7d %8d %6d %13s %s %6d", width, name, n.Inside, n.Entries, n.Exits, average, stays.String(),
			n.Dwell[len(n.Dwell)-1].Stays)
	}
	for _, z := range r.Zones {
		row(z.ID, z.zoneNumbers)
		for _, class := range slices.Sorted(maps.Keys(z.Classes)) {
			row(indent+string(class), z.Classes[class])
		}
	}
}

// short writes a whole number of minutes or seconds.
func short(d time.Duration) string {
	if d >= time.Minute {
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}
