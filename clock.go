package main

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// cpuClock is the CPU time that this process has used in all its threads: what a step costs, whoever else is busy on
// the machine.
func cpuClock() time.Duration { return readClock(unix.CLOCK_PROCESS_CPUTIME_ID) }

// threadClock is the CPU time that the calling thread has used.
func threadClock() time.Duration { return readClock(unix.CLOCK_THREAD_CPUTIME_ID) }

func readClock(id int32) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// workClock is cpuClock without what other threads have spent beside the work: a camera is decoded while the picture
// before is analysed.
type workClock struct{ beside atomic.Int64 }

func (w *workClock) now() time.Duration { return cpuClock() - time.Duration(w.beside.Load()) }

// leaveOut takes time that was spent beside the work off the clock.
func (w *workClock) leaveOut(d time.Duration) { w.beside.Add(int64(d)) }

func (w *workClock) leftOut() time.Duration { return time.Duration(w.beside.Load()) }
