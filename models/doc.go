// Package models holds the nouns of Footfall: cameras, lines, detections, tracks, crossings, facts, leases and
// buckets, with the invariants of their values. It does no I/O, starts no goroutine and imports the standard
// library only, so that every other room may import it.
//
// Coordinates are fractions of the picture, [0,1] x [0,1], x to the right and y down. Pixels exist only in capture
// and vision. Lengths that must not depend on the shape of the picture (the distance of a person from a line) are
// measured in picture heights: see Aspect.
package models
