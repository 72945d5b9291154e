package models

import "time"

// TotalQuery asks for some lines added up, as the doors of one space.
type TotalQuery struct {
	Doors    []Door
	Class    Class     // empty: people
	From, To time.Time // on whole minutes
	Step     Step      // empty: one bucket for the whole interval
	Location *time.Location
	FirstDay time.Weekday // of a week
	AsOf     time.Time    // what had been published at that moment; zero: now
}

// ZoneQuery asks for the buckets of some zones in [From, To), on whole minutes.
type ZoneQuery struct {
	Zones    []ZoneRef
	Classes  []Class // each in rows of its own; empty: people
	From, To time.Time
	Step     Step // empty: one bucket for the whole interval
	Location *time.Location
	Cursor   string // the Next of the page before, empty for the first
	Limit    int
}

// ZonePage is a part of an answer, ordered by camera, zone, class and time.
type ZonePage struct {
	Buckets []ZoneBucket
	Next    string // the cursor of the page after, empty when this is the last
}

// LineVersion is where a line was drawn for some time.
type LineVersion struct {
	Line

	CameraVersion int64     // the version of the camera that drew it so: facts carry that of their time
	From          time.Time // zero: since before versions were kept
	Until         time.Time // zero: it is drawn so now
}
