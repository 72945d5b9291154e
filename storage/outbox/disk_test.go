package outbox_test

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"footfall/storage/outbox"
)

// A real file that cannot grow: counting and delivery go on from memory, and the disk catches up when it can.
func TestDiskTakesNoMore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	facts := some(t, 12)
	want := ids(facts)
	o := open(t, path, outbox.Limits{})
	must(t, o.Append(t.Context(), facts[:4]...))

	log, err := os.Stat(path + "-wal")
	must(t, err)
	lift := allowFilesOf(t, log.Size())
	for i := 4; i < len(facts); i++ {
		if err := o.Append(t.Context(), facts[i]); !errors.Is(err, outbox.ErrHeld) {
			t.Fatalf("append to a full disk: got %v, want held", err)
		}
	}
	if s := o.Stats(); s.Held != 8 || s.Facts != 12 || s.Trouble == nil {
		t.Errorf("stats %+v, want 12 facts, 8 held and the trouble", s)
	}
	if got := pending(t, o, 100); !slices.Equal(got, want) {
		t.Errorf("pending %v, want %v", got, want)
	}
	// What is on disk cannot be removed there, but it does not come back.
	if err := o.Remove(t.Context(), want[0], want[5]); err == nil {
		t.Error("the disk is full, but a fact was removed from it")
	}
	left := slices.Concat(want[1:5], want[6:])
	if got := pending(t, o, 100); !slices.Equal(got, left) {
		t.Errorf("after removing two, pending %v, want %v", got, left)
	}
	if n := o.Len(); n != 10 {
		t.Errorf("after removing two there are %d, want 10", n)
	}

	lift()
	if got := pending(t, o, 100); !slices.Equal(got, left) {
		t.Errorf("when the disk is well, pending %v, want %v", got, left)
	}
	if s := o.Stats(); s.Held != 0 || s.Trouble != nil || s.Facts != 10 {
		t.Errorf("when the disk is well: %+v, want 10 facts, nothing held", s)
	}
	must(t, o.Close())
	o = open(t, path, outbox.Limits{})
	if got := pending(t, o, 100); !slices.Equal(got, left) {
		t.Errorf("after reopening %v, want %v", got, left)
	}
}

// allowFilesOf bounds the size of files that this process may write, until lift.
func allowFilesOf(t *testing.T, bytes int64) (lift func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ) // the write is to fail, not the process
	var before unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_FSIZE, &before))
	must(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: uint64(bytes), Max: before.Max}))
	lifted := false
	lift = func() {
		if !lifted {
			lifted = true
			must(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: before.Cur, Max: before.Max}))
			signal.Reset(syscall.SIGXFSZ)
		}
	}
	t.Cleanup(lift)
	return lift
}
