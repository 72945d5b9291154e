package main

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"

	"footfall/api/link"
	"footfall/capture/frame"
)

// resources are what this process holds of the machine. Where there is no /proc, what the kernel knows stays 0.
func resources() link.Resources {
	r := link.Resources{Goroutines: runtime.NumGoroutine(), OpenMats: frame.OpenMats()}
	if files, err := os.ReadDir("/proc/self/fd"); err == nil {
		r.Files = len(files) - 1 // one of them is the folder itself
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return r
	}
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		number, _, _ := strings.Cut(strings.TrimSpace(value), " ")
		switch name {
		case "Threads":
			r.Threads, _ = strconv.Atoi(number)
		case "VmRSS":
			kilobytes, _ := strconv.ParseInt(number, 10, 64)
			r.ResidentBytes = kilobytes * 1024
		}
	}
	return r
}
