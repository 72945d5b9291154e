package reports

import (
	"time"

	"footfall/models"
)

// Subject is what a question is about.
type Subject struct {
	Kind    string // "site" or "area"
	ID      string
	Name    string
	Site    models.Site
	Doors   []models.Door
	Passing []models.LineRef
	Zones   []models.ZoneRef
}

// OfArea makes an area a subject.
func OfArea(site models.Site, area models.Area) Subject {
	return Subject{
		Kind: "area", ID: area.ID, Name: area.Name, Site: site,
		Doors: area.Doors, Passing: area.Passing, Zones: area.Zones,
	}
}

// OfSite makes a site a subject: the doors of those of its areas that are within no other. A door between two of them,
// which is in for one and out for the other, leads nowhere outside and does not count.
func OfSite(site models.Site, areas []models.Area) Subject {
	s := Subject{Kind: "site", ID: site.ID, Name: site.Name, Site: site}
	ways := map[models.LineRef][]bool{}
	for _, a := range areas {
		if a.Within != "" {
			continue
		}
		for _, d := range a.Doors {
			ref := models.LineRef{Camera: d.Camera, Line: d.Line}
			ways[ref] = append(ways[ref], d.Reversed)
		}
		s.Passing = append(s.Passing, a.Passing...)
		s.Zones = append(s.Zones, a.Zones...)
	}
	for _, a := range areas {
		for _, d := range a.Doors {
			ref := models.LineRef{Camera: d.Camera, Line: d.Line}
			all := ways[ref]
			if a.Within != "" || len(all) == 0 {
				continue
			}
			delete(ways, ref)
			if allSame(all) {
				s.Doors = append(s.Doors, d)
			}
		}
	}
	s.Passing, s.Zones = once(s.Passing), once(s.Zones)
	return s
}

func allSame(ways []bool) bool {
	for _, w := range ways {
		if w != ways[0] {
			return false
		}
	}
	return true
}

// once is the items in their order, each only the first time.
func once[T comparable](items []T) []T {
	seen := map[T]bool{}
	var kept []T
	for _, item := range items {
		if !seen[item] {
			kept = append(kept, item)
		}
		seen[item] = true
	}
	return kept
}

// Question is about whole days of the calendar of each subject: [From, To), as midnights in UTC.
type Question struct {
	From, To time.Time
	Open     bool // only inside the opening hours
	// Shared answers with published cells only; see the package. At is when that is asked.
	Shared bool
	At     time.Time
}

// maxDays bounds one question: ten years.
const maxDays = 3660

func (q Question) validate() error {
	days := int(q.To.Sub(q.From) / (24 * time.Hour))
	switch {
	case q.From.Year() < 1971 || q.To.Year() >= 2199:
		return models.Invalidf("from", "must be a day between the years 1971 and 2199")
	case days <= 0:
		return models.Invalidf("to", "must be a later day than from; it is not included itself")
	case days > maxDays:
		return models.Invalidf("to", "is %d days after from; ask for %d at most", days, maxDays)
	}
	return nil
}

// midnight is when a day begins in a zone.
func midnight(day time.Time, loc *time.Location) time.Time {
	y, mo, d := day.Date()
	return models.Day.Floor(time.Date(y, mo, d, 12, 0, 0, 0, loc), loc)
}

// dayOf is the day, as midnight in UTC, that the clock of a zone shows at t.
func dayOf(t time.Time, loc *time.Location) time.Time {
	y, mo, d := t.In(loc).Date()
	return time.Date(y, mo, d, 0, 0, 0, 0, time.UTC)
}

// Sum is what is known of some time, which need not be in one piece.
type Sum struct {
	In, Out, RawIn, RawOut int64
	Observed               time.Duration
	Length                 time.Duration // of the time asked for
	Moved                  time.Duration
	Revision               int64
	InKnown, OutKnown      bool // something was watched or counted, and not all of it is left out
	Suppressed             bool // some of it is left out; see Question.Shared
}

// Add adds a bucket.
func (s *Sum) Add(b models.Bucket) {
	s.In, s.Out, s.RawIn, s.RawOut = s.In+b.In, s.Out+b.Out, s.RawIn+b.RawIn, s.RawOut+b.RawOut
	s.Observed += b.Observed
	s.Length += b.End.Sub(b.Start)
	s.Moved += b.Moved
	s.Revision = max(s.Revision, b.Revision)
	s.InKnown, s.OutKnown = s.InKnown || b.HasData(), s.OutKnown || b.HasData()
}

// Merge adds another sum.
func (s *Sum) Merge(o Sum) {
	s.In, s.Out, s.RawIn, s.RawOut = s.In+o.In, s.Out+o.Out, s.RawIn+o.RawIn, s.RawOut+o.RawOut
	s.Observed, s.Length, s.Moved = s.Observed+o.Observed, s.Length+o.Length, s.Moved+o.Moved
	s.Revision = max(s.Revision, o.Revision)
	s.InKnown, s.OutKnown = s.InKnown || o.InKnown, s.OutKnown || o.OutKnown
	s.Suppressed = s.Suppressed || o.Suppressed
}

// Data reports whether the sum says anything at all.
func (s Sum) Data() bool { return s.InKnown || s.OutKnown }

// Coverage is the watched part of the time, in [0,1]; of no time at all it is 0.
func (s Sum) Coverage() float64 {
	if s.Length <= 0 {
		return 0
	}
	return min(1, float64(s.Observed)/float64(s.Length))
}

// Flags are the reservations about it.
func (s Sum) Flags() []models.Flag {
	flags := []models.Flag{}
	if s.Length > 0 && s.Coverage() < models.WholeCoverage {
		flags = append(flags, models.Partial)
	}
	if s.Moved > 0 {
		flags = append(flags, models.CameraMoved)
	}
	if s.Suppressed {
		flags = append(flags, models.Suppressed)
	}
	return flags
}
