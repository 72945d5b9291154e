//go:build unix && !linux

package fleet

import "syscall"

// childAttributes puts a child into a group of its own, so that it can be killed with all it has started and does not
// hear the terminal's Ctrl-C. That it ends with this process is left to UntilOrphaned.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
