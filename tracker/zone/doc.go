// Package zone tells who is inside zones: tracks go in; people inside now, entries, exits and dwell times come out.
//
// It owns the geometry of polygons and the memory of who is inside (it belongs to the zone and goes when the track
// does). It does not know how tracks are made or where facts go, and starts no goroutine.
//
// A stay: a confirmed track's anchor was clear of the zone's edge on the inside, by a margin in box heights, until it
// is clear of it on the outside; it begins and ends where the anchor last met the edge. Whoever is first seen inside
// has come in then, and whoever is last seen inside has left then: nobody saw more. Between, a track that coasts or
// sways over the edge stays inside. What happened while a track was not yet confirmed is told when it is.
//
// Only observed time is dwell: the time between two frames further apart than Config.MaxGap, and what Gap marks, is
// nobody's. A zone tells of stays, a line of passing: whoever goes through a zone between two frames, without being
// seen in it, has not been inside.
//
// Zones are counted apart from crossings because they share nothing with them but tracks: a crossing is a moment and
// has an undoing, a stay has a length and must be booked to the minutes that it lasts through.
package zone
