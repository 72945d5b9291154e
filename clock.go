package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuClock is the CPU time that this process has used in all its threads: what a step costs, whoever else is busy on
// the machine.
func cpuClock() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
