// Package yolo turns the numbers that a detector's network puts out into detections: rows to boxes, boxes that mean the
// same person to one (non-maximum suppression), and pixels of the network's input back to fractions of the picture.
//
// It owns what the kinds of output mean (one head and one file each, see newHead for adding one) and how a picture is
// fitted into the input (Fit). It does not run networks, and does not touch pixels: that is vision's.
//
// A tensor comes from a file that somebody else made, so nothing in it is believed: whatever the numbers, there is no
// panic, and no detection has a coordinate or score that is not a number or lies outside [0,1].
//
// It starts no goroutine. A Decoder keeps its scratch memory between frames, so it allocates nothing once warm, and is
// for one goroutine at a time.
package yolo
