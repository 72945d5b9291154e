// Package bench measures how well trackers count: on a simulated crowd, and beside the centroid tracker that so many
// people counters are made of.
//
// It owns the comparison and the baseline, which is here and nowhere else: no camera is counted with it. It reads no
// clock, and starts goroutines only in Measure, which waits for them.
package bench
