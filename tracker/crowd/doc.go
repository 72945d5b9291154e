// Package crowd makes people who never were: they walk over a floor in front of a camera, alone and in groups, stop,
// turn back, loiter and hide each other, and a detector that is as bad as real ones looks at them. What they really did
// is known exactly, so trackers and counters can be measured on more crossings than anybody will ever count by eye.
//
// It owns the people, the camera, the detector's faults and the truth. It tracks and counts nothing, knows no pixels,
// and starts no goroutine.
//
// There is one truth for every seed, in continuous time: New makes the paths (steps of 50 ms, straight between them)
// and every fault of the detector as a function of time. Look at the same moment twice, or at two frame rates, and the
// same people with the same faults are there. All randomness is PCG or a hash of the seed, nothing depends on the order
// of a map, and the state of every walker is rounded after every step, so that processors that multiply and add in one
// operation walk the same ways.
//
// A true crossing is what tracker/crossing says it is, on the exact path of the feet while they are inside the picture:
// clear of the line on one side, later clear of it on the other, by a margin in box heights, and in between over the
// line itself, more often this way than back. Swaying on the line is no crossing. What only just is one, or only just
// is none, no human would judge alike twice: a passage that exists with half the margin (0.06 box heights, 10 cm) and a
// line that is 0.06 longer at its ends, but not with twice the margin (0.24, 40 cm) and a line that is 0.06 shorter, is
// doubtful, which is neither missed nor, when counted, false. So is the passage of somebody who was hidden by more than
// half, or out of the picture, but for less than a second of the five before it or of the five after it: there is
// nothing to count it by.
package crowd
