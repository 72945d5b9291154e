package frame_test

import (
	"sync"
	"testing"

	"gocv.io/x/gocv"

	"footfall/capture/frame"
)

// The ledger belongs to the process, so the tests of this package do not run in parallel.

func TestAPoolHandsOutExactlyItsFramesAndThenDrops(t *testing.T) {
	pool := frame.NewPool(2)
	defer pool.Close()
	first, ok := pool.Take()
	if !ok {
		t.Fatal("a fresh pool of 2 is empty")
	}
	second, ok := pool.Take()
	if !ok {
		t.Fatal("a pool of 2 has only one frame")
	}
	defer second.Release()
	if _, ok = pool.Take(); ok {
		t.Fatal("a pool of 2 handed out three frames: it allocates")
	}
	first.Release()
	again, ok := pool.Take()
	if !ok || again != first {
		t.Fatal("a released frame does not come round again")
	}
	again.Release()
}

func TestATakenFrameRemembersNothingButItsPixels(t *testing.T) {
	pool := frame.NewPool(1)
	defer pool.Close()
	f, _ := pool.Take()
	f.Seq, f.Blind = 7, true
	f.Release()
	f, _ = pool.Take()
	if f.Seq != 0 || f.Blind || !f.At.IsZero() {
		t.Errorf("a frame came out of the pool with what its last owner wrote: %+v", f)
	}
	f.Release()
}

func TestReleasingTwiceDoesNotMakeTwoFramesOfOne(t *testing.T) {
	pool := frame.NewPool(2)
	defer pool.Close()
	f, _ := pool.Take()
	f.Release()
	f.Release()
	if got := pool.Free(); got != 2 {
		t.Fatalf("%d frames lie in a pool of 2", got)
	}
}

func TestTheShapeOfAFrame(t *testing.T) {
	pool := frame.NewPool(1)
	defer pool.Close()
	f, _ := pool.Take()
	if f.Aspect() != 1 || f.Width() != 0 {
		t.Errorf("an empty frame has aspect %v and width %d, want 1 and 0", f.Aspect(), f.Width())
	}
	picture := frame.NewMatWithSize(360, 480, gocv.MatTypeCV8UC3)
	defer frame.Close(&picture)
	picture.CopyTo(&f.Mat)
	if f.Width() != 480 || f.Height() != 360 || f.Aspect() != 480.0/360 {
		t.Errorf("got %dx%d, aspect %v", f.Width(), f.Height(), f.Aspect())
	}
	f.Release()
}

func TestTheLedgerEndsAtZero(t *testing.T) {
	before := frame.OpenMats()
	pool := frame.NewPool(3)
	scratch := frame.NewMatWithSize(4, 4, gocv.MatTypeCV8UC3)
	kept, _ := pool.Take()
	scratch.CopyTo(&kept.Mat)
	if got := frame.OpenMats() - before; got != 4 {
		t.Errorf("the ledger counts %d Mats for a pool of 3 and one scratch Mat", got)
	}
	pool.Close()
	pool.Close()
	if got := frame.OpenMats() - before; got != 2 {
		t.Errorf("after the pool was closed the ledger counts %d, want the frame in use and the scratch Mat", got)
	}
	if kept.Width() != 4 {
		t.Error("a frame in use lost its pixels when its pool was closed")
	}
	kept.Release()
	frame.Close(&scratch)
	frame.Close(&scratch)
	if got := frame.OpenMats() - before; got != 0 {
		t.Errorf("the ledger ends at %d, want 0", got)
	}
}

func TestAPoolIsSharedByGoroutines(t *testing.T) {
	const takers = 4
	pool := frame.NewPool(takers - 1)
	var wg sync.WaitGroup
	for range takers {
		wg.Go(func() {
			for seq := range uint64(1000) {
				f, ok := pool.Take()
				if !ok {
					continue
				}
				f.Seq = seq // the race detector sees two owners of one frame
				f.Release()
			}
		})
	}
	wg.Wait()
	if got := pool.Free(); got != pool.Size() {
		t.Errorf("%d of %d frames are back", got, pool.Size())
	}
	pool.Close()
}

func TestTakeAndReleaseDoNotAllocate(t *testing.T) {
	pool := frame.NewPool(1)
	defer pool.Close()
	allocs := testing.AllocsPerRun(100, func() {
		f, _ := pool.Take()
		f.Release()
	})
	if allocs != 0 {
		t.Errorf("%v allocations a frame, want 0", allocs)
	}
}
