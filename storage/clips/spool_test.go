package clips_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"footfall/models"
	"footfall/storage/clips"
	"footfall/storage/storetest"
)

func never(models.Fact) time.Time { return time.Time{} }

func openSpool(t *testing.T, folder string, most int64) (*clips.Spool, []models.Fact) {
	t.Helper()
	s, facts, err := clips.OpenSpool(folder, most, quiet())
	must(t, err)
	return s, facts
}

// run drains a spool until stop.
func run(t *testing.T, s *clips.Spool, store clips.Store) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, store, never) }()
	return func() {
		t.Helper()
		cancel()
		must(t, <-ended)
	}
}

func impatient(s clips.Store) clips.Store {
	return clips.Retry(s, clips.Patience{First: time.Millisecond, Most: 20 * time.Millisecond})
}

// While the store is away clips wait, over a restart too, and then come in their order; nothing stays behind.
func TestSpoolWaits(t *testing.T) {
	t.Parallel()
	folder, work := filepath.Join(t.TempDir(), "spool"), t.TempDir()
	store := &moody{Store: clips.NewFolder(t.TempDir())}
	store.set(func(string, string) error { return errors.New("away") })
	s, _ := openSpool(t, folder, 1<<20)
	stop := run(t, s, clips.Retry(store, clips.Patience{First: time.Millisecond, Most: 20 * time.Millisecond, Failed: s.Failed}))
	for i := range 5 {
		fact, path := film(t, work, "lobby", id("lobby", i), storetest.Noon().Add(time.Duration(i)*time.Minute), 1000)
		must(t, s.Take(t.Context(), fact, path))
	}
	until(t, "the store is asked", func() bool { store.mu.Lock(); defer store.mu.Unlock(); return store.asked["put"] > 3 })
	status, oldest := s.Status(), storetest.Noon().Add(20*time.Second)
	if status.Failures < 2 || status.Trouble != "away" || !status.Oldest.Equal(oldest) || status.Clips != 5 || status.Bytes != 5000 {
		t.Errorf("while the store is away it says %+v", status)
	}
	stop()
	must(t, os.WriteFile(filepath.Join(folder, "lobby-0007.part"), []byte("half a film"), 0o600))
	must(t, os.WriteFile(filepath.Join(folder, "lobby-0008.mp4"), []byte("of nobody"), 0o600))

	s, facts := openSpool(t, folder, 1<<20)
	if len(facts) != 5 || facts[0].ID != "lobby-0000" || s.Status().Clips != 5 || s.Status().Bytes != 5000 {
		t.Errorf("after a restart there are %d facts, %+v", len(facts), s.Status())
	}
	var order []string
	store.set(func(what, key string) error {
		if what == "put" {
			order = append(order, filepath.Base(key))
		}
		return nil
	})
	stop = run(t, s, impatient(store))
	until(t, "all are sent", func() bool { return s.Status().Clips == 0 })
	stop()
	if got := strings.Join(order, " "); got != "lobby-0000.mp4 lobby-0001.mp4 lobby-0002.mp4 lobby-0003.mp4 lobby-0004.mp4" {
		t.Errorf("they came as %s", got)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	if s.Status() != (models.SpoolStatus{Sent: 5}) {
		t.Errorf("it says %+v", s.Status())
	}
}

// A full spool parts with its oldest clips, but not with the one that is on its way; what is larger than all of it is
// refused.
func TestSpoolIsBounded(t *testing.T) {
	t.Parallel()
	work := t.TempDir()
	s, _ := openSpool(t, filepath.Join(t.TempDir(), "spool"), 3500)
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	store := &moody{Store: clips.NewFolder(t.TempDir()), fails: func(string, string) error {
		entered <- struct{}{}
		<-leave
		return nil
	}}
	for i := range 3 {
		fact, path := film(t, work, "lobby", id("lobby", i), storetest.Noon(), 1000)
		must(t, s.Take(t.Context(), fact, path))
	}
	stop := run(t, s, store)
	<-entered // the oldest is on its way
	for i := 3; i < 5; i++ {
		fact, path := film(t, work, "lobby", id("lobby", i), storetest.Noon(), 1000)
		must(t, s.Take(t.Context(), fact, path))
	}
	fact, path := film(t, work, "lobby", id("lobby", 9), storetest.Noon(), 4000)
	if err := s.Take(t.Context(), fact, path); err == nil || !strings.Contains(err.Error(), "clips.spool_mb") {
		t.Errorf("what does not fit at all: %v", err)
	}
	if status := s.Status(); status.Clips != 3 || status.Lost != 2 {
		t.Errorf("it says %+v", status)
	}
	close(leave)
	until(t, "the rest is sent", func() bool { return s.Status().Clips == 0 })
	stop()
	got := strings.Join(keys(t, store), " ")
	for i, there := range []bool{true, false, false, true, true} {
		if strings.Contains(got, id("lobby", i)) != there {
			t.Errorf("clip %d is there: %v; all: %s", i, !there, got)
		}
	}
}

// What the disk has not kept is not sent, and holds up nobody.
func TestSpoiltInTheSpool(t *testing.T) {
	t.Parallel()
	work, folder := t.TempDir(), filepath.Join(t.TempDir(), "spool")
	s, _ := openSpool(t, folder, 1<<20)
	for i := range 3 {
		fact, path := film(t, work, "lobby", id("lobby", i), storetest.Noon(), 1000)
		must(t, s.Take(t.Context(), fact, path))
	}
	must(t, os.WriteFile(filepath.Join(folder, "lobby-0000.mp4"), make([]byte, 1000), 0o600))
	must(t, os.Remove(filepath.Join(folder, "lobby-0001.mp4")))
	store := clips.NewFolder(t.TempDir())
	stop := run(t, s, store)
	until(t, "the rest is sent", func() bool { return s.Status().Clips == 0 })
	stop()
	if got := keys(t, store); len(got) != 1 || !strings.Contains(got[0], "lobby-0002") || s.Status().Lost != 2 {
		t.Errorf("in the store are %v, %+v", got, s.Status())
	}
}

// A disk that takes no more loses the newest clip and says so; nothing of it stays, and the others are sent.
func TestSpoolOnAFullDisk(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "spool")
	s, _ := openSpool(t, folder, 1<<20)
	fact, path := film(t, t.TempDir(), "lobby", "lobby-0000", storetest.Noon(), 1000)
	must(t, s.Take(t.Context(), fact, path))
	must(t, os.Mkdir(filepath.Join(folder, "lobby-0001.json.part"), 0o700)) // the side file cannot be written
	fact, path = film(t, t.TempDir(), "lobby", "lobby-0001", storetest.Noon(), 1000)
	if err := s.Take(t.Context(), fact, path); err == nil {
		t.Error("it was taken")
	}
	if _, err := os.Stat(filepath.Join(folder, "lobby-0001.mp4")); !os.IsNotExist(err) || s.Status().Clips != 1 {
		t.Errorf("something stayed: %v, %+v", err, s.Status())
	}
}

