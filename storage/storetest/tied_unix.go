//go:build unix && !linux

package storetest

import "syscall"

// tied would make a child end with the tests; only Linux can.
func tied() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
