// Package mot reads detections from text files in the format of the MOT Challenge, so that counting can be tried and
// scored without a detector, or with somebody else's.
//
// It owns the format and nothing else. It starts no goroutine.
package mot