// A real object store that is killed and started again while clips keep coming: all arrive, whole, in memory that does
// not grow. FOOTFALL_OUTAGE says for how long it is away: FOOTFALL_OUTAGE=10m go test -run Stops -timeout 20m -v .
func TestStoreStopsUnderLoad(t *testing.T) {
	outage := 300 * time.Millisecond
	if wanted := os.Getenv("FOOTFALL_OUTAGE"); wanted != "" {
		var err error
		outage, err = time.ParseDuration(wanted)
		must(t, err)
	}
	server := storetest.StartMinIO(t)
	bucket := server.Store(t, clips.S3Options{Bucket: server.Bucket(t, false)})
	store := clips.Retry(bucket, clips.Patience{First: 10 * time.Millisecond, Most: 200 * time.Millisecond, Each: 5 * time.Second})
	work := t.TempDir()
	s, _ := openSpool(t, filepath.Join(t.TempDir(), "spool"), 1<<30)
	stop := run(t, s, store)
	const before, meanwhile, after = 15, 150, 15
	hashes := map[string]string{}
	heap := map[string][]uint64{}
	var back sync.WaitGroup
	phase := "before"
	for i := range before + meanwhile + after {
		pace := 10 * time.Millisecond
		switch i {
		case before:
			phase = "away"
			must(t, server.Stop())
		case before + meanwhile:
			phase = "back"
			back.Go(func() { // meanwhile clips keep coming
				if err := server.Start(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		if phase == "away" {
			pace = outage / meanwhile
		}
		fact, path := film(t, work, "lobby", id("lobby", i), storetest.Noon().Add(time.Duration(i)*time.Minute), 100_000+rand.IntN(200_000))
		must(t, s.Take(t.Context(), fact, path))
		hashes[fact.Clip.Key] = fact.Clip.SHA256
		if i%15 == 14 {
			heap[phase] = append(heap[phase], heapNow())
		}
		<-time.After(pace)
	}
	back.Wait()
	until(t, "all are sent", func() bool { return s.Status().Clips == 0 })
	stop()
	heap["after"] = append(heap["after"], heapNow())
	if status := s.Status(); status.Sent != before+meanwhile+after || status.Lost != 0 {
		t.Errorf("it says %+v", status)
	}
	for key, want := range hashes {
		if got := fmt.Sprintf("%x", sum(text(t, bucket, key))); got != want {
			t.Errorf("%s has another hash", key)
		}
	}
	// The videos that waited are 30 MB.
	if slices.Max(append(heap["away"], heap["after"]...)) > heap["before"][0]+8<<10 {
		t.Errorf("memory grew: %v KiB", heap)
	}
	t.Logf("away for %s; heap in KiB: %v", outage, heap)
}

// heapNow is what the heap holds, in KiB.
func heapNow() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc >> 10
}
