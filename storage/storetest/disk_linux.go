package storetest

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// SmallDisk makes a folder a file system of its own, of so much room (such as 400k), until the test ends. Only root
// may: for others the test is skipped.
func SmallDisk(t testing.TB, folder, room string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size="+room)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		t.Skip("only root may mount a small file system")
	}
	if err != nil {
		t.Fatal("mount a small file system: ", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(folder, unix.MNT_DETACH); err != nil {
			t.Error("unmount a small file system: ", err)
		}
	})
}
