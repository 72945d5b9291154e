// Package tracker follows people from frame to frame: detections go in, tracks come out.
//
// It owns the motion model, the matching of detections to people and the life of a track. It knows neither pixels nor
// lines, and starts no goroutine.
//
// The method: every person is a Kalman filter for the place of the feet and for the height (person.go, motion.go).
// Detections of a frame are matched in rounds, the strong ones first and then the weak ones for who is left
// (ByteTrack: Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", 2022), each round
// at the least total cost (match.go, assign.go). The cost is that of the distance between centres under the filter,
// so it works at two frames a second, where the boxes of a walking person do not overlap, and of the overlap, which
// tells neighbours apart at twenty-five.
//
// What the detector half believes and what never moves (mannequins, posters) is held in its place, so that it neither
// wanders over a line nor takes over somebody who was lost near it: see person.settle.
//
// How far people walk along each axis of the picture is learnt from those who do (gait.go).
//
// What Update returns is who is who as far as is known then, to be shown. A moment later it is asked again, by what
// came after as well (hindsight.go, rearrange.go), and everybody's place is smoothed (moment.go): that is Settled, to
// be counted.
//
// What was tried and brought nothing is not here; docs/benchmarks.md has the table.
package tracker
