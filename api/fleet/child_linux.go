package fleet

import "syscall"

// childAttributes puts a child into a group of its own, so that it can be killed with all it has started and does not
// hear the terminal's Ctrl-C, and has the kernel kill it when this process dies in any way.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
