package models

import (
	"regexp"
	"time"
)

// Class is what kind of thing was seen. Footfall counts people; other classes are for their luggage and aids.
type Class string

// Person is the class every detector must know.
const Person Class = "person"

// IsLuggage reports whether c is a kind of bag: people carry it, and detectors take one kind for another.
func (c Class) IsLuggage() bool {
	return c == "backpack" || c == "handbag" || c == "suitcase"
}

// ValidateClasses refuses classes that cannot be counted beside people: person itself, what is there twice, and what is
// not a plain name. Whether the detector knows a class is for the detector to say.
func ValidateClasses(classes []Class) error {
	seen := make(map[Class]bool, len(classes))
	for _, c := range classes {
		switch {
		case c == Person:
			return Invalidf("classes", "people are always counted; name what else is")
		case seen[c]:
			return Invalidf("classes", "%q is there twice", c)
		case len(c) > 32 || !validClass.MatchString(string(c)):
			return Invalidf("classes",
				"%q is not a class: use 1 to 32 small letters, digits, '-', '_' and single spaces", c)
		}
		seen[c] = true
	}
	return nil
}

var validClass = regexp.MustCompile(`^[a-z][a-z0-9_-]*( [a-z0-9_-]+)*$`)

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
	Box   Box // the position at the frame's time, as it is known now
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

// Moment is who was where at one time, as it is known for good.
type Moment struct {
	At     time.Time
	Tracks []Track
}
