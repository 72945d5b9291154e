package models

import "time"

// Bucket is what is known about one line of one camera in [Start, End), or about several lines together (then without
// camera and line).
//
// Raw totals hold every crossing; In and Out leave out U-turns. Observed is how much of the interval was really
// watched: a bucket with Observed 0 and no crossing is "no data", never "nobody".
type Bucket struct {
	Camera   CameraID
	Line     string
	Class    Class // what is counted
	Carrying Class // only those who had such a thing along; empty: all
	Start    time.Time
	End      time.Time
	In       int64
	Out      int64
	RawIn    int64
	RawOut   int64
	Observed time.Duration
	// Moved is the part of Observed in which the camera was turned away from where its lines were drawn.
	Moved time.Duration
	// Estimated: In and Out are more than was counted, made up for the time that nobody watched.
	Estimated bool
	// Revision grows whenever something about the bucket changes, so that a reader who kept an earlier answer can see
	// that it is out of date.
	Revision int64
}

// Coverage is the observed part of the interval, in [0,1].
func (b Bucket) Coverage() float64 {
	length := b.End.Sub(b.Start)
	if length <= 0 {
		return 0
	}
	return min(1, float64(b.Observed)/float64(length))
}

// Flag is a reservation about a number.
type Flag string

// The flags.
const (
	Partial     Flag = "partial"      // less than WholeCoverage of the time was watched
	Estimated   Flag = "estimated"    // made up for what was not watched
	CameraMoved Flag = "camera_moved" // the lines were not where they had been drawn for some of the time
	Suppressed  Flag = "suppressed"   // small counts are left out, see package reports
	Negative    Flag = "negative"     // more people left than came: something was not seen
)

// WholeCoverage is what counts as watched all the time: a busy machine drops a frame now and then.
const WholeCoverage = 0.98

// Flags are the reservations about the bucket.
func (b Bucket) Flags() []Flag {
	flags := []Flag{}
	if b.Coverage() < WholeCoverage {
		flags = append(flags, Partial)
	}
	if b.Estimated {
		flags = append(flags, Estimated)
	}
	if b.Moved > 0 {
		flags = append(flags, CameraMoved)
	}
	return flags
}

// HasData reports whether the bucket says anything at all.
func (b Bucket) HasData() bool {
	return b.Observed > 0 || b.RawIn > 0 || b.RawOut > 0
}

// Step is the length of the buckets of an answer, as the API writes it.
type Step string

// The steps. Days, weeks and months follow the calendar of the time zone asked for, daylight saving included.
const (
	Minute      Step = "1m"
	FiveMinutes Step = "5m"
	QuarterHour Step = "15m"
	Hour        Step = "1h"
	Day         Step = "1d"
	Week        Step = "1w" // ISO weeks: they begin on Monday
	Month       Step = "1mo"
)

// Valid reports whether s is one of the steps.
func (s Step) Valid() bool {
	switch s {
	case Minute, FiveMinutes, QuarterHour, Hour, Day, Week, Month:
		return true
	}
	return false
}

// Floor is the start of the step that t lies in, in the calendar of loc.
func (s Step) Floor(t time.Time, loc *time.Location) time.Time {
	t = t.In(loc)
	y, mo, d := t.Date()
	switch s {
	case Month:
		return dayStart(y, mo, 1, loc)
	case Week:
		monday := d - (int(t.Weekday())+6)%7
		return dayStart(y, mo, monday, loc)
	case Day:
		return dayStart(y, mo, d, loc)
	case Hour:
		// By the clock of the zone, but as an offset: an hour that the clocks repeat stays two hours.
		return t.Add(-time.Duration(t.Minute())*time.Minute - sub(t))
	case QuarterHour:
		return t.Add(-time.Duration(t.Minute()%15)*time.Minute - sub(t))
	case FiveMinutes:
		return t.Add(-time.Duration(t.Minute()%5)*time.Minute - sub(t))
	case Minute:
		return t.Add(-sub(t))
	}
	return t
}

// dayStart is the first moment of a day. Where the clocks change at midnight there is no 00:00 on that day (Santiago),
// or there are two (the Azores); time.Date then answers with a moment of the day before, or with the second of the two.
func dayStart(y int, mo time.Month, d int, loc *time.Location) time.Time {
	day := time.Date(y, mo, d, 12, 0, 0, 0, loc).YearDay()
	midnight := time.Date(y, mo, d, 0, 0, 0, 0, loc)
	if midnight.YearDay() != day {
		return midnight.Add(time.Hour)
	}
	if earlier := midnight.Add(-time.Hour); earlier.YearDay() == day {
		return earlier
	}
	return midnight
}

// sub is the part of t below a minute.
func sub(t time.Time) time.Duration {
	return time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
}

// Next is the start of the step after the one that begins at t, in the calendar of loc.
func (s Step) Next(t time.Time, loc *time.Location) time.Time {
	t = t.In(loc)
	y, mo, d := t.Date()
	switch s {
	case Month:
		return dayStart(y, mo+1, 1, loc)
	case Week:
		return dayStart(y, mo, d+7, loc)
	case Day:
		return dayStart(y, mo, d+1, loc)
	case Hour:
		return t.Add(time.Hour)
	case QuarterHour:
		return t.Add(15 * time.Minute)
	case FiveMinutes:
		return t.Add(5 * time.Minute)
	case Minute:
		return t.Add(time.Minute)
	}
	return t
}

// ZoneBucket is what is known about one class in one zone of a camera in [Start, End).
type ZoneBucket struct {
	Camera CameraID
	Zone   string
	Class  Class
	Start  time.Time
	End    time.Time

	Entries int64
	Exits   int64
	Most    int64         // the most who were inside at once
	Inside  time.Duration // the time all of them together spent inside
	Stays   []int64       // stays that ended, by length: see DwellBounds
	Dwell   time.Duration // the sum of their lengths

	Observed time.Duration
	Moved    time.Duration
	Revision int64
}

// Coverage is the observed part of the interval, in [0,1].
func (b ZoneBucket) Coverage() float64 { return b.line().Coverage() }

// HasData reports whether the bucket says anything at all.
func (b ZoneBucket) HasData() bool {
	return b.Observed > 0 || b.Entries > 0 || b.Exits > 0 || b.Inside > 0 || b.Ended() > 0
}

// Flags are the reservations about the bucket.
func (b ZoneBucket) Flags() []Flag { return b.line().Flags() }

func (b ZoneBucket) line() Bucket {
	return Bucket{Start: b.Start, End: b.End, Observed: b.Observed, Moved: b.Moved}
}

// Ended is how many stays ended.
func (b ZoneBucket) Ended() int64 {
	var n int64
	for _, stays := range b.Stays {
		n += stays
	}
	return n
}

// AverageInside is how many were inside on average while somebody watched; false when nobody did.
func (b ZoneBucket) AverageInside() (float64, bool) {
	if b.Observed <= 0 {
		return 0, false
	}
	return float64(b.Inside) / float64(b.Observed), true
}

// AverageDwell is how long a stay was on average; false when none ended.
func (b ZoneBucket) AverageDwell() (time.Duration, bool) {
	ended := b.Ended()
	if ended == 0 {
		return 0, false
	}
	return b.Dwell / time.Duration(ended), true
}
