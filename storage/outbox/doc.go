// Package outbox is a worker's durable queue of facts: what was appended is on disk before Append returns, comes back
// in order, and stays until the server has committed it.
//
// The queue is a SQLite file and not a log of our own: finding the end of a torn file after a kill or a power cut,
// check sums, and what a full disk does to a half-written page are solved there, and tested better than we could. The
// price is a few pages where a log would write a few hundred bytes, and one disk flush either way. Appends that arrive
// while another is being flushed share the next flush, so many cameras cost little more than one.
//
// A queue has two bounds. Up to Limits.DiskBytes facts go to disk. When that is full, or the disk is, or it cannot be
// written, facts are held in memory up to Limits.MemoryBytes: counting and delivery go on, only a crash would lose
// them, and Append says so with ErrHeld. Every later call tries to write them again. When memory is full, too, new
// facts are refused with ErrFull and counted, and so is the coverage of every minute that lost a crossing: a number
// that is too low must not look complete. What is in the queue is never thrown away for something newer.
//
// The package starts no goroutine. Whoever calls first writes for all who wait.
package outbox
