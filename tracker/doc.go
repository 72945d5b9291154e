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
// What was tried and brought nothing is not here: colour histograms of torso and legs in the cost (mean F1 of the 60
// random lines +0.003 on TownCentre-A, -0.001 on PETS09-S2L1), a penalty for turning back (Cao et al., "OC-SORT", 2023:
// 0.000), less motion for who stands (-0.003), measurements trusted by score (Du et al., "GIAOTracker", 2021: clips
// -0.010, simulated crowd 0.000), a crossing that must last or go deep before it is told (clips -0.002, crowd +0.001).
package tracker
