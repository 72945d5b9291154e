package counts

import (
	"time"

	"footfall/models"
)

// maxSteps bounds how many steps an interval may have: two years of minutes.
const maxSteps = 2 * 366 * 24 * 60

// length is how long a step is, at least.
func length(step models.Step) time.Duration {
	if fixed := fixedMinutes(step); fixed > 0 {
		return time.Duration(fixed) * time.Minute
	}
	return 23 * time.Hour
}

// fixedMinutes is the length of the steps that the clock divides an hour into, 0 for those of the calendar.
func fixedMinutes(step models.Step) int64 {
	switch step {
	case models.Minute:
		return 1
	case models.FiveMinutes:
		return 5
	case models.QuarterHour:
		return 15
	case models.Hour:
		return 60
	case models.Day, models.Week, models.Month:
	}
	return 0
}

// season is a part of an interval in which the clock of a place is a constant number of minutes ahead of UTC.
type season struct {
	from, to time.Time
	ahead    int64
}

// seasons cuts [from, to) where the clocks of loc are changed.
func seasons(from, to time.Time, loc *time.Location) []season {
	var all []season
	for from.Before(to) {
		_, seconds := from.In(loc).Zone()
		_, end := from.In(loc).ZoneBounds()
		if end.IsZero() || end.After(to) {
			end = to
		}
		all = append(all, season{from, end, int64(seconds) / secondsPerMinute})
		from = end
	}
	return all
}

// bounds are the ends of the steps of [from, to) in the calendar of loc, from and to included. Days, weeks and months
// are as long as their calendar makes them. The shorter steps follow the clock, and begin anew when a change of the
// clocks is not by whole steps (an hour on Lord Howe Island, where it is by half an hour). Without a step, the interval
// is one.
func bounds(step models.Step, from, to time.Time, loc *time.Location) []time.Time {
	all := []time.Time{from}
	if step == "" {
		return append(all, to)
	}
	if fixed := fixedMinutes(step); fixed > 0 {
		for _, s := range seasons(from, to, loc) {
			if !s.from.Equal(from) {
				all = append(all, s.from)
			}
			for m := nextMultiple(minuteOf(s.from)+s.ahead, fixed) - s.ahead; m < minuteOf(s.to); m += fixed {
				all = append(all, startOf(m))
			}
		}
	} else {
		for t := step.Next(step.Floor(from, loc), loc); t.Before(to); t = step.Next(t, loc) {
			all = append(all, t)
		}
	}
	return append(all, to)
}

// nextMultiple is the first multiple of unit after n.
func nextMultiple(n, unit int64) int64 { return (n/unit + 1) * unit }

// stretch is a part of an interval whose sums one query can read: it has one span of kept buckets, and local clock
// time is a constant number of minutes ahead, so that a step's number is a division. Or it is whole days of a zone
// whose days are kept.
type stretch struct {
	days     bool
	span     int64 // the kept buckets to read
	from, to int64 // minutes since 1970, multiples of span
	ahead    int64
	group    int64 // minutes of local time that are added up: a step, or a day of a longer one
}

// start is when the group with that number begins, within the stretch.
func (s stretch) start(number int64) time.Time { return startOf(max(s.from, number*s.group-s.ahead)) }

// stretches divides [from, to) so that as much as possible is read from the longest kept buckets; kept says whether
// the days of loc are.
func stretches(step models.Step, from, to time.Time, loc *time.Location, kept bool) []stretch {
	if !kept || fixedMinutes(step) > 0 {
		return clockStretches(step, from, to, loc)
	}
	first := models.Day.Floor(from, loc)
	if first.Before(from) {
		first = models.Day.Next(first, loc)
	}
	last := models.Day.Floor(to, loc)
	if !first.Before(last) {
		return clockStretches(step, from, to, loc)
	}
	all := clockStretches(step, from, first, loc)
	all = append(all, stretch{days: true, from: minuteOf(first), to: minuteOf(last)})
	return append(all, clockStretches(step, last, to, loc)...)
}

// clockStretches are stretches without kept days.
func clockStretches(step models.Step, from, to time.Time, loc *time.Location) []stretch {
	group := fixedMinutes(step)
	if group == 0 {
		group = 24 * 60
	}
	var all []stretch
	for _, s := range seasons(from, to, loc) {
		first, last := minuteOf(s.from), minuteOf(s.to)
		span := int64(1)
		for _, longer := range spans() {
			if group%longer == 0 && s.ahead%longer == 0 {
				span = longer
			}
		}
		begin, end := nextMultiple(first-1, span), last/span*span
		if begin >= end {
			all = append(all, stretch{span: 1, from: first, to: last, ahead: s.ahead, group: group})
			continue
		}
		for _, part := range []stretch{
			{span: 1, from: first, to: begin}, {span: span, from: begin, to: end}, {span: 1, from: end, to: last},
		} {
			if part.from < part.to {
				part.ahead, part.group = s.ahead, group
				all = append(all, part)
			}
		}
	}
	return all
}
