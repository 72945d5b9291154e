//go:build !linux

package storetest

import "testing"

// SmallDisk skips the test: only Linux mounts a small file system in memory.
func SmallDisk(t testing.TB, _, _ string) {
	t.Helper()
	t.Skip("only Linux mounts a small file system in memory")
}
