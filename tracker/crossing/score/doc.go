// Package score tells how good a count is: it matches the crossings that were counted with those that are known to be
// true, line by line, and reads the files that hold the truth.
//
// It does not count, and it knows neither video nor trackers. It starts no goroutine.
package score
