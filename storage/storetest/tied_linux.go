package storetest

import "syscall"

// tied makes a child end when the tests are killed before they could end it.
func tied() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT} }
