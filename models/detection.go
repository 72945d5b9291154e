package models

// Class is what kind of thing was seen. Footfall counts people; other classes are for their luggage and aids.
type Class string

// Person is the class every detector must know.
const Person Class = "person"

// Detection is one thing found on one frame.
type Detection struct {
	Box   Box
	Score float64 // the detector's confidence, in [0,1]
	Class Class
}

// Track is the tracker's belief about one person at one frame. Its ID means nothing beyond the tracker that gave it
// and is never stored.
type Track struct {
	ID    uint64
	Box   Box // the filtered position at the frame's time
	Class Class
	Score float64 // of the last detection that matched, in [0,1]

	// Confirmed: seen often enough to be believed. A tentative track is reported so that where it came from is known
	// by the time it is confirmed, but nothing may be counted for it yet.
	Confirmed bool
	// Seen: a detection of this frame matched. If not, Box is a prediction.
	Seen bool
	// Ended: this is the last report of the track; whoever remembers something about it forgets it now.
	Ended bool
}
