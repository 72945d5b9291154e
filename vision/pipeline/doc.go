// Package pipeline is the corridor that every frame walks: detect, track, cross. The same corridor counts a file, as
// fast as it can, and a live camera, with the newest frame.
//
// It owns the order of the steps, the pace of analysis, what counts as observed time, and the making of facts. It
// does not own pixels, detectors, trackers or files: it says in small interfaces what it needs of them, and is
// therefore pure Go. Frames are borrowed during a turn and released by whoever took them from the slot.
//
// For some minutes it remembers what was found, so that a line can be tried before it is saved: see Recent.
//
// It starts no goroutine: Watch.Run blocks.
package pipeline
