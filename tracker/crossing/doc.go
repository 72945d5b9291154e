// Package crossing counts who goes over lines: tracks go in, passages come out.
//
// It owns the geometry of lines, the memory of which side every track was on (it belongs to the line and goes when
// the track does), what a crossing is, and what a U-turn is. It does not know how tracks are made, and starts no
// goroutine.
//
// A crossing: a confirmed track's anchor was clear of the line on one side, by a margin in box heights, is later
// clear of it on the other side, and its path between the two went over the line itself, more often this way than
// back. It is told once per pass, with the moment at which the anchor last met the line. What happened while a track
// was not yet confirmed is told when it is.
//
// Whoever appears on the line, or vanishes on it, has not crossed it: nobody saw on which side they were. A door in
// which people appear wants its line a step in front of it. Whoever vanishes on one side and comes back on the other as
// the same track has crossed it, on the straight way between; where they were merely predicted does not count.
//
// Every class is counted by itself, people first. A bag that somebody carries does not cross itself: it is told of
// their crossing (luggage.go).
package crossing
