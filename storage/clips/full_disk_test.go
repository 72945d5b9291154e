package clips_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"footfall/storage/clips"
	"footfall/storage/storetest"
)

// When the disk of the spool is full, what does not fit is said and leaves nothing behind; what has fitted arrives, and
// when there is room again clips are taken again.
func TestSpoolFillsItsDisk(t *testing.T) {
	disk := t.TempDir()
	storetest.SmallDisk(t, disk, "1m")
	folder := filepath.Join(disk, "spool")
	s, _ := openSpool(t, folder, 1<<30) // which says that there is far more room than there is
	store := &moody{Store: clips.NewFolder(t.TempDir())}
	store.set(func(string, string) error { return errors.New("away") })
	stop := run(t, s, impatient(store))
	fits, filled := 0, 0
	for i := range 20 {
		fact, data := filmed("lobby", id("lobby", i), storetest.Noon().Add(time.Duration(i)*time.Minute), 100_000)
		path := filepath.Join(folder, string(fact.ID)+".part")
		if err := os.WriteFile(path, data, 0o600); err != nil { // as a recorder would
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			filled++
			must(t, os.Remove(path))
			continue
		}
		if err := s.Take(t.Context(), fact, path); err != nil {
			t.Fatal(err)
		}
		fits++
	}
	if fits < 5 || filled < 5 || s.Status().Clips != fits || s.Status().Lost != 0 {
		t.Errorf("%d fit, %d do not, and it says %+v", fits, filled, s.Status())
	}
	store.set(nil)
	until(t, "all that fitted is sent", func() bool { return s.Status().Clips == 0 })
	fact, data := filmed("lobby", "lobby-late", storetest.Noon(), 100_000)
	path := filepath.Join(folder, "lobby-late.part")
	must(t, os.WriteFile(path, data, 0o600))
	must(t, s.Take(t.Context(), fact, path))
	until(t, "the next is sent", func() bool { return s.Status().Clips == 0 })
	stop()
	if n := len(keys(t, store)); n != fits+1 || s.Status().Sent != uint64(fits+1) {
		t.Errorf("%d have arrived of %d that fitted, and of one that came later", n, fits)
	}
	left, err := os.ReadDir(folder)
	must(t, err)
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
